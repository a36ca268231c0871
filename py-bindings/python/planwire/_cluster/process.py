"""What the processes of a cluster have in common."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from planwire import SessionContext

if TYPE_CHECKING:
    from collections.abc import Generator

# What is removed when the process ends.
_own: list[str] = []

_LAST_PORT = 65_535

# Stack of the threads that Ballista starts, which recurse once for each level of an expression.
_STACK = 64 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that a scheduler and an executor share."""
    parser.add_argument(
        "--bind", metavar="HOST", default="127.0.0.1", help="the address to listen on (127.0.0.1)"
    )
    parser.add_argument(
        "--policy",
        choices=["push", "pull"],
        help="whether executors are sent their tasks or ask for them; all have the same (push, or"
        " pull with TLS, because the port to which tasks are sent cannot be encrypted)",
    )
    parser.add_argument(
        "--tls-cert",
        metavar="FILE",
        help="the certificate that the process shows, in PEM; with it, connections are encrypted",
    )
    parser.add_argument(
        "--tls-key", metavar="FILE", help="the private key of the certificate, in PEM"
    )
    parser.add_argument(
        "--tls-client-ca",
        metavar="FILE",
        help="the authorities that certificates of those who connect have to be from, in PEM;"
        " without it, anybody may connect",
    )
    parser.add_argument(
        "--remove", metavar="DIRECTORY", action="append", default=[], help=argparse.SUPPRESS
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when the standard input does, for a process that another one looks after",
    )


def port(text: str) -> int:
    """Read the number of a port."""
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number up to {_LAST_PORT}, not {text!r}")
    return int(text)


def begin(options: argparse.Namespace) -> SessionContext:
    """Make the session whose modes decide what the process lets through."""
    os.environ.setdefault("RUST_MIN_STACK", str(_STACK))
    _own.extend(options.remove)
    options.policy = options.policy or ("pull" if options.tls_cert else "push")
    if options.until_stdin_closes:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    return SessionContext()


@contextmanager
def of_its_own() -> Generator[str]:
    """Make a directory that no other user can read, and remove it in the end."""
    path = tempfile.mkdtemp(prefix="planwire-executor-")
    _own.append(path)
    try:
        yield path
    finally:
        _clean_up()


def _end_with_stdin() -> None:
    # Without Python's own lock of the stream, which the interpreter would wait for when it ends.
    while os.read(0, 4096):
        pass
    _clean_up()
    os._exit(0)


def _clean_up() -> None:
    for path in _own:
        shutil.rmtree(path, ignore_errors=True)
