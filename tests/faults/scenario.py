"""One row of the fault table against one package, every probe in a process of its own.

A scenario is a program, `python -m scenarios.ROOM.NAME {planwire,datafusion}` in this folder; its
docstring is the number of the row and the fault. It prints one line of JSON. A probe that ends its
process, floods its memory or never returns has an outcome like any other, because the process that
tells of it is another.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import multiprocessing
import os
import re
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import IO, Any

PACKAGES = ("datafusion", "planwire")

ROOT = Path(__file__).resolve().parents[2]

# More than either package asks for, and less than a flood of memory does. Allocators reserve
# address space by the gigabyte for each process and thread.
ADDRESS_SPACE = 16 << 30
# Seconds that a probe may take.
PATIENCE = 120


@dataclass(frozen=True)
class Seen:
    """What one probe came to; it is not sound if the probe itself failed."""

    kept: bool
    text: str
    sound: bool = True
    probe: str = ""


@dataclass(frozen=True)
class Row:
    """What a package does about one fault."""

    row: str
    fault: str
    package: str
    version: str
    kept: bool
    sound: bool
    seen: list[Seen]

    @staticmethod
    def read(line: str | bytes) -> Row:
        """Reads what a scenario printed."""
        fields = json.loads(line)
        return Row(**fields | {"seen": [Seen(**seen) for seen in fields["seen"]]})

    def __str__(self) -> str:
        title = f"{self.row} {self.package} {self.version}: {'kept' if self.kept else 'NOT KEPT'}"
        return "\n  ".join([title, *(f"{seen.probe}: {seen.text}" for seen in self.seen)])


Probe = Callable[[Any], Seen]


def kept(text: str) -> Seen:
    """The promise is kept."""
    return Seen(True, text)


def broken(text: str) -> Seen:
    """The fault is there."""
    return Seen(False, text)


def run(*probes: Probe) -> None:
    """Is the program: all probes, and one line about them."""
    (name,) = sys.argv[1:]
    package = load(name)
    seen = [_seen(package, probe) for probe in probes]
    title = sys.modules["__main__"].__doc__ or ""
    row, fault = title.splitlines()[0].removesuffix(".").split(": ", 1)
    is_kept, is_sound = (all(getattr(one, what) for one in seen) for what in ("kept", "sound"))
    print(json.dumps(asdict(Row(row, fault, name, version(name), is_kept, is_sound, seen))))


def load(package: str) -> ModuleType:
    """Imports one of the packages, and keeps the other from being imported behind its back."""
    (other,) = (name for name in PACKAGES if name != package)
    sys.modules[other] = None  # type: ignore[assignment]
    return importlib.import_module(package)


def version(package: str) -> str:
    """The version of a package, which a checkout keeps in `Cargo.toml`."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
        found: list[str] = re.findall(r'^version = "(.+)"$', manifest, re.MULTILINE)
        return found[0]


def told(error: BaseException) -> str:
    """An exception by its class and, if it has one, its cause."""
    cause = error.__cause__
    return type(error).__name__ + (f" from {type(cause).__name__}" if cause else "")


def _seen(package: ModuleType, probe: Probe) -> Seen:
    """Runs a probe in a forked child, and reads what it says or what became of it."""
    # Files rather than pipes, which a process that was left behind would keep open.
    with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as last_words:
        arguments = (package, probe, answer, last_words)
        child = multiprocessing.get_context("fork").Process(target=_answer, args=arguments)
        child.start()
        child.join(PATIENCE)
        status = child.exitcode
        # The child leads a group, in which are the processes that it started.
        with suppress(ProcessLookupError):
            os.killpg(child.pid or 0, signal.SIGKILL)
        child.join()
        answer.seek(0)
        last_words.seek(0)
        seen = answer.read()
        text = _death(status, last_words.read())
    fields = json.loads(seen) if seen else asdict(broken(text))
    return Seen(**fields | {"probe": probe.__name__.replace("_", " ")})


def _answer(package: ModuleType, probe: Probe, answer: IO[str], last_words: IO[str]) -> None:
    """Is the child."""
    os.setsid()
    os.dup2(last_words.fileno(), 2)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        seen = probe(package)
    except Exception:
        seen = Seen(False, traceback.format_exc(), sound=False)
    except BaseException as escaped:
        seen = broken(f"{type(escaped).__name__} escaped, which is no Exception")
    answer.write(json.dumps(asdict(seen)))
    answer.flush()
    os._exit(0)


def _death(status: int | None, last_words: str) -> str:
    if status is None:
        return f"no end in {PATIENCE} s"
    if status >= 0:
        return f"exit status {status}"
    out_of_memory = ", out of memory" if "memory allocation of" in last_words else ""
    return f"killed by {signal.Signals(-status).name}{out_of_memory}"
