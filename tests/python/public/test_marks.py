"""Marks that say that a test fails under a floor are found where it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import TESTS

REFUSED = """
@pytest.mark.inline
@pytest.mark.parametrize("case", [0, 1, 2])
def test_refused(case):
    message = kinds.call(kinds.make("scalar")).to_bytes()
    assert b"DFPY" in message or case == 0
"""
SOUND = """
@pytest.mark.inline
@pytest.mark.parametrize("case", [0, 1])
def test_sound(case):
    kinds.call(kinds.make("scalar")).to_bytes()
"""
UNMARKED = """
def test_unmarked():
    pass
"""


def looked_for(folder: Path, text: str, floor: str = "refuse") -> tuple[int, str]:
    """What comes of looking for stale marks in a module."""
    module = folder / "test_module.py"
    module.write_text(f"import pytest\nfrom support import kinds\n{text}")
    environment = {name: os.environ[name] for name in os.environ if name != "PLANWIRE_HARDENED"}
    arguments = ["-p", "marks", "-c", TESTS / "pytest.ini", "--quiet", module]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *map(str, arguments)],
        env=environment | {"PLANWIRE_FLOOR": floor},
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_mark_stays_where_a_case_fails_and_the_next_is_left_out(tmp_path: Path) -> None:
    code, told = looked_for(tmp_path, REFUSED + UNMARKED)
    assert code == 0, told
    assert "1 passed, 1 deselected, 1 needless" in told


def test_mark_is_stale_where_no_case_fails(tmp_path: Path) -> None:
    code, told = looked_for(tmp_path, REFUSED + SOUND)
    assert code == 1, told
    assert "test_sound passes under this floor" in told
    assert "test_refused passes" not in told


@pytest.mark.parametrize(
    ("text", "floor", "wanted"),
    [
        (UNMARKED, "refuse", "1 deselected"),
        (REFUSED, "inline", "no mark is about the floor 'inline'"),
        (REFUSED + "no_name", "refuse", "NameError"),
    ],
)
def test_looking_at_nothing_is_a_failure(
    text: str, floor: str, wanted: str, tmp_path: Path
) -> None:
    code, told = looked_for(tmp_path, text, floor)
    assert code != 0
    assert wanted in told
