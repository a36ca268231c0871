"""Accumulators: the state of an aggregate function for one group."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


class Accumulator(metaclass=ABCMeta):
    """The state of one aggregate over the rows of one group.

    Rows arrive by `update`. If a group is spread over partitions, the `state` of one accumulator
    goes to the `merge` of another, so both have to agree with the declared state types.

    Raises:
        TypeError: A subclass that lacks a method is instantiated.

    Example:
        >>> import pyarrow as pa, pyarrow.compute as pc
        >>> from planwire import Accumulator, SessionContext, col, udaf
        >>> class Longest(Accumulator):
        ...     def __init__(self):
        ...         self.longest = 0
        ...     def update(self, words):
        ...         lengths = pc.utf8_length(words)
        ...         self.longest = max(self.longest, pc.max(lengths).as_py() or 0)
        ...     def state(self):
        ...         return [self.longest]
        ...     def merge(self, states):
        ...         self.longest = max(self.longest, pc.max(states[0]).as_py() or 0)
        ...     def evaluate(self):
        ...         return self.longest
        >>> longest = udaf(Longest, pa.string(), pa.int64(), [pa.int64()], "immutable")
        >>> df = SessionContext().from_pydict({"word": ["plan", "wire", "expression"]})
        >>> df.aggregate([], longest(col("word")).alias("n")).to_pydict()
        {'n': [10]}
    """

    # The public path, because messages refer to it.
    __module__ = "planwire"

    @abstractmethod
    def update(self, *values: pa.Array) -> None:
        """Take in rows.

        Args:
            values: One array for each argument, all of the same length.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError

    @abstractmethod
    def merge(self, states: list[pa.Array]) -> None:
        """Take in the states of other accumulators of the group.

        Args:
            states: One array for each state type, with a value for each other accumulator.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError

    @abstractmethod
    def state(self) -> list[Any]:
        """Return what `merge` needs: one value for each state type.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError

    @abstractmethod
    def evaluate(self) -> Any:
        """Return the aggregate, as a `pyarrow.Scalar` or a Python value of the return type.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError
