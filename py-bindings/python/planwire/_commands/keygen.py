"""``planwire keygen``: a new key, as lines of keyrings."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from planwire import GuardError, guard
from planwire._commands import lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

MADE, FAILED = 0, 2

HELP = "make a key that signs payloads and messages"

DESCRIPTION = """\
Make a new key: the line for the keyring that signs, and the line for those that verify.

With ed25519 the second line cannot sign. With hmac-sha256 it is the same secret."""

EPILOG = """\
Lines are added at the end of the files, which are made for their owner alone;
without a file, both lines are printed. A file that is there has to be a regular
one of your own, not a symbolic link, that nobody else can write; nor read, where
the line is a secret, as every line of hmac-sha256 is.

exit codes:
  0  the key is made
  2  a file cannot be read or written, or would not be a sound keyring, in which
     case no file has changed; or the command is wrong"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
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
    try:
        signs, verifies = guard.generate_key(options.algorithm, options.id)
        if options.sign is None and options.verify is None:
            print(f"{signs}\n{verifies}")
            return MADE
        with ExitStack() as opened:
            additions = []
            if options.sign is not None:
                additions.append(opened.enter_context(adding(options.sign, signs, secret=True)))
            if options.verify is not None:
                # Who verifies by HMAC can sign.
                secret = options.algorithm == "hmac-sha256"
                additions.append(
                    opened.enter_context(adding(options.verify, verifies, secret=secret))
                )
            if len(additions) > 1 and additions[0].is_to(additions[1]):
                raise ValueError(f"{options.sign} cannot have both lines of one key")
            for addition in additions:
                addition.write()
    except (ValueError, OSError) as error:
        print(f"planwire keygen: {error}", file=sys.stderr)
        return FAILED
    return MADE


@contextmanager
def adding(path: Path, line: str, *, secret: bool) -> Generator[lines.Addition]:
    """Prepare to add a line to a keyring, and check that the keyring is sound with it."""
    try:
        with lines.adding(path, [line], guard.Keyring.from_text, secret=secret) as addition:
            yield addition
    except GuardError as error:
        raise ValueError(f"{path} would not be sound: {error}") from error
