"""A process ends cleanly, whatever its threads and the functions written in Python are doing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ending import ENDS, EXPECTED, FUNCTIONS

EXITING = Path(__file__).with_name("exiting.py")
ENDING = Path(__file__).with_name("ending.py")


def run(script: Path, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.inline
@pytest.mark.parametrize("attempt", range(10))
def test_process_ends_while_daemon_threads_decode(attempt: int) -> None:
    assert run(EXITING) == (0, "", "")


def assert_ends(end: str, function: str) -> None:
    code, printed, last = EXPECTED[end]
    found = run(ENDING, end, function)
    assert found[:2] == (code, printed)
    assert found[2].endswith(last) if last else found[2] == ""


@pytest.mark.parametrize("end", ENDS)
def test_process_ends_as_its_program_does_while_a_function_runs(end: str) -> None:
    assert_ends(end, "computes")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_process_ends_whatever_a_function_does(function: str) -> None:
    assert_ends("handled", function)
