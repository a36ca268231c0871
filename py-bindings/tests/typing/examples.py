"""Typed examples: what mypy and pyright have to understand of the public surface."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from typing_extensions import assert_type

import planwire.functions as f
from planwire import (
    Accumulator,
    AggregateUDF,
    Catalog,
    CsvReadOptions,
    DataFrame,
    DataFrameWriteOptions,
    ExplainFormat,
    Expr,
    InlineRefused,
    LogicalPlan,
    MetricsSet,
    NullTreatment,
    ParquetColumnOptions,
    ParquetWriterOptions,
    PlanwireError,
    RecordBatch,
    RuntimeEnvBuilder,
    ScalarUDF,
    SessionConfig,
    SessionContext,
    SQLOptions,
    Table,
    VersionMismatch,
    Volatility,
    WindowEvaluator,
    WindowFrame,
    WindowUDF,
    col,
    column,
    ipc,
    lit,
    udaf,
    udf,
    udwf,
)
from planwire.expr import Window

if TYPE_CHECKING:
    from pathlib import Path


@udf([pa.string(), pa.field("weight", pa.float64(), nullable=False)], pa.float64(), "immutable")
def weighted(flags: pa.Array, weights: pa.Array) -> pa.Array:
    """Return the weight of each flag."""
    return pa.array([len(flag) * weight for flag, weight in zip(flags, weights, strict=True)])


def weigh(flags: pa.Array) -> pa.Array:
    """Return a weight for each flag."""
    return pa.array([1.0] * len(flags))


class Total(Accumulator):
    """Add up."""

    def __init__(self) -> None:
        self.total = 0.0

    def update(self, *values: pa.Array) -> None:
        """Add an array."""
        self.total += sum(values[0].to_pylist())

    def merge(self, states: list[pa.Array]) -> None:
        """Add other totals."""
        self.total += sum(states[0].to_pylist())

    def state(self) -> list[Any]:
        """Return the total."""
        return [self.total]

    def evaluate(self) -> Any:
        """Return the total."""
        return self.total


total = udaf(Total, pa.float64(), pa.float64(), [pa.float64()], Volatility.Stable, name="total")


class First(WindowEvaluator):
    """Return each partition's first value."""

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
        """Repeat it."""
        return pa.repeat(values[0][0], num_rows)


def functions() -> None:
    """Both forms give functions, and calls of them expressions."""
    assert_type(weighted, ScalarUDF)
    assert_type(total, AggregateUDF)
    first = udwf(First, pa.int64(), pa.int64(), "immutable")
    assert_type(first, WindowUDF)
    assert_type(udf(weigh, [pa.string()], pa.float64(), "volatile", name="weigh"), ScalarUDF)
    assert_type(first(col("a")).over(partition_by="k", order_by=[col("v").sort(False), "w"]), Expr)
    assert_type(f.sum(col("a")), Expr)


def expressions() -> None:
    """Operators take values on both sides."""
    expr = (1 + col("a") * 2.5 - column("b")) / lit(3) % 7
    assert_type(expr, Expr)
    assert_type((expr > 1) & ~(expr == "x") | expr.is_null(), Expr)
    assert_type(-expr.cast(pa.int8()).alias("small"), Expr)
    assert_type(copy.deepcopy(expr), Expr)
    assert_type(expr.to_bytes(), bytes)
    assert_type(Expr.from_bytes(memoryview(expr.to_bytes())), Expr)


def calls() -> None:
    """Functions and methods have arguments that are known, and clauses that are checked."""
    assert_type(f.round(col("a"), 2), Expr)
    assert_type(f.sum(col("a"), distinct=True, filter=col("b") > 1, order_by=["c"]), Expr)
    assert_type(f.rank(partition_by="k", order_by=col("v").sort()), Expr)
    assert_type(f.array_transform(col("l"), lambda x: x + 1), Expr)
    assert_type(f.first_value(col("a"), null_treatment=NullTreatment.IGNORE_NULLS), Expr)
    assert_type(f.case(col("a")).when(1, lit("one")).otherwise(2), Expr)
    assert_type(col("a").abs().round(2).between(1, 2).alias("b", {"unit": "m"}), Expr)
    assert_type(col("a")["field"][0][1:2].cast(int).try_cast(pa.string()), Expr)
    assert_type(f.sum(col("a")).filter(col("b") > 1).order_by("c").build(), Expr)
    frame = WindowFrame("rows", None, 0)
    assert_type(f.sum(col("a")).over(Window(partition_by="k", window_frame=frame)), Expr)
    assert_type(frame.get_lower_bound().get_offset(), int | None)
    f.summ(col("a"))  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    col("a").uper()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def sessions(path: Path) -> None:
    """Sessions and data frames chain."""
    ctx = SessionContext()
    strict = ctx.with_python_udf_inlining(enabled=False).with_family("python", "refuse")
    assert_type(strict, SessionContext)
    ctx.register_udf(weighted)
    ctx.register_udaf(total)
    frame = ctx.read_parquet(path).filter(col("a") > 1, "b < 2").with_column("c", lit(1))
    assert_type(frame, DataFrame)
    totals = frame.aggregate(["a", col("b")], [total(col("c"))]).sort("a").limit(10, offset=1)
    assert_type(totals.to_pydict(), dict[str, list[Any]])
    assert_type(ctx.from_arrow(totals).count(), int)
    assert_type([family.mode for family in ctx.families()], list[str])


def tables(path: Path) -> None:
    """Tables are read, registered and found."""
    config = SessionConfig({"datafusion.execution.batch_size": "10"}).with_batch_size(5)
    ctx = SessionContext(config, RuntimeEnvBuilder().with_fair_spill_pool(1_000_000))
    options = CsvReadOptions(delimiter=";").with_table_partition_cols([("year", pa.int16())])
    ctx.register_csv("t", [path, str(path)], options=options)
    ctx.register_parquet("p", path, [("year", "int")], file_sort_order=[["a", col("b").sort()]])
    ctx.register_view("v", ctx.read_json(path, pa.schema([("a", pa.int64())])))
    query = ctx.sql("select $e from $t where a > $m", SQLOptions(), {"m": 1}, e=col("a"), t="t")
    assert_type(query, DataFrame)
    assert_type(ctx.catalog().schema().table("t"), Table)
    assert_type(ctx.table_provider("t").kind, str)
    assert_type(Catalog.memory_catalog().schema_names(), set[str])
    assert_type(ctx.udaf("sum"), AggregateUDF)
    assert_type(copy.copy(ctx), SessionContext)


def data_frames(left: DataFrame, right: DataFrame, path: Path) -> None:
    """Verbs chain, results have their types, and a transformation gives what its function does."""
    joined = left.join(right, "a", "left").join(right, left_on="a", right_on=["b"])
    assert_type(joined.with_columns("a + 1 AS b", [col("a")], c=lit(1))["a", "b"], DataFrame)
    assert_type(joined.union(right, distinct=True).fill_null(0, ["a"]).tail(2), DataFrame)
    assert_type(joined.transform(DataFrame.count), int)
    assert_type(list(joined), list[RecordBatch])
    assert_type(next(joined.execute_stream()), RecordBatch)
    assert_type(joined.to_pylist(), list[dict[str, Any]])
    joined.explain(format=ExplainFormat.TREE)
    options = ParquetWriterOptions(
        column_specific_options={"a": ParquetColumnOptions(encoding="plain")}
    )
    joined.write_parquet(path, options, write_options=DataFrameWriteOptions(partition_by="a"))


async def batches(df: DataFrame) -> list[RecordBatch]:
    """Batches can be awaited."""
    assert_type(await anext(df.execute_stream()), RecordBatch)
    return [batch async for batch in df]


def plans(ctx: SessionContext) -> None:
    """Plans cross, run and say what they measured."""
    frame = ctx.sql("select 1 as one")
    plan = LogicalPlan.from_bytes(ctx, memoryview(frame.logical_plan().to_bytes(ctx)))
    assert_type(plan, LogicalPlan)
    assert_type(plan.inputs()[0] == frame.optimized_logical_plan(), bool)
    assert_type(ctx.create_dataframe_from_logical_plan(plan), DataFrame)
    physical = copy.copy(frame.execution_plan())
    assert_type(physical.output_partitioning.hash_expressions, list[str] | None)
    assert_type([batch.to_pyarrow().num_rows for batch in ctx.execute(physical, 0)], list[Any])
    assert_type(physical.collect_metrics(), list[tuple[str, MetricsSet]])
    assert_type(weighted.from_bytes(weighted.to_bytes()), ScalarUDF)
    ipc.set_process_floor("refuse")
    assert_type(ipc.get_process_floor(), str)


def messages(message: bytes) -> str | None:
    """Errors have codes, and contexts say who decodes."""
    with ipc.worker_ctx(SessionContext()) as ctx:
        assert_type(ctx, SessionContext)
        try:
            pickle.loads(message)
        except VersionMismatch as error:
            return error.code
        except InlineRefused as refusal:
            return str(refusal)
        except PlanwireError as error:
            return error.code
    return None
