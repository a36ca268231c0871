"""``planwire executor``: runs the tasks of a scheduler."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from planwire import PlanwireError, guard, harden, ipc
from planwire._cluster import process
from planwire._internal import run_executor

if TYPE_CHECKING:
    import argparse

ENDED, FAILED = 0, 2

HELP = "run an executor of a cluster"

DESCRIPTION = """\
Run an executor of an Apache Ballista cluster, until Ctrl-C. It runs the tasks
that a scheduler gives it, with the Python functions in them."""

EPILOG = """\
What it runs is under the floor of its process, which PLANWIRE_FLOOR and
PLANWIRE_HARDENED can raise too. Whoever reaches its ports can give it tasks and read its rows,
unless --tls-client-ca says whose certificates are let in.

exit codes:
  0  it was asked to end
  2  the scheduler cannot be reached, or the command or a file that it names is
     wrong"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("scheduler", help="the scheduler, such as df://localhost:50050")
    process.add_arguments(parser)
    parser.add_argument(
        "--port", type=process.port, default=0, help="the port for rows; 0 for a free one (0)"
    )
    parser.add_argument(
        "--grpc-port",
        type=process.port,
        default=0,
        help="the port for tasks, which there is with the policy push; 0 for a free one (0)",
    )
    parser.add_argument(
        "--vcores", type=int, default=0, help="how many partitions at a time; 0 for all cores (0)"
    )
    parser.add_argument(
        "--store",
        metavar="DIRECTORY",
        help="where large functions are, a directory that the clients share",
    )
    parser.add_argument(
        "--floor",
        choices=["inline", "refuse"],
        help="`refuse` runs no function that arrives (inline, or what the environment says)",
    )
    parser.add_argument(
        "--keyring",
        metavar="FILE",
        help="run functions that a key of this file signed and no others, and no plan that writes",
    )
    parser.add_argument(
        "--audience", metavar="NAME", help="for whom signatures are, with --keyring"
    )
    parser.add_argument(
        "--allow-writes", action="store_true", help="run plans that write, with --keyring"
    )
    parser.add_argument(
        "--tls-ca",
        metavar="FILE",
        help="the authorities that certificates of the scheduler and of other executors have to be"
        " from, in PEM",
    )
    parser.add_argument(
        "--tls-server-name",
        metavar="NAME",
        help="the name in those certificates, where they do not carry addresses",
    )


def _set_policy(options: argparse.Namespace) -> None:
    """Raise the floor of the process, which decides about what arrives."""
    if (options.keyring is None) != (options.audience is None):
        raise ValueError("--keyring and --audience go together")
    if options.allow_writes and options.keyring is None:
        raise ValueError("--allow-writes is for --keyring: plans write without it")
    if options.floor is not None:
        ipc.set_process_floor(options.floor)
    if options.keyring is not None:
        keyring = guard.Keyring.from_file(options.keyring)
        harden(guard.signed(keyring, audience=options.audience), writes=options.allow_writes)


def run(options: argparse.Namespace) -> int:
    """Run the executor and return the exit code."""
    try:
        with process.of_its_own() as work:
            session = process.begin(options)
            _set_policy(options)
            run_executor(session, options, work)
    except KeyboardInterrupt:
        return ENDED
    except (PlanwireError, OSError, OverflowError, RuntimeError, ValueError) as error:
        print(f"planwire executor: {error}", file=sys.stderr)
        return FAILED
    return ENDED
