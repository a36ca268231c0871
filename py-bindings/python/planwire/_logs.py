"""Logs of workers: records that functions log there are passed to the logging of this process."""

from __future__ import annotations

import io
import logging
import os
import pickle
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from logging.handlers import QueueHandler
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener, answer_challenge, deliver_challenge
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from types import TracebackType

__all__ = ["WorkerLogs"]

PRINTS = "planwire.prints"
# Seconds between two looks at whether the block has ended.
TICK = 0.1
# Seconds that a peer has to go on with what it began to say, and that records which are under way
# are read for after the block.
PATIENCE = 10
GRACE = 1.0
# What every record has; what else is in one was put there by `extra`.
_PLAIN = frozenset(vars(logging.makeLogRecord({})))


class WorkerLogs:
    """A listener that passes logs, warnings and prints of workers to the logging of this process.

    Inside a `with` block it passes each record to the logger of the same name here, so that the
    handlers of that logger get it, with the worker's name as its `processName`.

    `start` is the initializer of a worker. It makes the worker log at the levels that are set here,
    removes handlers that a fork has left there, and turns warnings into records of the logger
    ``py.warnings``.

    Records that a worker logs after the block has ended go to its own stderr.

    Args:
        prints: Whether lines that workers print are records too, of the logger
            ``planwire.prints``: at level INFO from stdout, and at WARNING from stderr.
        host: The name or address under which workers on other machines reach this one. Without it,
            those on this machine do.

    Raises:
        OSError: It is not possible to listen under that name.

    Example:
        >>> import logging
        >>> from concurrent.futures import ProcessPoolExecutor
        >>> from planwire.ipc import WorkerLogs
        >>> with WorkerLogs() as logs, ProcessPoolExecutor(1, initializer=logs.start) as pool:
        ...     pool.submit(logging.info, "at work").result()
    """

    def __init__(self, *, prints: bool = False, host: str | None = None) -> None:
        self._prints = prints
        # Known to nobody but the workers, so that what is unpickled here comes from them.
        self._key = os.urandom(32)
        place = (host, 0) if host is not None else None
        # Without the key: a peer proves that it has it in a thread of its own, so that one which
        # says nothing holds up nobody.
        self._listener = Listener(place, backlog=64)
        self._address = self._listener.address
        self._is_open = True
        self._end = 0.0
        self._meetings: list[threading.Thread] = []

    def __enter__(self) -> WorkerLogs:
        """Begin to listen."""
        _listening.add(self._key)
        self._accepting = _thread(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Pass on the records that have arrived, and stop listening."""
        self._end = time.monotonic() + GRACE
        self._is_open = False
        # The thread that accepts waits for somebody to come.
        with suppress(OSError):
            Client(self._address).close()
        self._accepting.join()
        for meeting in self._meetings:
            # One with a peer that says nothing goes on until its patience ends.
            meeting.join(max(TICK, self._end + 2 * TICK - time.monotonic()))
        _listening.discard(self._key)

    @property
    def start(self) -> Callable[[], None]:
        """The initializer of a worker, which then sends what it logs; it can be pickled."""
        return _Start(self._address, self._key, _levels(), self._prints)

    def _accept(self) -> None:
        with self._listener:
            while self._is_open:
                try:
                    connection = self._listener.accept()
                except OSError:
                    # Such as too many open files.
                    time.sleep(TICK)
                    continue
                if self._is_open:
                    self._meetings.append(_thread(self._meet, connection))

    def _meet(self, connection: Connection) -> None:
        """Read from a peer that knows the key."""
        with connection:
            try:
                _limit_patience(connection)
                deliver_challenge(connection, self._key)
                answer_challenge(connection, self._key)
            except (AuthenticationError, EOFError, OSError):
                return
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        while True:
            try:
                if not connection.poll(TICK):
                    if not self._is_open:
                        return
                elif not self._is_open and time.monotonic() > self._end:
                    return
                else:
                    _hand_over(connection.recv())
            except (EOFError, OSError):
                return
            except Exception as error:
                # What follows can still be read.
                logging.getLogger("planwire").warning("a record of a worker is lost: %r", error)


# The keys of the blocks that this process is in; a fork is a worker.
_listening: set[bytes] = set()
os.register_at_fork(after_in_child=_listening.clear)


def _thread(target: Any, *args: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=args, name="planwire logs", daemon=True)
    thread.start()
    return thread


def _limit_patience(connection: Connection) -> None:
    """Make a read fail that takes longer than PATIENCE."""
    with socket.socket(fileno=os.dup(connection.fileno())) as shared:
        patience = struct.pack("ll", PATIENCE, 0)
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)


def _hand_over(record: logging.LogRecord) -> None:
    """Pass a record to the logger of its name."""
    logger = logging.getLogger(None if record.name == "root" else record.name)
    if logger.isEnabledFor(record.levelno):
        logger.handle(record)


@dataclass
class _Start:
    """What has a worker send what it logs."""

    address: Any
    key: bytes = field(repr=False)
    levels: dict[str, int]
    prints: bool

    def __post_init__(self) -> None:
        # Ray asks a function for its name.
        self.__name__ = "start"

    def __call__(self) -> None:
        if self.key in _listening:
            # A thread of this very process, as of a thread pool: it logs here already.
            return
        for logger in _loggers().values():
            # A fork has left them, and would log here what is going to be logged there.
            logger.handlers.clear()
            logger.propagate = True
        logging.getLogger().handlers[:] = [_Handler(self.address, self.key)]
        for name, level in self.levels.items():
            logging.getLogger(name or None).setLevel(level)
        logging.captureWarnings(True)
        if self.prints:
            sys.stdout = _Lines(logging.INFO, sys.stdout)
            sys.stderr = _Lines(logging.WARNING, sys.stderr)


def _levels() -> dict[str, int]:
    """The levels that are set in this process, by the names of loggers."""
    levels = {name: logger.level for name, logger in _loggers().items() if logger.level}
    return {"": logging.getLogger().level, **levels}


def _loggers() -> dict[str, logging.Logger]:
    known = list(logging.root.manager.loggerDict.items())
    return {name: logger for name, logger in known if isinstance(logger, logging.Logger)}


class _Handler(QueueHandler):
    """A handler that sends records, including those with contents that cannot be pickled."""

    def __init__(self, address: Any, key: bytes) -> None:
        super().__init__(SimpleQueue())  # which has to be one, and is not used
        self._address, self._key = address, key
        self._connection: tuple[int, Connection] | None = None

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        record = super().prepare(record)
        if record.processName == "MainProcess":
            # Of a worker that something else than multiprocessing has started.
            record.processName = f"worker {record.process}"
        try:
            pickle.dumps(record)
        except Exception:
            extra = {name: value for name, value in vars(record).items() if name not in _PLAIN}
            vars(record).update({name: repr(value) for name, value in extra.items()})
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self._connected().send(record)
        except (AuthenticationError, EOFError, OSError):
            # Nobody listens any more.
            if sys.__stderr__ is not None:
                print(record.getMessage(), file=sys.__stderr__)

    def _connected(self) -> Connection:
        # A child of the worker's own cannot send in between what the worker sends.
        if self._connection is None or self._connection[0] != os.getpid():
            self._connection = os.getpid(), Client(self._address, authkey=self._key)
        return self._connection[1]


class _Lines(io.TextIOBase):
    """A stream whose lines are records; bytes go to the stream below."""

    def __init__(self, level: int, stream: Any) -> None:
        self._level = level
        # One that was put there before does not stand below this one.
        self._below: Any = stream._below if isinstance(stream, _Lines) else stream
        self.buffer = getattr(self._below, "buffer", None)
        # The pieces of a line that are not ended, by thread: several may print at once.
        self._pieces = threading.local()

    def fileno(self) -> int:
        if self._below is None:
            raise io.UnsupportedOperation("fileno")
        descriptor: int = self._below.fileno()
        return descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, rest = (getattr(self._pieces, "text", "") + text).split("\n")
        self._pieces.text = rest
        for line in lines:
            self._log(line)
        return len(text)

    def flush(self) -> None:
        """Make a record of an unfinished line."""
        text, self._pieces.text = getattr(self._pieces, "text", ""), ""
        if text:
            self._log(text)

    def _log(self, line: str) -> None:
        logging.getLogger(PRINTS).log(self._level, "%s", line)
