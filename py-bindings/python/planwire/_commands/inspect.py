"""``planwire inspect``: what a file holds, without running any of it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import planwire
from planwire._commands import pickled

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    _Sort: TypeAlias = Literal["expression", "logical plan", "physical plan"]

SORTS: dict[str, _Sort] = {
    "expression": "expression",
    "logical-plan": "logical plan",
    "physical-plan": "physical plan",
}

ADMITTED, REFUSED, NO_MESSAGE = 0, 1, 2

HELP = "show what a message holds without running any of it"

DESCRIPTION = """\
Show what a message holds and whether this machine would decode it.

Nothing is decoded, unpickled, imported or run, so it is safe with files from anywhere.
FILE holds a message, a frame, or a pickle with messages inside."""

EPILOG = """\
exit codes:
  0  all of it would be admitted
  1  something would be refused, or is of a family that is unknown here or does not
     tell what is inside
  2  the file cannot be read or holds no message, or the command is wrong

The policy asked is that of a session as it starts, below the floor of this
process: set PLANWIRE_FLOOR=refuse, or PLANWIRE_HARDENED=signed:AUDIENCE:KEYRING,
to see what a worker that is started so does."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
    parser.add_argument(
        "--as",
        dest="sort",
        choices=list(SORTS),
        help="the sort of message that it is; without it, all that it can be read as is shown",
    )
    parser.add_argument("--json", action="store_true", help="print JSON rather than a tree")


@dataclass(frozen=True)
class Found:
    """A message in a file, and where it starts."""

    offset: int
    contents: planwire.Contents


def run(options: argparse.Namespace) -> int:
    """Print what the file holds and return the exit code."""
    try:
        blob = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        return fail(f"{options.file}: {error.strerror or error}")
    what = SORTS.get(options.sort)
    pickle = pickled.is_pickle(blob)
    try:
        found = (
            list(inside(blob, what)) if pickle else [Found(0, planwire.inspect(blob, what=what))]
        )
    except planwire.PlanwireError as error:
        notes = getattr(error, "__notes__", [])
        return fail("\n".join([f"{options.file}: {error}", *(f"  {note}" for note in notes)]))
    except pickled.Broken as error:
        return fail(f"{options.file}: a pickle that cannot be walked: {error}")
    if not found:
        return fail(f"{options.file}: a pickle of {len(blob)} bytes, in which no message was found")
    admitted = all(message.contents.admitted for message in found)
    if options.json:
        print(as_json(options.file, len(blob), found, pickle=pickle, admitted=admitted))
    else:
        print(as_text(options.file, len(blob), found, pickle=pickle))
    return ADMITTED if admitted else REFUSED


def inside(blob: bytes, what: _Sort | None) -> Iterator[Found]:
    """Find the messages among the byte strings of a pickle."""
    for offset, candidate in pickled.byte_strings(blob):
        try:
            contents = planwire.inspect(candidate, what=what)
        except planwire.PlanwireError:
            continue
        if any(is_likely(reading) for reading in contents.readings):
            yield Found(offset, contents)


def is_likely(reading: planwire.Reading) -> bool:
    """Tell a message from bytes that only happen to be readable as one."""
    return not reading.unknown_fields or any(part.content != "name" for part in reading.parts)


def as_json(file: str, size: int, found: list[Found], *, pickle: bool, admitted: bool) -> str:
    """Return the findings for a program."""
    messages = [{"offset": message.offset, **message.contents.to_dict()} for message in found]
    report = {
        "file": file,
        "size": size,
        "pickle": pickle,
        "admitted": admitted,
        "messages": messages,
    }
    return json.dumps(report, indent=2)


def as_text(file: str, size: int, found: list[Found], *, pickle: bool) -> str:
    """Return the findings for a person."""
    if not pickle:
        return f"{file}: {found[0].contents}"
    count = "1 message" if len(found) == 1 else f"{len(found)} messages"
    lines = [f"{file}: a pickle of {size} bytes, not unpickled, with {count} inside"]
    lines += [f"at byte {message.offset}: {message.contents}" for message in found]
    return "\n".join(lines)


def fail(message: str) -> int:
    """Say why there is nothing to show."""
    print(f"planwire inspect: {message}", file=sys.stderr)
    return NO_MESSAGE
