"""The limits that a process of a quarantine sets on itself, once for good and for each message."""

from __future__ import annotations

import math
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planwire._quarantine.wire import Order

# Files that planning opens, and the threads' own descriptors.
_DESCRIPTORS = 128

# How much longer the parent's clock runs at most; it is to be the first.
_GRACE = 5

_LINUX = sys.platform == "linux"
_ADDRESS_SPACE = Path("/proc/self/statm")

# Each ends the process where nothing handles it, and a parent may have had it ignored or blocked.
_FATAL = (signal.SIGALRM, signal.SIGXCPU, signal.SIGABRT)


def heed_signals() -> None:
    """Let the signals of limits end this process; for the main thread, before it starts others."""
    for fatal in _FATAL:
        signal.signal(fatal, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FATAL)


class Limits:
    """The limits; those on memory work on Linux only, because macOS does not enforce them."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._start = _address_space()
        # Linux ignores the limit where it pipes dumps to a program, unless it is 1 (fs/coredump.c).
        _narrow(resource.RLIMIT_CORE, 1 if _LINUX else 0)
        _narrow(resource.RLIMIT_FSIZE, 0)
        _narrow(resource.RLIMIT_NOFILE, _DESCRIPTORS)
        # What each message may use is rounded up twice: the time so far, and that of its own.
        most = order.messages * (math.ceil(order.seconds) + 1)
        _narrow(resource.RLIMIT_CPU, _processor_time() + most)
        if _LINUX:
            _narrow(resource.RLIMIT_AS, self._start + 2 * order.memory)

    def begin(self) -> None:
        """Give the next message its full share."""
        _soften(resource.RLIMIT_CPU, _processor_time() + math.ceil(self._order.seconds))
        if _LINUX:
            _soften(resource.RLIMIT_AS, _address_space() + self._order.memory)
        # Should the parent be gone, nobody else looks at a clock.
        signal.setitimer(signal.ITIMER_REAL, self._order.wall_seconds + _GRACE)

    def end(self) -> bool:
        """Stop the clock, and tell whether there is room for another message."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        return _address_space() - self._start <= self._order.memory // 2


def _narrow(what: int, most: int) -> None:
    """Set a limit for good, unless there is a lower one."""
    _, hard = resource.getrlimit(what)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (limit, limit))


def _soften(what: int, most: int) -> None:
    """Set a limit that the next message replaces."""
    _, hard = resource.getrlimit(what)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (limit, hard))


def _processor_time() -> int:
    """Return the seconds that this process has used, rounded up."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime)


def _address_space() -> int:
    """Return the bytes of address space that this process uses, or 0 if that is not known."""
    if not _LINUX:
        return 0
    return int(_ADDRESS_SPACE.read_text().split()[0]) * resource.getpagesize()
