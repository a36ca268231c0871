"""Tables in files, physical plans over them, and what comes of a plan that is run in some way."""

from __future__ import annotations

import asyncio
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from scenario import Seen, broken, kept

# Seconds that a plan may run.
PATIENCE = 5

_Answer = TypeVar("_Answer")

Row = dict[str, Any]


@functools.cache
def folder() -> Path:
    """A folder for the files of this process, which is not removed before its end."""
    return Path(tempfile.mkdtemp())


def session(package: Any, partitions: int = 2) -> Any:
    """A session that plans for so many partitions."""
    return package.SessionContext(package.SessionConfig().with_target_partitions(partitions))


def register(ctx: Any, name: str, files: list[pa.Table]) -> None:
    """Registers a table of so many Parquet files."""
    home = folder() / name
    home.mkdir(exist_ok=True)
    for number, rows in enumerate(files):
        pq.write_table(rows, home / f"{number}.parquet")
    ctx.register_parquet(name, str(home))


def numbers(ctx: Any, files: int = 4, rows: int = 5) -> None:
    """A table `t` of a column `k`, which counts from zero through the files."""
    parts = [list(range(part * rows, part * rows + rows)) for part in range(files)]
    register(ctx, "t", [pa.table({"k": part}) for part in parts])


def crossed(package: Any, ctx: Any, sql: str) -> Any:
    """The plan of a query, encoded and decoded."""
    return decoded(package, ctx.sql(sql).execution_plan().to_bytes(ctx))


def decoded(package: Any, message: bytes) -> Any:
    """A plan, by a session that knows nothing."""
    return package.ExecutionPlan.from_bytes(package.SessionContext(), message)


def partition(package: Any, plan: Any, number: int) -> list[Row]:
    """The rows of one partition."""

    async def read() -> list[Row]:
        stream = package.SessionContext().execute(plan, number)
        return [row async for batch in stream for row in batch.to_pyarrow().to_pylist()]

    return asyncio.run(asyncio.wait_for(read(), PATIENCE))


def rows(package: Any, plan: Any) -> list[Row]:
    """The rows of all partitions, one after the other, sorted."""
    found = [
        row for number in range(plan.partition_count) for row in partition(package, plan, number)
    ]
    return sorted(found, key=repr)


def same(found: Callable[[], _Answer], wanted: _Answer) -> Seen:
    """Whether a call gives what is wanted; an error is told, and is not."""
    try:
        answer = found()
    except TimeoutError:
        return broken(f"no end in {PATIENCE} s")
    except Exception as error:
        return broken(f"{type(error).__name__}: {error}"[:100])
    return kept("right") if answer == wanted else broken(f"{answer}, not {wanted}"[:160])


def counted(found: Callable[[], list[Row]], wanted: list[Row]) -> Seen:
    """Whether a call gives the rows that are wanted; if not, how many it gives."""
    counts: list[int] = []

    def noted() -> list[Row]:
        answer = found()
        counts.append(len(answer))
        return answer

    seen = same(noted, wanted)
    return seen if seen.kept or not counts else broken(f"{counts[0]} rows for {len(wanted)}")


def same_or_refused(
    encode: Callable[[], bytes], decode: Callable[[bytes], _Answer], wanted: _Answer, naming: str
) -> Seen:
    """Whether a plan is carried, or refused where it is encoded, by an error with a name in it."""
    try:
        message = encode()
    except Exception as error:
        told = f"{error} {error.__cause__}"
        return kept("refused") if naming in told else broken(f"refused: {told}"[:120])
    return same(lambda: decode(message), wanted)
