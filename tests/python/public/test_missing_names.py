"""A name of another library says which name does the same here."""

from __future__ import annotations

import re
from typing import Any

import planwire
import pytest
from planwire import SessionContext
from planwire._base import missing


def frame() -> planwire.DataFrame:
    return SessionContext().from_pydict({"price": [1], "a": [2]}, name="t")


@pytest.mark.parametrize(
    ("holder", "name", "text"),
    [
        (frame(), "group_by", "a DataFrame has no attribute 'group_by': use aggregate("),
        (frame(), "groupby", "use aggregate(group_by, aggs)"),
        (frame(), "where", "use filter"),
        (frame(), "withColumn", "use with_column"),
        (frame(), "selct", "similar names are select"),
        (frame(), "price", "the column is col('price')"),
        (frame(), "xyzzy", "a DataFrame has no attribute 'xyzzy'"),
        (SessionContext(), "createDataFrame", "a SessionContext has no attribute"),
        (SessionContext(), "qsl", "similar names are sql"),
        (planwire, "udtf", "use a session of the datafusion wheel"),
        (planwire, "SessionContex", "similar names are SessionContext"),
    ],
)
def test_name_that_is_not_there_says_what_is(holder: Any, name: str, text: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(text)):
        getattr(holder, name)


@pytest.mark.parametrize(
    ("table", "holder"),
    [
        (missing._OF_FRAME, planwire.DataFrame),
        (missing._OF_SESSION, planwire.SessionContext),
        (missing._OF_PACKAGE, planwire),
    ],
)
def test_table_of_names_names_what_is_there(table: dict[str, str], holder: Any) -> None:
    for name, remedy in table.items():
        assert not hasattr(holder, name), name
        kinds = (holder, planwire, planwire.SessionContext, planwire.Expr)
        known = {known for kind in kinds for known in dir(kind)}
        named = re.findall(r"[a-z]+(?:_[a-z]+)+|^\w+$", remedy)
        assert {word for word in named if word != "group_by"} <= known, name


def test_names_from_outside_are_short_and_escaped() -> None:
    with pytest.raises(AttributeError) as error:
        getattr(frame(), "\u202e" + "x" * 10_000)
    assert len(str(error.value)) < 200
    assert "\u202e" not in str(error.value)
    hidden = SessionContext().from_pydict({"\u202ea": [1]})
    with pytest.raises(AttributeError) as error:
        getattr(hidden, "\u202ea")
    assert str(error.value) == "a DataFrame has no attribute '\\u{202e}a'"


def test_protocols_of_other_libraries_are_not_there() -> None:
    for name in ("__array__", "_repr_latex_", "__len__"):
        assert not hasattr(frame(), name)
