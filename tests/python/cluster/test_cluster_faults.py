"""Processes of a cluster that end, are cut off, or start again while queries run."""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import planwire
import pyarrow as pa
import pytest
from planwire import Expr, ScalarUDF, SessionContext, col

from support import frames
from support.machines import PATIENCE, Machines, cut_off, function, pythons, wait_for, waiting
from support.machines.proxy import Proxy

pytestmark = [pytest.mark.inline, pytest.mark.timeout(120)]

NO_ROOM = r"has no room on its disk .*: File too large .*, in executor 127\.0\.0\.1:"

# The scheduler takes an executor for lost after these seconds, the fewest that it can be told.
SOON = ("--executor-timeout", "6")

MAJOR = int(planwire.__datafusion_version__.split(".")[0])

ROWS = {"r": [1, 2, 3]}

LOST = r"the scheduler at df://127\.0\.0\.1:\d+ (does not answer: |was started again)"


def run(ctx: SessionContext, called: ScalarUDF) -> dict[str, list[int]]:
    frame = ctx.from_pydict({"a": ROWS["r"]}).select(called(col("a")).alias("r"))
    rows: dict[str, list[int]] = frame.to_pydict()
    return rows


SAME = function(lambda numbers: numbers, "same")


@pytest.mark.parametrize("policy", ["push", "pull"])
def test_query_fails_with_its_scheduler_and_the_next_one_finds_the_executors(
    policy: str, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as pool, Machines(policy=policy) as machines:
        executor = machines.execute()
        query = pool.submit(run, machines.session, waiting(tmp_path))
        wait_for(tmp_path / "begun")
        machines.start_scheduler_again()
        with pytest.raises(planwire.ExecutionError, match=LOST) as failed:
            query.result(PATIENCE)
        assert failed.value.__notes__ == [
            "see that a scheduler runs there, and that TLS and certificates are as it wants them;"
            " then run the query again"
        ]
        (tmp_path / "go").touch()
        assert run(machines.session, SAME) == ROWS
        # And between two queries of one session.
        session = machines.session
        machines.start_scheduler_again()
        assert run(session, SAME) == ROWS
        assert executor.poll() is None


def test_query_does_not_wait_for_a_scheduler_that_was_started_again_behind_a_proxy(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor(1) as pool, Machines() as machines:
        machines.execute()
        proxy = Proxy(machines.port)
        query = pool.submit(run, SessionContext.cluster(proxy.address), waiting(tmp_path))
        wait_for(tmp_path / "begun")
        # With less it would fail too, but only after half a minute.
        time.sleep(3)
        proxy.cut()
        machines.start_scheduler_again()
        with pytest.raises(planwire.ExecutionError, match="was started again while it ran"):
            query.result(PATIENCE)
        (tmp_path / "go").touch()


def test_executor_that_was_cut_off_runs_queries_again(tmp_path: Path) -> None:
    for name in ("short", "long"):
        (tmp_path / name).mkdir()
    # It needs these ports again.
    place = ["--bind", "127.50.3.1", "--port", "50051", "--grpc-port", "50052"]
    with ThreadPoolExecutor(1) as pool, Machines(*SOON) as machines:
        executor = machines.execute(*place)
        session = machines.session
        query = pool.submit(run, session, waiting(tmp_path / "short"))
        wait_for(tmp_path / "short" / "begun")
        with cut_off(executor):
            (tmp_path / "short" / "go").touch()
        assert query.result(PATIENCE) == ROWS
        # So long that the scheduler takes it for lost.
        query = pool.submit(run, session, waiting(tmp_path / "long"))
        wait_for(tmp_path / "long" / "begun")
        with cut_off(executor), pytest.raises(planwire.ExecutionError, match="executors"):
            query.result(PATIENCE)
        (tmp_path / "long" / "go").touch()
        assert run(session, SAME) == ROWS
        assert executor.poll() is None


def test_function_that_never_returns_leaves_room_for_other_queries_and_ends(tmp_path: Path) -> None:
    def give_up() -> None:
        wait_for(tmp_path / "begun")
        os.kill(os.getpid(), signal.SIGINT)

    with ThreadPoolExecutor(1) as pool, Machines() as machines:
        machines.execute(vcores=2)
        given_up = pool.submit(give_up)
        with pytest.raises(KeyboardInterrupt):
            run(machines.session, waiting(tmp_path))
        given_up.result(PATIENCE)
        assert run(machines.session, SAME) == ROWS


def test_rows_are_right_though_a_function_ended_its_process(tmp_path: Path) -> None:
    def ends_once(numbers: pa.Array) -> pa.Array:
        if not (tmp_path / "ended").exists():
            (tmp_path / "ended").touch()
            ctypes.string_at(0)
        return numbers

    with Machines(*SOON, policy="pull") as machines:
        executors = [machines.execute() for _ in range(2)]
        assert run(machines.session, function(ends_once, "ends_once")) == ROWS
        [code] = [code for executor in executors if (code := executor.poll()) is not None]
    assert code == -signal.SIGSEGV


def test_query_that_takes_executor_after_executor_fails_though_they_are_started_again() -> None:
    def exits(_: pa.Array) -> pa.Array:
        os._exit(1)

    with ThreadPoolExecutor(1) as pool, Machines(*SOON) as machines:
        executors = [machines.execute() for _ in range(2)]
        query = pool.submit(run, machines.session, function(exits, "exits"))
        while not query.done():
            time.sleep(0.1)
            for number, executor in enumerate(executors):
                if executor.poll() is not None:
                    executors[number] = machines.execute()
        with pytest.raises(
            planwire.ExecutionError, match="3 executors were lost one after"
        ) as failed:
            query.result()
        assert "a function of the query may end its process" in failed.value.__notes__[0]
        assert run(machines.session, SAME) == ROWS


def test_executor_whose_disk_is_full_says_so_and_goes_on() -> None:
    # The disk ends after 1 MiB of a file.
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))"
    with Machines() as machines:
        executor = machines.execute(program=full)
        numbers = machines.session.sql("select value from range(1000000)")
        spread = "select distinct a.value, b.value from range(100) a cross join range(5000) b"
        for query in (numbers, machines.session.sql(spread)):
            with pytest.raises(planwire.ExecutionError, match=NO_ROOM) as failed:
                query.collect()
            assert failed.value.__notes__[0].startswith("make room where the executor has")
        assert run(machines.session, SAME) == ROWS
        assert executor.poll() is None


@pytest.mark.parametrize("python", pythons.others()[:1], ids=lambda python: python.name)
def test_executor_of_another_python_says_so(python: Path) -> None:
    paths = [Path(planwire.__file__).parents[1], pythons.packages(python)]
    with Machines() as machines:
        machines.execute(python=str(python), PYTHONPATH=os.pathsep.join(map(str, paths)))
        session = machines.session
        assert session.sql("select 1 as r").to_pydict() == {"r": [1]}
        with pytest.raises(planwire.VersionMismatch, match="'same'") as failed:
            run(session, SAME)
    said = str(failed.value)
    assert f"CPython {sys.version_info.major}.{sys.version_info.minor}" in said
    assert f"CPython {python.name.removeprefix('python')}" in said
    assert "in executor 127.0.0.1:" in said


@pytest.mark.unguarded
def test_executor_runs_a_function_whose_frame_is_of_another_datafusion() -> None:
    sender = SessionContext().with_frames("python", "native")
    message = SAME(col("a")).to_bytes(sender)
    # The payload is Python's, and needs no DataFusion.
    ours, theirs = (
        struct.pack("<BIH", frames.DATAFUSION, 2, major) for major in (MAJOR, MAJOR - 1)
    )
    assert message.count(ours) == 1
    (key,), (forged,) = frames.table(message), [message.replace(ours, theirs)]
    (forged_key,) = frames.table(forged)
    with Machines() as machines:
        machines.execute()
        session = machines.session
        call = Expr.from_bytes(forged.replace(key, forged_key), session)
        assert theirs in call.to_bytes(session)
        assert session.from_pydict({"a": ROWS["r"]}).select(call.alias("r")).to_pydict() == ROWS
