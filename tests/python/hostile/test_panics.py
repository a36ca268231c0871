"""A panic that becomes an exception is not printed; `tests/tests/panics.rs` is about others."""

from __future__ import annotations

import subprocess
import sys

from support import programs

PANICKING = programs.FOLDER / "panicking.py"


def test_panic_that_becomes_an_exception_prints_nothing() -> None:
    command = [sys.executable, str(PANICKING)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout == "PW-D014\n"
    assert done.stderr == ""
