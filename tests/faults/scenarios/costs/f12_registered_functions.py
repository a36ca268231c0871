"""F12: Decoding takes longer the more functions are registered."""

from __future__ import annotations

from typing import Any

import functions
import timing
from scenario import Seen, run

REGISTERED = 8_000


def many_registered(package: Any) -> Seen:
    """Decodes a call of a built-in function in two sessions."""
    encoded = package.functions.abs(package.col("a")).to_bytes()
    bare, full = package.SessionContext(), package.SessionContext()
    for number in range(REGISTERED):
        full.register_udf(functions.make(package, "scalar", name=f"f{number}"))
    with_none, with_all = (
        timing.best(lambda ctx=ctx: package.Expr.from_bytes(encoded, ctx), 20)  # type: ignore[misc]
        for ctx in (bare, full)
    )
    times = with_all / with_none
    return Seen(times < 2, f"{times:.1f} times as long with {REGISTERED:,} registered")


if __name__ == "__main__":
    run(many_registered)
