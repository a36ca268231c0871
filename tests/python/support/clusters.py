"""Clusters whose processes are started one by one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
def scheduling(*options: str) -> Iterator[str]:
    """A scheduler, which has no executors yet, at an address."""
    with subprocess.Popen(
        [*COMMAND, "scheduler", "--port", "0", END, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=without_floor(),
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


def without_floor() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("PLANWIRE_")}


@contextmanager
def by_hand(
    scheduler: Sequence[str] = (),
    executor: Sequence[str] = (),
    program: str = "",
    store: Path | None = None,
    **environment: str,
) -> Iterator[SessionContext]:
    """A cluster of one executor, both of whose processes are given options."""
    env = without_floor() | environment if environment or program else None
    with (
        scheduling(*scheduler) as address,
        executing(address, *executor, program=program, env=env),
    ):
        yield SessionContext.cluster(address, store=store)
