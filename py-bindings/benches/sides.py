"""The sides that messages are measured on: planwire with each sort of frames, and the wheel."""

from __future__ import annotations

import importlib
import pickle
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

# planwire writes frames of version 1 unless a session says `native`; the wheel knows no others.
SIDES = ("planwire", "native", "datafusion")
INT = pa.int64()

# Larger than planwire's defaults; the wheel has no limits.
ROOM = {"message": 2**30, "inlined": 2**30, "payload": 2**30}


def one_more(step: int) -> Callable[[pa.Array], pa.Array]:
    """A function whose payload is a kilobyte, another one for each step."""

    def add(numbers: pa.Array) -> pa.Array:
        return pc.add(numbers, step)

    return add


class Side:
    """One of the packages, and what is called differently in them."""

    def __init__(self, name: str) -> None:
        self.is_wheel = name == "datafusion"
        self.name = name
        self.package: Any = importlib.import_module("datafusion" if self.is_wheel else "planwire")
        self.functions: Any = importlib.import_module(f"{self.package.__name__}.functions")
        self.ipc: Any = importlib.import_module(f"{self.package.__name__}.ipc")

    def session(self) -> Any:
        """A session that writes the frames of this side."""
        ctx = self.package.SessionContext()
        return ctx.with_frames("python", "native") if self.name == "native" else ctx

    def session_with_room(self) -> Any:
        """A session for large functions."""
        ctx = self.session()
        return ctx if self.is_wheel else ctx.with_limits(**ROOM)

    def udf(self, function: Callable[[pa.Array], pa.Array], name: str = "one_more") -> Any:
        """A scalar function of one number."""
        return self.package.udf(function, [INT], INT, "immutable", name)

    def frozen(self, udf: Any) -> Any:
        """The function with its pickle kept, which the wheel cannot do."""
        return udf if self.is_wheel else udf.freeze()

    def call(self, step: int = 1) -> Any:
        """An expression that calls a function with a payload of a kilobyte."""
        return self.udf(one_more(step))(self.package.col("a"))

    def many_calls(self, count: int) -> Any:
        """An expression that refers to one function many times."""
        udf = self.udf(one_more(1))
        return self.functions.make_array(*(udf(self.package.col("a")) for _ in range(count)))

    def built_in(self) -> Any:
        """An expression without functions in Python."""
        return self.functions.abs(self.package.col("a")) + self.package.lit(1)

    def decode(self, message: bytes, ctx: Any) -> Any:
        """The expression in a message."""
        return self.package.Expr.from_bytes(message, ctx)

    def pickled(self, function: Callable[[pa.Array], pa.Array]) -> Any:
        """What a frame has the pickle of.

        In version 1 this is the tuple of the name, the function, the schemas of arguments and
        result, and the volatility. In a native frame it is the function.
        """
        if self.name == "native":
            return function
        message = self.udf(function)(self.package.col("a")).to_bytes(self.session_with_room())
        # Behind the magic are the version of the frame and the stamp of Python, three bytes.
        blob = message[message.index(b"DFPYUDF") + 10 :]
        name, _, *others = pickle.loads(blob)
        return (name, function, *others)
