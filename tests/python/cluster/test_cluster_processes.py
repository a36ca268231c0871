"""The processes of a cluster, their commands, and the sessions that send them queries."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import planwire
import pytest
from planwire import SessionContext, col

from support import kinds

pytestmark = pytest.mark.timeout(180)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planwire", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "address", ["", "localhost:50050", "df://localhost", "df://:1", "df://h:x", "df://u@h:1"]
)
def test_address_of_a_cluster_is_spelled_as_the_message_says(address: str) -> None:
    with pytest.raises(ValueError, match="is like df://localhost:50050, not"):
        SessionContext.cluster(address)
    result = command("executor", address or "df:")
    assert result.returncode == 2
    assert "is like df://localhost:50050, not" in result.stderr


def test_cluster_lives_as_long_as_a_query_of_it() -> None:
    frame = SessionContext.standalone_cluster(executors=1).sql("select 1 as a")
    assert frame.to_pydict() == {"a": [1]}


def test_scheduler_wants_a_timeout_that_executors_can_keep() -> None:
    result = command("scheduler", "--port", "0", "--executor-timeout", "5")
    assert result.returncode == 2
    assert "every 5 seconds, so they cannot count as lost after 5" in result.stderr


def test_unknown_option_of_a_cluster_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no option is named \"ballista\.job\.nam\""):
        SessionContext.cluster("df://localhost:1", {"ballista.job.nam": "x"})
    with pytest.raises(ValueError, match="at least one executor, not 0"):
        SessionContext.standalone_cluster(executors=0)


def test_ctrl_c_is_for_the_client_and_nothing_is_left_of_an_executor(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stdout.readline() == "ready\n"
        made = list(tmp_path.iterdir())
        assert [path.stat().st_mode & 0o777 for path in made] == [0o700] * 3
        processes = children(client.pid)
        os.killpg(client.pid, signal.SIGINT)
        assert client.stdout.readline() == "answered\n"
        client.wait()
    while any(is_there(process) for process in processes):
        time.sleep(0.05)
    assert not list(tmp_path.iterdir())


def test_scheduler_that_is_not_there_is_an_error() -> None:
    result = command("executor", "df://127.0.0.1:1")
    assert result.returncode == 2
    assert "the scheduler at df://127.0.0.1:1 does not answer: Connection refused" in result.stderr
    with pytest.raises(
        planwire.ExecutionError, match=r"df://127\.0\.0\.1:1 does not answer: .*refused"
    ):
        SessionContext.cluster("df://127.0.0.1:1").sql("select 1").collect()


def test_executor_wants_an_address_at_which_others_reach_it() -> None:
    result = command("executor", "df://127.0.0.1:1", "--bind", "0.0.0.0")
    assert result.returncode == 2
    assert "takes an IPv4 address" in result.stderr


@pytest.mark.unguarded
def test_session_of_a_cluster_is_not_pickled() -> None:
    with pytest.raises(planwire.EncodeError, match=r"`SessionContext\.cluster` where it is used"):
        pickle.dumps(SessionContext.cluster("df://localhost:1"))


@pytest.mark.inline
@pytest.mark.unguarded
def test_mode_of_a_session_holds_for_what_it_sends() -> None:
    cluster = SessionContext.standalone_cluster(executors=1)
    function = kinds.make("scalar", "by_name")
    strict = cluster.with_family("python", "refuse")
    assert str(strict) == "SessionContext(arrow=inline, ballista=inline, python=refuse)"
    frame = strict.from_pydict({"a": [1, 2, 3]}).select(function(col("a")).alias("r"))
    with pytest.raises(planwire.UnknownFunction, match="'by_name'"):
        frame.collect()
    frame = cluster.from_pydict({"a": [1, 2, 3]}).select(function(col("a")).alias("r"))
    assert frame.to_pydict()["r"] == kinds.expected("scalar")


CLIENT = """
import planwire
ctx = planwire.SessionContext.standalone_cluster(executors=2)
assert ctx.sql("select 1 as a").to_pydict() == {"a": [1]}
print("ready", flush=True)
try:
    input()
except KeyboardInterrupt:
    assert ctx.sql("select 2 as a").to_pydict() == {"a": [2]}
    print("answered", flush=True)
"""


def children(process: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in listed.stdout.split()]


def is_there(process: int) -> bool:
    """Whether a process runs; one that only waits for its parent to ask for its code does not."""
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return bool(told.stdout.strip()) and "Z" not in told.stdout


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None])
def test_no_process_is_left_of_a_cluster_whose_client_ends(end: signal.Signals | None) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stdout.readline() == "ready\n"
        processes = children(client.pid)
        assert len(processes) == 3
        if end is None:
            client.stdin.write("\n")
            client.stdin.close()
        else:
            client.send_signal(end)
        client.wait()
    while any(is_there(process) for process in processes):
        time.sleep(0.05)
