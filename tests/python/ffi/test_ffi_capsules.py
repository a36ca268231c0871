"""Capsules of functions, and what is wrong with an object that has none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import datafusion
import datafusion_extra_functions  # type: ignore[import-untyped]
import planwire
import pyarrow as pa
import pytest
from geodatafusion import native
from planwire import col, errors, lit

from support import kinds, libraries

FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "scalar": (planwire.ScalarUDF, planwire.udf),
    "aggregate": (planwire.AggregateUDF, planwire.udaf),
    "window": (planwire.WindowUDF, planwire.udwf),
}
each_kind = pytest.mark.parametrize("kind", kinds.KINDS)


def getter(kind: str) -> str:
    """The method that hands out a function of a kind."""
    return f"__datafusion_{kind}_udf__"


class Handing:
    """Hands out anything, under any name."""

    def __init__(self, name: str, anything: Any) -> None:
        def hand_out() -> Any:
            if isinstance(anything, Exception):
                raise anything
            return anything

        setattr(self, name, hand_out)


@each_kind
def test_function_comes_back_from_its_capsule_as_itself(kind: str) -> None:
    cls, define = FUNCTIONS[kind]
    function = kinds.make(kind)
    capsule = getattr(function, getter(kind))()
    # A capsule keeps what is in it, so it can be opened again.
    for exported in (function, capsule, capsule, Handing(getter(kind), capsule)):
        for taken in (cls.from_pycapsule(exported), cls("other", exported), define(exported)):
            assert taken.name == function.name
            assert kinds.rows(kind, kinds.call(taken)) == kinds.expected(kind)
            # It is carried by value, which only what is known to be Python's can be.
            assert kinds.call(taken).to_bytes() == kinds.call(function).to_bytes()


@each_kind
def test_function_of_another_library_runs(kind: str, tmp_path: Path) -> None:
    elsewhere = libraries.load(tmp_path)
    foreign = getattr(elsewhere, type(kinds.make(kind)).__name__).from_pycapsule(kinds.make(kind))
    _, define = FUNCTIONS[kind]
    assert kinds.rows(kind, kinds.call(define(foreign))) == kinds.expected(kind)


def test_scalar_functions_of_geodatafusion_run_and_go_by_name() -> None:
    ctx = planwire.SessionContext()
    make, x = planwire.udf(native.MakePoint()), planwire.udf(native.X())
    points = ctx.from_pydict({"a": [1.0, 2.0]})
    expr = x(make(col("a"), lit(3.0)))
    assert points.select(expr.alias("x")).to_pydict() == {"x": [1.0, 2.0]}
    message = expr.to_bytes()
    with pytest.raises(errors.UnknownFunction, match="st_x"):
        planwire.Expr.from_bytes(message, ctx)
    for function in (make, x):
        ctx.register_udf(function)
    assert points.select(planwire.Expr.from_bytes(message, ctx).alias("x")).count() == 2
    assert ctx.sql("select st_x(st_makepoint(4.0, 2.0)) as x").to_pydict() == {"x": [4.0]}


def test_aggregate_functions_of_datafusion_extra_functions_run() -> None:
    mode = planwire.udaf(datafusion_extra_functions.udaf_by_name("mode"))
    numbers = planwire.SessionContext().from_pydict({"a": [1, 2, 2, 3]})
    assert numbers.aggregate([], [mode(col("a")).alias("m")]).to_pydict() == {"m": [2]}


def test_exception_of_a_function_is_readable_in_the_wheel() -> None:
    @planwire.udf(pa.int64(), pa.int64(), "immutable", name="fails")
    def fails(numbers: pa.Array) -> pa.Array:
        raise KeyError("no such rate")

    ctx = datafusion.SessionContext()
    ctx.register_udf(datafusion.udf(fails))
    with pytest.raises(Exception, match=r"running scalar UDF 'fails': KeyError: 'no such rate'"):
        ctx.sql("select fails(a) from (values (1)) as t(a)").collect()
    assert ctx.sql("select 1 as one").to_pydict() == {"one": [1]}


def test_threads_of_the_wheel_do_not_wait_for_each_other() -> None:
    ours = planwire.SessionContext()
    ctx = datafusion.SessionContext().with_logical_extension_codec(ours)
    ctx.from_pydict({"a": list(range(1000))}, name="numbers")
    function = datafusion.udf(kinds.make("scalar"))
    ctx.register_udf(function)
    message = function(datafusion.col("a")).to_bytes(ctx)

    def work(_: int) -> Any:
        expr = datafusion.Expr.from_bytes(message, ctx)
        ctx.table("numbers").select(expr.alias("r")).collect()
        return ctx.sql("select sum(crossing(a)) as s from numbers").to_pydict()["s"][0]

    with ThreadPoolExecutor(8) as threads:
        sums = list(threads.map(work, range(64)))
    assert sums == [sum(range(1000)) + 10_000] * 64


@each_kind
def test_what_is_wrong_with_an_object_is_said(kind: str) -> None:
    cls, _ = FUNCTIONS[kind]
    name = getter(kind)
    codec = planwire.SessionContext().__datafusion_task_context_provider__()
    for anything, error, text in [
        (
            codec,
            ValueError,
            f"named 'datafusion_task_context_provider', .* 'datafusion_{kind}_udf'",
        ),
        (7, TypeError, f"{name} of Handing returned int"),
        (TypeError("from within"), TypeError, "^from within$"),
        (KeyError("from within"), KeyError, "from within"),
    ]:
        with pytest.raises(error, match=text):
            cls.from_pycapsule(Handing(name, anything))
    for nothing in (7, object(), type(kinds.make(kind))):
        with pytest.raises(TypeError, match=f"no method {name}"):
            cls.from_pycapsule(nothing)
    with pytest.raises(ValueError, match="named 'datafusion_task_context_provider'"):
        cls.from_pycapsule(codec)


@pytest.mark.parametrize("layer", ["logical", "physical"])
def test_what_is_wrong_with_a_codec_is_said(layer: str) -> None:
    ctx = planwire.SessionContext()
    install = getattr(ctx, f"with_{layer}_extension_codec")
    name = f"__datafusion_{layer}_extension_codec__"
    for nothing in (7, object(), planwire.SessionContext):
        with pytest.raises(TypeError, match=f"no method {name}"):
            install(nothing, "id")

    class Failing:
        calls = 0

        def hand_out(self, session: Any) -> Any:
            self.calls += 1
            raise TypeError("takes 1 positional argument but 2 were given")

    failing = Failing()
    setattr(Failing, name, Failing.hand_out)
    # Raised within, whatever it says, so it is not asked once more without the session.
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        install(failing, "id")
    assert failing.calls == 1

    capsule = kinds.make("scalar").__datafusion_scalar_udf__()
    with pytest.raises(ValueError, match="the capsule is named 'datafusion_scalar_udf'"):
        install(capsule, "id")
    with pytest.raises(TypeError, match="no method __datafusion_task_context_provider__"):
        getattr(ctx, name)(object())
