"""What the processes of a cluster have in common."""

from __future__ import annotations

import os
import re
import sys
import threading
from typing import TYPE_CHECKING

from planwire import SessionContext
from planwire._base.escaped import escaped

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that a scheduler and an executor share."""
    parser.add_argument(
        "--bind", metavar="HOST", default="127.0.0.1", help="the address to listen on (127.0.0.1)"
    )
    parser.add_argument(
        "--policy",
        choices=["push", "pull"],
        default="push",
        help="whether executors are sent their tasks or ask for them; all have the same (push)",
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when the standard input does, for a process that another one looks after",
    )


def begin(options: argparse.Namespace) -> SessionContext:
    """Make the session whose modes decide what the process lets through."""
    if options.until_stdin_closes:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    return SessionContext()


def _end_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def scheduler_at(address: str) -> tuple[str, int]:
    """Read the address of a scheduler, such as ``df://localhost:50050``."""
    matched = re.fullmatch(r"df://([^/@]+):([0-9]{1,5})", address)
    if matched is None:
        raise ValueError(
            f"a scheduler's address is like df://localhost:50050, not '{escaped(address)}'"
        )
    return matched[1], int(matched[2])
