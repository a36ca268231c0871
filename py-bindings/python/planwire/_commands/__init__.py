"""The commands of ``planwire``: modules that describe themselves, declare arguments and run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planwire._commands import inspect, keygen, pin

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = {"inspect": inspect, "keygen": keygen, "pin": pin}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="planwire", description="Look after messages with DataFusion plans and their code."
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
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code
