"""F5: The text of an error doubles with each level that an expression nests."""

from __future__ import annotations

import resource
from typing import Any

import message
from scenario import Seen, broken, run

LONGEST_TEXT = 9 * 1024
# Little, so that doubling comes to its end soon.
ADDRESS_SPACE = 3 << 30
MOST_MEMORY = 48


def refused(package: Any, leaf: bytes, depth: int) -> Seen:
    """Decodes something that no session knows, in so many calls around it."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    nested = leaf
    for _ in range(depth):
        nested = message.call("abs", nested)
    package.Expr.from_bytes(message.call("abs", message.column("a")))
    before = megabytes()
    try:
        package.Expr.from_bytes(nested)
    except Exception as error:
        text, grown = len(str(error)), megabytes() - before
        told = f"{text:,} characters, {grown} MB, for {len(nested):,} bytes"
        return Seen(text <= LONGEST_TEXT and grown <= MOST_MEMORY, told)
    return broken("decoded")


def megabytes() -> int:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def function_24_deep(package: Any) -> Seen:
    """A function that nobody registered."""
    return refused(package, message.call("unknown", message.column("a")), 24)


def function_30_deep(package: Any) -> Seen:
    """The same, a few levels deeper."""
    return refused(package, message.call("unknown", message.column("a")), 30)


def operator_30_deep(package: Any) -> Seen:
    """An operator that does not exist."""
    return refused(package, message.operands("Unknown", [message.column("a")] * 2), 30)


if __name__ == "__main__":
    run(function_24_deep, function_30_deep, operator_30_deep)
