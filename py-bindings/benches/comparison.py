"""What the benchmarks have in common: processes that take turns, circumstances, and tables."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def arguments(doc: str | None, rounds: int) -> argparse.ArgumentParser:
    """The arguments that every benchmark takes."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--markdown", action="store_true", help="print its part of the page")
    parser.add_argument("--rounds", type=int, default=rounds, help="how often to measure")
    return parser


def add_sides(
    parser: argparse.ArgumentParser, works: Iterable[str], sides: Sequence[str], scaled: str
) -> None:
    """Adds the arguments of a benchmark that compares sides, each in processes of its own."""
    parser.add_argument("--work", choices=list(works), help="measure this alone")
    parser.add_argument("--side", choices=sides, help="measure `--work` on one side, in here")
    parser.add_argument("--scale", type=float, default=1.0, help=f"how much of {scaled} to take")


def in_turns(
    script: str, work: str, sides: Sequence[str], options: argparse.Namespace
) -> dict[str, list[Any]]:
    """Measures a work in a new process for each side and round; what the processes print."""
    printed: dict[str, list[Any]] = {side: [] for side in sides}
    for _ in range(options.rounds):
        for side in sides:
            command = [sys.executable, script, "--side", side, "--work", work]
            command += ["--scale", str(options.scale)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            printed[side].append(json.loads(done.stdout))
    return printed


def circumstances() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "pyarrow": pa.__version__,
        "wheel": importlib.metadata.version("datafusion"),
    }


def table(names: Sequence[str], texts: int, rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table in Markdown; the columns behind the first `texts` are numbers."""
    rules = ["---" if column < texts else "---:" for column in range(len(names))]
    return [f"| {' | '.join(cells)} |" for cells in (names, rules, *rows)]


def show(
    options: argparse.Namespace,
    works: list[dict[str, Any]],
    lines: list[str],
    page: str,
    **more: Any,
) -> None:
    """Prints the figures in the form that was asked for.

    Args:
        options: The arguments.
        works: The figures for JSON.
        lines: The figures as Markdown.
        page: The text around `lines` in `docs/benchmarks.md`, with the circumstances in braces.
        more: Circumstances of this benchmark alone.
    """
    under = {**circumstances(), "rounds": options.rounds, **more}
    if options.json:
        print(json.dumps({"circumstances": under, "works": works}, indent=2))
    elif options.markdown:
        print(page.format(figures="\n".join(lines), **under), end="")
    else:
        print("\n".join(lines))
