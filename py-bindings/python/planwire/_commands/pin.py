"""``planwire pin``: payloads of a message on a list, after a look at them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import planwire
from planwire import guard
from planwire._commands import lines, source

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

PINNED, DECLINED, FAILED = 0, 1, 2

# Frames that no receiver decodes: cut, of another version, of another kind than the plan's.
UNSOUND = ("PW-D001", "PW-D002", "PW-D004")

HELP = "add what a message holds to a list of pins, after showing it"

DESCRIPTION = """\
Show what a message holds, ask, and add its payloads to a list for guard.pinned.

Nothing is decoded, unpickled, imported or run. FILE holds a message or a frame."""

EPILOG = """\
What is pinned runs wherever the list is used: read the function that you expect
the message to hold, and encode it yourself, rather than pin what came by itself.

exit codes:
  0  all payloads are on the list
  1  the question was not answered with y; nothing was added
  2  the file cannot be read or holds no message or no payload, or the list is
     unsound or cannot be written, or the command is wrong"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "file", type=source.Source, metavar="FILE", help="the file with the message"
    )
    parser.add_argument("pins", metavar="PINS", type=Path, help="the list, made if it is not there")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Show the message, add its payloads and return the exit code."""
    try:
        contents = planwire.inspect(options.file.read())
        found = pins(contents)
        known = on_list(options.pins)
    except (planwire.PlanwireError, OSError, UnicodeDecodeError) as error:
        return fail(str(error))
    print(f"{options.file}: {contents}")
    if not found:
        return fail(f"{options.file} holds no payload that can be pinned")
    new = {digest: text for digest, text in found.items() if digest not in known}
    if not new:
        print(f"all of it is on {options.pins} already")
        return PINNED
    if not options.yes and not agreed(len(new), options.pins):
        return DECLINED
    try:
        added = [f"{digest}  {text}" for digest, text in new.items()]
        lines.checked(options.pins, added, check).write()
    except (planwire.GuardError, OSError) as error:
        return fail(str(error))
    print(f"added {len(new)} to {options.pins}")
    return PINNED


def pins(contents: planwire.Contents) -> dict[str, str]:
    """Return the digests of the sound frames, each with what its line says of it."""
    found = {}
    for reading in contents.readings:
        for part in every(reading.parts):
            # Escaped: the name is the sender's, and must not begin a line of its own.
            if part.content == "frame" and part.sha256 and part.code not in UNSOUND:
                found[part.sha256] = f"{part.family} {part.kind} {part.name!a}"
    return found


def every(parts: Sequence[planwire.Part]) -> Iterator[planwire.Part]:
    """List parts and what stands inside of them."""
    for part in parts:
        yield part
        yield from every(part.children)


def on_list(path: Path) -> set[str]:
    """Return the digests of a list that is sound, or not there."""
    if not path.exists():
        return set()
    text = path.read_text(encoding="utf-8")
    check(text)
    return {line.split()[0].lower() for line in text.splitlines() if line.strip()}


def check(text: str) -> None:
    """Raise if a text is no list."""
    guard.pinned(text.splitlines())


def agreed(count: int, path: Path) -> bool:
    """Ask whether to go on."""
    print(
        f"add {count} to {path}, to be run wherever that list is used? [y/N] ", end="", flush=True
    )
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def fail(message: str) -> int:
    """Say why nothing was pinned."""
    print(f"planwire pin: {message}", file=sys.stderr)
    return FAILED
