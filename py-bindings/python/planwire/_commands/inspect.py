"""``planwire inspect``: the contents of a file, without running any of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import planwire
from planwire._commands import pickled, report, source

if TYPE_CHECKING:
    import argparse

    from planwire._commands.pickled.search import Sort

SORTS: dict[str, Sort] = {
    "expression": "expression",
    "logical-plan": "logical plan",
    "physical-plan": "physical plan",
}

ADMITTED, REFUSED, NO_MESSAGE, PICKLE = 0, 1, 2, 3

HELP = "show what a message holds without running any of it"

DESCRIPTION = """\
Show what a message holds and whether this machine would decode it.

Nothing is decoded, unpickled, imported or run, so it is safe with files from anywhere.
FILE holds a message, a frame, or a pickle with messages inside."""

EPILOG = """\
exit codes:
  0  all of it would be admitted; never for a pickle
  1  something would be refused, or is of a family that is unknown here or does
     not tell what is inside, in a message or in any that was found in a pickle
  2  the file cannot be read, or not to its end, or holds no message; or the
     command or its environment is wrong, or what is printed cannot be written
  3  a pickle, in which nothing was found that would be refused: it is code,
     which runs when it is loaded, and no policy is asked about it

Of several the first of 1, 2 and 3 counts. For a pickle all that it imports is
listed, and whatever cannot be told without loading it.

The policy asked is that of a session as it starts, below the floor of this
process: set PLANWIRE_FLOOR=refuse, or PLANWIRE_HARDENED=signed:AUDIENCE:KEYRING,
to see what a worker that is started so does."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "file", type=source.named, metavar="FILE", help="the file, or - for standard input"
    )
    parser.add_argument(
        "--as",
        dest="sort",
        choices=list(SORTS),
        help="the sort of message that it is; without it, all that it can be read as is shown",
    )
    parser.add_argument("--json", action="store_true", help="print JSON rather than a tree")


def run(options: argparse.Namespace) -> int:
    """Print the contents of the file and return the exit code."""
    file, what = options.file, SORTS.get(options.sort)
    contents: planwire.Contents | None = None
    said = ""
    try:
        blob = file.read()
    except source.Unreadable as error:
        return fail(str(error))
    try:
        contents = planwire.inspect(blob, what=what)
    except planwire.PlanwireError as error:
        notes = getattr(error, "__notes__", [])
        said = "\n".join([f"{file}: {error}", *(f"  {note}" for note in notes)])
    findings = pickled.look(blob, what, message=contents is not None)
    if findings is not None:
        if contents is not None:
            findings.messages.insert(0, pickled.Found((0,), "file", contents))
        return show_pickle(options, len(blob), findings)
    if contents is None:
        return fail(said)
    if options.json:
        verdict = "admitted" if contents.admitted else "refused"
        print(report.message_json(file, len(blob), contents, verdict))
    else:
        print(report.message_text(file, contents))
    return ADMITTED if contents.admitted else REFUSED


def show_pickle(options: argparse.Namespace, size: int, findings: pickled.Findings) -> int:
    """Print the contents of a pickle and return the exit code."""
    if findings.empty:
        nothing = f"a pickle of {size} bytes, in which no message was found"
        return fail(f"{options.file}: {findings.incomplete or nothing}")
    if findings.refused:
        code, verdict = REFUSED, "refused"
    elif findings.incomplete:
        code, verdict = NO_MESSAGE, "incomplete"
    else:
        code, verdict = PICKLE, "pickle"
    if options.json:
        print(report.pickle_json(options.file, size, findings, verdict))
    else:
        print(report.pickle_text(options.file, size, findings))
    if findings.incomplete:
        complain(f"{options.file}: {findings.incomplete}")
    return code


def fail(message: str) -> int:
    """Say why there is nothing to show."""
    complain(message)
    return NO_MESSAGE


def complain(message: str) -> None:
    """Print to standard error."""
    print(f"planwire inspect: {message}", file=sys.stderr)
