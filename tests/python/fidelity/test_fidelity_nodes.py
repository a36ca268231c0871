"""Plans: nodes for which DataFusion has no message, and tables that are of their session."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import ExecutionPlan, SessionConfig, SessionContext
from pyarrow import dataset

from support.travelled import crossed, in_turn, rows_of

PARTITIONS = 3


ORDERED = [
    "select distinct value from range(6)",
    "select value from generate_series(9, 1, -2) group by value",
    "select last_value(1) over (partition by named_struct('x', value)['x'] order by value"
    " groups between unbounded preceding and 1 following) as l, first_value(2) over"
    " (order by value range between current row and unbounded following) as f from range(9)",
]


@pytest.mark.parametrize("query", ORDERED)
def test_series_is_known_to_be_sorted_where_it_arrives(query: str) -> None:
    ctx = SessionContext(SessionConfig().with_target_partitions(PARTITIONS))
    plan = ctx.sql(query).execution_plan()
    arrived = ExecutionPlan.from_bytes(ctx, plan.to_bytes(ctx))
    again = ExecutionPlan.from_bytes(ctx, arrived.to_bytes(ctx))
    assert "Sorted" in plan.display_indent()
    assert again.display_indent() == plan.display_indent()
    assert in_turn(again, ctx) == sorted(map(repr, ctx.sql(query).to_pylist()))


def test_first_rows_of_each_group_travel(tmp_path: Path) -> None:
    ctx = SessionContext(SessionConfig().with_target_partitions(PARTITIONS))
    for number in range(PARTITIONS):
        rows = {"k": [number, 1, 2, 3], "v": [None, number * 10, None, 5]}
        pq.write_table(pa.table(rows), tmp_path / f"{number}.parquet")
    ctx.register_parquet("t", str(tmp_path))
    ctx.sql("set datafusion.optimizer.enable_window_topn = true")
    for rank in ("row_number", "rank"):
        ranked = f"select *, {rank}() over (partition by k order by v desc) as n from t"
        query = f"select * from ({ranked}) where n <= 2"
        assert "PartitionedTopKExec" in ctx.sql(query).execution_plan().display_indent()
        assert crossed(ctx, query) == sorted(map(repr, ctx.sql(query).to_pylist()))


def test_sort_of_rows_that_are_partly_sorted_travels(tmp_path: Path) -> None:
    ctx, file = SessionContext(), tmp_path / "t.csv"
    file.write_text("1,z\n1,y\n2,x\n2,w\n")
    made = f"(a int, b varchar) stored as csv with order (a asc) location '{file}'"
    ctx.sql(f"create unbounded external table endless {made}")
    frame = ctx.sql("select * from endless order by a, b limit 3")
    plan = frame.execution_plan()
    assert "PartialSortExec" in plan.display_indent()
    arrived = ExecutionPlan.from_bytes(SessionContext(), plan.to_bytes(ctx))
    assert arrived.display_indent() == plan.display_indent()
    assert rows_of(arrived, ctx, 0) == frame.to_pylist()


STREAMED = [
    "select * from endless",
    "select b, a from endless where a > 1",
    "select a + 1 as a, row_number() over (order by a) as n from endless",
    "select a from endless order by a limit 2",
]


@pytest.mark.unguarded
@pytest.mark.parametrize("query", STREAMED)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_streams_of_files_travel_on_both_layers_and_with_sessions(
    tmp_path: Path, query: str, form: str
) -> None:
    ctx = SessionContext(SessionConfig().with_target_partitions(PARTITIONS))
    file = tmp_path / 'a "quoted" näme\n.txt'
    text = {"csv": "a,b\n1,x\n2,y\n3,y\n", "json": '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n'}
    file.write_text(text[form])
    ctx.sql(
        f"create unbounded external table endless (a int, b varchar) stored as {form}"
        f" with order (a asc) location '{file}' options ('format.has_header' 'true')"
    )
    right = sorted(map(repr, ctx.sql(query).to_pylist()))
    assert right
    assert crossed(ctx, query) == right
    plan = ctx.sql(query).execution_plan()
    arrived = ExecutionPlan.from_bytes(SessionContext(), plan.to_bytes(ctx))
    assert "StreamingTableExec" in arrived.display_indent()
    assert sorted(map(repr, pickle.loads(pickle.dumps(ctx.sql(query))).to_pylist())) == right
    assert sorted(map(repr, pickle.loads(pickle.dumps(ctx)).sql(query).to_pylist())) == right


INFORMED = [
    "select value from information_schema.df_settings where name like '%.batch_size'",
    "select table_name from information_schema.tables where table_schema = 'public'",
    "select column_name from information_schema.columns where table_name = 'mine'",
    "select 1 as one from information_schema.routines where routine_name = 'own' limit 1",
    "select 1 as one where 'mine' in (select table_name from information_schema.tables)",
]


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("query", INFORMED)
def test_what_information_schema_says_is_of_the_session_that_made_the_query(query: str) -> None:
    config = SessionConfig().with_information_schema(True).with_batch_size(77)
    ctx = SessionContext(config)
    ctx.from_pydict({"a": [1], "b": [2]}, name="mine")
    ctx.register_udf(planwire.udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "own"))
    right = sorted(map(repr, ctx.sql(query).to_pylist()))
    assert right
    receiver = SessionContext()
    message = ctx.sql(query).execution_plan().to_bytes()
    assert in_turn(ExecutionPlan.from_bytes(receiver, message), receiver) == right
    message = ctx.sql(query).logical_plan().to_bytes()
    plan = planwire.LogicalPlan.from_bytes(message, receiver)
    arrived = receiver.create_dataframe_from_logical_plan(plan).to_pylist()
    assert sorted(map(repr, arrived)) == right
    unpickled = pickle.loads(pickle.dumps(ctx.sql(query)))
    assert sorted(map(repr, unpickled.to_pylist())) == right


def test_what_does_not_travel_is_told_by_what_it_is_and_what_to_send_instead(
    tmp_path: Path,
) -> None:
    ctx = SessionContext()
    pq.write_table(pa.table({"a": [1]}), tmp_path / "t.parquet")
    ctx.register_dataset("elsewhere", dataset.dataset(tmp_path / "t.parquet"))
    ctx.sql("create table memory (a int) as values (1)")
    frame, insert = ctx.sql("select * from elsewhere"), ctx.sql("insert into memory values (2)")
    table = r"the table provider 'elsewhere' \(DatasetTable\) .* read its rows into memory"
    told: list[tuple[Any, str]] = [
        (frame.logical_plan(), table),
        (frame.execution_plan(), r"the physical node '\w+' .* send the logical plan"),
        (insert.execution_plan(), r"the physical node 'DataSinkExec' \(MemSink\)"),
    ]
    for plan, text in told:
        with pytest.raises(planwire.errors.EncodeError, match=text) as e:
            plan.to_bytes(ctx)
        assert e.value.code == "PW-E003"
        assert "is not provided" not in str(e.value)
