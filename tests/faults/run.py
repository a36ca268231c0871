"""Runs the scenarios, all or those of some rows, against both packages, and prints the outcomes.

`python run.py [F1 F2 ...]`; with `--markdown` it runs all and writes `docs/faults.md`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import page
import promises
from scenario import PACKAGES, ROOT, Row

HERE = Path(__file__).resolve().parent
DOCUMENT = ROOT / "docs" / "faults.md"


def scenarios() -> dict[str, Path]:
    """The scenarios by row."""
    found = HERE.glob("scenarios/*/f[0-9][0-9]_*.py")
    paths = sorted(found, key=lambda path: path.name)
    return {f"F{int(path.name[1:3])}": path for path in paths}


def outcome(row: str, package: str) -> Row:
    """Runs one scenario against one package."""
    module = ".".join(scenarios()[row].relative_to(HERE).with_suffix("").parts)
    command = [sys.executable, "-m", module, package]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=HERE)
    return Row.read(done.stdout)


def main(arguments: list[str]) -> None:
    """Runs what is asked for."""
    asked = [argument for argument in arguments if argument != "--markdown"]
    rows = []
    for row in asked or scenarios():
        for package in PACKAGES:
            rows.append(outcome(row, package))
            print(rows[-1], flush=True)
    if "--markdown" in arguments:
        DOCUMENT.write_text(page.written(rows, promises.NOT_YET), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
