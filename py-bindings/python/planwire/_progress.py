"""The progress of a running query, and the bar that shows it."""

from __future__ import annotations

import importlib
import shutil
import sys
from dataclasses import dataclass
from typing import Any

__all__ = ["Bar", "OperatorProgress", "Progress", "StageProgress"]


@dataclass(frozen=True)
class OperatorProgress:
    """The progress of one operator of a query.

    Attributes:
        name: The operator's name in the physical plan, e.g. ``"FilterExec"``.
        depth: Its depth below the top of the plan.
        rows: The rows it has produced so far.
        batches: The batches it has produced so far.
        expected_rows: The rows it will produce, if it is a source that knows the number.

    Example:
        >>> from planwire import SessionContext
        >>> seen = []
        >>> _ = SessionContext().from_pydict({"a": [1, 2]}).collect(progress=seen.append)
        >>> seen[-1].operators
        (OperatorProgress(name='DataSourceExec', depth=0, rows=2, batches=1, expected_rows=2),)
    """

    name: str
    depth: int
    rows: int
    batches: int
    expected_rows: int | None


@dataclass(frozen=True)
class StageProgress:
    """The progress of one stage of a query on a cluster.

    Attributes:
        stage: The stage's number, as ``explain`` has it.
        partitions: The number of its partitions.
        partitions_done: The number of those whose tasks have ended.

    Example:
        >>> from planwire.dataframe import StageProgress
        >>> StageProgress(stage=1, partitions=4, partitions_done=3).done
        False
    """

    stage: int
    partitions: int
    partitions_done: int

    @property
    def done(self) -> bool:
        """Whether all of its partitions are done."""
        return self.partitions_done == self.partitions


@dataclass(frozen=True)
class Progress:
    """The progress of a query.

    Attributes:
        seconds: The time since it was started.
        operators: The operators of its physical plan, from the top down; empty until it is planned.
        done: Whether it has ended, with success or not; no further progress is reported.
        failed: Whether it has failed or was interrupted.
        stages: The stages of a query on a cluster; the operators then have the rows and batches of
            the tasks that have ended. Empty until it is planned, and without a cluster.

    Example:
        >>> from planwire import SessionContext
        >>> seen = []
        >>> _ = SessionContext().from_pydict({"a": [1, 2]}).collect(progress=seen.append)
        >>> seen[-1].done, seen[-1].failed, seen[-1].rows, seen[-1].rows_read
        (True, False, 2, 2)
    """

    seconds: float
    operators: tuple[OperatorProgress, ...]
    done: bool
    failed: bool
    stages: tuple[StageProgress, ...] = ()

    @property
    def rows(self) -> int:
        """The rows that the query has produced, or written."""
        outside = (operator.rows for operator in self.operators if operator.name != "DataSinkExec")
        return next(outside, 0)

    @property
    def rows_read(self) -> int:
        """The rows that the sources, at the bottom of the plan, have produced."""
        return sum(source.rows for source in self._sources())

    @property
    def fraction_read(self) -> float | None:
        """The fraction of their rows that the sources have produced, if all know their number.

        A query may work on after it has read everything, and a limit may end it before.
        """
        expected = [source.expected_rows for source in self._sources()]
        known = [rows for rows in expected if rows is not None]
        if not sum(known) or len(known) < len(expected):
            return None
        return min(self.rows_read / sum(known), 1.0)

    def _sources(self) -> list[OperatorProgress]:
        # An operator stands right above those that feed it, which are deeper.
        depths = [operator.depth for operator in self.operators]
        following = [*depths, 0][1:]
        return [
            operator
            for operator, depth in zip(self.operators, following, strict=True)
            if depth <= operator.depth
        ]


class Bar:
    """A line that shows how far a query is: on a terminal's stderr, or below a notebook's cell.

    It writes nothing anywhere else.

    Example:
        >>> from planwire import SessionContext
        >>> SessionContext().from_pydict({"a": [1, 2]}).count(progress=True)
        2
    """

    WIDTH = 20

    def __init__(self) -> None:
        self._written = 0
        self._shown: Any = None

    def __call__(self, progress: Progress) -> None:
        """Show how far the query is now."""
        text = self.text(progress)
        if _is_in_notebook():
            self._display(text)
        elif sys.stderr is not None and sys.stderr.isatty():
            self._write(text, progress.done)

    def text(self, progress: Progress) -> str:
        """Return the line for the progress of a query."""
        parts = [f"{progress.seconds:.1f} s", f"{progress.rows_read:,} rows read"]
        if progress.rows or progress.done:
            parts.append(f"{progress.rows:,} out")
        if progress.done:
            parts.append("failed" if progress.failed else "done")
        fraction = progress.fraction_read
        if progress.stages:
            ended = sum(stage.done for stage in progress.stages)
            parts.insert(1, f"{ended} of {len(progress.stages)} stages")
            partitions = sum(stage.partitions for stage in progress.stages)
            fraction = sum(stage.partitions_done for stage in progress.stages) / partitions
        line = ", ".join(parts)
        if fraction is None:
            return line
        full = int(fraction * self.WIDTH)
        return f"[{'#' * full}{'-' * (self.WIDTH - full)}] {fraction:4.0%}  {line}"

    def _write(self, text: str, is_last: bool) -> None:
        # A line that is as long as the terminal is wide would go on in the next one.
        text = text[: max(shutil.get_terminal_size().columns - 1, 1)]
        padding = " " * (self._written - len(text))
        self._written = len(text)
        sys.stderr.write(f"\r{text}{padding}" + ("\n" if is_last else ""))
        sys.stderr.flush()

    def _display(self, text: str) -> None:
        shown = {"text/plain": text}
        if self._shown is None:
            display = importlib.import_module("IPython.display").display
            self._shown = display(shown, raw=True, display_id=True)
        else:
            self._shown.update(shown, raw=True)


def _is_in_notebook() -> bool:
    """Whether a front end shows displayed objects, as Jupyter's does."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
