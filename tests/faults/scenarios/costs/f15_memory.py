"""F15: A large closure is held in memory many times over while it crosses."""

from __future__ import annotations

import os
import resource
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

import functions
from scenario import Seen, broken, run

SIZE = 50 << 20
# Once, and what else a process needs meanwhile.
MOST = 1.25


def holding(package: Any, held: bytes) -> Any:
    """A call of a function that closes over bytes."""

    def size(numbers: pa.Array) -> pa.Array:
        return pa.array([len(held)] * len(numbers))

    function = package.udf(size, [functions.NUMBER], functions.NUMBER, "immutable", "size")
    return function(package.col("a"))


def session(package: Any) -> Any:
    """A session that lets as much cross, in the frames that only planwire reads."""
    ctx = package.SessionContext()
    if not hasattr(ctx, "with_limits"):
        return ctx
    return ctx.with_limits(payload=2 * SIZE).with_frames("python", "native")


def answer(package: Any, encoded: bytes, ctx: Any) -> int:
    """What an encoded call gives for one row."""
    expr = package.Expr.from_bytes(encoded, ctx)
    rows = ctx.from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()
    return int(rows["r"][0])


def encoding(package: Any) -> Seen:
    """Encodes it."""
    ctx = session(package)
    holding(package, b"").to_bytes(ctx)
    expr = holding(package, os.urandom(SIZE))
    before = peak()
    expr.to_bytes(ctx)
    return grown(before)


def decoding(package: Any) -> Seen:
    """Decodes and calls it, in a process that holds the message and nothing else."""
    ctx = session(package)
    with tempfile.NamedTemporaryFile() as file:
        if os.fork() == 0:
            try:
                file.write(holding(package, os.urandom(SIZE)).to_bytes(ctx))
                file.flush()
            finally:
                os._exit(0)
        os.wait()
        answer(package, holding(package, b"").to_bytes(ctx), ctx)
        encoded = Path(file.name).read_bytes()
    before = peak()
    if (found := answer(package, encoded, ctx)) != SIZE:
        return broken(f"{found}, not {SIZE}")
    return grown(before)


def peak() -> int:
    """The most memory this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def grown(before: int) -> Seen:
    """How much the peak has grown, in terms of the closure's size."""
    times = (peak() - before) / SIZE
    return Seen(times <= MOST, f"{times:.1f} times the closure's {SIZE >> 20} MB")


if __name__ == "__main__":
    run(encoding, decoding)
