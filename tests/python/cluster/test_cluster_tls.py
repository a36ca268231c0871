"""Clusters whose connections are encrypted, and which let in those they know."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import trustme
from planwire import SessionContext, col, functions, udf

from support.clusters import COMMAND, running
from support.overheard import overheard

pytestmark = pytest.mark.timeout(180)

NUMBER = pa.int64()
LOOPBACK = ("127.0.0.1", "localhost")


class Authority:
    """An authority, with the files of a certificate that it gave out for some names."""

    def __init__(self, folder: Path, *names: str) -> None:
        folder.mkdir()
        self.ca, self.cert, self.key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca)
        certificate = authority.issue_cert(*names)
        certificate.cert_chain_pems[0].write_to_path(self.cert)
        certificate.private_key_pem.write_to_path(self.key)

    @property
    def shown(self) -> list[str]:
        """Options of a process that shows the certificate."""
        return ["--tls-cert", str(self.cert), "--tls-key", str(self.key)]

    @property
    def asking(self) -> list[str]:
        """Options of a process that asks others for certificates too."""
        return [*self.shown, "--tls-client-ca", str(self.ca)]

    @property
    def trusting(self) -> dict[str, Any]:
        return {"tls_ca": self.ca}

    @property
    def known(self) -> dict[str, Any]:
        """Options of a session that shows the certificate, too."""
        return {"tls_ca": self.ca, "tls_cert": self.cert, "tls_key": self.key}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ours", *LOOPBACK)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "other", *LOOPBACK)


@pytest.fixture(scope="module")
def mutual(ours: Authority) -> Iterator[str]:
    """The address of a cluster of two executors, all of whose processes ask for certificates."""
    executor = [*ours.asking, "--tls-ca", str(ours.ca)]
    with running(ours.asking, executor, executors=2) as address:
        yield address


SECRET = "enciphered_on_the_way"


def counted(session: SessionContext) -> dict[str, list[int]]:
    """Rows that a function made in one stage and that another stage counted."""
    is_odd = udf(lambda a: pc.bit_wise_and(a, 1), NUMBER, NUMBER, "immutable", SECRET)
    frame = session.from_pydict({"a": list(range(1000))}).repartition(4)
    groups = frame.aggregate(
        [is_odd(col("a")).alias("odd")], [functions.count(col("a")).alias("n")]
    )
    return groups.sort(col("odd").sort()).to_pydict()


COUNTED = {"odd": [0, 1], "n": [500, 500]}


@pytest.mark.inline
def test_query_runs_where_all_show_certificates(mutual: str, ours: Authority) -> None:
    session = SessionContext.cluster(mutual, **ours.known)
    assert counted(session) == COUNTED
    # A method that makes another session keeps the certificates.
    assert counted(session.with_family("arrow", "inline")) == COUNTED


@pytest.mark.inline
def test_nobody_else_is_let_in(mutual: str, ours: Authority, other: Authority) -> None:
    for options in (ours.trusting, other.known | ours.trusting, {}):
        stranger = SessionContext.cluster(mutual, **options)
        with pytest.raises(planwire.ExecutionError, match=r"scheduler at df://.* does not answer"):
            stranger.from_pydict({"a": [1]}).collect()


@pytest.mark.inline
def test_session_sends_nothing_to_a_scheduler_that_it_does_not_trust(
    mutual: str, ours: Authority, other: Authority
) -> None:
    doubtful = SessionContext.cluster(mutual, **(ours.known | other.trusting))
    with pytest.raises(planwire.ExecutionError, match="certificate"):
        doubtful.from_pydict({"a": [1]}).collect()


@pytest.mark.inline
@pytest.mark.parametrize("with_tls", [True, False])
def test_no_port_speaks_in_the_open(with_tls: bool, ours: Authority) -> None:
    rows = _free_port()
    options = ours.asking if with_tls else []
    trusted = ["--tls-ca", str(ours.ca)] if with_tls else []
    with running(options, [*options, *trusted, "--port", str(rows)]) as address:
        session = SessionContext.cluster(address, **(ours.known if with_tls else {}))
        assert session.from_pydict({"a": [1]}).to_pydict() == {"a": [1]}
        for port in (rows, int(address.rpartition(":")[2])):
            assert _speaks_plainly(port) != with_tls


@pytest.mark.inline
def test_scheduler_does_not_connect_to_executors_in_the_open(
    ours: Authority, tmp_path: Path
) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"

    def fails(numbers: pa.Array) -> pa.Array:
        # One task fails while another one runs, which the scheduler then wants to cancel.
        is_failing = numbers[0].as_py() == 0
        if not is_failing:
            begun.touch()
        while not (begun if is_failing else go).exists():
            time.sleep(0.01)
        if is_failing:
            raise KeyError("no such key")
        return numbers

    # Executors that ask for their tasks do not listen at this port, and anybody may.
    with socket.create_server((LOOPBACK[0], 0)) as listener:
        port = str(listener.getsockname()[1])
        executor = [*ours.asking, "--tls-ca", str(ours.ca), "--grpc-port", port, "--vcores", "1"]
        with running(ours.asking, executor, executors=2) as address:
            session = SessionContext.cluster(address, **ours.known)
            failing = udf(fails, NUMBER, NUMBER, "volatile", "failing")
            batches = [pa.record_batch({"a": [first]}) for first in (0, 1)]
            frame = session.create_dataframe([[batch] for batch in batches])
            with pytest.raises(planwire.ExecutionError, match="no such key"):
                frame.select(failing(col("a"))).collect()
            go.touch()
            assert counted(session) == COUNTED
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_session_without_certificates_to_trust_uses_no_tls() -> None:
    session = SessionContext.cluster("df://localhost:1", {"ballista.client.use_tls": "true"})
    with pytest.raises(planwire.PlanwireError, match="no certificates to trust"):
        session.from_pydict({"a": [1]}).collect()


def _free_port() -> int:
    with socket.create_server((LOOPBACK[0], 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _speaks_plainly(port: int) -> bool:
    """Whether a server answers the beginning of HTTP/2 without encryption."""
    with socket.create_connection((LOOPBACK[0], port)) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        # The settings of HTTP/2 come first, an alert of TLS has the type 21.
        return connection.recv(1) == b"\0"


@pytest.mark.inline
def test_server_may_let_everybody_in(ours: Authority) -> None:
    executor = [*ours.shown, "--tls-ca", str(ours.ca)]
    with running(ours.shown, executor) as address:
        assert counted(SessionContext.cluster(address, **ours.trusting)) == COUNTED


@pytest.mark.inline
def test_certificates_may_carry_a_name_for_all(tmp_path: Path) -> None:
    named = Authority(tmp_path / "named", "planwire.example")
    name = ["--tls-server-name", "planwire.example"]
    with running(named.shown, [*named.shown, "--tls-ca", str(named.ca), *name]) as address:
        options = named.trusting | {"tls_server_name": "planwire.example"}
        frame = SessionContext.cluster(address, **options).from_pydict({"a": [1]})
        assert frame.to_pydict() == {"a": [1]}
        with pytest.raises(planwire.ExecutionError, match="not valid for name"):
            SessionContext.cluster(address, **named.trusting).from_pydict({"a": [1]}).collect()


@pytest.mark.inline
def test_nobody_on_the_way_reads_a_query(mutual: str, ours: Authority) -> None:
    enciphered, plain = bytearray(), bytearray()
    with overheard(mutual, enciphered) as address:
        assert counted(SessionContext.cluster(address, **ours.known)) == COUNTED
    with running() as without_tls, overheard(without_tls, plain) as address:
        assert counted(SessionContext.cluster(address)) == COUNTED
    assert SECRET.encode() in plain
    assert len(enciphered) > len(SECRET)
    assert SECRET.encode() not in enciphered


def test_files_that_are_no_certificates_are_named(tmp_path: Path, ours: Authority) -> None:
    text, absent = tmp_path / "text.pem", tmp_path / "absent.pem"
    text.write_text("no certificate")
    with pytest.raises(ValueError, match=r"text\.pem"):
        SessionContext.cluster("df://localhost:1", tls_ca=text)
    with pytest.raises(FileNotFoundError, match=r"cannot read .*absent\.pem"):
        SessionContext.cluster("df://localhost:1", tls_ca=absent)
    with pytest.raises(ValueError, match="go together"):
        SessionContext.cluster("df://localhost:1", tls_ca=ours.ca, tls_cert=ours.cert)
    with pytest.raises(ValueError, match="tls_ca"):
        SessionContext.cluster("df://localhost:1", tls_cert=ours.cert, tls_key=ours.key)


WRONG: dict[str, tuple[list[str], str]] = {
    "a certificate without its key": (["scheduler", "--tls-cert", "{cert}"], "go together"),
    "a key that is none": (
        ["scheduler", "--tls-cert", "{cert}", "--tls-key", "{ca}"],
        "no TLS with",
    ),
    "nothing to show": (["scheduler", "--tls-client-ca", "{ca}"], "shows one of its own"),
    "tasks that are sent": (
        ["scheduler", "--tls-cert", "{cert}", "--tls-key", "{key}", "--policy", "push"],
        "with TLS the policy is pull",
    ),
    "rows in the open": (["executor", "df://localhost:1", "--tls-ca", "{ca}"], "both shows"),
    "a port that is none": (["scheduler", "--port", "65536"], "a port is a number up to 65535"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_command_says_what_is_wrong(wrong: str, ours: Authority) -> None:
    options, text = WRONG[wrong]
    files = {"ca": ours.ca, "cert": ours.cert, "key": ours.key}
    command = [*COMMAND, *(option.format(**files) for option in options)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert text in ended.stderr


def test_executor_that_is_not_let_in_says_so(
    mutual: str, ours: Authority, other: Authority
) -> None:
    files = [*other.shown, "--tls-ca", str(ours.ca)]
    command = [*COMMAND, "executor", mutual, *files]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert f"the scheduler at {mutual} does not answer: " in ended.stderr
