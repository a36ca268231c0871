"""The differences that are known, each with a reason, and what goes stale among them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from outcome import Outcome

FILE = Path(__file__).with_name("known.json")


@dataclass(frozen=True)
class Difference:
    """What may differ: in a form and by its detail, and the query that shows that it still does."""

    form: str
    kind: str
    detail: str
    shown_by: str
    reason: str

    def covers(self, outcome: Outcome) -> bool:
        """Whether an outcome is this difference."""
        return (
            outcome.form == self.form
            and outcome.kind == self.kind
            and re.search(self.detail, outcome.detail) is not None
        )


def differences() -> list[Difference]:
    """The list."""
    return [Difference(**entry) for entry in json.loads(FILE.read_text(encoding="utf-8"))]


def unknown(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The faults that are not on the list."""
    known = differences()
    return [
        outcome
        for outcome in outcomes
        if outcome.is_fault and not any(difference.covers(outcome) for difference in known)
    ]


def stale(tried: set[tuple[str, str]], outcomes: Iterable[Outcome]) -> list[Difference]:
    """The entries whose query was sent in their form, and that did not differ."""
    shown: set[Difference] = set()
    asked = [each for each in differences() if (each.shown_by, each.form) in tried]
    for outcome in outcomes:
        shown |= {each for each in asked if outcome.query == each.shown_by and each.covers(outcome)}
    return [each for each in asked if each not in shown]
