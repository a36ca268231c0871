"""What code for the datafusion wheel imports, calls and passes is there under the same names."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

# The modules and classes that code for UDFs, messages and queries uses.
CLASSES = {
    "context": ["SessionContext", "SessionConfig", "RuntimeEnvBuilder", "SQLOptions"],
    "dataframe": [
        "DataFrame",
        "DataFrameWriteOptions",
        "ParquetWriterOptions",
        "ParquetColumnOptions",
    ],
    "expr": ["Expr", "SortExpr", "Window", "WindowFrame", "WindowFrameBound", "CaseBuilder"],
    "plan": ["LogicalPlan", "ExecutionPlan", "Metric", "MetricsSet"],
    "record_batch": ["RecordBatch", "RecordBatchStream"],
    "catalog": ["Catalog", "Schema", "Table"],
    "user_defined": ["ScalarUDF", "AggregateUDF", "WindowUDF", "Accumulator", "WindowEvaluator"],
    "options": ["CsvReadOptions"],
}
MODULES = ["functions", "ipc", "user_defined"]

# What planwire leaves to the wheel, and why.
INTERNAL = "it concerns the wheel's own insides"
EXTENSION = "extensions of the engine itself, which no function or message needs"
DASK = "introspection for dask-sql"
OUTSIDE = {
    "context.SessionContext.add_physical_optimizer_rule": EXTENSION,
    "context.SessionContext.deregister_udtf": EXTENSION,
    "context.SessionContext.enable_spark_functions": "they are another crate's",
    "context.SessionContext.register_catalog_provider_list": EXTENSION,
    "context.SessionContext.register_table_factory": EXTENSION,
    "context.SessionContext.register_udtf": EXTENSION,
    "context.SessionContext.set_query_planner": EXTENSION,
    "context.SessionContext.with_extensions": EXTENSION,
    "context.SessionConfig.with_extension": EXTENSION,
    "expr.Expr.rex_call_operands": DASK,
    "expr.Expr.rex_call_operator": DASK,
    "expr.Expr.rex_type": DASK,
    "expr.Expr.to_variant": DASK,
    "expr.Expr.types": DASK,
    "plan.LogicalPlan.to_variant": DASK,
    "options.CsvReadOptions.to_inner": INTERNAL,
    "user_defined.data_type_or_field_to_field": INTERNAL,
    "user_defined.data_types_or_fields_to_field_list": INTERNAL,
    "user_defined.udtf": EXTENSION,
}
# Where the arguments differ, and why.
NAMED = "the wheel takes any arguments, planwire names them"
EITHER = "the session may stand first or second, since all others take the bytes first"
DIFFERENT = {
    "functions.gen_series": NAMED,
    "functions.generate_series": NAMED,
    "functions.range": NAMED,
    # test_plans.py holds that both orders are taken, and by name.
    "plan.ExecutionPlan.from_bytes": EITHER,
    "plan.LogicalPlan.from_bytes": EITHER,
}


def public(owner: Any) -> Iterator[str]:
    """The names of an object that its users see."""
    return (name for name in dir(owner) if not name.startswith("_"))


def signature(thing: Any) -> inspect.Signature | None:
    """The arguments of a function or method, without the object it belongs to."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return None
    kept = [p for p in found.parameters.values() if p.name not in {"self", "cls"}]
    return found.replace(parameters=kept)


def arguments(thing: Any) -> list[tuple[str, bool]] | None:
    """The names of the arguments in order, and which must be given."""
    found = signature(thing)
    if found is None:
        return None
    return [
        (p.name, p.default is p.empty and p.kind < p.VAR_POSITIONAL)
        for p in found.parameters.values()
    ]


def cases() -> Iterator[tuple[str, str, str]]:
    """Everything to compare: a module, a class or nothing, and a name."""
    for module, classes in CLASSES.items():
        theirs = importlib.import_module(f"datafusion.{module}")
        for cls in classes:
            yield from ((module, cls, name) for name in public(getattr(theirs, cls)))
    for module in MODULES:
        theirs = importlib.import_module(f"datafusion.{module}")
        for name in getattr(theirs, "__all__", None) or public(theirs):
            thing = getattr(theirs, name)
            if inspect.isfunction(thing) and thing.__module__ == theirs.__name__:
                yield module, "", name


def path(module: str, cls: str, name: str) -> str:
    """A case as one name."""
    return ".".join(part for part in (module, cls, name) if part)


@pytest.mark.parametrize(
    ("module", "cls", "name"), [case for case in cases() if path(*case) not in OUTSIDE]
)
def test_name_is_there_and_takes_the_same_arguments(module: str, cls: str, name: str) -> None:
    ours: Any = importlib.import_module(f"planwire.{module}")
    theirs: Any = importlib.import_module(f"datafusion.{module}")
    if cls:
        ours, theirs = getattr(ours, cls), getattr(theirs, cls)
    ours, theirs = getattr(ours, name), getattr(theirs, name)

    wanted, found = arguments(theirs), arguments(ours)
    assert callable(ours) == callable(theirs)
    if wanted is None or path(module, cls, name) in DIFFERENT:
        return
    assert found is not None
    names = [argument for argument, _ in found]
    assert names[: len(wanted)] == [argument for argument, _ in wanted]
    # What theirs may leave out, ours may too, and ours asks for nothing more.
    required = {argument for argument, must in found if must}
    assert required <= {argument for argument, must in wanted if must}


def test_list_of_exceptions_is_what_differs() -> None:
    known = {path(*case) for case in cases()}
    assert set(OUTSIDE | DIFFERENT) <= known
    for name in OUTSIDE:
        module, *rest = name.split(".")
        owner: Any = importlib.import_module(f"planwire.{module}")
        for step in rest[:-1]:
            owner = getattr(owner, step)
        assert rest[-1] not in dir(owner), f"{name} is there now"
