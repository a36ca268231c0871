"""Large functions, which go to executors through a directory."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import planwire
import pyarrow as pa
import pytest
from planwire import Expr, SessionContext, col, udf

from support.clusters import COMMAND, by_hand

pytestmark = pytest.mark.timeout(180)

NUMBER = pa.int64()

# Bytes that go into a message, into a store if there is one, and nowhere without one.
SMALL, MIDDLE, LARGE = 100 << 10, 1 << 20, 8 << 20


def looking_up(size: int) -> planwire.ScalarUDF:
    """A function with a table of so many bytes, of which it returns the entries."""
    table = np.arange(size // 8)

    def entries(numbers: pa.Array) -> pa.Array:
        return pa.array(table[numbers.to_numpy()])

    return udf(entries, [NUMBER], NUMBER, "immutable", "entries")


def looked_up(ctx: SessionContext, function: planwire.ScalarUDF) -> object:
    frame = ctx.from_pydict({"a": [5, 6, 7]})
    return frame.filter(function(col("a")) > 5).select(function(col("a")).alias("b")).to_pydict()


@pytest.mark.inline
@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE])
def test_function_of_any_size_runs_on_a_cluster_of_its_own(size: int) -> None:
    cluster = SessionContext.standalone_cluster(executors=1)
    assert looked_up(cluster, looking_up(size)) == {"b": [6, 7]}


@pytest.mark.inline
def test_executor_takes_a_function_from_the_store_once(tmp_path: Path) -> None:
    function = looking_up(MIDDLE)
    with by_hand(executor=["--store", str(tmp_path)], store=tmp_path) as cluster:
        assert looked_up(cluster, function) == {"b": [6, 7]}
        [kept] = tmp_path.iterdir()
        assert kept.stat().st_size > MIDDLE
        kept.write_bytes(bytes(kept.stat().st_size))
        assert looked_up(cluster, function) == {"b": [6, 7]}


@pytest.mark.inline
def test_payload_that_was_changed_in_a_store_is_not_opened(tmp_path: Path) -> None:
    def session() -> SessionContext:
        return SessionContext.cluster("df://localhost:1", store=tmp_path)

    sender, function = session(), looking_up(MIDDLE)
    message = function(col("a")).to_bytes(sender)
    [kept] = tmp_path.iterdir()
    kept.write_bytes(bytes(kept.stat().st_size))
    with pytest.raises(planwire.DecodeError, match="its digest is not that of its payload"):
        Expr.from_bytes(message, session())
    # Whoever sends it anew puts it there again.
    assert function(col("a")).to_bytes(session()) == message
    assert str(Expr.from_bytes(message, session())) == "Expr(entries(a))"


@pytest.mark.inline
def test_executor_without_a_store_says_what_it_lacks(tmp_path: Path) -> None:
    with by_hand(store=tmp_path) as cluster:
        with pytest.raises(planwire.DecodeError, match="was started without a store, in") as failed:
            looked_up(cluster, looking_up(MIDDLE))
        assert looked_up(cluster, looking_up(SMALL)) == {"b": [6, 7]}
    assert failed.value.code == "PW-D026"
    assert failed.value.__notes__[0].startswith("give this process the store")


@pytest.mark.inline
def test_session_without_a_store_sends_no_large_function() -> None:
    with by_hand() as cluster:
        assert looked_up(cluster, looking_up(MIDDLE)) == {"b": [6, 7]}
        with pytest.raises(
            planwire.EncodeError, match="'entries' does not go into a store"
        ) as failed:
            looked_up(cluster, looking_up(LARGE))
    assert failed.value.code == "PW-E012"
    assert failed.value.__notes__[0].startswith("give the session a store")


@pytest.mark.inline
def test_plan_that_an_executor_would_not_take_is_refused() -> None:
    with by_hand(executor=["--vcores", "64"]) as cluster:
        small, large = (
            cluster.from_arrow(pa.table({"a": np.random.default_rng(7).random(rows)}))
            for rows in (1_000, 1_000_000)
        )
        assert small.count() == 1_000
        with pytest.raises(planwire.ExecutionError, match="works on 64 partitions at a time takes"):
            large.collect()


def test_store_is_a_directory_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no store at"):
        SessionContext.cluster("df://localhost:1", store=tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="there is no store at"):
        SessionContext.cluster("df://localhost:1", store=tmp_path / "file")
    ended = subprocess.run(
        [*COMMAND, "executor", "df://h:1", "--store", "none"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, "there is no store at none" in ended.stderr) == (2, True)


@pytest.mark.inline
def test_expression_of_a_session_with_a_store_is_read_where_the_store_is(tmp_path: Path) -> None:
    ctx = SessionContext.cluster("df://localhost:1", store=tmp_path)
    message = looking_up(MIDDLE)(col("a")).to_bytes(ctx)
    assert len(message) < SMALL
    assert str(Expr.from_bytes(message, ctx)) == "Expr(entries(a))"
    with pytest.raises(planwire.DecodeError, match="this session has no store"):
        Expr.from_bytes(message, SessionContext())
    [reading] = planwire.inspect(message, ctx).readings
    [part] = reading.parts
    assert (part.family, part.fate, part.size > MIDDLE) == ("python", "admitted", True)
