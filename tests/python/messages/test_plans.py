"""Plans are shown, compared and carried on both layers, with the functions they need."""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import planwire
import pyarrow as pa
import pytest
from planwire import ExecutionPlan, LogicalPlan, errors, ipc

from support import kinds
from support.cases import each_kind, each_layer
from support.queries import Plan, executed, plan_of, query, shown, text
from test_wheel import ROWS, ours_and_theirs, run


def test_logical_plan_has_four_forms() -> None:
    plan = planwire.SessionContext().sql("SELECT 1 AS one").logical_plan()
    assert plan.display() == "Projection: Int64(1) AS one"
    assert plan.display_indent() == repr(plan) == f"{plan.display()}\n  {plan.inputs()[0]}"
    assert "[one:Int64]" in plan.display_indent_schema()
    assert plan.display_graphviz().count("digraph") == 1
    assert plan.inputs()[0].inputs() == []


def test_logical_plans_are_equal_if_they_do_the_same() -> None:
    ctx = planwire.SessionContext()
    one, same, two = (ctx.sql(f"SELECT {value} AS v").logical_plan() for value in (1, 1, 2))
    assert one == same
    assert one != two
    assert one != "Projection: Int64(1) AS v"


@pytest.mark.inline
def test_plans_decoded_from_one_message_are_equal() -> None:
    ctx = planwire.SessionContext()
    message = query("scalar").logical_plan().to_bytes()
    assert LogicalPlan.from_bytes(ctx, message) == LogicalPlan.from_bytes(ctx, message)


def test_physical_plan_says_how_it_is_partitioned() -> None:
    ctx = planwire.SessionContext()
    ctx.sql("SET datafusion.execution.target_partitions = 3").collect()
    union = "SELECT 1 AS a UNION ALL SELECT 2 AS a"
    plan = ctx.sql(f"SELECT a, count(*) FROM ({union}) GROUP BY a").execution_plan()
    partitioning = plan.output_partitioning
    assert (partitioning.scheme, partitioning.partition_count) == ("Hash", 3)
    assert partitioning.hash_expressions == ["a@0"]
    assert plan.partition_count == 3
    assert repr(partitioning) == "Hash([a@0], 3)"

    leaf = plan
    while leaf.children():
        leaf = leaf.children()[0]
    assert leaf.output_partitioning.hash_expressions is None
    others = {partitioning, plan.output_partitioning, leaf.output_partitioning}
    assert len(others) == 2


def test_optimized_plan_is_another_plan() -> None:
    frame = planwire.SessionContext().sql("SELECT 1 + 1 AS two")
    assert frame.optimized_logical_plan().display() == "Projection: Int64(2) AS two"
    assert frame.logical_plan().display() == "Projection: Int64(1) + Int64(1) AS two"


@pytest.mark.inline
@each_kind
def test_logical_plan_runs_where_it_arrives(kind: str) -> None:
    ctx = planwire.SessionContext()
    plan = LogicalPlan.from_bytes(ctx, query(kind).logical_plan().to_bytes())
    for frame in (ctx.create_dataframe_from_logical_plan(plan), ctx.execute_logical_plan(plan)):
        assert frame.to_pydict()["r"] == kinds.expected(kind)


@pytest.mark.inline
@each_kind
def test_physical_plan_runs_where_it_arrives(kind: str) -> None:
    ctx = planwire.SessionContext()
    plan = ExecutionPlan.from_bytes(ctx, query(kind).execution_plan().to_bytes())
    assert executed(ctx, plan) == kinds.expected(kind)


def test_partitions_run_one_by_one() -> None:
    ctx = planwire.SessionContext()
    ctx.sql("SET datafusion.execution.target_partitions = 3").collect()
    numbers = ctx.sql("SELECT a, count(*) AS n FROM (VALUES (1), (2), (2)) AS t(a) GROUP BY a")
    plan = numbers.execution_plan()
    rows = {
        (row["a"], row["n"])
        for partition in range(plan.partition_count)
        for batch in ctx.execute(plan, partition)
        for row in batch.to_pyarrow().to_pylist()
    }
    assert rows == {(1, 1), (2, 2)}


@pytest.mark.parametrize("partition", [1, 2**40])
def test_partition_that_is_not_there_is_an_error(partition: int) -> None:
    ctx = planwire.SessionContext()
    with pytest.raises(ValueError, match=f"no partition {partition}: the plan has 1"):
        ctx.execute(query("scalar").execution_plan(), partition)


def test_error_of_a_function_ends_the_plan() -> None:
    def fail(numbers: pa.Array) -> pa.Array:
        raise ZeroDivisionError("of my own")

    function = planwire.udf(fail, [kinds.NUMBER], kinds.NUMBER, "volatile", "fail")
    ctx = planwire.SessionContext()
    frame = ctx.sql("SELECT a FROM (VALUES (1)) AS t(a)").select(function(planwire.col("a")))
    with pytest.raises(errors.ExecutionError) as failed:
        list(ctx.execute(frame.execution_plan(), 0))
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


def test_plan_that_ran_has_its_metrics() -> None:
    ctx = planwire.SessionContext()
    ctx.sql("SET datafusion.execution.target_partitions = 2").collect()
    numbers = ctx.from_pydict({"a": list(range(100))})
    plan = numbers.filter(planwire.col("a") >= 40).execution_plan()
    assert plan.collect_metrics() == []

    before = datetime.now(timezone.utc)
    rows = sum(
        len(executed(ctx, plan, "a", partition)) for partition in range(plan.partition_count)
    )
    after = datetime.now(timezone.utc)

    measured = plan.collect_metrics()
    operators = [operator for operator, _ in measured]
    lines = [line.strip() for line in plan.display_indent().splitlines()]
    assert operators == [line for line in lines if line in operators]
    (metrics,) = [metrics for operator, metrics in measured if operator.startswith("FilterExec")]
    assert metrics.output_rows == metrics.sum_by_name("output_rows") == rows == 60
    assert (metrics.elapsed_compute or 0) > 0
    assert metrics.sum_by_name("output_batches") == 1
    assert metrics.sum_by_name("start_timestamp") is None
    assert metrics.sum_by_name("no such metric") is None

    by_name = {metric.name: metric for metric in metrics.metrics()}
    started = by_name["start_timestamp"]
    # Python's clock has microseconds, DataFusion's nanoseconds.
    assert started.value == started.value_as_datetime
    assert isinstance(started.value, datetime)
    assert before - timedelta(milliseconds=1) <= started.value <= after
    assert (by_name["output_rows"].value, by_name["output_rows"].value_as_datetime) == (60, None)
    assert by_name["output_rows"].partition == 0
    assert by_name["output_rows"].labels() == {}
    assert repr(by_name["output_rows"]) == "output_rows{partition=0}=60"
    assert "output_rows{partition=0}=60" in repr(metrics)
    # What was measured stays here.
    assert ExecutionPlan.from_bytes(ctx, plan.to_bytes()).collect_metrics() == []


@pytest.mark.inline
@each_layer
@each_kind
@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
def test_any_buffer_is_decoded(
    buffer: Callable[[bytes], Any], kind: str, layer: type[Plan]
) -> None:
    ctx = planwire.SessionContext()
    plan = plan_of(layer, query(kind))
    assert text(layer.from_bytes(ctx, buffer(plan.to_bytes(ctx)))) == text(plan)


@pytest.mark.inline
@each_layer
@each_kind
def test_strict_session_refuses_functions_in_plans(kind: str, layer: type[Plan]) -> None:
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    plan = plan_of(layer, query(kind))
    with pytest.raises(errors.InlineRefused, match="crossing"):
        layer.from_bytes(strict, plan.to_bytes())
    # By name, it takes the function that the receiver has.
    message = plan.to_bytes(strict)
    with pytest.raises(errors.UnknownFunction, match="crossing"):
        layer.from_bytes(strict, message)
    kinds.register(strict, kind, kinds.make(kind, "crossing", 20))
    assert text(layer.from_bytes(strict, message)) == text(plan)


@pytest.mark.inline
@each_layer
def test_contexts_decide_where_no_session_is_named(layer: type[Plan]) -> None:
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    plan = plan_of(layer, query("scalar"))
    with ipc.sender_ctx(strict):
        assert plan.to_bytes() == plan.to_bytes(strict)
    with ipc.worker_ctx(strict), pytest.raises(errors.InlineRefused):
        layer.from_bytes(None, plan.to_bytes())


@pytest.mark.inline
@each_layer
def test_deprecated_names_warn_and_work(layer: type[Plan]) -> None:
    ctx = planwire.SessionContext()
    plan = plan_of(layer, query("scalar"))
    with pytest.warns(DeprecationWarning, match="to_bytes") as warned:
        message = plan.to_proto()
    with pytest.warns(DeprecationWarning, match="from_bytes"):
        decoded = layer.from_proto(ctx, message)
    assert text(decoded) == text(plan)
    assert warned[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer.from_bytes(ctx, plan.to_bytes())


@each_layer
def test_plan_of_the_other_layer_is_refused(layer: type[Plan]) -> None:
    other = ExecutionPlan if layer is LogicalPlan else LogicalPlan
    message = plan_of(layer, query("scalar")).to_bytes()
    with pytest.raises(errors.DecodeError):
        other.from_bytes(planwire.SessionContext(), message)


@pytest.mark.inline
@pytest.mark.unguarded
@each_layer
@pytest.mark.parametrize("encode", [lambda plan: plan.to_bytes(), pickle.dumps])
def test_function_that_cannot_be_pickled_is_the_plans_error(
    encode: Callable[[Plan], bytes], layer: type[Plan]
) -> None:
    generator = (number for number in range(3))

    def held(numbers: pa.Array) -> pa.Array:
        next(generator)
        return numbers

    held_udf = planwire.udf(held, [kinds.NUMBER], kinds.NUMBER, "volatile", "held")
    frame = planwire.SessionContext().sql("SELECT a FROM (VALUES (1)) AS t(a)")
    plan = plan_of(layer, frame.select(held_udf(planwire.col("a"))))
    with pytest.raises(errors.EncodeError, match="held") as failed:
        encode(plan)
    assert isinstance(failed.value.__cause__, TypeError)


@each_layer
def test_plan_that_nests_too_deep_is_refused_where_it_is_encoded(layer: type[Plan]) -> None:
    frame = planwire.SessionContext().sql("SELECT a FROM (VALUES (1)) AS t(a)")
    deep = planwire.col("a")
    for _ in range(75):
        deep = (deep + 1) * 2
    with pytest.raises(errors.EncodeError):
        plan_of(layer, frame.select(deep.alias("a"))).to_bytes()
    for number in range(400):
        frame = frame.limit(1000 - number).filter(planwire.col("a") > number)
    with pytest.raises(errors.EncodeError, match="nesting"):
        frame.logical_plan().to_bytes()


@pytest.mark.inline
@each_layer
def test_plan_with_any_byte_changed_raises_only_errors_of_planwire(layer: type[Plan]) -> None:
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    numbers = planwire.SessionContext().from_pydict({"a": [1, 2, 3], "b": ["x", None, "z"]})
    message = plan_of(layer, numbers.filter(planwire.col("a") > 1)).to_bytes()
    failed = 0
    for place in range(len(message)):
        # Lengths that the highest bits are set in claim more memory than there is.
        for value in (0x00, 0x7F, 0xFF):
            changed = message[:place] + bytes([value]) + message[place + 1 :]
            try:
                shown(layer.from_bytes(strict, changed))
            except errors.PlanwireError:
                failed += 1
    assert failed > len(message)


@each_layer
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copying_never_encodes(duplicate: Callable[[Plan], Plan], layer: type[Plan]) -> None:
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    plan = plan_of(layer, query("scalar"))
    with ipc.sender_ctx(strict), ipc.worker_ctx(strict):
        assert duplicate(plan) is plan


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("layer", ["logical", "physical"])
@each_kind
@ours_and_theirs
def test_plan_that_one_writes_the_other_runs(
    sender: str, receiver: str, kind: str, layer: str
) -> None:
    message = run(sender, "write", kind, layer=layer)
    assert json.loads(run(receiver, "read", kind, message, layer)) == ROWS[kind]
