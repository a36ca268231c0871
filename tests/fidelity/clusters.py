"""The cluster on which queries are run: three executors on this machine."""

from __future__ import annotations

from functools import cache
from typing import Any

import package

EXECUTORS = 3


@cache
def _cluster() -> Any:
    options = {"datafusion.execution.target_partitions": str(package.PARTITIONS)}
    return package.tried.SessionContext.standalone_cluster(EXECUTORS, 1, options)


def run(plan: Any) -> Any:
    """The rows of a logical plan, as a table."""
    return _cluster().create_dataframe_from_logical_plan(plan).to_arrow_table()
