"""Modules for the processes of a quarantine, of which some do something else than they should."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 30

Setup = Callable[[str], str]

HEAD = "import os, resource, signal, sys, time\nimport planwire\n"

ATTEMPTING = """\
from planwire._quarantine import inside, wire

def attempt(session, sort, schema, message):
    if isinstance(message, bytearray):
        return instead(session, message)
    return wire.TRIED, ''  # of the warm-up

def make():
    inside.attempt = attempt
    return planwire.SessionContext()

def instead(session, message):
"""


def module(folder: Path, name: str, source: str) -> str:
    """Writes a module, and tells what a quarantine calls its function `make`."""
    (folder / f"{name}.py").write_text(HEAD + textwrap.dedent(source), encoding="utf-8")
    return f"{name}:make"


def attempting(body: str) -> str:
    """The source of a module in whose process something else is done with a message."""
    return ATTEMPTING + textwrap.indent(textwrap.dedent(body), "    ")


def telling(expression: str) -> str:
    """The source of a module in whose process the answer is a number, as an error `PW-Z...`."""
    return attempting(f"number = {expression}\nreturn wire.UNTRIED, f'PW-Z{{number:03d}}'")


def is_running(process: int) -> bool:
    """Whether there is a process, other than one that has ended and that nobody has waited for."""
    folder = Path(f"/proc/{process}")
    try:
        ended = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] in "ZX"
        # The first thread has ended before the others that were killed with it.
        return not ended or len(list((folder / "task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(process: int) -> None:
    """Waits for the end of a process, also of one that is no child of this one."""
    end = time.monotonic() + PATIENCE
    while is_running(process):
        assert time.monotonic() < end, f"process {process} is still there"
