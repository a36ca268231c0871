"""The file or standard input that a command reads, within a limit."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass

import planwire
from planwire._base.escaped import escaped

# More than the longest seal that is around a message.
_SEAL = 1024

# Without waiting for a writer, and without becoming anybody's terminal.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Unreadable(OSError):
    """Bytes that cannot be read, or an empty input."""


@dataclass(frozen=True)
class Source:
    """A file by its name; its text is the escaped name."""

    name: str
    remedy: str = ""
    """What to do about a file that is no regular one."""

    def __str__(self) -> str:
        return escaped(self.name)

    def read(self) -> bytes:
        """Return all bytes, of which there must be some, and no more than a message may have.

        Raises:
            Unreadable: There are none, or too many, or they cannot be read.
        """
        limit = planwire.SessionContext().limits()["message"]
        try:
            blob = self._take(limit + _SEAL + 1)
        except Unreadable:
            raise
        except OSError as error:
            raise Unreadable(f"{self}: {error.strerror or escaped(str(error))}") from error
        except MemoryError as error:
            raise Unreadable(f"{self}: there is not enough memory to read it") from error
        if not blob:
            raise Unreadable(f"{self}: it is empty")
        if len(blob) > limit + _SEAL:
            raise Unreadable(f"{self}: it has more than the {limit} bytes that a message may have")
        return blob

    def _take(self, most: int) -> bytes:
        # Asked before it is opened, which alone can do something to a device.
        _check(self, os.stat(self.name).st_mode)
        with os.fdopen(os.open(self.name, _FLAGS), "rb") as file:
            _check(self, os.fstat(file.fileno()).st_mode)
            return file.read(most)


class StandardInput(Source):
    """The standard input of the process."""

    def _take(self, most: int) -> bytes:
        if sys.stdin is None:
            raise Unreadable(f"{self}: there is no standard input")
        return sys.stdin.buffer.read(most)


def named(name: str) -> Source:
    """Return the source that an argument names; ``-`` is standard input."""
    if name == "-":
        return StandardInput(name)
    return Source(name, remedy="; have it on standard input, with - as FILE")


def _check(source: Source, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise Unreadable(f"{source}: it is a directory")
    if not stat.S_ISREG(mode):
        raise Unreadable(f"{source}: it is no regular file{source.remedy}")
