"""The Python in the documents runs, and prints what stands beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MAIN = 'if __name__ == "__main__":'

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a line prints stands after it, or on the next line.
PRINTED = re.compile(r"^ *print\(.*\)(?:  # |\n *# )(.*)$", re.MULTILINE)
RAISED = re.compile(r"  # raises (\w+)$", re.MULTILINE)


def programs() -> list[tuple[str, str]]:
    """The programs of each document: its whole ones, and all other blocks put together."""
    found = []
    readmes = [ROOT / "README.md", ROOT / "py-bindings" / "README.md"]
    for path in sorted([*readmes, *(ROOT / "docs").glob("*.md")]):
        blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
        whole = [block for block in blocks if MAIN in block]
        parts = "".join(block for block in blocks if MAIN not in block)
        found += [(path.name, program) for program in [parts, *whole] if program]
    return found


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize(
    ("document", "program"), programs(), ids=[document for document, _ in programs()]
)
def test_example_prints_what_it_says(document: str, program: str, tmp_path: Path) -> None:
    # A file, because the workers of an example import the program that started them.
    path = tmp_path / "example.py"
    path.write_text(program, encoding="utf-8")
    command = [sys.executable, str(path)]
    # Ray would write a token into the home of the tests, and tell its makers of the run.
    env = {**os.environ, "RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, env=env)

    raised = RAISED.findall(program)
    assert (done.returncode == 0) == (not raised), f"{document}: {done.stderr}"
    assert all(name in done.stderr for name in raised)

    printed = iter(done.stdout.splitlines())
    for said in PRINTED.findall(program):
        assert said in printed, f"{document} says {said}, the program printed:\n{done.stdout}"


def test_each_test_that_the_threat_model_names_is_there() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    table = text.split("## Which test holds which sentence")[1].split("## Measured")[0]
    named = {name for row in re.findall(r"^\|.*\|$", table, re.MULTILINE) for name in those_in(row)}
    assert len(named) > 50
    assert [name for name in sorted(named) if not is_there(name)] == []


def test_each_test_that_a_promise_names_is_there() -> None:
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    _, _, *rows = re.findall(r"^\|.*\|$", text, re.MULTILINE)
    unproved = [row for row in rows if not those_in(row)]
    named = {name for row in rows for name in those_in(row)}
    assert len(named) > 70
    assert [*unproved, *(name for name in sorted(named) if not is_there(name))] == []


def test_rust_of_the_readme_is_an_example_that_is_tested() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```rust\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    tested = (ROOT / "codec-registry" / "src" / "lib.rs").read_text(encoding="utf-8")
    example = "".join(re.findall(r"^//! ?(.*\n)", tested, re.MULTILINE))
    assert shown in example


def those_in(row: str) -> list[str]:
    """The tests in the last column of a row."""
    return re.findall(r"`([^`]+)`", row.split("|")[-2])


def is_there(name: str) -> bool:
    """Whether there is a test, or a module of tests, of this name."""
    *modules, last = name.split("::")
    if name.startswith("test_"):
        rooms = (ROOT / "tests" / "python").glob("*/" + (modules or [last])[0])
        texts = [path.read_text(encoding="utf-8") for path in rooms]
        return any(not modules or f"def {last}(" in text for text in texts)
    if name.endswith(".rs"):
        return (ROOT / name).is_file()
    folder = ROOT / "tests" / "tests" / "it"
    files = [Path(folder, *modules).with_suffix(".rs"), Path(folder, *modules, f"{last}.rs")]
    found = [path.read_text(encoding="utf-8") for path in files if path.is_file()]
    return files[1].is_file() or any(last == "*" or f"fn {last}(" in text for text in found)
