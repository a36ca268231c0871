"""``planwire executor``: runs the tasks of a scheduler."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from planwire import PlanwireError
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
What it runs is under the floor of its process, see PLANWIRE_FLOOR and
PLANWIRE_HARDENED. Whoever reaches its ports can give it tasks and read its rows,
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


def run(options: argparse.Namespace) -> int:
    """Run the executor and return the exit code."""
    try:
        with process.of_its_own() as work:
            session = process.begin(options)
            run_executor(session, options, work)
    except KeyboardInterrupt:
        return ENDED
    except (PlanwireError, OSError, OverflowError, ValueError) as error:
        print(f"planwire executor: {error}", file=sys.stderr)
        return FAILED
    return ENDED
