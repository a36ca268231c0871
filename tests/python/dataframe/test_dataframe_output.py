"""A result leaves in every form that the datafusion wheel has, with the same content."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import datafusion
import planwire
import polars as pl
import pyarrow as pa
import pytest

DATA = pa.table({"a": [3, 1, None], "B": ["x", None, "z"], "n": pa.nulls(3), "l": [[1], [], None]})

TABLES = {
    "rows": DATA,
    "no rows": DATA.slice(0, 0),
    "two chunks": pa.concat_tables([DATA, DATA]),
}

FORMS: dict[str, Callable[[Any], Any]] = {
    "collect": lambda df: pa.Table.from_batches(df.collect(), df.schema()),
    "collect_partitioned": lambda df: [
        pa.Table.from_batches(partition, df.schema()) for partition in df.collect_partitioned()
    ],
    "to_arrow_table": lambda df: df.to_arrow_table(),
    "to_pydict": lambda df: df.to_pydict(),
    "to_pylist": lambda df: df.to_pylist(),
    "to_pandas": lambda df: df.to_pandas().to_csv(),
    "to_polars": lambda df: df.to_polars().to_dict(as_series=False),
    "count": lambda df: df.count(),
    "schema": lambda df: df.schema(),
    "capsule": lambda df: pa.table(df).to_pydict(),
    "capsule for polars": lambda df: pl.DataFrame(df).to_dict(as_series=False),
    "iteration": lambda df: pa.Table.from_batches(
        [batch.to_pyarrow() for batch in df], df.schema()
    ),
}


PACKAGES = (planwire, datafusion)


def frame(package: ModuleType, table: pa.Table) -> Any:
    return package.SessionContext().from_arrow(table)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("table", TABLES)
def test_form_is_that_of_the_wheel(table: str, form: str) -> None:
    ours, theirs = (FORMS[form](frame(package, TABLES[table])) for package in PACKAGES)
    assert ours == theirs


def test_result_without_columns_keeps_its_rows() -> None:
    df = frame(planwire, DATA).select()
    assert (df.count(), df.to_arrow_table().shape) == (3, (3, 0))


@pytest.mark.parametrize("column", ["a", "B", "l"])
def test_column_is_one_array(column: str) -> None:
    df = frame(planwire, TABLES["two chunks"])
    assert df.collect_column(column).equals(TABLES["two chunks"][column].combine_chunks())


def test_column_of_no_rows_has_its_type() -> None:
    assert frame(planwire, TABLES["no rows"]).collect_column("a").equals(pa.array([], pa.int64()))


def test_partitions_stay_apart() -> None:
    df = frame(planwire, pa.table({"a": range(1_000)})).repartition_by_hash("a", num=3)
    partitions = df.aggregate("a", []).collect_partitioned()
    rows = [batch.column(0).to_pylist() for partition in partitions for batch in partition]
    assert len(partitions) > 1
    assert sorted(number for part in rows for number in part) == list(range(1_000))


@pytest.mark.parametrize("columns", [["l", "a"], ["n"], ["l", "n", "a"]], ids="+".join)
def test_requested_schema_chooses_columns_as_the_wheel_does(columns: list[str]) -> None:
    requested = pa.schema([DATA.schema.field(column) for column in columns])
    ours, theirs = (
        pa.RecordBatchReader.from_stream(frame(package, DATA), schema=requested).read_all()
        for package in PACKAGES
    )
    assert ours == theirs == DATA.select(columns)


def test_requested_schema_casts() -> None:
    requested = pa.schema([("B", pa.string_view()), ("a", pa.float32())])
    reader = pa.RecordBatchReader.from_stream(frame(planwire, DATA), schema=requested)
    assert reader.schema == requested
    assert reader.read_all().to_pydict() == {"B": ["x", None, "z"], "a": [3.0, 1.0, None]}


def test_requested_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(planwire.ExecutionError, match="zz"):
        frame(planwire, DATA).__arrow_c_stream__(
            pa.schema([("zz", pa.int8())]).__arrow_c_schema__()
        )


def test_batch_is_a_capsule() -> None:
    [batch] = frame(planwire, DATA)
    assert pa.record_batch(batch) == batch.to_pyarrow() == DATA.to_batches()[0]
    assert repr(batch) == "RecordBatch(3 rows, 4 columns)"


def test_capsule_runs_the_query_as_it_is_read() -> None:
    calls: list[int] = []

    def seen(numbers: pa.Array) -> pa.Array:
        calls.append(len(numbers))
        return numbers

    ctx = planwire.SessionContext()
    ctx.sql("SET datafusion.execution.batch_size = 10").collect()
    watch = planwire.udf(seen, [pa.int64()], pa.int64(), "volatile", "watch")
    batches = [pa.record_batch({"a": [number]}) for number in range(100)]
    df = ctx.create_dataframe([batches]).select(watch(planwire.col("a")))
    reader = pa.RecordBatchReader.from_stream(df)
    reader.read_next_batch()
    assert len(calls) < 50
    assert reader.read_all().num_rows == 99
    assert len(calls) == 100


def test_capsule_hands_a_failure_over() -> None:
    def fail(numbers: pa.Array) -> pa.Array:
        raise ZeroDivisionError("on purpose")

    ctx = planwire.SessionContext()
    failing = planwire.udf(fail, [pa.int64()], pa.int64(), "volatile", "failing")
    df = ctx.from_pydict({"a": [1]}).select(failing(planwire.col("a")))
    with pytest.raises(pa.ArrowInvalid, match="on purpose"):
        pa.table(df)
    assert ctx.sql("SELECT 1 AS n").to_pydict() == {"n": [1]}


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_missing_library_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=f"pip install {library}") as failed:
        getattr(frame(planwire, DATA), f"to_{library}")()
    assert isinstance(failed.value.__cause__, ModuleNotFoundError)


SHOWN: dict[str, Callable[[Any], None]] = {
    "show": lambda df: df.show(),
    "show two": lambda df: df.show(2),
    "show none": lambda df: df.show(0),
    "show no rows": lambda df: df.limit(0).show(),
    "explain": lambda df: df.filter("a > 1").explain(),
    "explain statistics": lambda df: df.explain(show_statistics=True),
}


@pytest.mark.parametrize("name", SHOWN)
def test_text_is_that_of_the_wheel(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for package in PACKAGES:
        ctx = package.SessionContext()
        ctx.from_arrow(DATA, name="t")
        SHOWN[name](ctx.table("t"))
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert texts[0]


@pytest.mark.parametrize("drawing", ["INDENT", "TREE", "PGJSON", "GRAPHVIZ"])
def test_plan_is_drawn_as_by_the_wheel(drawing: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for package in PACKAGES:
        ctx = package.SessionContext()
        ctx.from_arrow(DATA, name="t")
        ctx.table("t").sort("a").explain(format=package.ExplainFormat[drawing])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


def test_analysis_has_the_rows_that_were_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for package in PACKAGES:
        words = package.dataframe
        package.SessionContext().from_arrow(DATA, name="t").filter("a > 1").explain(
            analyze=True,
            analyze_level=words.ExplainAnalyzeLevel.SUMMARY,
            analyze_categories=[words.ExplainMetricCategory.ROWS],
        )
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert "output_rows=1" in texts[0]


@pytest.mark.parametrize(
    "arguments",
    [
        {"analyze": True, "show_statistics": True},
        {"analyze_level": "dev"},
        {"analyze_categories": ["rows"]},
        {"format": "poem"},
    ],
    ids=str,
)
def test_explanation_that_cannot_be_is_an_error(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"analyze|not run|poem") as failed:
        frame(planwire, DATA).explain(**arguments)
    assert not isinstance(failed.value, planwire.PlanwireError)


def test_text_has_the_first_rows() -> None:
    df = frame(planwire, pa.table({"a": range(100, 130)}))
    assert "| 109 |" in repr(df)
    assert "110" not in repr(df)
    assert repr(df).endswith("and more rows")
    batches, schema = df.limit(1).collect(), df.schema()
    assert planwire.DataFrame.default_str_repr(batches, schema, False) == repr(df.limit(1))


def test_long_line_of_a_value_is_cut_where_it_is_drawn() -> None:
    longest = 16 * 1024
    value = f"{'x' * (longest + 1)}\n{'y' * longest}"
    df = planwire.SessionContext().from_pydict({"a": [value]})
    first, second = repr(df).split("\n")[3:5]
    assert first.strip("| ") == f"{'x' * longest}…"
    assert second.strip("| ") == "y" * longest
    assert df.to_pydict() == {"a": [value]}
