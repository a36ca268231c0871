"""Processes of their own that decode what was sent and run it."""

from __future__ import annotations

import functools
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import answer
import package
from answer import Answer
from query import PATIENCE, run_partition

PROCESSES = 2


def physical(message: bytes, pace: tuple[str, ...], partitions: int) -> Answer:
    """Each partition of a plan in the process that is free."""
    tasks = [_pool().submit(_partition, message, pace, at) for at in range(partitions)]
    parts = [task.result(timeout=3 * PATIENCE) for task in tasks]
    return answer.of([batch for part in parts for batch in part])


def logical(message: bytes, pace: tuple[str, ...]) -> Answer:
    """A logical plan."""
    return answer.of(_pool().submit(_logical, message, pace).result(timeout=3 * PATIENCE))


def pickled(message: bytes, pace: tuple[str, ...]) -> Answer:
    """A pickled query."""
    return answer.of(_pool().submit(_pickled, message, pace).result(timeout=3 * PATIENCE))


@functools.cache
def _pool() -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(PROCESSES, mp_context=spawn)


def _partition(message: bytes, pace: tuple[str, ...], partition: int) -> list[Any]:
    receiver = package.session(pace)
    plan = package.tried.ExecutionPlan.from_bytes(receiver, message)
    return run_partition(receiver, plan, partition)


def _logical(message: bytes, pace: tuple[str, ...]) -> Any:
    receiver = package.session(pace)
    plan = package.tried.LogicalPlan.from_bytes(receiver, message)
    return receiver.create_dataframe_from_logical_plan(plan).to_arrow_table()


def _pickled(message: bytes, pace: tuple[str, ...]) -> Any:
    with package.ipc().worker_ctx(package.session(pace)):
        return pickle.loads(message).to_arrow_table()
