"""``planwire keygen``: a new key, as lines of keyrings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from planwire import GuardError, guard
from planwire._commands import lines

if TYPE_CHECKING:
    import argparse

MADE, FAILED = 0, 2

HELP = "make a key that signs payloads and messages"

DESCRIPTION = """\
Make a new key: the line for the keyring that signs, and the line for those that verify.

With ed25519 the second line cannot sign. With hmac-sha256 it is the same secret."""

EPILOG = """\
Lines are added at the end of the files, which are made for their owner alone;
without a file, both lines are printed.

exit codes:
  0  the key is made
  2  a file cannot be read or written, or would not be a sound keyring, in which
     case no file has changed; or the command is wrong"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("algorithm", choices=["ed25519", "hmac-sha256"])
    parser.add_argument("id", metavar="ID", help="the key's name, which travels with signatures")
    parser.add_argument(
        "--sign", type=Path, metavar="FILE", help="the keyring that is to sign with it"
    )
    parser.add_argument(
        "--verify", type=Path, metavar="FILE", help="the keyring that is to verify it"
    )


def run(options: argparse.Namespace) -> int:
    """Make a key, write its lines and return the exit code."""
    wanted = (options.sign, options.verify)
    try:
        made = guard.generate_key(options.algorithm, options.id)
        if not any(wanted):
            print("\n".join(made))
            return MADE
        additions = [
            checked(path, line) for path, line in zip(wanted, made, strict=True) if path is not None
        ]
        for addition in additions:
            addition.write()
    except (ValueError, OSError) as error:
        print(f"planwire keygen: {error}", file=sys.stderr)
        return FAILED
    return MADE


def checked(path: Path, line: str) -> lines.Addition:
    """Prepare to add a line to a keyring, which has to be sound with it."""
    try:
        return lines.checked(path, [line], guard.Keyring.from_text)
    except GuardError as error:
        raise ValueError(f"{path} would not be sound: {error}") from error
