"""``planwire pin``: put the payloads of a message on a list, after a review."""

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

# The length limit of a name in a list, in characters.
LONGEST_NAME = 64

HELP = "add what a message holds to a list of pins, after showing it"

DESCRIPTION = """\
Show what a message holds, ask, and add its payloads to a list for guard.pinned.

Nothing is decoded, unpickled, imported or run. FILE holds a message or a frame."""

EPILOG = """\
What is pinned runs wherever the list is used: read the function that you expect
the message to hold, and encode it yourself, rather than pin what came by itself.

The list is made for you alone. One that is there has to be a regular file of your
own, not a symbolic link, that nobody else can write.

exit codes:
  0  all payloads are on the list
  1  the question was not answered with y; nothing was added
  2  the file cannot be read or holds no message or no payload, or the list is
     unsound or cannot be written, or the command is wrong"""


# The family of planwire's own frames, which carry values of plans and no code.
OWN = "planwire"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
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
        return fail("\n".join([str(error), *getattr(error, "__notes__", [])]))
    print(f"{options.file}: {contents}")
    if not found:
        return fail(f"{options.file} holds no payload that can be pinned")
    new = {pin: text for pin, text in found.items() if pin not in known}
    if not new:
        print(f"all of it is on {options.pins} already")
        return PINNED
    added = [f"{pin}  {text}" for pin, text in new.items()]
    print("\n".join(["to be pinned:", *added]))
    if not options.yes and not agreed(len(new), options.pins):
        return DECLINED
    try:
        with lines.adding(options.pins, added, check) as addition:
            addition.write()
    except (planwire.GuardError, OSError, UnicodeDecodeError) as error:
        return fail(str(error))
    print(f"added {len(new)} to {options.pins}")
    return PINNED


def pins(contents: planwire.Contents) -> dict[str, str]:
    """Return the pins of the sound frames, each with the remark for its line."""
    found = {}
    for reading in contents.readings:
        for part in every(reading.parts):
            # What stands in for a part of a plan is asked of no policy.
            if part.pin is not None and part.code not in UNSOUND and part.family != OWN:
                found[part.pin] = described(part)
    return found


def described(part: planwire.Part) -> str:
    """Describe a frame: family, version and kind, which are pinned, and the plan's name."""
    # Escaped and cut: the name is the sender's, and must not begin a line of its own.
    name = part.name if len(part.name) <= LONGEST_NAME else f"{part.name[:LONGEST_NAME]}..."
    return f"{part.family} v{part.version} {part.frame_kind} {name!a}"


def every(parts: Sequence[planwire.Part]) -> Iterator[planwire.Part]:
    """List parts and the parts inside of them."""
    for part in parts:
        yield part
        yield from every(part.children)


def on_list(path: Path) -> set[str]:
    """Return the pins of a sound list; a missing file has none."""
    text = lines.read(path)
    check(text)
    return {line.split()[0].lower() for line in text.splitlines() if line.strip()}


def check(text: str) -> None:
    """Raise if a text is not a list."""
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
