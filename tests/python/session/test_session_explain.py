"""Statements about queries and tables are shown in each way that a query is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import planwire
import pytest


def shown(frame: planwire.DataFrame, capsys: Any) -> str:
    frame.show()
    return capsys.readouterr().out  # type: ignore[no-any-return]


WAYS: dict[str, Callable[[planwire.DataFrame, Any], str]] = {
    "show": shown,
    "repr": lambda frame, capsys: repr(frame),
    "html": lambda frame, capsys: frame._repr_html_(),
}


@pytest.fixture
def ctx() -> planwire.SessionContext:
    config = planwire.SessionConfig().with_information_schema(enabled=True)
    ctx = planwire.SessionContext(config)
    ctx.from_pydict({"a": [1, 2, 3]}, name="t")
    return ctx


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("EXPLAIN SELECT a FROM t", "logical_plan"),
        ("EXPLAIN VERBOSE SELECT a FROM t", "logical_plan"),
        ("EXPLAIN ANALYZE SELECT a FROM t", "Plan with Metrics"),
        ("EXPLAIN FORMAT TREE SELECT a FROM t", "DataSourceExec"),
        ("EXPLAIN FORMAT INDENT SELECT a FROM t", "logical_plan"),
        ("SHOW TABLES", "BASE TABLE"),
        ("SHOW COLUMNS FROM t", "Int64"),
        ("SHOW datafusion.execution.batch_size", "batch_size"),
        ("SHOW ALL", "datafusion"),
        ("DESCRIBE t", "Int64"),
        ("DESCRIBE SELECT a FROM t", "Int64"),
    ],
)
def test_statement_is_shown(
    ctx: planwire.SessionContext, capsys: Any, statement: str, text: str, way: str
) -> None:
    assert text in WAYS[way](ctx.sql(statement), capsys)


def test_explanation_is_cut_to_the_rows_that_are_asked_for(
    ctx: planwire.SessionContext, capsys: Any
) -> None:
    explained = ctx.sql("EXPLAIN SELECT a FROM t")
    assert len(explained.to_pydict()["plan_type"]) == 2
    explained.show(1)
    assert "logical_plan" in (printed := capsys.readouterr().out)
    assert "physical_plan" not in printed
    many = repr(ctx.sql("EXPLAIN VERBOSE SELECT a FROM t"))
    assert many.endswith("and more rows")
