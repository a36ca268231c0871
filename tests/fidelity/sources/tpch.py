"""The 22 queries of TPC-H over Parquet files made here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import package
from query import Query
from sources.tpch_queries import QUERIES

# 6,000 lines of orders: enough for every query but a few to give rows.
SCALE = "0.001"
TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]


def queries(name: str, folder: Path) -> Iterator[Query]:
    """All queries, or the one with a number."""
    generate(folder)
    ctx = package.session()
    for table in TABLES:
        ctx.register_parquet(table, folder / f"{table}.parquet")
    for number, sql in enumerate(QUERIES, 1):
        if fnmatch(str(number), name or "*"):
            yield Query(f"tpch/{number}", sql, ctx)


def generate(folder: Path) -> None:
    """Makes the files."""
    program = Path(sys.executable).with_name("tpchgen-cli")
    options = [f"--scale-factor={SCALE}", "--quiet", f"--output-dir={folder}"]
    subprocess.run([program, "parquet", *options], check=True)
