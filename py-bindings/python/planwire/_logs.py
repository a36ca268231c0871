"""Logs of workers: what functions log there comes out where this process logs."""

from __future__ import annotations

import io
import logging
import os
import pickle
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from logging.handlers import QueueHandler
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from types import TracebackType

__all__ = ["WorkerLogs"]

PRINTS = "planwire.prints"
# How long a connection is waited for before it is asked whether it is to be left.
TICK = 0.1
# What every record has; what else is in one was put there by `extra`.
_PLAIN = frozenset(vars(logging.makeLogRecord({})))


class WorkerLogs:
    """A listener that hands what workers log, warn of and print to the logging of this process.

    Inside a `with` block it hands each record to the logger of the same name here, so that it comes
    out in the handlers that are set up for it, with the worker's name as its `processName`.

    `start` is the initializer of a worker. It has the worker log at the levels that are set here,
    takes away the handlers that a fork has left there, and turns warnings into records of the
    logger ``py.warnings``.

    What a worker logs after the block has ended goes to its own stderr.

    Args:
        prints: Whether lines that workers print are records too, of the logger
            ``planwire.prints``: at level INFO from stdout, and at WARNING from stderr.
        host: The name or address under which workers on other machines reach this one. Without it,
            those on this machine do.

    Raises:
        OSError: Nobody can be listened to under that name.

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
        self._listener = Listener(place, backlog=64, authkey=self._key)
        self._address = self._listener.address
        self._is_open = True
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> WorkerLogs:
        """Begin to listen."""
        self._thread(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Hand over what has come so far, and listen no more."""
        self._is_open = False
        # It waits for somebody to come.
        with suppress(EOFError, OSError):
            Client(self._address, authkey=self._key).close()
        for thread in self._threads:
            thread.join()

    @property
    def start(self) -> Callable[[], None]:
        """The initializer of a worker, which then sends what it logs; it can be pickled."""
        return _Start(self._address, self._key, _levels(), self._prints)

    def _thread(self, target: Any, *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, name="planwire logs", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with self._listener:
            while self._is_open:
                try:
                    connection = self._listener.accept()
                except (AuthenticationError, EOFError, OSError):
                    continue
                self._thread(self._read, connection)

    def _read(self, connection: Connection) -> None:
        with connection:
            while True:
                try:
                    if connection.poll(TICK):
                        _hand_over(connection.recv())
                    elif not self._is_open:
                        return
                except (EOFError, OSError):
                    return
                except Exception as error:
                    # What follows can still be read.
                    logging.getLogger("planwire").warning("a record of a worker is lost: %r", error)


def _hand_over(record: logging.LogRecord) -> None:
    """Give a record to the logger of its name."""
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
    """Sends records, also those that hold what cannot be pickled."""

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
            logging.getLogger(PRINTS).log(self._level, "%s", line)
        return len(text)
