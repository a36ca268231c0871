"""Long queries tell how far they are: to a function, or by a bar."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import textwrap
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import ExecutionError, Progress, SessionConfig, SessionContext, col, udf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from planwire import DataFrame

BATCHES, ROWS = 3, 100


def session(partitions: int = 2) -> SessionContext:
    """A session with a table of so many partitions, each of three batches."""
    ctx = SessionContext(SessionConfig().with_target_partitions(partitions))
    batch = pa.record_batch({"a": list(range(ROWS))})
    ctx.register_record_batches("t", [[batch] * BATCHES] * partitions)
    return ctx


def held(until: threading.Event) -> Callable[[Any], DataFrame]:
    """A query over a table of which each batch waits for an event."""

    def wait(values: pa.Array) -> pa.Array:
        assert until.wait(60)
        return values

    waiting = udf(wait, pa.int64(), pa.int64(), "volatile", "wait")
    return lambda ctx: ctx.table("t").select(waiting(col("a")).alias("a"))


WAYS: dict[str, Callable[[DataFrame, Any, Path], object]] = {
    "collect": lambda df, tell, _: df.collect(progress=tell),
    "collect_partitioned": lambda df, tell, _: df.collect_partitioned(progress=tell),
    "collect_column": lambda df, tell, _: df.collect_column("a", progress=tell),
    "count": lambda df, tell, _: df.count(progress=tell),
    "cache": lambda df, tell, _: df.cache(progress=tell).to_pydict(),
    "to_arrow_table": lambda df, tell, _: df.to_arrow_table(progress=tell),
    "to_pydict": lambda df, tell, _: df.to_pydict(progress=tell),
    "to_pylist": lambda df, tell, _: df.to_pylist(progress=tell),
    "to_pandas": lambda df, tell, _: df.to_pandas(progress=tell),
    "to_polars": lambda df, tell, _: df.to_polars(progress=tell),
    "write_csv": lambda df, tell, path: df.write_csv(path / "t.csv", progress=tell),
    "write_json": lambda df, tell, path: df.write_json(path / "t.json", progress=tell),
    "write_parquet": lambda df, tell, path: df.write_parquet(path / "t.parquet", progress=tell),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_run_a_whole_query_tells_its_final_figures_once(
    way: str, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    df = session().table("t").filter(col("a") >= 50)
    WAYS[way](df, seen.append, tmp_path)
    assert [progress.done for progress in seen] == [False] * (len(seen) - 1) + [True]
    last = seen[-1]
    assert not last.failed
    assert last.rows_read == 2 * BATCHES * ROWS
    by_name = {operator.name: operator for operator in last.operators}
    assert by_name["FilterExec"].rows == 2 * BATCHES * ROWS // 2
    assert by_name["DataSourceExec"].expected_rows == 2 * BATCHES * ROWS
    assert last.fraction_read == 1.0


def test_a_table_is_written_with_progress() -> None:
    seen: list[Progress] = []
    ctx = session()
    ctx.table("t").write_table("t", progress=seen.append)
    assert seen[-1].done
    assert seen[-1].rows_read == 2 * BATCHES * ROWS
    assert ctx.table("t").count() == 4 * BATCHES * ROWS


def test_operators_stand_as_in_the_physical_plan() -> None:
    df = session().table("t").filter(col("a") > 1).sort("a")
    seen: list[Progress] = []
    df.collect(progress=seen.append)
    shown = df.execution_plan().display_indent().splitlines()
    assert [f"{'  ' * operator.depth}{operator.name}" for operator in seen[-1].operators] == [
        line.split(":")[0] for line in shown
    ]


def test_the_figures_grow_while_the_query_runs_and_come_on_the_thread_that_waits() -> None:
    go = threading.Event()
    seen: list[tuple[Progress, int]] = []

    def tell(progress: Progress) -> None:
        seen.append((progress, threading.get_ident()))
        if progress.operators:
            go.set()

    assert len(held(go)(session()).collect(progress=tell)) > 0
    assert {thread for _, thread in seen} == {threading.get_ident()}
    first = next(progress for progress, _ in seen if progress.operators)
    assert not first.done
    assert first.rows == 0
    assert seen[-1][0].rows == 2 * BATCHES * ROWS
    times = [progress.seconds for progress, _ in seen]
    # The last one comes when the query ends.
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(times[:-1]))


def test_what_the_function_raises_cancels_the_query_and_reaches_the_caller() -> None:
    go = threading.Event()

    class Enough(Exception):
        pass

    def tell(progress: Progress) -> None:
        assert not progress.done, "told again after it raised"
        raise Enough("that is enough")

    try:
        with pytest.raises(Enough, match="that is enough"):
            held(go)(session()).collect(progress=tell)
    finally:
        go.set()


def test_what_the_function_raises_at_the_end_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        session().table("t").count(progress=lambda progress: 1 / 0)


def test_a_query_that_fails_says_so_once_and_keeps_its_error() -> None:
    def fail(values: pa.Array) -> pa.Array:
        raise ValueError("no prices")

    seen: list[Progress] = []
    failing = udf(fail, pa.int64(), pa.int64(), "volatile", "fail")
    with pytest.raises(ExecutionError) as raised:
        session().table("t").select(failing(col("a"))).collect(progress=seen.append)
    assert isinstance(raised.value.__cause__, ValueError)
    assert [(progress.done, progress.failed) for progress in seen][-1] == (True, True)
    assert sum(progress.done for progress in seen) == 1


def test_ctrl_c_ends_a_query_with_progress() -> None:
    go = threading.Event()
    told = threading.Event()
    seen: list[Progress] = []

    def tell(progress: Progress) -> None:
        seen.append(progress)
        told.set()

    def press() -> None:
        assert told.wait(60)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            held(go)(session()).collect(progress=tell)
    finally:
        go.set()
        pressing.join()
    assert (seen[-1].done, seen[-1].failed) == (True, True)


def test_the_function_may_run_queries_of_its_own() -> None:
    ctx = session()
    counts: list[int] = []
    ctx.table("t").collect(progress=lambda _: counts.append(ctx.table("t").count()))
    assert counts[-1] == 2 * BATCHES * ROWS


def test_rows_of_a_file_are_expected(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": list(range(ROWS))}), tmp_path / "t.parquet")
    seen: list[Progress] = []
    SessionContext().read_parquet(tmp_path / "t.parquet").to_pydict(progress=seen.append)
    assert (seen[-1].rows_read, seen[-1].fraction_read) == (ROWS, 1.0)


@pytest.mark.parametrize("wrong", [1, "bar", [print]])
def test_progress_that_is_no_function_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match="neither True nor a function"):
        session().table("t").collect(progress=wrong)


def test_false_asks_for_no_progress() -> None:
    assert session().table("t").count(progress=False) == 2 * BATCHES * ROWS


BAR = textwrap.dedent("""
    import sys
    from planwire import SessionContext
    df = SessionContext().from_pydict({"a": list(range(1000))})
    print(df.filter("a >= 500").count(progress=True))
""")


def test_the_bar_is_one_line_of_a_terminal() -> None:
    parent, child = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", BAR], stdout=subprocess.PIPE, stderr=child, timeout=60, check=True
    )
    os.close(child)
    shown = os.read(parent, 10_000).decode()
    os.close(parent)
    assert done.stdout.strip() == b"500"
    assert shown.endswith("\r\n")
    assert shown.count("\n") == 1
    assert "[####################] 100%" in shown
    assert "1,000 rows read" in shown
    assert shown.strip().endswith("done")


def test_the_bar_writes_nothing_where_there_is_no_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", BAR], capture_output=True, timeout=60, check=True)
    assert done.stderr == b""
