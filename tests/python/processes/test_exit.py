"""A process ends cleanly, whatever its threads and the functions written in Python are doing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import TESTS
from support.programs.ending import PAIRS, ended

EXITING = "support.programs.exiting"


@pytest.mark.inline
@pytest.mark.parametrize("attempt", range(10))
def test_process_ends_while_daemon_threads_decode(attempt: int) -> None:
    command = [sys.executable, "-m", EXITING]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, cwd=TESTS
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("end", "function"), PAIRS)
def test_process_ends_as_its_program_does_while_a_function_runs(end: str, function: str) -> None:
    assert ended(end, function) == ""
