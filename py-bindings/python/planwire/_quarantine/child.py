"""A process of a quarantine, as its parent sees it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from planwire._internal import get_process_floor
from planwire._quarantine import wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Buffer

# Isolated, so that neither its environment nor its working directory chooses what it imports: it
# imports from where its parent does.
_PROGRAM = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from planwire._quarantine import inside, wire
inside.main(wire.Order.from_text(sys.argv[2]))
"""

# What a process needs of the environment to load libraries.
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

# Threads and their heaps take address space, which is limited, whether they use it or not.
_SPARING = {
    "MALLOC_ARENA_MAX": "1",
    "TOKIO_WORKER_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

# Seconds that a process may take to start, on a machine that is busy.
_START = 60

# Why a process ends so, as a rule.
_MEANINGS = {
    "SIGABRT": ", as one does that gets no more memory",
    "SIGSEGV": ", as one does that has no more stack",
}

# A parent that has SIGPIPE end it is not to be ended by a process of its own that has gone.
_NO_SIGPIPE = getattr(socket, "MSG_NOSIGNAL", 0)


class Lost(Exception):
    """A process that gave no answer, and why."""


class Child:
    """A process that tries messages, one after the other, while it survives them.

    Raises:
        Lost: It did not start.
    """

    def __init__(self, order: wire.Order) -> None:
        self._order = order
        self._left = order.messages
        self._line, other = socket.socketpair()
        try:
            with other:
                self._process = _start(order, other)
            self._greet()
        except BaseException:
            self._line.close()
            if hasattr(self, "_process"):
                self.end()
            raise

    def _greet(self) -> None:
        deadline = time.monotonic() + _START
        (size,) = wire.GREETING.unpack(self._receive(wire.GREETING.size, deadline))
        if size:
            text = bytes(self._receive(min(size, wire.LONGEST_GREETING), deadline))
            raise Lost(ascii(text.decode(errors="replace"))[1:-1])

    def ask(self, parts: Sequence[Buffer]) -> wire.Answer:
        """Try a message.

        Raises:
            Lost: There was no answer in time, or none that makes sense.
        """
        self._left -= 1
        deadline = time.monotonic() + self._order.wall_seconds
        for part in parts:
            self._send(memoryview(part).cast("B"), deadline)
        answer = wire.Answer.from_bytes(bytes(self._receive(wire.ANSWER_SIZE, deadline)))
        if answer is None:
            raise Lost("its process answered nonsense")
        if not answer.stays:
            self._left = 0
        return answer

    @property
    def is_spent(self) -> bool:
        """Whether it takes no more messages: it has tried enough, or uses too much memory."""
        return self._left <= 0

    @property
    def is_quiet(self) -> bool:
        """Whether it is waiting: it is running, and sends nothing unasked."""
        waiting = select.poll()
        waiting.register(self._line, select.POLLIN)
        return not waiting.poll(0)

    def _send(self, data: memoryview, deadline: float) -> None:
        while data:
            self._wait(deadline)
            try:
                data = data[self._line.send(data, _NO_SIGPIPE) :]
            except TimeoutError:
                raise self._late() from None
            except OSError:
                raise self._died() from None

    def _receive(self, size: int, deadline: float) -> bytearray:
        def receive(rest: memoryview) -> int:
            self._wait(deadline)
            return self._line.recv_into(rest)

        try:
            return wire.exactly(size, receive)
        except TimeoutError:
            raise self._late() from None
        except (EOFError, OSError):
            raise self._died() from None

    def _wait(self, deadline: float) -> None:
        """Let the next step on the line take the remaining time.

        Raises:
            Lost: Nothing is left.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._late()
        self._line.settimeout(left)

    def _late(self) -> Lost:
        return Lost(f"it was not done after {self._order.wall_seconds:g} seconds")

    def _died(self) -> Lost:
        """Tell how the process ended, which it has, or is about to."""
        ended = self.end()
        if ended == -signal.SIGXCPU:
            return Lost(f"it took more than {self._order.seconds:g} seconds of processor time")
        if ended == -signal.SIGALRM:
            return self._late()
        if ended < 0:
            with contextlib.suppress(ValueError):
                name = signal.Signals(-ended).name
                return Lost(f"its process ended by {name}{_MEANINGS.get(name, '')}")
        return Lost("its process ended")

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    def end(self) -> int:
        """Kill the process, unless it has ended already, and return how it ended."""
        self._line.close()
        self.kill()
        return self._process.wait()

    def abandon(self) -> None:
        """Let go of the parent's process in a forked child."""
        self._line.close()
        # As if it had ended: there is nothing to kill and to wait for here.
        self._process.returncode = 0


def _start(order: wire.Order, line: socket.socket) -> subprocess.Popen[bytes]:
    paths = json.dumps([path or os.getcwd() for path in sys.path])
    environment = _SPARING | {name: os.environ[name] for name in _KEPT if name in os.environ}
    if get_process_floor() == "refuse":
        environment["PLANWIRE_FLOOR"] = "refuse"
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _PROGRAM, paths, order.to_text()],
            stdin=line.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Ctrl-C in a terminal is for its parent.
            start_new_session=True,
        )
    except OSError as error:
        raise Lost(f"{sys.executable!r} cannot be run: {error}") from error
