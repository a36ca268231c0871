"""Clusters whose processes are started one by one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from planwire import SessionContext

MAIN = """
import sys
from planwire._commands import main
sys.exit(main(sys.argv[1:]))
"""


COMMAND = [sys.executable, "-m", "planwire"]
END = "--until-stdin-closes"


@contextmanager
def scheduling(*options: str, env: dict[str, str] | None = None) -> Iterator[str]:
    """A scheduler, which has no executors yet, at an address."""
    with subprocess.Popen(
        [*COMMAND, "scheduler", "--port", "0", END, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=without_floor() if env is None else env,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]


@contextmanager
def executing(
    address: str, *options: str, program: str = "", env: dict[str, str] | None = None
) -> Iterator[None]:
    """An executor, before which a program runs in its process."""
    arguments = ["-c", f"{program}\n{MAIN}", "executor", address, END, *options]
    with subprocess.Popen([sys.executable, *arguments], stdin=subprocess.PIPE, env=env) as process:
        yield
        assert process.stdin is not None
        process.stdin.close()


def without_floor(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    return {key: value for key, value in environment.items() if not key.startswith("PLANWIRE_")}


@contextmanager
def running(
    scheduler: Sequence[str] = (),
    executor: Sequence[str] = (),
    program: str = "",
    executors: int = 1,
    **environment: str,
) -> Iterator[str]:
    """The address of a cluster whose processes are given options and variables."""
    env = without_floor() | environment if environment or program else None
    below_no_floor = without_floor(os.environ | environment)
    with scheduling(*scheduler, env=below_no_floor) as address, ExitStack() as started:
        for _ in range(executors):
            started.enter_context(executing(address, *executor, program=program, env=env))
        yield address


@contextmanager
def by_hand(
    scheduler: Sequence[str] = (),
    executor: Sequence[str] = (),
    program: str = "",
    store: Path | None = None,
    **environment: str,
) -> Iterator[SessionContext]:
    """A session of a cluster of one executor, both of whose processes are given options."""
    with running(scheduler, executor, program, 1, **environment) as address:
        yield SessionContext.cluster(address, store=store)
