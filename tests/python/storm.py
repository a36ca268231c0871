"""A storm of mutated messages against a strict session, counted.

    python storm.py 200000

For expressions, logical plans and physical plans, that many messages are decoded: sound ones with
bytes overwritten, taken out, put in, or swapped with another message's. One JSON line a sort says
what came of them. An exception that is not planwire's, an error of more than 8 KiB or an unpickle
ends the run.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

import planwire
from planwire import ExecutionPlan, Expr, LogicalPlan, SessionContext

import test_mutations as sound

LONGEST = 8 * 1024
# What an unpickle cannot do without, by the interpreter's own audit events.
UNPICKLING = {"pickle.find_class", "code.__new__", "function.__new__"}

unpickled: list[str] = []


def hear(event: str, _: tuple[object, ...]) -> None:
    """Notes an unpickle."""
    if event in UNPICKLING:
        unpickled.append(event)


def mutate(chance: random.Random, messages: list[bytes]) -> bytes:
    """One message, changed in up to eight places."""
    found = bytearray(chance.choice(messages))
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(found))
        other = chance.choice(messages)
        start = chance.randint(0, len(other))
        fresh = chance.choice(
            [
                chance.randbytes(chance.randint(0, 4)),
                bytes([chance.choice([0, 1, 0x7F, 0x80, 0xFF])]),
                other[start : start + chance.randint(1, 40)],
            ]
        )
        removed = chance.choice([len(fresh), len(fresh), 0, 1])
        found[at : at + removed] = fresh
    return bytes(found)


def outcomes(sort: str, count: int, seed: int) -> Iterator[str]:
    """Decodes mutated messages, and says what came of each."""
    chance = random.Random(seed)
    strict = SessionContext().with_python_udf_inlining(enabled=False)
    match sort:
        case "expression":
            messages = sound.messages()
        case "logical plan":
            messages = sound.plans(LogicalPlan)
        case _:
            messages = sound.plans(ExecutionPlan)
    for _ in range(count):
        message = mutate(chance, messages)
        try:
            if sort == "expression":
                Expr.from_bytes(message, strict)
            else:
                plan = LogicalPlan if sort == "logical plan" else ExecutionPlan
                plan.from_bytes(strict, message)
        except planwire.PlanwireError as error:
            length = len(str(error))
            outcome = type(error).__name__
        else:
            length, outcome = 0, "decoded"
        assert length <= LONGEST, length
        assert not unpickled, unpickled
        yield outcome


def main(count: int, seed: int = 1) -> None:
    """Runs the storm over each sort of message."""
    # Made before anyone listens: making a function to send is no unpickle.
    sound.messages()
    sound.plans(LogicalPlan)
    sound.plans(ExecutionPlan)
    sys.addaudithook(hear)
    for sort in ("expression", "logical plan", "physical plan"):
        start = time.monotonic()
        counted = Counter(outcomes(sort, count, seed))
        seconds = round(time.monotonic() - start)
        print(json.dumps({"sort": sort, "messages": count, "seconds": seconds, **counted}))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
