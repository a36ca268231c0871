"""F20: Partitions of one physical plan that run at different workers each return all rows."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import plans
from scenario import Seen, load, run


def parquet_files(package: Any) -> Seen:
    """Runs each partition of a scan with a decode of its own."""
    return apart(package, "SELECT k FROM t", [{"k": at} for at in range(20)])


def projected(package: Any) -> Seen:
    """Runs each partition of a scan under a filter and a projection."""
    wanted = [{"d": at * 2} for at in range(20) if at % 3 == 0]
    return apart(package, "SELECT k * 2 AS d FROM t WHERE k % 3 = 0", sorted(wanted, key=repr))


def union(package: Any) -> Seen:
    """Runs each partition of two scans."""
    wanted = [{"k": at} for at in range(20) for _ in "ab"]
    return apart(package, "SELECT k FROM t UNION ALL SELECT k FROM t", sorted(wanted, key=repr))


def csv_split_by_ranges(package: Any) -> Seen:
    """Runs each partition of a scan of one file."""
    path = plans.folder() / "t.csv"
    path.write_text("k\n" + "".join(f"{at}\n" for at in range(1000)), encoding="utf-8")
    config = package.SessionConfig().with_target_partitions(4).with_repartition_file_min_size(10)
    ctx = package.SessionContext(config)
    ctx.register_csv("t", str(path))
    wanted = sorted(({"k": at} for at in range(1000)), key=repr)
    return of_decodes(package, ctx.sql("SELECT k FROM t"), wanted)


def in_processes(package: Any) -> Seen:
    """Runs each partition in a process."""
    ctx = plans.session(package, 4)
    plans.numbers(ctx)
    plan = ctx.sql("SELECT k FROM t").execution_plan()
    message = plan.to_bytes(ctx)
    spawn = multiprocessing.get_context("spawn")

    def all_rows() -> list[plans.Row]:
        with ProcessPoolExecutor(2, mp_context=spawn) as pool:
            jobs = [
                pool.submit(task, package.__name__, message, number)
                for number in range(plan.partition_count)
            ]
            return sorted((row for job in jobs for row in job.result()), key=repr)

    return plans.counted(all_rows, sorted(({"k": at} for at in range(20)), key=repr))


def task(name: str, message: bytes, number: int) -> list[plans.Row]:
    """Is the work of one process."""
    package = load(name)
    return plans.partition(package, plans.decoded(package, message), number)


def apart(package: Any, sql: str, wanted: list[plans.Row]) -> Seen:
    """Runs each partition of a query over four files with a decode of its own."""
    ctx = plans.session(package, 4)
    plans.numbers(ctx)
    return of_decodes(package, ctx.sql(sql), sorted(wanted, key=repr))


def of_decodes(package: Any, frame: Any, wanted: list[plans.Row]) -> Seen:
    """The rows of all partitions, each of a decode of its own."""
    plan = frame.execution_plan()
    message = plan.to_bytes()

    def all_rows() -> list[plans.Row]:
        numbers = range(plan.partition_count)
        parts = [plans.partition(package, plans.decoded(package, message), at) for at in numbers]
        return sorted((row for part in parts for row in part), key=repr)

    return plans.counted(all_rows, wanted)


if __name__ == "__main__":
    run(parquet_files, projected, union, csv_split_by_ranges, in_processes)
