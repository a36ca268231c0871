"""``planwire scheduler``: plans the queries of clients, and gives their tasks to executors."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from planwire import PlanwireError
from planwire._cluster import process
from planwire._internal import run_scheduler

if TYPE_CHECKING:
    import argparse

ENDED, FAILED = 0, 2

HELP = "run the scheduler of a cluster"

DESCRIPTION = """\
Run the scheduler of an Apache Ballista cluster, until Ctrl-C. Clients send it
their queries with SessionContext.cluster; it plans them and gives the tasks to
executors. It does not open the functions in them."""

EPILOG = """\
Anybody who can reach its port can run queries, unless --tls-client-ca says
whose certificates are let in.

exit codes:
  0  it was asked to end
  2  it cannot listen there, or the command or a file that it names is wrong"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    process.add_arguments(parser)
    parser.set_defaults(tls_ca=None, tls_server_name=None)
    parser.add_argument(
        "--port",
        type=process.port,
        default=50050,
        help="the port to listen on (50050); 0 for a free one",
    )
    parser.add_argument(
        "--executor-timeout",
        type=int,
        default=30,
        metavar="SECONDS",
        help="after which an executor counts as lost of which nothing is heard (30)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the scheduler and return the exit code."""
    # Also as the first process of a container, to which a signal without a handler means nothing.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    process.begin(options)

    def ready(port: int) -> None:
        print(f"planwire scheduler: listening at df://{options.bind}:{port}", flush=True)

    try:
        run_scheduler(options, ready)
    except KeyboardInterrupt:
        return ENDED
    except (PlanwireError, OSError, OverflowError, ValueError) as error:
        print(f"planwire scheduler: {error}", file=sys.stderr)
        return FAILED
    return ENDED
