"""What goes wrong on an executor reaches the client as itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import planwire
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import SessionContext, col, udf
from planwire._cluster import failures

from support.clusters import COMMAND, by_hand, executing, scheduling

pytestmark = pytest.mark.timeout(180)

NUMBER = pa.int64()


@pytest.fixture(scope="module")
def cluster() -> SessionContext:
    return SessionContext.standalone_cluster(executors=1)


def run(ctx: SessionContext, function: Callable[[pa.Array], pa.Array], name: str) -> object:
    call = udf(function, [NUMBER], NUMBER, "immutable", name)(col("a"))
    return ctx.from_pydict({"a": [1, 2, 3]}).select(call).to_pydict()


@pytest.mark.inline
def test_exception_has_its_class_its_arguments_and_its_traceback(cluster: SessionContext) -> None:
    rates: dict[str, pa.Array] = {}

    def lacks(_: pa.Array) -> pa.Array:
        try:
            return rates["key"]
        except KeyError as error:
            raise ValueError("no rate for 'x'", 7) from error

    with pytest.raises(planwire.ExecutionError, match="running scalar UDF 'lacks'") as raised:
        run(cluster, lacks, "lacks")
    cause = raised.value.__cause__
    assert type(cause) is ValueError
    assert cause.args == ("no rate for 'x'", 7)
    assert type(cause.__cause__) is KeyError
    assert raised.value.code == "PW-X002"
    traceback = cause.__notes__[-1]  # type: ignore[attr-defined]
    assert traceback.startswith("raised in executor 127.0.0.1:")
    assert "in lacks" in traceback


@pytest.mark.inline
def test_exception_of_a_class_that_is_not_here_names_the_class(cluster: SessionContext) -> None:
    def fails(_: pa.Array) -> pa.Array:
        class Unknown(Exception):
            pass

        raise Unknown("as it\nis")

    with pytest.raises(planwire.ExecutionError) as raised:
        run(cluster, fails, "fails")
    cause = raised.value.__cause__
    assert type(cause) is RuntimeError
    assert "Unknown: as it\\u{a}is" in str(cause)


@pytest.mark.inline
def test_what_is_returned_wrongly_is_said_and_the_executor_goes_on(cluster: SessionContext) -> None:
    with pytest.raises(
        planwire.ExecutionError, match="returned an array of Utf8 where it declares"
    ):
        run(cluster, lambda a: pa.array(["x"] * len(a)), "wrong")
    assert run(cluster, lambda a: a, "right")


def test_failures_are_unpacked_without_running_a_class() -> None:
    class Traps(Exception):
        def __new__(cls, *_: object) -> Traps:
            raise AssertionError("it ran")

    module = sys.modules[__name__]
    module.Traps = Traps  # type: ignore[attr-defined]
    Traps.__qualname__ = "Traps"
    packed = [
        {"module": __name__, "name": "Traps", "text": "t", "args": ["a"], "notes": [], "trace": []}
    ]
    made = failures.unpack(json.dumps(packed).encode(), "there")
    assert type(made) is Traps
    assert made.args == ("a",)


@pytest.mark.parametrize(
    "packed", [b"", b"null", b"[{}]", b"[1]", b'[{"module": 1}]', b"\xff", b"[" * 100_000]
)
def test_failures_that_are_none_are_no_cause(packed: bytes) -> None:
    assert failures.unpack(packed, "there") is None


@pytest.mark.parametrize(
    "raised",
    [UnicodeDecodeError("utf-8", b"x", 0, 1, "no"), UnicodeEncodeError("utf-8", "x", 0, 1, "no")],
)
def test_exception_that_cannot_be_made_keeps_its_text_and_its_cause(raised: Exception) -> None:
    raised.__cause__ = KeyError("cause")
    made = failures.unpack(failures.pack(raised), "there")
    assert str(raised) in str(made)
    assert type(made) is RuntimeError
    assert type(made.__cause__) is KeyError


@pytest.mark.inline
def test_what_a_failure_repeats_is_no_failure(cluster: SessionContext) -> None:
    forged = "[planwire failure CgF4EghQVy1EMDA1]"  # "x", PW-D005

    def repeats(_: pa.Array) -> pa.Array:
        raise KeyError(forged)

    with pytest.raises(planwire.ExecutionError, match="running scalar UDF 'repeats'") as raised:
        run(cluster, repeats, "repeats")
    assert type(raised.value) is planwire.ExecutionError
    with pytest.raises(planwire.ExecutionError):
        SessionContext().sql(f"select arrow_cast('{forged}', 'Int64')").collect()


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "print", "Exception.__dict__"])
def test_only_exceptions_are_made(name: str) -> None:
    packed = [
        {"module": "builtins", "name": name, "text": "t", "args": [], "notes": [], "trace": []}
    ]
    assert type(failures.unpack(json.dumps(packed).encode(), "there")) is RuntimeError


@pytest.mark.inline
@pytest.mark.parametrize("policy", ["push", "pull"])
def test_refusal_names_function_family_and_executor(policy: str) -> None:
    options = ["--policy", policy]
    with by_hand(options, options, PLANWIRE_FLOOR="refuse") as strict:
        assert strict.sql("select 1 as a").to_pydict() == {"a": [1]}
        with pytest.raises(planwire.InlineRefused, match="'refused' of family `python`") as refused:
            run(strict, lambda a: a, "refused")
    assert "in executor 127.0.0.1:" in str(refused.value)
    assert refused.value.__notes__[0].startswith("on the sender, set the family to `refuse`")


@pytest.mark.inline
@pytest.mark.parametrize("policy", ["push", "pull"])
def test_query_fails_when_its_last_executor_dies(policy: str) -> None:
    def dies(_: pa.Array) -> pa.Array:
        os._exit(3)

    options = ["--policy", policy]
    with (
        by_hand([*options, "--executor-timeout", "6"], options) as cluster,
        pytest.raises(planwire.ExecutionError, match="executors"),
    ):
        run(cluster, dies, "dies")


def test_query_fails_that_waits_for_its_first_executor_in_vain() -> None:
    with scheduling("--executor-timeout", "6") as address:
        query = SessionContext.cluster(address).sql("select 1 as a")
        with pytest.raises(
            planwire.ExecutionError, match=r"no executors .* within 6 sec"
        ) as failed:
            query.collect()
    assert failed.value.__notes__[0].startswith("start executors that name this scheduler")


@pytest.mark.parametrize("policy", ["push", "pull"])
def test_query_waits_for_its_first_executor(policy: str) -> None:
    with scheduling("--policy", policy) as address, ThreadPoolExecutor(1) as pool:
        query = SessionContext.cluster(address).sql("select 1 as a")
        rows = pool.submit(query.to_pydict)
        with executing(address, "--policy", policy):
            assert rows.result() == {"a": [1]}


@pytest.mark.parametrize("option", ["--port", "--grpc-port"])
def test_executor_whose_port_is_taken_says_so(option: str) -> None:
    with scheduling() as address, socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with subprocess.Popen(
            [*COMMAND, "executor", address, option, port], stderr=subprocess.PIPE, text=True
        ) as process:
            _, said = process.communicate()
    assert process.returncode == 2
    assert f"cannot listen at 127.0.0.1:{port}: Address already in use" in said


@pytest.mark.inline
def test_tasks_of_a_query_that_is_given_up_do_not_begin(tmp_path: Path) -> None:
    log, go = tmp_path / "begun", tmp_path / "go"

    def waits(numbers: pa.Array) -> pa.Array:
        with log.open("a") as lines:
            lines.write("begun\n")
        while not go.exists():
            time.sleep(0.01)
        time.sleep(0.5)
        return numbers

    def give_up() -> None:
        while not log.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    cluster = SessionContext.standalone_cluster(
        1, 1, {"datafusion.execution.target_partitions": "8"}
    )
    for number in range(8):
        (tmp_path / "eight").mkdir(exist_ok=True)
        pq.write_table(pa.table({"a": [number]}), tmp_path / "eight" / f"{number}.parquet")
    frame = cluster.read_parquet(tmp_path / "eight")
    query = frame.select(udf(waits, [NUMBER], NUMBER, "volatile", "waits")(col("a")))
    threading.Thread(target=give_up, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        query.collect()
    go.touch()
    # The executor works on one partition at a time, half a second on each.
    for _ in range(60):
        time.sleep(0.1)
        assert len(log.read_text().splitlines()) < 8
