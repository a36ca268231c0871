"""Clusters whose processes a test ends, stops and starts again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pyarrow as pa
from planwire import ScalarUDF, SessionContext, udf

from support.clusters import END, without_floor

# Seconds that something may take that is about to happen.
PATIENCE = 30

NUMBER = pa.int64()


class Machines:
    """A scheduler, which keeps its port when it is started again, and executors of it.

    At the end of its block each process has to end when its standard input does, and to leave no
    other process behind.
    """

    def __init__(self, *options: str, policy: str = "push") -> None:
        self._options = ["--policy", policy, *options]
        self._policy = ["--policy", policy]
        self.port = 0
        self._processes: list[subprocess.Popen[str]] = []
        self.scheduler = self._schedule()

    @property
    def address(self) -> str:
        return f"df://127.0.0.1:{self.port}"

    @property
    def session(self) -> SessionContext:
        return SessionContext.cluster(self.address)

    def execute(
        self,
        *options: str,
        vcores: int = 1,
        python: str = sys.executable,
        program: str = "pass",
        **environment: str,
    ) -> subprocess.Popen[str]:
        """Start an executor, before which a program runs in its process."""
        env = os.environ | environment
        arguments = ["executor", self.address, "--vcores", str(vcores), *self._policy, *options]
        return self._start(python, program, arguments, env)

    def start_scheduler_again(self) -> None:
        """Kill the scheduler, and start another one at its port."""
        self.scheduler.kill()
        self.scheduler.wait()
        self._processes.remove(self.scheduler)
        self.scheduler = self._schedule()

    def __enter__(self) -> Machines:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes:
            assert process.stdin is not None
            assert process.stdout is not None
            process.send_signal(signal.SIGCONT)
            process.stdin.close()
            process.stdout.close()
        left = [process for process in self._processes if not _ends(process)]
        assert not left

    def _schedule(self) -> subprocess.Popen[str]:
        arguments = ["scheduler", "--port", str(self.port), *self._options]
        scheduler = self._start(sys.executable, "pass", arguments, without_floor())
        assert scheduler.stdout is not None
        self.port = int(scheduler.stdout.readline().rpartition(":")[2])
        return scheduler

    def _start(
        self, python: str, program: str, arguments: list[str], env: dict[str, str]
    ) -> subprocess.Popen[str]:
        main = "import sys; from planwire._commands import main; sys.exit(main(sys.argv[1:]))"
        process = subprocess.Popen(
            [python, "-c", f"{program}\n{main}", *arguments, END],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            # A group of its own, in which nothing may be left.
            start_new_session=True,
        )
        self._processes.append(process)
        return process


def _ends(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(PATIENCE)
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return True
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return False


@contextmanager
def cut_off(process: subprocess.Popen[str]) -> Iterator[None]:
    """Have a process neither hear nor say anything."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def wait_for(path: Path) -> None:
    """Wait until there is a file."""
    end = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < end, f"there is no {path.name}"
        time.sleep(0.02)


def function(call: Callable[[pa.Array], pa.Array], name: str) -> ScalarUDF:
    """A function that runs where and whenever a query says."""
    return udf(call, [NUMBER], NUMBER, "volatile", name)


def waiting(folder: Path) -> ScalarUDF:
    """A function that makes the file `begun` in a folder, and returns when there is a file `go`."""

    def waits(numbers: pa.Array) -> pa.Array:
        (folder / "begun").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
        return numbers

    return function(waits, "waits")
