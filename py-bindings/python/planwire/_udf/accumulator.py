"""Accumulators: the state of an aggregate function, for one group or for all of them."""

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


class GroupedAccumulator(metaclass=ABCMeta):
    """The state of one aggregate for all groups of a partition.

    Groups are numbered from 0 as they come, and one object keeps the state of all of them, for
    instance in a numpy array with a place for each group. It gets whole batches: with many groups
    that is far quicker than an `Accumulator` for each group.

    `state` and `evaluate` are asked about a slice of the groups, from the first one that was not
    asked about before. Rows of these groups do not come again, unless it is asked within a window.
    What is returned is copied, so the object may go on changing its arrays.

    Raises:
        TypeError: A subclass that lacks a method is instantiated.

    Example:
        >>> import numpy as np, pyarrow as pa
        >>> from planwire import GroupedAccumulator, SessionContext, col, udaf
        >>> class Total(GroupedAccumulator):
        ...     def __init__(self):
        ...         self.totals = np.zeros(0)
        ...     def update(self, groups, count, values):
        ...         self.totals.resize(count)
        ...         np.add.at(self.totals, groups.to_numpy(), values.to_numpy())
        ...     def merge(self, groups, count, states):
        ...         self.update(groups, count, states[0])
        ...     def state(self, which):
        ...         return [pa.array(self.totals[which])]
        ...     def evaluate(self, which):
        ...         return pa.array(self.totals[which])
        >>> total = udaf(Total, pa.float64(), pa.float64(), [pa.float64()], "immutable")
        >>> df = SessionContext().from_pydict({"key": ["a", "b", "a"], "x": [1.0, 2.0, 4.0]})
        >>> df.aggregate(["key"], [total(col("x")).alias("sum")]).sort("key").to_pydict()
        {'key': ['a', 'b'], 'sum': [5.0, 2.0]}
    """

    # The public path, because messages refer to it.
    __module__ = "planwire"

    def is_grouped(self) -> bool:
        """Return that the object keeps the state of all groups."""
        return True

    @abstractmethod
    def update(self, groups: pa.Int64Array, count: int, *values: pa.Array) -> None:
        """Take in rows.

        Args:
            groups: The number of each row's group; without nulls.
            count: The number of groups so far, which includes groups that have no rows, because
                a `FILTER` left them out.
            values: One array for each argument, as long as `groups`.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError

    @abstractmethod
    def merge(self, groups: pa.Int64Array, count: int, states: list[pa.Array]) -> None:
        """Take in states of other accumulators.

        Args:
            groups: The number of the group that each state belongs to; without nulls.
            count: The number of groups so far.
            states: One array for each state type, as long as `groups`.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError

    @abstractmethod
    def state(self, which: slice) -> list[pa.Array]:
        """Return what `merge` needs: one array for each state type.

        Args:
            which: The groups to answer for, e.g. `slice(0, 8192)`.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError

    @abstractmethod
    def evaluate(self, which: slice) -> pa.Array:
        """Return the aggregate of groups, as an array of the return type.

        Args:
            which: The groups to answer for, e.g. `slice(0, 8192)`.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError
