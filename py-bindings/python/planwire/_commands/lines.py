"""Files of lines: new lines are added at the end, once the whole file is known to be sound."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from io import FileIO
    from pathlib import Path

# The size limit of a file, as for the lists that the library reads.
_LONGEST = 16 * 2**20

# Not through a link, so that nobody else says which file it is; without waiting, as for a pipe.
_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_OF_OTHERS = 0o077
_WRITTEN_BY_OTHERS = 0o022


@dataclass(frozen=True)
class Addition:
    """Text that is about to be added to an open file."""

    file: FileIO
    text: str

    def write(self) -> None:
        """Add it."""
        left = self.text.encode()
        while left:
            left = left[self.file.write(left) :]

    def is_to(self, other: Addition) -> bool:
        """Tell whether another addition is to the same file."""
        return os.path.sameopenfile(self.file.fileno(), other.file.fileno())


def read(path: Path) -> str:
    """Return the text of a file, which is empty if the file is not there."""
    try:
        file = _there(path, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    with file:
        return _text(path, file, secret=False)


@contextmanager
def adding(
    path: Path, lines: Sequence[str], check: Callable[[str], object], *, secret: bool = False
) -> Generator[Addition]:
    """Open a file, or make it, and let `check` see its text with more lines added.

    If anything fails before the end, the file is unchanged.
    """
    file, made = _opened(path)
    with file:
        before = os.fstat(file.fileno()).st_size
        try:
            text = _text(path, file, secret=secret)
            added = "".join(f"{line}\n" for line in lines)
            if text and not text.endswith("\n"):
                added = f"\n{added}"
            check(text + added)
            yield Addition(file, added)
        except BaseException:
            if made:
                path.unlink(missing_ok=True)
            elif os.fstat(file.fileno()).st_size > before:
                os.ftruncate(file.fileno(), before)
            raise


def _opened(path: Path) -> tuple[FileIO, bool]:
    """Open a file to add to it, and tell whether it was made."""
    flags = os.O_RDWR | os.O_APPEND
    try:
        descriptor = os.open(path, _FLAGS | flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _there(path, flags), False
    return os.fdopen(descriptor, "rb+", buffering=0), True


def _there(path: Path, flags: int) -> FileIO:
    """Open an existing file."""
    try:
        descriptor = os.open(path, _FLAGS | flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(f"{path} is a symbolic link") from error
        raise
    return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "rb+", buffering=0)


def _text(path: Path, file: FileIO, *, secret: bool) -> str:
    """Read an open file, unless others can write it, or read secrets in it."""
    status = os.fstat(file.fileno())
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{path} is not a regular file")
    if status.st_uid != os.geteuid():
        raise OSError(f"{path} belongs to another user")
    if mode & _WRITTEN_BY_OTHERS:
        raise OSError(f"{path} has mode {mode:03o}, which lets others write it")
    if secret and mode & _OF_OTHERS:
        raise OSError(f"{path} has mode {mode:03o}, which lets others read the secret: chmod 600")
    read = file.read(_LONGEST + 1)
    if len(read) > _LONGEST:
        raise OSError(f"{path} is longer than {_LONGEST} bytes")
    return read.decode()
