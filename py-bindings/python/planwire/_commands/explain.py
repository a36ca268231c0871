"""``planwire explain``: print the page of an error's code."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from planwire._base.escaped import escaped

if TYPE_CHECKING:
    import argparse

FOUND, UNKNOWN = 0, 1

HELP = "print the page of an error's code"

DESCRIPTION = """\
Print what the error index says of a code: its meaning, causes and remedies.

The index is a part of the package, so nothing is looked up elsewhere. Without a
code, all codes are listed."""

EPILOG = """\
exit codes:
  0  the page was printed
  1  there is no such code"""

# A part of the package: in a checkout it is a link to the document.
_INDEX = Path(__file__).with_name("errors.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("code", nargs="?", help="e.g. PW-D005, in capitals or not")


def run(options: argparse.Namespace) -> int:
    """Print a page, or the list of codes."""
    listed, pages = _read()
    if options.code is None:
        print("\n".join(listed))
        return FOUND
    code = options.code.upper()
    if code in pages:
        print(pages[code])
        return FOUND
    similar = get_close_matches(code[:80], pages)
    hint = f", similar codes are {', '.join(similar)}" if similar else ""
    print(f"planwire: there is no error {escaped(code, 80)}{hint}", file=sys.stderr)
    return UNKNOWN


def _read() -> tuple[list[str], dict[str, str]]:
    """Return a line for each code, and each code's page."""
    opening, *sections = _INDEX.read_text(encoding="utf-8").split("\n## ")
    rows = [row.split("|") for row in opening.splitlines() if row.startswith("| [PW-")]
    listed = [f"{row[1].strip()[1:8]}  {row[2].strip()}" for row in rows]
    return listed, {section[:7]: section.strip() for section in sections}
