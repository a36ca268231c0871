"""F25: A query that is sent is read under the options of the receiver."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import plans
from scenario import Seen, kept, run


def header_of_csv(package: Any) -> Seen:
    """Sends a query over a file without a header, which only the session knows."""
    path = plans.folder() / "t.csv"
    path.write_text("1\n2\n", encoding="utf-8")
    table = f"CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{path}'"
    sql = "SELECT column_1 AS r FROM t ORDER BY 1"
    return sent(package, "datafusion.catalog.has_header", "false", [table], sql)


def folders_below(package: Any) -> Seen:
    """Sends a query over files that lie in folders below."""
    below = plans.folder() / "p" / "below"
    below.mkdir(parents=True)
    for number, path in enumerate((below.parent / "0.parquet", below / "1.parquet")):
        pq.write_table(pa.table({"a": [number]}), path)
    table = f"CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{below.parent}/'"
    option = "datafusion.execution.listing_table_ignore_subdirectory"
    return sent(package, option, "false", [table], "SELECT a AS r FROM t ORDER BY 1")


def time_zone(package: Any) -> Seen:
    """Sends a query whose type depends on the time zone of the session."""
    sql = "SELECT arrow_typeof(to_timestamp('2024-01-01T00:00:00')) AS r"
    return sent(package, "datafusion.execution.time_zone", "+08:00", [], sql)


def sent(package: Any, option: str, value: str, before: list[str], sql: str) -> Seen:
    """Whether a query under an option gives the same rows after it was sent, or leaves a word."""
    ctx = package.SessionContext(package.SessionConfig().set(option, value))
    for statement in before:
        ctx.sql(statement).collect()
    frame = ctx.sql(sql)
    wanted = frame.to_pydict()["r"]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        seen = plans.same(lambda: again(package, ctx, frame).to_pydict()["r"], wanted)
    named = [str(warning.message) for warning in told if option in str(warning.message)]
    return kept("a warning names the option") if named else _named(seen, option)


def _named(seen: Seen, option: str) -> Seen:
    """An error that names the option is a promise kept."""
    return kept("refused, by the name of the option") if option in seen.text else seen


def again(package: Any, ctx: Any, frame: Any) -> Any:
    """The query where it arrives; the wheel pickles none, so there its plan is sent."""
    if package.__name__ == "planwire":
        return pickle.loads(pickle.dumps(frame))
    receiver = package.SessionContext()
    plan = package.LogicalPlan.from_bytes(receiver, frame.logical_plan().to_bytes(ctx))
    return receiver.create_dataframe_from_logical_plan(plan)


if __name__ == "__main__":
    run(header_of_csv, folders_below, time_zone)
