"""A storm of mutated messages against a strict session, counted.

    python -m support.hostile.storm 200000

For expressions, logical plans, physical plans, sealed messages and pickled sessions, that many
messages are decoded. Some are sound ones with bytes overwritten, taken out, put in, or swapped with
those of another; most, of built-ins only, have one field changed, so that a good part of them
decodes. To what decodes, everything is done that can be done to it (`everything.py`), but for
running it. One JSON line a sort says what came of them.

An exception that is not planwire's, an error of more than 8 KiB, an unpickle, and a message that
ends the process, takes more than ten seconds of the processor or 3 GiB of memory are faults: each
is a JSON line with its message, and the storm goes on behind it. With faults it ends with 1.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import planwire
from planwire import ExecutionPlan, Expr, LogicalPlan, SessionContext, guard, ipc

from support.hostile import calling, everything, held, mutations, sound

LONGEST = 8 * 1024
BOUNDS = held.Bounds()
SORTS = ("expression", "logical plan", "physical plan", "sealed message", "pickled session")
# What an unpickle cannot do without, by the interpreter's own audit events.
UNPICKLING = {"pickle.find_class", "code.__new__", "function.__new__"}
AUDIENCE = "workers"
# The share of messages that are changed in one field.
GENTLE = 0.7
# Messages between two reports of a child: those that a fault leaves uncounted.
STEP = 500
# Room for the message under way, which is left behind when the process is ended.
ROOM = 4 << 20

unpickled: list[str] = []


def hear(event: str, _: tuple[object, ...]) -> None:
    """Notes an unpickle."""
    if event in UNPICKLING:
        unpickled.append(event)


@dataclass
class Sort:
    """One sort of message."""

    kind: str
    # Messages of built-ins, and those with functions of Python, which a strict session refuses.
    plain: list[bytes]
    refused: list[bytes]
    decode: Callable[[bytes], Any]
    # Most are changed before they are sealed, as by one who has a key, and some after.
    seal: Callable[[bytes], bytes] | None = None
    open: Callable[[bytes], bytes] = bytes

    def changed(self, chance: random.Random) -> bytes:
        """A message that is not as it was."""
        seal, every = self.seal or bytes, self.plain + self.refused
        if chance.random() < GENTLE:
            return seal(mutations.gentle(chance, self.plain))
        if self.seal and chance.random() < 0.5:
            return mutations.wild(chance, [seal(chance.choice(every)) for _ in range(2)])
        return seal(mutations.wild(chance, every))

    def uses(self, message: bytes, decoded: Any) -> Iterator[everything.Step]:
        """What can be done to it, step by step."""
        if self.kind != "S":
            yield from everything.steps(self.kind, self.open(message), run=False)
            return
        for name in ("v", "w"):
            table = partial(decoded.table, name)
            yield from everything.of_frame(name, table, run=False, explain=True)
        yield "reduce", decoded.__reduce__


def sort_of(name: str) -> Sort:
    """The sort of this name."""
    strict = SessionContext().with_python_udf_inlining(enabled=False)
    match name:
        case "expression":
            refused = calling.messages()
            return Sort("E", sound.expressions(), refused, lambda m: Expr.from_bytes(m, strict))
        case "logical plan":
            refused = calling.plans(LogicalPlan)
            return Sort(
                "L", sound.logical_plans(), refused, lambda m: LogicalPlan.from_bytes(strict, m)
            )
        case "physical plan":
            refused = calling.plans(ExecutionPlan)
            return Sort(
                "P", sound.physical_plans(), refused, lambda m: ExecutionPlan.from_bytes(strict, m)
            )
        case "sealed message":
            keys = guard.Keyring.from_text(guard.generate_key("hmac-sha256", "k")[0])
            opened = partial(guard.open, keyring=keys, audience=AUDIENCE)
            return Sort(
                "L",
                sound.logical_plans(),
                calling.plans(LogicalPlan),
                lambda m: LogicalPlan.from_bytes(strict, opened(m)),
                partial(guard.seal, keyring=keys, audience=AUDIENCE),
                opened,
            )
        case _:
            return sessions()


def sessions() -> Sort:
    """Sessions of which the messages of views are changed."""
    ctx = SessionContext()
    ctx.from_pydict({"a": [1, 2, 3], "b": ["x", "y", "z"]}, name="t")
    # A process that refuses every family takes no table in memory, so the views are of values.
    ctx.sql("create view v as select * from (values (1, 'x', 1.5), (2, 'y', null)) as n (a, b, f)")
    ctx.sql("create view w as select a + 1 as a, b from v where a in (1, 2) or b like 'x%'")
    ctx.sql("create view x as select b, sum(a), max(f) from v group by b order by b limit 3")
    restore, (held_by,) = ctx.__reduce__()
    refused, *views = held_by["tables"]

    def decode(message: bytes) -> Any:
        return restore({**held_by, "tables": [{**view, "message": message} for view in views]})

    return Sort("S", [view["message"] for view in views], [refused["message"]], decode)


def named(error: planwire.PlanwireError) -> str:
    """The class of an error, which does not flood a log."""
    if len(str(error)) > LONGEST:
        raise RuntimeError(f"an error of {len(str(error))} bytes")
    return type(error).__name__


def come_of(sort: Sort, message: bytes, note: Callable[[str], None]) -> str:
    """Decodes a message, does everything to what it becomes, and says what came of it."""
    note("decode")
    try:
        decoded = sort.decode(message)
    except planwire.PlanwireError as error:
        return named(error)
    for name, step in sort.uses(message, decoded):
        note(name)
        try:
            step()
        except planwire.PlanwireError as error:
            named(error)
        except BaseException as error:
            if not everything.exported(name, error):
                raise
    return "decoded"


def child(name: str, count: int, seed: int, start: int, place: int) -> None:
    """Takes the messages from `start` on, and leaves in `place` the one that is under way."""
    out, _ = os.dup(1), os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sort, shared = sort_of(name), mmap.mmap(place, ROOM)
    if name == "pickled session":
        # Sessions are restored with what they had, so the process is what refuses.
        ipc.set_process_floor("refuse")
    sys.addaudithook(hear)

    def note(step: str) -> None:
        shared[:64] = step.encode()[:64].ljust(64)

    counted: Counter[str] = Counter()
    chance = random.Random(f"{seed} {name}")
    for number in range(count):
        message = sort.changed(chance)
        if number < start:
            continue
        shared[64:80] = number.to_bytes(8, "little") + len(message).to_bytes(8, "little")
        shared[80 : 80 + len(message)] = message
        signal.setitimer(signal.ITIMER_PROF, BOUNDS.seconds)
        signal.setitimer(signal.ITIMER_REAL, BOUNDS.patience)
        if number % STEP == start % STEP:
            held.limit_memory(BOUNDS.memory)
        outcome = come_of(sort, message, note)
        signal.setitimer(signal.ITIMER_PROF, 0)
        assert not unpickled, unpickled
        counted[outcome] += 1
        if (number + 1) % STEP == 0 or number + 1 == count:
            os.write(out, json.dumps(counted).encode() + b"\n")
            counted.clear()


def storm(name: str, count: int, seed: int) -> tuple[Counter[str], list[dict[str, Any]]]:
    """What came of that many messages of one sort, and the faults."""
    counted: Counter[str] = Counter()
    faults: list[dict[str, Any]] = []
    place, start = os.memfd_create("message"), 0
    os.ftruncate(place, ROOM)
    while start < count:
        arguments = ["--child", name, str(count), str(seed), str(start), str(place)]
        done = subprocess.run(
            [sys.executable, "-m", "support.hostile.storm", *arguments],
            capture_output=True,
            text=True,
            pass_fds=[place],
            check=False,
        )
        for line in done.stdout.splitlines():
            counted.update(json.loads(line))
        if done.returncode == 0:
            break
        shared = mmap.mmap(place, ROOM)
        if not shared[:64].strip(b"\0"):
            raise RuntimeError(done.stderr)  # It did not get as far as a message.
        number, length = (int.from_bytes(shared[at : at + 8], "little") for at in (64, 72))
        if number < start:
            raise RuntimeError(done.stderr)  # It failed over making the next one.
        fault: dict[str, Any] = {"step": shared[:64].decode().strip(), "number": number}
        said = done.stderr.strip()[-300:]
        message = shared[80 : 80 + length].hex()
        ended = held.how(done.returncode)
        faults.append({"fault": ended, "sort": name, **fault, "said": said, "message": message})
        print(json.dumps(faults[-1]), flush=True)
        start = number + 1
    return counted, faults


def main(count: int, seed: int = 1) -> int:
    """Runs the storm over each sort of message."""
    failed = 0
    for name in SORTS:
        begun = time.monotonic()
        counted, faults = storm(name, count, seed)
        seconds = round(time.monotonic() - begun)
        line = {"sort": name, "messages": count, "seconds": seconds, **counted}
        print(json.dumps({**line, "faults": len(faults)}), flush=True)
        failed += len(faults)
    return int(failed > 0)


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        child(sys.argv[2], *(int(argument) for argument in sys.argv[3:]))
    else:
        sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
