"""Tables across libraries: a data frame in the wheel, and tables of another library in planwire."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import col, errors, lit

from support import kinds, libraries


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Another library."""
    return libraries.load(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture
def numbers(elsewhere: Any) -> Any:
    """A table of the other library, with a column that a Python function of its own computes."""
    tenfold = elsewhere.ScalarUDF(
        "tenfold", lambda numbers: pc.multiply(numbers, 10), pa.int64(), pa.int64(), "immutable"
    )
    frame = elsewhere.SessionContext().from_pydict({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    return frame.with_column("c", tenfold(elsewhere.col("a")))


def test_data_frame_is_a_table_of_the_wheel() -> None:
    ctx = datafusion.SessionContext()
    add = kinds.make("scalar")
    numbers = planwire.SessionContext().from_pydict({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    ctx.register_table("numbers", numbers.with_column("c", add(col("a"))))
    # The session that the data frame came from is not needed by name.
    gc.collect()
    query = "select c, b from numbers where a > 1 order by a desc limit 1"
    assert ctx.sql(query).to_pydict() == {"c": [13], "b": ["z"]}
    joined = "select count(*) as n from numbers l join numbers r on l.a = r.a where l.b <> 'x'"
    assert ctx.sql(joined).to_pydict() == {"n": [2]}
    big = datafusion.udf(
        lambda numbers: pc.greater(numbers, 2), [pa.int64()], pa.bool_(), "immutable", "big"
    )
    assert ctx.table("numbers").filter(big(datafusion.col("a"))).to_pydict()["a"] == [3]


@pytest.mark.inline
def test_condition_with_a_function_of_planwires_crosses_by_its_codec() -> None:
    function = kinds.make("scalar")
    numbers = planwire.SessionContext().from_pydict({"a": [1, 2, 3]})
    ctx = datafusion.SessionContext().with_logical_extension_codec(planwire.SessionContext())
    ctx.register_table("numbers", numbers)
    condition = datafusion.udf(function)(datafusion.col("a")) == datafusion.lit(12)
    assert ctx.table("numbers").filter(condition).to_pydict() == {"a": [2]}


def test_failing_table_is_an_exception_in_the_wheel() -> None:
    ctx = datafusion.SessionContext()
    wrong = planwire.SessionContext().from_pydict({"a": ["x"]})
    ctx.register_table("wrong", wrong.with_column("b", col("a").cast(pa.int64())))
    with pytest.raises(Exception, match="Cannot cast string 'x'"):
        ctx.sql("select b from wrong").collect()


def test_table_of_another_library_is_queried(numbers: Any, inline: planwire.SessionContext) -> None:
    inline.register_table("numbers", numbers)
    for query, rows in [
        ("select * from numbers", {"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [10, 20, 30]}),
        ("select c, b from numbers where a > 1 order by a desc limit 1", {"c": [30], "b": ["z"]}),
        (
            "select l.b, sum(r.c) as s from numbers l join numbers r on l.a >= r.a"
            " group by l.b having sum(r.c) > 10 order by s desc",
            {"b": ["z", "y"], "s": [60, 30]},
        ),
    ]:
        assert inline.sql(query).to_pydict() == rows


def test_table_of_another_library_needs_no_name(
    numbers: Any, inline: planwire.SessionContext
) -> None:
    assert inline.read_table(numbers).filter(col("a") == 2).to_pydict()["c"] == [20]
    table = planwire.Table(numbers, inline)
    assert table.schema.names == ["a", "b", "c"]
    inline.catalog().schema().register_table("t", table)
    assert inline.table("t").count() == 3


@pytest.mark.inline
def test_condition_crosses_under_the_modes_of_the_session(
    numbers: Any, inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    add = kinds.make("scalar")
    condition = add(col("a")) == lit(12)
    assert inline.read_table(numbers).filter(condition).to_pydict()["a"] == [2]
    with pytest.raises(errors.ExecutionError, match="crossing"):
        strict.read_table(numbers).filter(condition).collect()
    # By name, the function is found in the session that scans.
    strict.register_udf(add)
    assert strict.read_table(numbers).filter(condition).to_pydict()["a"] == [2]


def test_table_of_another_library_that_fails_is_an_exception(
    elsewhere: Any, inline: planwire.SessionContext
) -> None:
    wrong = elsewhere.SessionContext().from_pydict({"a": ["x"]})
    number = elsewhere.col("a").cast(pa.int64())
    inline.register_table("wrong", wrong.with_column("b", number))
    with pytest.raises(errors.ExecutionError, match="Cannot cast string 'x'"):
        inline.sql("select b from wrong").collect()


def test_table_of_another_major_version_is_refused(
    tmp_path: Path, inline: planwire.SessionContext
) -> None:
    old = libraries.load(tmp_path, b"54.2.0")
    frame = old.SessionContext().from_pydict({"a": [1]})

    class Bound:
        def __datafusion_table_provider__(self, _session: Any) -> Any:
            return frame.__datafusion_table_provider__(old.SessionContext())

    with pytest.raises(ImportError, match="DataFusion 54, planwire with DataFusion 55"):
        inline.register_table("t", Bound())
    assert not inline.table_exist("t")


def test_object_that_is_no_table_says_what_would_be(inline: planwire.SessionContext) -> None:
    with pytest.raises(TypeError, match="__datafusion_table_provider__, got object"):
        inline.register_table("t", object())
