"""A process ends cleanly, whatever its threads are doing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.inline


EXITING = Path(__file__).with_name("exiting.py")


@pytest.mark.parametrize("attempt", range(10))
def test_process_ends_while_daemon_threads_decode(attempt: int) -> None:
    command = [sys.executable, str(EXITING)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
