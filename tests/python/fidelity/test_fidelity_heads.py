"""The bytes of a plan say under which options it was made, as far as it depends on them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import ExecutionPlan, LogicalPlan, SessionContext, errors

# An option, its value, and a query that depends on it. `{}` is a folder of files.
ZONE = "datafusion.execution.time_zone"
ZONED = (ZONE, "+08:00")
COPY = "COPY (SELECT 1 AS a, 2 AS b) TO '{}/out/' STORED AS "
LOGICAL = {
    "zone of to_timestamp": (*ZONED, "SELECT to_timestamp(s) AS r FROM t"),
    "zone of now": (*ZONED, "SELECT arrow_typeof(now()) AS r"),
    "zone of current_date": (*ZONED, "SELECT current_date() AS r"),
    "zone of to_unixtime": (*ZONED, "SELECT to_unixtime(s) AS r FROM t"),
    "zone in a subquery": (
        *ZONED,
        "SELECT s AS r FROM t WHERE s IN (SELECT arrow_cast(to_timestamp(s), 'Utf8') FROM t)",
    ),
    "zone in a view": (*ZONED, "SELECT r FROM v"),
    "folders": (
        "datafusion.execution.listing_table_ignore_subdirectory",
        "false",
        "SELECT s AS r FROM t",
    ),
    "views": ("datafusion.optimizer.expand_views_at_output", "true", "SELECT s AS r FROM t"),
    "explain": ("datafusion.explain.logical_plan_only", "true", "EXPLAIN SELECT 1"),
    "header": ("datafusion.catalog.has_header", "false", COPY + "CSV"),
    "compression": ("datafusion.execution.parquet.compression", "snappy", COPY + "PARQUET"),
    "partition columns": (
        "datafusion.execution.keep_partition_by_columns",
        "true",
        COPY + "CSV PARTITIONED BY (b)",
    ),
}
INDEPENDENT = {
    "no function": (*ZONED, "SELECT s AS r FROM t"),
    "a constant": (*ZONED, "SELECT 1 AS r"),
    "one file": (
        "datafusion.execution.listing_table_ignore_subdirectory",
        "false",
        "SELECT s AS r FROM one",
    ),
    "a compression of its own": (
        "datafusion.execution.parquet.compression",
        "snappy",
        COPY + "PARQUET OPTIONS ('format.compression' 'zstd(3)')",
    ),
    "a header of its own": (
        "datafusion.catalog.has_header",
        "false",
        COPY + "CSV OPTIONS ('format.has_header' 'true')",
    ),
    "batches": ("datafusion.execution.batch_size", "7", "SELECT s AS r FROM t"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files, of which one lies deeper."""
    for path in (tmp_path / "t", tmp_path / "t" / "below"):
        path.mkdir()
        pq.write_table(pa.table({"s": ["2024-01-01T00:00:00"]}), path / "0.parquet")
    return tmp_path


def session(folder: Path, option: str | None = None, value: str = "") -> SessionContext:
    config = planwire.SessionConfig().with_target_partitions(2)
    ctx = SessionContext(config.set(option, value) if option else config)
    for name, path in (("t", "t/"), ("one", "t/0.parquet")):
        ctx.sql(f"CREATE EXTERNAL TABLE {name} STORED AS PARQUET LOCATION '{folder}/{path}'")
    ctx.sql("CREATE VIEW v AS SELECT to_timestamp(s) AS r FROM t")
    return ctx


def made(folder: Path, option: str | None, value: str, query: str) -> planwire.DataFrame:
    return session(folder, option, value).sql(query.format(folder))


@pytest.mark.parametrize("case", LOGICAL)
def test_a_plan_means_the_same_in_a_session_with_another_value(case: str, folder: Path) -> None:
    option, value, query = LOGICAL[case]
    plan = made(folder, option, value, query).logical_plan()
    message = plan.to_bytes()
    assert option.encode() in message
    for receiver in (SessionContext(), session(folder, option, value)):
        arrived = LogicalPlan.from_bytes(message, receiver)
        assert arrived.display_indent() == plan.display_indent()
        assert arrived.to_bytes() == message


@pytest.mark.parametrize(
    ("case", "right", "forged"),
    [("zone of now", b"time_zone", b"time_zonk"), ("explain", b"true", b"trye")],
)
def test_an_option_that_cannot_hold_here_is_named(
    case: str, right: bytes, forged: bytes, folder: Path
) -> None:
    option, *_ = LOGICAL[case]
    message = made(folder, *LOGICAL[case]).logical_plan().to_bytes()
    named = option.replace(right.decode(), forged.decode())
    with pytest.raises(errors.DecodeError, match=re.escape(named)) as refused:
        LogicalPlan.from_bytes(message.replace(right, forged), SessionContext())
    assert refused.value.code == "PW-D022"


@pytest.mark.unguarded
@pytest.mark.parametrize("case", LOGICAL)
def test_a_query_brings_the_same_options_and_is_not_refused(case: str, folder: Path) -> None:
    option, value, query = LOGICAL[case]
    frame = made(folder, option, value, query)
    assert pickle.loads(pickle.dumps(frame)).logical_plan().display_indent()
    assert planwire.DataFrame.from_bytes(frame.to_bytes()).logical_plan().display_indent()


@pytest.mark.parametrize("case", INDEPENDENT)
def test_an_option_on_which_nothing_depends_changes_no_byte(case: str, folder: Path) -> None:
    option, value, query = INDEPENDENT[case]
    plain, changed = (made(folder, name, value, query) for name in (None, option))
    assert changed.logical_plan().to_bytes() == plain.logical_plan().to_bytes()


@pytest.mark.parametrize("case", LOGICAL)
def test_a_plan_under_defaults_says_nothing_of_options(case: str, folder: Path) -> None:
    frame = made(folder, None, "", LOGICAL[case][2])
    for plan in (frame.logical_plan(), frame.optimized_logical_plan()):
        assert b"datafusion." not in plan.to_bytes()


RUN: dict[str, Callable[[planwire.DataFrame], Any]] = {
    "logical": lambda frame: frame.logical_plan(),
    "optimized": lambda frame: frame.optimized_logical_plan(),
    "physical": lambda frame: frame.execution_plan(),
}
QUERY = "SELECT CAST(to_timestamp(s) AS BIGINT) AS r, arrow_typeof(to_timestamp(s)) AS u FROM one"


def rows(plan: Any, ctx: SessionContext) -> list[dict[str, Any]]:
    if isinstance(plan, LogicalPlan):
        return ctx.create_dataframe_from_logical_plan(plan).to_pylist()
    batches = (batch for n in range(plan.partition_count) for batch in ctx.execute(plan, n))
    return [row for batch in batches for row in batch.to_pyarrow().to_pylist()]


@pytest.mark.parametrize("form", RUN)
def test_rows_are_those_of_the_sender_wherever_the_plan_is_decoded(form: str, folder: Path) -> None:
    frame = made(folder, *ZONED, QUERY)
    plan = RUN[form](frame)
    message, kind = plan.to_bytes(), type(plan)
    right = frame.to_pylist()
    for receiver in (SessionContext(), session(folder, *ZONED)):
        arrived = kind.from_bytes(message, receiver)
        assert rows(arrived, receiver) == right
        # Also where it is run by a session that has another zone.
        assert rows(arrived, SessionContext()) == right
    assert rows(RUN[form](made(folder, None, "", QUERY)), SessionContext()) != right


@pytest.mark.unguarded
@pytest.mark.parametrize("form", RUN)
def test_a_relay_sends_the_options_on(form: str, folder: Path) -> None:
    plan = RUN[form](made(folder, *ZONED, QUERY))
    arrived = type(plan).from_bytes(plan.to_bytes(), SessionContext())
    came_by_pickle = pickle.loads(pickle.dumps(plan))
    assert came_by_pickle.to_bytes() == arrived.to_bytes() == plan.to_bytes()


def test_a_physical_plan_without_such_a_function_says_nothing(folder: Path) -> None:
    plain, zoned = (
        made(folder, name, "+08:00", "SELECT s FROM t").execution_plan().to_bytes()
        for name in (None, ZONE)
    )
    assert plain == zoned
    assert isinstance(ExecutionPlan.from_bytes(zoned, SessionContext()), ExecutionPlan)
