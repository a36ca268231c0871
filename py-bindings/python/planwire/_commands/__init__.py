"""The commands of ``planwire``: modules that describe themselves, declare arguments and run."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from planwire._base.escaped import escaped
from planwire._commands import executor, explain, inspect, keygen, pin, scheduler
from planwire._internal import __datafusion_version__, __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = {
    "explain": explain,
    "inspect": inspect,
    "keygen": keygen,
    "pin": pin,
    "scheduler": scheduler,
    "executor": executor,
}

_FAILED = 2


class _Parser(argparse.ArgumentParser):
    """A parser whose errors repeat arguments escaped, e.g. file names that a shell found."""

    def error(self, message: str) -> NoReturn:
        super().error(escaped(message, keep="'"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _Parser(
        prog="planwire", description="Look after messages with DataFusion plans and their code."
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"planwire {__version__}, DataFusion {__datafusion_version__}",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in _COMMANDS.items():
        added = commands.add_parser(
            name,
            help=command.HELP,
            description=command.DESCRIPTION,
            epilog=command.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    _print_in_any_encoding()
    options = parser.parse_args(arguments)
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        code: int = options.run(options)
        # There is none where the caller has closed it.
        if sys.stdout is not None:
            sys.stdout.flush()
    except MemoryError:
        print("planwire: there is not enough memory", file=sys.stderr)
        return _FAILED
    except OSError as error:
        # What a command reads it reports itself: here its own output did not get out.
        _drop_output()
        if not isinstance(error, BrokenPipeError):
            print(f"planwire: {escaped(str(error))}", file=sys.stderr)
        return _FAILED
    return code


def _print_in_any_encoding() -> None:
    """Print characters escaped that the encoding of a terminal or a pipe does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Keep the interpreter from failing again over the same output when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
