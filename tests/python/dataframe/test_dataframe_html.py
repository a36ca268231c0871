"""A notebook shows a data frame as a table, and nothing that is in it does anything there."""

from __future__ import annotations

from html.parser import HTMLParser

import planwire
import pyarrow as pa
import pytest

HOSTILE = "<script>alert('x')</script>&amp;\"<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The elements of a page with their text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self.headers: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)
        if tag in {"td", "th"}:
            (self.cells if tag == "td" else self.headers).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if "td" in self.open:
            self.cells[-1] += text
        elif "th" in self.open and "small" not in self.open:
            self.headers[-1] += text


def html(table: pa.Table) -> str:
    return planwire.SessionContext().from_arrow(table)._repr_html_()


def test_table_has_names_types_and_values() -> None:
    text = html(pa.table({"a": [1, None], "B b": ["x", "y"]}))
    page = Page(text)
    assert page.headers == ["a", "B b"]
    assert page.cells == ["1", "x", "null", "y"]
    assert "Int64" in text
    assert "Utf8" in text


@pytest.mark.parametrize("place", ["value", "name", "field of a struct", "dictionary"])
def test_nothing_in_the_data_is_read_as_html(place: str) -> None:
    table = {
        "value": pa.table({"a": [HOSTILE]}),
        "name": pa.table({HOSTILE: [1]}),
        "field of a struct": pa.table({"a": [{HOSTILE: HOSTILE}]}),
        "dictionary": pa.table({"a": pa.array([HOSTILE]).dictionary_encode()}),
    }[place]
    text = html(table)
    page = Page(text)
    assert "<script" not in text
    assert page.tags <= {"div", "style", "table", "thead", "tbody", "tr", "th", "td", "br", "small"}
    assert page.attributes <= {"class"}
    assert len(page.cells) == len(page.headers) == 1
    if place in {"value", "name"}:
        assert (page.cells + page.headers).count(HOSTILE) == 1


def test_long_values_are_cut() -> None:
    page = Page(html(pa.table({"a": ["x" * 80, "é" * 81], "n" * 1000: ["<" * 1000] * 2})))
    assert page.cells == ["x" * 80, "<" * 80 + "…", "é" * 80 + "…", "<" * 80 + "…"]
    assert page.headers == ["a", "n" * 80 + "…"]


def test_control_characters_are_shown_as_such() -> None:
    page = Page(html(pa.table({"a": ["a\0b\x1b[31m\n"]})))
    assert page.cells == ["a\ufffdb\ufffd[31m\ufffd"]


@pytest.mark.parametrize(("rows", "more"), [(0, False), (20, False), (21, True), (100_000, True)])
def test_first_rows_are_shown(rows: int, more: bool) -> None:
    text = html(pa.table({"a": pa.array(range(rows), pa.int64())}))
    assert Page(text).cells == [str(row) for row in range(min(rows, 20))]
    assert ("and more rows" in text) == more


def test_every_type_has_a_text() -> None:
    table = pa.table(
        {
            "n": pa.nulls(1),
            "f": [float("nan")],
            "d": pa.array([1], pa.date32()),
            "t": pa.array([1], pa.timestamp("ns", "UTC")),
            "b": [b"\xff"],
            "l": [[1, None]],
            "m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())),
        }
    )
    assert Page(html(table)).cells == [
        "null",
        "NaN",
        "1970-01-02",
        "1970-01-01T00:00:00.000000001Z",
        "ff",
        "[1, ]",
        "{k: 1}",
    ]
