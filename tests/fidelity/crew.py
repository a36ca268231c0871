"""Runs sources in processes of their own, and goes on after one that died or never answered."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outcome import FAILED, HANGS, Outcome

HERE = Path(__file__).resolve().parent
# Seconds in which a process says something.
PATIENCE = 60


@dataclass
class Trips:
    """What came of the queries of one source."""

    source: str
    outcomes: list[Outcome] = field(default_factory=list)
    sql: dict[str, str] = field(default_factory=dict)
    not_here: dict[str, str] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)


def trips(sources: Iterable[str], processes: int) -> Iterator[Trips]:
    """Sends the queries of all sources."""
    with ThreadPoolExecutor(processes) as threads:
        yield from threads.map(of_one_source, sources)


def of_one_source(source: str) -> Trips:
    """Sends the queries of one source, again after each of its processes that ends too early."""
    found = Trips(source)
    done: list[list[str]] = []
    while not _one_process(found, done):
        pass
    return found


def _one_process(found: Trips, done: list[list[str]]) -> bool:
    """Whether the process came to the end of the source."""
    command = [sys.executable, str(HERE / "child.py")]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    child = subprocess.Popen(command, **pipes, text=True)
    child.stdin.write(json.dumps({"source": found.source, "done": done}))
    child.stdin.close()
    errors: list[str] = []
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pass_on, args=(child.stdout, lines.put), daemon=True).start()
    threading.Thread(target=_pass_on, args=(child.stderr, errors.append), daemon=True).start()
    trying: list[str] = []
    try:
        while (line := lines.get(timeout=PATIENCE)) is not None:
            told = json.loads(line)
            if "end" in told:
                return True
            trying = told.get("trying", trying)
            _note(found, told, trying)
            if "trying" in told and trying[1] != "home":
                done.append(trying)
            if told.get("home"):
                done.append([trying[0], "home"])
        what = f"the process ended with {child.wait()}: {_last_words(errors)}"
    except queue.Empty:
        what = ""
    finally:
        child.kill()
        child.wait()
    if not trying:
        raise RuntimeError(f"{found.source}: {what or 'no answer'}")
    done.append(trying)
    kind = FAILED if what else HANGS
    if trying[1] == "home":
        found.not_here[trying[0]] = what or "no answer"
    else:
        found.outcomes.append(Outcome(trying[0], trying[1], "at once", kind, what))
    return False


def _note(found: Trips, told: dict[str, Any], trying: list[str]) -> None:
    if "sql" in told:
        found.sql[trying[0]] = told["sql"]
    if told.get("home"):
        found.not_here[trying[0]] = told["said"]
    elif "home" in told:
        found.here.add(trying[0])
    if "outcome" in told:
        found.outcomes.append(Outcome(**told["outcome"]))


def _pass_on(stream: Any, take: Any) -> None:
    for line in stream:
        take(line)
    take(None)


def _last_words(lines: list[str]) -> str:
    told = [line.strip() for line in lines if line and line.strip()]
    return " ".join(told)[:200]
