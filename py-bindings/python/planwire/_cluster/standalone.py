"""A cluster on this machine: a scheduler and executors, which are processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import weakref
from typing import IO

_PATIENCE = 10


class Standalone:
    """The processes of a cluster, which end when nobody holds the object or this process ends."""

    def __init__(self, executors: int, vcores: int) -> None:
        if executors < 1:
            raise ValueError(f"a cluster has at least one executor, not {executors}")
        processes: list[subprocess.Popen[str]] = []
        # Each of them ends when its standard input does, so none is left if this process is killed.
        self._end = weakref.finalize(self, _end, processes)
        self.store = tempfile.mkdtemp(prefix="planwire-store-")
        scheduler = _start(processes, "scheduler", "--port", "0", "--remove", self.store)
        self.address = _address(scheduler)
        for _ in range(executors):
            options = ["--vcores", str(vcores), "--store", self.store]
            _start(processes, "executor", self.address, *options)


def _start(processes: list[subprocess.Popen[str]], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "planwire", *arguments, "--until-stdin-closes"]
    is_scheduler = arguments[0] == "scheduler"
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        # What functions print goes where this process prints.
        stdout=subprocess.PIPE if is_scheduler else None,
        text=True,
        # Ctrl-C at a terminal is for this process, and the floor for those that run functions.
        start_new_session=True,
        env=_without_floor() if is_scheduler else None,
    )
    processes.append(process)
    return process


def _without_floor() -> dict[str, str]:
    """The environment of a scheduler, which holds functions and would refuse to under a floor."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PLANWIRE_")}


def _address(scheduler: subprocess.Popen[str]) -> str:
    output: IO[str] | None = scheduler.stdout
    line = output.readline() if output is not None else ""
    if not line:
        raise RuntimeError(f"the scheduler ended with the code {scheduler.wait(_PATIENCE)}")
    return line.split()[-1]


def _end(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        if process.stdin is not None:
            process.stdin.close()
        if process.stdout is not None:
            process.stdout.close()
    for process in processes:
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
