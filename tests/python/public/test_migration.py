"""One program, run with planwire and with the datafusion wheel: only its imports differ."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "docs" / "examples" / "migration.py"
PAGE = ROOT / "docs" / "migrating.md"


def output(program: Path) -> list[str]:
    """What a program prints."""
    command = [sys.executable, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.inline
@pytest.mark.unguarded
def test_program_prints_the_same_under_both_packages(tmp_path: Path) -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    theirs = tmp_path / "migration.py"
    theirs.write_text(text.replace("from planwire", "from datafusion"), encoding="utf-8")
    assert "planwire" not in theirs.read_text(encoding="utf-8")

    printed = output(PROGRAM)
    assert printed == output(theirs)
    assert printed[0] == "{'fees': [20.0]}"
    assert printed[-1] == "refused: True"


def test_page_shows_that_very_program() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert f"```python\n{PROGRAM.read_text(encoding='utf-8')}```\n" in shown
