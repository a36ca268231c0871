"""What came of a query on one trip."""

from __future__ import annotations

from dataclasses import dataclass

SAME, REFUSED, FAILED, HANGS, UNSTEADY = "same", "refused", "failed on arrival", "hangs", "unsteady"
ROWS, SCHEMA, TEXT = "rows", "schema", "plan text"

# What arrives is not what was sent.
FAULTS = (ROWS, SCHEMA, TEXT, FAILED, HANGS)


@dataclass(frozen=True)
class Outcome:
    """What came of a query in one form, run in one way."""

    query: str
    form: str
    way: str
    kind: str
    detail: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether what arrived was not what was sent."""
        return self.kind in FAULTS

    def __str__(self) -> str:
        return f"{self.query} as {self.form}, {self.way}: {self.kind} {self.detail}"


def said(error: BaseException | None) -> str:
    """An error and its causes, each by its class and its first line."""
    parts = []
    while error is not None:
        text = str(error).strip().splitlines()
        parts.append(f"{type(error).__name__}: {text[0] if text else ''}")
        error = error.__cause__
    return " <- ".join(parts)
