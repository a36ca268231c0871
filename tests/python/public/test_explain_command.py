"""Each error names the command that prints its page, which the installed package has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import planwire
import pytest
from planwire import SessionContext

INDEX = Path(__file__).parents[3] / "docs" / "errors.md"
CODES = re.findall(r"^## (PW-\w\d{3})$", INDEX.read_text(encoding="utf-8"), re.MULTILINE)


def explain(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planwire", "explain", *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        cwd=folder,
    )


def test_command_at_the_end_of_an_error_prints_its_page(tmp_path: Path) -> None:
    with pytest.raises(planwire.PlanwireError) as error:
        SessionContext().sql("SELECT nothing")
    command = re.search(r"\(planwire (explain \S+)\)$", str(error.value))
    assert command is not None
    done = explain(*command[1].split()[1:], folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{error.value.code}\n")
    assert "**Meaning.**" in done.stdout
    assert done.stdout.count("PW-X001\n") == 1


@pytest.mark.parametrize("code", ["PW-D005", "pw-d005", CODES[-1]])
def test_page_is_that_of_the_document(code: str, tmp_path: Path) -> None:
    page = explain(code, folder=tmp_path).stdout
    assert f"## {page.strip()}" in INDEX.read_text(encoding="utf-8")
    assert page.startswith(code.upper())


def test_all_codes_are_listed_without_one(tmp_path: Path) -> None:
    lines = explain(folder=tmp_path).stdout.splitlines()
    assert [line[:7] for line in lines] == CODES
    assert all(len(line) > 12 for line in lines)


def test_unknown_code_names_similar_ones(tmp_path: Path) -> None:
    done = explain("PW-D0055\x1b" + "5" * 1000, folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no error" in done.stderr
    assert "\x1b" not in done.stderr
    assert len(done.stderr) < 300
    assert "PW-D005" in explain("PW-D05", folder=tmp_path).stderr
