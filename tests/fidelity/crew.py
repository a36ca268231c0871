"""Runs sources in processes of their own, and goes on after one that died or never answered."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import package
from outcome import FAILED, HANGS, SAME, Outcome

HERE = Path(__file__).resolve().parent
# Seconds in which a process says something.
PATIENCE = 60
# How many processes in a row may say nothing, as they do on a machine that stands still.
MOST_SILENT = 3


@dataclass
class Trips:
    """What came of the queries of one source, or of several."""

    source: str
    # Those that are not as they should be.
    outcomes: list[Outcome] = field(default_factory=list)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    tried: set[tuple[str, str]] = field(default_factory=set)
    here: int = 0
    sql: dict[str, str] = field(default_factory=dict)
    not_here: dict[str, str] = field(default_factory=dict)

    def add(self, other: Trips) -> None:
        """Takes what came of another source."""
        self.outcomes += other.outcomes
        self.counts += other.counts
        self.tried |= other.tried
        self.here += other.here
        self.sql |= other.sql
        self.not_here |= other.not_here

    def note(self, outcome: Outcome) -> None:
        """Takes one outcome."""
        self.counts[outcome.form, outcome.way, outcome.kind] += 1
        self.tried.add((outcome.query, outcome.form))
        if outcome.kind != SAME:
            self.outcomes.append(outcome)


def trips(sources: Iterable[str], processes: int, tried: str = package.PLANWIRE) -> Iterator[Trips]:
    """Sends the queries of all sources by a package."""
    with ThreadPoolExecutor(processes) as threads:
        yield from threads.map(lambda source: of_one_source(source, tried), sources)


def of_one_source(source: str, tried: str = package.PLANWIRE) -> Trips:
    """Sends the queries of one source, again after each of its processes that ends too early."""
    found = Trips(source)
    done: list[list[str]] = []
    silent = 0
    while not _one_process(found, done, tried):
        silent = 0 if found.tried else silent + 1
        if silent == MOST_SILENT:
            raise RuntimeError(f"{source}: no answer")
    return found


def _one_process(found: Trips, done: list[list[str]], tried: str) -> bool:
    """Whether the process came to the end of the source."""
    child, lines, errors = _started(found.source, done, tried)
    trying: list[str] = []
    try:
        while (line := lines.get(timeout=PATIENCE)) is not None:
            told = json.loads(line)
            if "end" in told:
                return True
            trying = told.get("trying", trying)
            _note(found, done, told, trying)
        what = f"the process ended with {child.wait()}: {' '.join(errors)[:200]}"
    except queue.Empty:
        what = ""
    finally:
        # With its workers, which would wait for it for ever.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if not trying:
        if what:
            raise RuntimeError(f"{found.source}: {what}")
        # It did not get so far as to try a query, as on a machine that stood still.
        return False
    done.append(trying)
    query, form = trying
    if form == "home":
        found.not_here[query] = what or "no answer"
    else:
        found.note(Outcome(query, form, "at once", FAILED if what else HANGS, what))
    return False


def _started(source: str, done: list[list[str]], tried: str) -> tuple[Any, Any, list[str]]:
    """A process for a source, the lines that it says, and its last words."""
    child: Any = subprocess.Popen(
        [sys.executable, str(HERE / "child.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"FIDELITY_PACKAGE": tried},
    )
    child.stdin.write(json.dumps({"source": source, "done": done}))
    child.stdin.close()
    lines: queue.Queue[str | None] = queue.Queue()
    errors: list[str] = []
    _pass_on(child.stdout, lines.put, lambda: lines.put(None))
    _pass_on(child.stderr, lambda line: errors.append(line.strip()), lambda: None)
    return child, lines, errors


def _pass_on(stream: Any, take: Callable[[str], None], end: Callable[[], None]) -> None:
    def read() -> None:
        for line in stream:
            take(line)
        end()

    threading.Thread(target=read, daemon=True).start()


def _note(found: Trips, done: list[list[str]], told: dict[str, Any], trying: list[str]) -> None:
    query, form = trying
    if "sql" in told:
        found.sql[query] = told["sql"]
    if told.get("home"):
        found.not_here[query] = told["said"]
        done.append(trying)
    elif "home" in told:
        found.here += 1
    if "trying" in told and form != "home":
        done.append(trying)
    if "outcome" in told:
        found.note(Outcome(**told["outcome"]))
