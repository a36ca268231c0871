"""Catalogs, schemas and tables are found, listed and changed as in the datafusion wheel."""

from __future__ import annotations

from typing import Any

import datafusion
import datafusion.catalog
import planwire
import planwire.catalog
import pytest

each_package = pytest.mark.parametrize(
    "package", [planwire, datafusion], ids=["planwire", "datafusion"]
)


@each_package
def test_catalog_lists_what_is_registered(package: Any) -> None:
    ctx = package.SessionContext()
    ctx.from_pydict({"a": [1]}, name="t")
    ctx.sql("create view v as select a from t")
    assert ctx.catalog_names() == {"datafusion"}
    assert ctx.catalog().names() == ctx.catalog().schema_names() == {"public"}
    schema = ctx.catalog("datafusion").schema("public")
    assert schema.names() == schema.table_names() == {"t", "v"}
    assert [schema.table(name).kind for name in ("t", "v")] == ["physical", "view"]
    assert schema.table("t").schema.names == ["a"]
    assert [schema.table_exist(name) for name in ("t", "T")] == [True, False]


@each_package
def test_catalog_in_memory_is_seen_by_the_session_that_registers_it(package: Any) -> None:
    ctx = package.SessionContext()
    catalog = package.catalog.Catalog.memory_catalog()
    schema = package.catalog.Schema.memory_schema()
    assert catalog.register_schema("raw", schema) is None
    schema.register_table("t", ctx.from_pydict({"a": [1, 2]}))
    ctx.register_catalog_provider("lake", catalog)
    assert ctx.sql("select sum(a) as s from lake.raw.t").to_pydict() == {"s": [3]}
    assert [ctx.table_exist(name) for name in ("lake.raw.t", "lake.raw.u")] == [True, False]
    schema.deregister_table("t")
    assert schema.table_names() == set()


@each_package
def test_schema_with_tables_is_kept_unless_they_may_go(package: Any) -> None:
    ctx = package.SessionContext()
    ctx.from_pydict({"a": [1]}, name="t")
    with pytest.raises(RuntimeError, match="Cannot drop schema public"):
        ctx.catalog().deregister_schema("public", cascade=False)
    ctx.catalog().deregister_schema("public")
    assert ctx.catalog().schema_names() == set()


def test_schema_that_was_there_is_returned() -> None:
    catalog = planwire.SessionContext().catalog()
    before = catalog.register_schema("public", planwire.catalog.Schema.memory_schema())
    assert repr(before) == "Schema(table_names=[])"
    assert catalog.deregister_schema("no schema") is None


def test_unknown_names_list_the_known_ones() -> None:
    ctx = planwire.SessionContext()
    ctx.from_pydict({"a": [1]}, name="t")
    for lookup, known in (
        (ctx.catalog, "datafusion"),
        (ctx.catalog().schema, "public"),
        (ctx.catalog().schema().table, "t"),
        (ctx.table_provider, "t"),
    ):
        with pytest.raises(KeyError, match=f'named .*unknown.*, known are .*"{known}"'):
            lookup("unknown")


def test_table_of_one_session_is_registered_with_another() -> None:
    first, second = planwire.SessionContext(), planwire.SessionContext()
    first.from_pydict({"a": [1, 2]}, name="t")
    second.register_table("u", first.table_provider("t"))
    second.catalog().schema().register_table("V", first.table("t").filter("a > 1"))
    assert second.table("u").to_pydict() == {"a": [1, 2]}
    assert second.table('"V"').to_pydict() == {"a": [2]}


@each_package
def test_defaults_are_where_short_names_are_looked_up(package: Any) -> None:
    config = package.SessionConfig().with_default_catalog_and_schema("lake", "raw")
    ctx = package.SessionContext(config)
    ctx.from_pydict({"a": [1]}, name="t")
    assert ctx.sql("select a from lake.raw.t").to_pydict() == {"a": [1]}


@each_package
def test_session_may_start_without_a_catalog(package: Any) -> None:
    config = package.SessionConfig().with_create_default_catalog_and_schema(False)
    assert package.SessionContext(config).catalog_names() == set()
