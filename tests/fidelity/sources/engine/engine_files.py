"""The queries of DataFusion's own test files, each in the session that its file has made so far."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import package
from query import Query
from sources.engine import registry, sqllogic, stand_ins
from sources.select_list import select_list

# What decides how fast a plan runs, and over how many partitions, but not what its rows are. Each
# receiver has it as the sender has: rows without an order come as its partitions bring them.
_PACE = re.compile(
    r"^\s*(re)?set\s+datafusion\.(optimizer\.|execution\.(target_partitions|batch_size|"
    r"collect_statistics|coalesce_batches|soft_max_rows|meta_fetch|minimum_parallel|skip_partial|"
    r"enable_recursive|split_file_groups|sort_|spill|use_row_number))",
    re.IGNORECASE,
)
_READS = re.compile(r"^[\s(]*(select|with|values|table|from|explain|show|describe|execute)\b", re.I)
# Times and metrics, which differ at each run.
_UNSTEADY = re.compile(r"\bexplain\s+analyze\b|\bexplain\s+verbose\b", re.IGNORECASE)


def names() -> list[str]:
    """The files."""
    root = registry.crate() / "test_files"
    return [path.relative_to(root).as_posix() for path in registry.files()]


def queries(name: str, folder: Path) -> Iterator[Query]:
    """Runs the statements of a file in order, and yields its queries between them."""
    root = registry.crate() / "test_files"
    os.chdir(stand_ins.furnish(folder, root, name))
    ctx = package.session()
    stand_ins.register(ctx, name)
    pace: list[str] = []
    for step in sqllogic.steps(root / name, root):
        if step.is_query and _READS.match(step.sql):
            if not _UNSTEADY.search(step.sql):
                select = select_list(step.sql, ctx)
                yield Query(f"slt/{step.place}", step.sql, ctx, tuple(pace), select)
            continue
        try:
            ctx.sql(step.sql).collect()
        except Exception:
            continue
        if _PACE.match(step.sql):
            pace.append(step.sql)
