"""Evaluators: a window function for one partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


class WindowEvaluator:
    """A window function over the rows of one partition.

    The methods of the first two columns decide which method computes the results:

    ======================== ============================== ============================
    `uses_window_frame`      `supports_bounded_execution`   the method
    ======================== ============================== ============================
    False                    False                          `evaluate_all`
    False                    True                           `evaluate`, with `get_range`
    True                     True or False                  `evaluate`, with the frame
    ======================== ============================== ============================

    With `include_rank`, and without the other two, it is `evaluate_all_with_rank`.

    Example:
        >>> import pyarrow as pa, pyarrow.compute as pc
        >>> from planwire import SessionContext, WindowEvaluator, col, udwf
        >>> class Share(WindowEvaluator):
        ...     def evaluate_all(self, values, num_rows):
        ...         return pc.divide(values[0], pc.sum(values[0]))
        >>> share = udwf(Share, pa.float64(), pa.float64(), "immutable")
        >>> df = SessionContext().from_pydict({"k": ["x", "x", "y"], "v": [1.0, 3.0, 5.0]})
        >>> expr = share(col("v")).over(partition_by="k").alias("share")
        >>> df.select("v", expr).sort("v").to_pydict()
        {'v': [1.0, 3.0, 5.0], 'share': [0.25, 0.75, 1.0]}
    """

    # The public path, because messages refer to it.
    __module__ = "planwire"

    def memoize(self) -> None:
        """Drop values that later rows do not need, after each batch of a bounded execution."""

    def get_range(self, idx: int, num_rows: int) -> tuple[int, int]:
        """Return the rows that the result for one row needs; without a frame, that row itself.

        Args:
            idx: The row's position in the partition.
            num_rows: The number of the partition's rows.
        """
        return (idx, idx + 1)

    def is_causal(self) -> bool:
        """Return whether no result depends on later rows."""
        return False

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
        """Return the results for all rows of the partition.

        Args:
            values: One array for each argument.
            num_rows: The number of rows, for functions without arguments.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError(f"{type(self).__name__} has no evaluate_all")

    def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> Any:
        """Return the result for one row, as a `pyarrow.Scalar` or a Python value.

        Args:
            values: One array for each argument.
            eval_range: The first row of the frame or of `get_range`, and the one after its last.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError(f"{type(self).__name__} has no evaluate")

    def evaluate_all_with_rank(
        self, num_rows: int, ranks_in_partition: list[tuple[int, int]]
    ) -> pa.Array:
        """Return the results for all rows of the partition, from their ranks alone.

        Args:
            num_rows: The number of rows.
            ranks_in_partition: For each rank, its first row and the one after its last.

        Raises:
            NotImplementedError: Always, unless overridden.
        """
        raise NotImplementedError(f"{type(self).__name__} has no evaluate_all_with_rank")

    def supports_bounded_execution(self) -> bool:
        """Return whether results can be computed row by row, as rows arrive."""
        return False

    def uses_window_frame(self) -> bool:
        """Return whether the frame of the `OVER` clause matters."""
        return False

    def include_rank(self) -> bool:
        """Return whether results come from ranks alone."""
        return False
