"""Time what guards cost: decoding and encoding an expression with a function of a kilobyte.

All modes are measured in one process, in turns, so that what else the machine does falls on each of
them. What is printed is the median over the rounds, and its ratio to the same work without a guard.

Run it with `cargo xtask bench guard`: a debug build takes many times as long to verify.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

import comparison
from planwire import Expr, SessionContext, col, guard, inspect, udf

if TYPE_CHECKING:
    from collections.abc import Callable

AUDIENCE = "workers"
INT = pa.int64()

INLINE = "inline"
# The works, by the mode of the session.
DECODE = (INLINE, "signed, hmac-sha256", "signed, ed25519", "pinned")
ENCODE = (INLINE, "signed, hmac-sha256", "signed, ed25519")


@dataclass
class Measured:
    """The microseconds that one work took each time, in the order of the rounds."""

    work: str
    mode: str
    microseconds: list[float]
    ratio: float = 1.0

    @property
    def median(self) -> float:
        """The figure that stands for the rounds."""
        return median(self.microseconds)


def function() -> Any:
    """A function whose payload is a kilobyte."""

    def one_more(numbers: pa.Array) -> pa.Array:
        return pc.add(numbers, 1)

    return udf(one_more, [INT], INT, "immutable", "one_more")


def keys(algorithm: str) -> tuple[guard.Keyring, guard.Keyring]:
    """A keyring that signs and one that verifies."""
    signs, verifies = guard.generate_key(algorithm, "bench")
    return guard.Keyring.from_text(signs), guard.Keyring.from_text(verifies)


def session(mode: guard.Guard | None) -> SessionContext:
    """A session with a guard, or with none."""
    ctx = SessionContext()
    return ctx if mode is None else ctx.with_family("python", mode)


def works() -> tuple[dict[tuple[str, str], Callable[[], object]], int]:
    """What is timed, and the bytes of the payload."""
    expr = function()(col("a"))
    plain = expr.to_bytes()
    reading = inspect(plain).readings[0]
    payload = reading.parts[0]
    pinned = guard.pinned([str(payload.pin)])
    timed: dict[tuple[str, str], Callable[[], object]] = {}
    for mode in DECODE:
        if mode.startswith("signed"):
            signs, verifies = keys(mode.split()[-1])
            sender, receiver = (
                session(guard.signed(keyring, audience=AUDIENCE)) for keyring in (signs, verifies)
            )
        else:
            sender = session(None)
            receiver = session(pinned if mode == "pinned" else None)
        message = expr.to_bytes(sender)
        timed["decode", mode] = partial(Expr.from_bytes, message, receiver)
        if mode in ENCODE:
            timed["encode", mode] = partial(expr.to_bytes, sender)
    kilobyte = bytes(1024)
    for algorithm in ("hmac-sha256", "ed25519"):
        signs, verifies = keys(algorithm)
        sealed = guard.seal(kilobyte, signs, audience=AUDIENCE)
        timed["open 1 KiB", algorithm] = partial(guard.open, sealed, verifies, audience=AUDIENCE)
    timed["SHA-256 of 1 KiB", "hashlib"] = lambda: hashlib.sha256(kilobyte).digest()
    return timed, payload.size


def measure(rounds: int, calls: int) -> tuple[list[Measured], int]:
    """Times all works in turns."""
    timed, size = works()
    found = {work: Measured(*work, microseconds=[]) for work in timed}
    for _ in range(rounds):
        for work, call in timed.items():
            call()
            start = time.perf_counter()
            for _ in range(calls):
                call()
            taken = time.perf_counter() - start
            found[work].microseconds.append(taken / calls * 1e6)
    for measured in found.values():
        without = found.get((measured.work, INLINE))
        if without is not None:
            measured.ratio = measured.median / without.median
    return list(found.values()), size


def table(results: list[Measured]) -> list[str]:
    """The figures as lines of Markdown."""
    rows = (
        (found.work, found.mode, f"{found.median:,.1f} µs", f"{found.ratio:.2f}")
        for found in results
    )
    return comparison.table(("work", "mode", "median", "ratio"), 2, rows)


SECTION = """\
## Guards

An expression with one function, whose payload has {payload:,} bytes, decoded and encoded with and \
without a guard; [guard.py](../py-bindings/benches/guard.py).

Measured on {date}, on a machine with {cores} cores ({machine}): CPython {python}, \
planwire's release build.
Each figure is the median of {rounds} rounds of {calls:,} calls, taken in turns in one process; \
a ratio is to the same work without a guard.

{figures}
"""


def main() -> None:
    """Reads the arguments, measures, and prints."""
    parser = comparison.arguments(__doc__, rounds=9)
    parser.add_argument("--calls", type=int, default=1000, help="calls in a round")
    options = parser.parse_args()
    results, size = measure(options.rounds, options.calls)
    figures = [asdict(found) for found in results]
    comparison.show(options, figures, table(results), SECTION, calls=options.calls, payload=size)


if __name__ == "__main__":
    main()
