"""Runs everything that can be done to a message, each message within limits of time and memory.

A child process does it, step by step, and says before each step which one it is; so whatever ends
the child, the one who asked knows the message and the step. The time is the processor's, since the
machine may have more to do.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import planwire

from support import TESTS
from support.hostile import everything

SMALL_STACK = 2 * 1024 * 1024
# Seconds on the clock in which a child has begun, on a machine that has much else to do.
START = 30.0
KINDS: dict[str, Any] = {"E": "expression", "L": "logical plan", "P": "physical plan"}


@dataclass(frozen=True)
class Bounds:
    """What one message may take."""

    seconds: float = 10.0
    """Of processor time, all steps together."""
    memory: int = 3 << 30
    """Bytes of address space above what the process has before."""

    @property
    def patience(self) -> float:
        """Seconds on the clock after which a message counts as one that waits for ever."""
        return START + 10 * self.seconds


@dataclass
class Outcome:
    """What came of one message."""

    name: str
    ended: str = ""
    """How it ended the process; nothing where every step ended with a result or an own error."""
    step: str = ""
    """The step that ended it, or the one that took longest."""
    seconds: float = 0.0
    peak: int = 0
    """Bytes of memory above what the process had before."""
    errors: dict[str, str] = field(default_factory=dict)
    """What each step that failed said."""
    took: dict[str, float] = field(default_factory=dict)
    said: str = ""

    @property
    def held(self) -> bool:
        """Whether the message was held within the bounds."""
        return not self.ended

    def line(self, kind: str, size: int) -> dict[str, object]:
        """What a reader wants to know of it."""
        slowest = sorted(self.took.items(), key=lambda took: -took[1])[:3]
        return {
            "name": self.name,
            "kind": kind,
            "size": size,
            "ended": self.ended or "held",
            "step": self.step,
            "seconds": self.seconds,
            "MiB": self.peak >> 20,
            "took": dict(slowest),
            "errors": {step: text[:120] for step, text in [*self.errors.items()][:3]},
            "said": self.said[-300:],
        }


def outcomes(
    messages: Iterable[tuple[str, str, bytes]],
    bounds: Bounds = Bounds(),
    *,
    run: bool = False,
    stacks: str = "small",
) -> Iterator[Outcome]:
    """Does everything to each message, of which the name, the kind and the bytes are given."""
    child: Child | None = None
    try:
        for name, kind, message in messages:
            child = child or Child(bounds, run=run, stacks=stacks)
            outcome = child.ask(name, kind, message)
            yield outcome
            if not outcome.held:
                child.end()
                child = None
    finally:
        if child:
            child.end()


class Child:
    """A process that takes messages."""

    def __init__(self, bounds: Bounds, *, run: bool, stacks: str) -> None:
        self.bounds = bounds
        self.log: IO[bytes] = open(os.memfd_create("said"), "w+b")  # noqa: SIM115
        arguments = [str(bounds.seconds), str(bounds.memory), stacks, "run" if run else ""]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.hostile.held", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            cwd=TESTS,
            env={**os.environ, "RUST_BACKTRACE": "0"},
        )
        self.pending = b""

    def ask(self, name: str, kind: str, message: bytes) -> Outcome:
        """Hands over one message and waits for what comes of it."""
        outcome = Outcome(name)
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps([kind, len(message)]).encode() + b"\n" + message)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        deadline = time.monotonic() + self.bounds.patience
        for line in self.lines(deadline):
            match json.loads(line):
                case ["step", step]:
                    outcome.step = step
                case ["error", step, text]:
                    outcome.errors[step] = text
                case ["took", step, seconds]:
                    outcome.took[step] = seconds
                case ["done", seconds, peak]:
                    outcome.seconds, outcome.peak = seconds, peak
                    outcome.step = max(outcome.took, key=outcome.took.__getitem__, default="")
                    return outcome
                case ["escaped", text]:
                    outcome.ended = text
                    return outcome
        if self.process.poll() is None and time.monotonic() >= deadline:
            outcome.ended = "no end on the clock"
        else:
            outcome.ended = how(self.process.wait(timeout=60))
        self.log.seek(0)
        outcome.said = self.log.read()[-2000:].decode(errors="replace").strip()
        if "memory allocation" in outcome.said:
            outcome.ended += ", memory"
        return outcome

    def lines(self, deadline: float) -> Iterator[bytes]:
        """What the child says, until it ends or the time is over."""
        assert self.process.stdout
        output = self.process.stdout.fileno()
        while True:
            while b"\n" not in self.pending:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([output], [], [], left)[0]:
                    return
                if not (more := os.read(output, 1 << 16)):
                    return
                self.pending += more
            line, _, self.pending = self.pending.partition(b"\n")
            yield line

    def end(self) -> None:
        """Ends the child, whatever it does."""
        self.process.kill()
        self.process.communicate()
        self.log.close()


def how(code: int) -> str:
    """A name for how a process ended."""
    if code >= 0:
        return f"exit {code}"
    name = signal.Signals(-code).name
    ends = {"SIGPROF": "no end in the processor's time", "SIGALRM": "no end on the clock"}
    return ends.get(name, name)


# What follows runs in the child.


# Where the child answers, since what explains prints on the other.
OUT = 3


def say(*what: object) -> None:
    """One line to the one who asked."""
    os.write(OUT, json.dumps(what).encode() + b"\n")


def do(kind: str, message: bytes, *, run: bool) -> None:
    """Takes every step, of which an error of planwire is as good an end as any."""
    for name, step in everything.steps(kind, message, run=run):
        say("step", name)
        start = time.process_time()
        try:
            step()
        except planwire.PlanwireError as error:
            say("error", name, f"{error.code}: {error.__cause__ or error}"[:300])
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"[:300]
            if not everything.exported(name, error):
                say("escaped", said)
                return
            say("error", name, said)
        say("took", name, round(time.process_time() - start, 3))


def size_of(name: str) -> int:
    """A size that the kernel keeps of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) << 10
    return 0


def limit_memory(more: int) -> None:
    """Lets the process take that much more address space than it has."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size_of("VmSize") + more, hard))


def serve(seconds: float, memory: int, stacks: str, *, run: bool) -> None:
    """Takes messages from standard input, one after another."""
    os.dup2(1, OUT)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    planwire.SessionContext().from_pydict({"c": [1]}).execution_plan()
    while line := sys.stdin.buffer.readline():
        kind, length = json.loads(line)
        message = sys.stdin.buffer.read(length)
        limit_memory(memory)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before, start = size_of("VmRSS"), time.process_time()
        # The kernel ends the process when its time is over.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        for stack in stacks.split(","):
            if stack == "small":
                threading.stack_size(SMALL_STACK)
                thread = threading.Thread(target=do, args=(kind, message), kwargs={"run": run})
                thread.start()
                thread.join()
            else:
                do(kind, message, run=run)
        signal.setitimer(signal.ITIMER_PROF, 0)
        peak = max(0, size_of("VmHWM") - before)
        say("done", round(time.process_time() - start, 3), peak)


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3], run=sys.argv[4] == "run")
