"""A query at home: its answer, whether it gives the same one again, and what its order is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import answer
import package
from answer import Answer, Row

# Seconds that one way of running a query may take.
PATIENCE = 5.0

# How often a query is asked again where it was made, before what came back is other rows: one
# with rows to choose among may give the same ones twice.
REPEATED = 50

# Sums of floats depend on how the rows were divided.
_SUMS = re.compile(r"Aggregate|Window")


@dataclass(frozen=True)
class Query:
    """A query in the session it was made in."""

    name: str
    sql: str
    ctx: Any
    # Statements that a receiver runs first: about its pace, nothing that rows depend on.
    pace: tuple[str, ...] = ()
    # A table and a select list over it, whose expressions can be sent by themselves.
    select: Callable[[], tuple[Any, list[Any]]] | None = None
    # What makes the query, if not its SQL.
    make: Callable[[], Any] | None = None
    # What it leaves behind is its answer, if it writes.
    written: Callable[[], list[Row]] | None = None
    with_session: bool = True
    in_processes: bool = False

    def frame(self) -> Any:
        """The query, planned anew."""
        return self.make() if self.make else self.ctx.sql(self.sql)

    def receiver(self) -> Any:
        """A session that knows nothing of the one that the query was made in."""
        return package.session(self.pace)

    def answer(self, batches: Any, plan: str = "") -> Answer:
        """The answer that record batches are, or what running the query has written."""
        given = answer.of(batches, plan)
        return Answer(self.written(), [], None, plan) if self.written else given


@dataclass(frozen=True)
class Home:
    """The answer at home, by rows and by the physical plan, and how to compare with it."""

    frame: Answer
    physical: Answer
    # The columns by which the rows are sorted.
    keys: list[int]
    exact: bool


class Unsteady(Exception):
    """The query gives other rows at each run."""


def at_home(query: Query) -> Home:
    """Runs a query twice where it was made."""
    frame = query.frame()
    logical = frame.logical_plan()
    first = query.answer(frame.to_arrow_table())
    plan = query.frame().execution_plan()
    text = described(plan)
    second = query.answer(run(query.ctx, plan), text)
    keys = _keys(logical.display_indent(), first.columns)
    exact = not _SUMS.search(text)
    bare = Answer(first.rows, first.columns, None)
    if bare.difference(Answer(second.rows, second.columns, None), keys, exact):
        raise Unsteady
    return Home(first, second, keys, exact)


def is_steady(query: Query, home: Home) -> bool:
    """Whether a query gives its own rows each time where it was made, however often."""
    bare = Answer(home.frame.rows, home.frame.columns, None)

    def is_same() -> bool:
        again = answer.of(query.frame().to_arrow_table())
        return not bare.difference(Answer(again.rows, again.columns, None), home.keys, home.exact)

    if query.written:
        return True
    if not all(is_same() for _ in range(REPEATED)):
        return False
    if bare.columns == answer.EXPLAINED:
        return True
    # These never change rows, but for a fault of the engine.
    with _without_dynamic_filters(query.ctx):
        return is_same()


@contextmanager
def _without_dynamic_filters(ctx: Any) -> Iterator[None]:
    option = "datafusion.optimizer.enable_dynamic_filter_pushdown"
    try:
        (before,) = ctx.sql(f"SHOW {option}").to_pydict()["value"]
    except Exception:  # a session of the wheel has no information_schema unless it is asked for
        before = "true"
    ctx.sql(f"SET {option} = false")
    try:
        yield
    finally:
        ctx.sql(f"SET {option} = {before}")


def stated(plan: Any) -> str:
    """What a logical plan says of itself, with the options of COPY TO in one order."""

    def ordered(options: re.Match[str]) -> str:
        return f"options: ({', '.join(sorted(options[1].split(', ')))})"

    return re.sub(r"options: \(([^)]*)\)", ordered, plan.display_indent_schema())


def described(plan: Any) -> str:
    """What a physical plan says of itself."""
    text = f"{plan.display_indent()}\n{plan.partition_count} partitions"
    partitioning = getattr(plan, "output_partitioning", None)
    if partitioning is None:
        return text
    return f"{text}, {partitioning.scheme} {partitioning.hash_expressions}"


def run(ctx: Any, plan: Any) -> list[Any]:
    """Runs all partitions of a plan side by side."""

    async def all_of_them() -> list[list[Any]]:
        reads = [_read(ctx, plan, partition) for partition in range(plan.partition_count)]
        return await asyncio.wait_for(asyncio.gather(*reads), PATIENCE)

    return [batch for batches in asyncio.run(all_of_them()) for batch in batches]


def run_partition(ctx: Any, plan: Any, partition: int) -> list[Any]:
    """Runs one partition of a plan."""

    async def one_of_them() -> list[Any]:
        return await asyncio.wait_for(_read(ctx, plan, partition), PATIENCE)

    return asyncio.run(one_of_them())


async def _read(ctx: Any, plan: Any, partition: int) -> list[Any]:
    return [batch.to_pyarrow() async for batch in ctx.execute(plan, partition)]


def _keys(text: str, columns: list[str]) -> list[int]:
    """The columns by which the rows are sorted at the top of a logical plan."""
    lines = text.splitlines()
    while lines and re.match(r"\s*(Limit|SubqueryAlias):", lines[0]):
        lines.pop(0)
    found = re.match(r"\s*Sort: (.*?)(, fetch=\d+)?$", lines[0]) if lines else None
    keys: list[int] = []
    for part in re.split(r",(?![^(]*\))", found[1]) if found else []:
        name = re.sub(r" (ASC|DESC) NULLS (FIRST|LAST)$", "", part.strip())
        matches = [at for at, column in enumerate(columns) if column in (name, name.split(".")[-1])]
        if len(matches) != 1:
            break
        keys.append(matches[0])
    return keys
