"""Reports and counts: what an encode takes, and what a process has done with payloads."""

from __future__ import annotations

from typing import Any

import planwire
import pytest
from planwire import Expr, SessionContext, col, encode_report
from planwire import functions as f

from support import kinds

pytestmark = pytest.mark.inline


def counts(name: str = "python") -> tuple[int, int, int]:
    """What this process has encoded, decoded and refused so far."""
    (family,) = [family for family in SessionContext().families() if family.name == name]
    return family.encoded, family.decoded, family.refused


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_report_tells_inline_from_by_name(kind: str, strict: planwire.SessionContext) -> None:
    function = kinds.make(kind)
    values: list[Any] = [function, kinds.call(function)]
    frame = SessionContext().from_pydict({"a": [1]})
    if kind == "scalar":
        query = frame.select(function(f.abs(col("a"))))
        values += [query.logical_plan(), query.execution_plan()]
    for value in values:
        (inline,) = [c for c in encode_report(value).inline if c.carrier == "python"]
        assert (inline.name, inline.kind) == ("crossing", f"{kind} UDF")
        assert 100 < inline.size < encode_report(value).size == len(value.to_bytes())

        report = encode_report(value, strict)
        assert "crossing" in [c.name for c in report.by_name]
        assert "python" not in [c.carrier for c in report.inline]


def test_report_counts_the_table_of_a_frame() -> None:
    frame = SessionContext().from_pydict({"a": list(range(1000))})
    report = encode_report(frame)
    (table,) = report.inline
    assert (table.kind, table.carrier) == ("table provider", "arrow")
    assert 8000 < table.size < report.size


def test_report_raises_what_encoding_raises() -> None:
    with pytest.raises(TypeError, match="int has no message"):
        encode_report(1)  # type: ignore[arg-type]
    with pytest.raises(planwire.EncodeError):
        encode_report(kinds.call(kinds.make("scalar")), SessionContext().with_limits(payload=1))


def test_payloads_are_counted(strict: planwire.SessionContext) -> None:
    before = counts()
    message = kinds.call(kinds.make("scalar")).to_bytes()
    Expr.from_bytes(message)
    with pytest.raises(planwire.InlineRefused):
        Expr.from_bytes(message, strict)
    assert counts() == tuple(number + 1 for number in before)
