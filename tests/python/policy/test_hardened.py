"""A hardened process: its guard holds in every thread and forked child, and nothing is pickled.

Each test is about a process of its own, because hardening stays for good.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import planwire
import pytest
from planwire import Expr, SessionContext, errors, guard, ipc

from support import kinds
from support.audit import listening
from support.contexts import PATIENCE
from test_floor import apart

AUDIENCE = "workers"


def signed(line: str) -> guard.Guard:
    return guard.signed(guard.Keyring.from_text(line), audience=AUDIENCE)


def message(line: str | None = None) -> bytes:
    ctx = SessionContext()
    if line is not None:
        ctx = ctx.with_family("python", signed(line))
    return kinds.call(kinds.make("scalar")).to_bytes(ctx)


def outcome(data: bytes, ctx: SessionContext | None = None) -> str:
    try:
        Expr.from_bytes(data, ctx)
    except errors.DecodeError as refused:
        return refused.code
    return "decoded"


def everywhere(data: bytes) -> list[str]:
    """What becomes of a message in this thread, others, tasks, and a forked child."""
    with ThreadPoolExecutor(1) as pool:
        in_pool = pool.submit(outcome, data).result(PATIENCE)
    in_task = asyncio.run(asyncio.to_thread(outcome, data))
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=lambda: there.send(outcome(data)))
    child.start()
    in_child = here.recv() if here.poll(PATIENCE) else "silent"
    child.join(PATIENCE)
    contexts = [SessionContext(), SessionContext().with_family("python", "inline")]
    return [outcome(data), in_pool, in_task, in_child, *(outcome(data, ctx) for ctx in contexts)]


def guarded(line: str, good: bytes, bad: bytes) -> tuple[list[str], list[str], str, str]:
    before = SessionContext()
    planwire.harden(signed(line))
    found = everywhere(good), everywhere(bad)
    strict = before.with_family("python", "refuse")
    return *found, outcome(bad, before), outcome(good, strict)


@pytest.mark.inline
@pytest.mark.unguarded
def test_guard_of_a_process_holds_everywhere() -> None:
    sender, receiver = guard.generate_key("ed25519", "k1")
    good, bad, earlier, strict = apart(guarded, receiver, message(sender), message())
    assert set(good) == {"decoded"}
    assert set(bad) == {"PW-D006"}
    assert earlier == "PW-D006"
    assert strict == "PW-D005"


def refusing(good: bytes) -> tuple[list[str], str]:
    planwire.harden()
    return everywhere(good), ipc.get_process_floor()


@pytest.mark.inline
@pytest.mark.unguarded
def test_process_without_a_guard_refuses_everything() -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    refused, floor = apart(refusing, message(line))
    assert set(refused) == {"PW-D016"}
    assert floor == "refuse"


def sessions_guard_too(floor: str, own: str, both: list[bytes]) -> list[str]:
    planwire.harden(signed(floor))
    ctx = SessionContext().with_family("python", signed(own))
    return [outcome(data, ctx) for data in both]


@pytest.mark.inline
@pytest.mark.unguarded
def test_guard_of_a_session_holds_besides() -> None:
    one, _ = guard.generate_key("hmac-sha256", "one")
    two, _ = guard.generate_key("hmac-sha256", "two")
    assert apart(sessions_guard_too, one, two, [message(one), message(two)]) == ["PW-D006"] * 2
    assert apart(sessions_guard_too, one, one, [message(one), message(two)]) == [
        "decoded",
        "PW-D006",
    ]


def pickling(line: str | None) -> list[tuple[str, str]]:
    ctx = SessionContext()
    frame = ctx.from_pydict({"a": [1, 2, 3]})
    ready: list[Any] = [kinds.make(kind) for kind in kinds.KINDS]
    ready += [kinds.call(ready[0]), planwire.col("a"), ctx, frame]
    ready += [frame.logical_plan(), frame.execution_plan()]
    for thing in ready:
        pickle.dumps(thing)
    planwire.harden(None if line is None else signed(line))
    told = []
    for thing in ready:
        try:
            pickle.dumps(thing)
        except errors.EncodeError as error:
            told.append((error.code, f"{error} {error.__notes__}"))
    return told


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("algorithm", [None, "hmac-sha256"])
def test_nothing_is_pickled_and_the_error_points_to_seal(algorithm: str | None) -> None:
    line = algorithm and guard.generate_key(algorithm, "k1")[0]
    told = apart(pickling, line)
    assert len(told) == 9
    for code, text in told:
        assert code == "PW-E009"
        assert "planwire.guard.seal" in text


def sends_signed(line: str) -> tuple[bytes, bytes]:
    planwire.harden(signed(line))
    expr = kinds.call(kinds.make("scalar"))
    sealed = guard.seal(expr.to_bytes(), guard.Keyring.from_text(line), audience=AUDIENCE)
    return expr.to_bytes(), sealed


@pytest.mark.inline
@pytest.mark.unguarded
def test_hardened_sender_signs_what_it_sends() -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    plain, sealed = apart(sends_signed, line)
    worker = SessionContext().with_family("python", signed(line))
    for data in (plain, guard.open(sealed, guard.Keyring.from_text(line), audience=AUDIENCE)):
        assert kinds.rows("scalar", Expr.from_bytes(data, worker)) == kinds.expected("scalar")


def twice(line: str) -> list[str]:
    told = []
    planwire.harden(signed(line))
    for again, value in ((planwire.harden, signed(line)), (ipc.set_process_floor, "inline")):
        try:
            again(value)  # type: ignore[arg-type]
        except RuntimeError as error:
            told.append(str(error))
    with listening() as events:
        planwire.harden()
    return [*told, *events, ipc.get_process_floor()]


@pytest.mark.inline
@pytest.mark.unguarded
def test_hardening_only_ever_hardens() -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    assert apart(twice, line) == [
        "the floor of this process is `guarded` and cannot be changed to another guard",
        "the floor of this process is `guarded` and cannot be changed to `inline`",
        "planwire.policy",
        "refuse",
    ]


def plans(folder: Path) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    """Plans of both layers that read, and plans that write; none of them has run."""
    ctx = SessionContext()
    ctx.from_pydict({"a": [1, 2, 3]}).write_parquet(folder / "t.parquet")
    ctx.register_parquet("t", folder / "t.parquet")
    reads = "SELECT a FROM t WHERE a > (SELECT min(a) FROM t)"
    copies = [
        f"COPY (SELECT a FROM t) TO '{folder}/out.{kind}' STORED AS {kind}"
        for kind in ("csv", "parquet", "json")
    ]

    def messages(*texts: str) -> list[tuple[str, bytes]]:
        queries = [ctx.sql(text) for text in texts]
        logical = [("LogicalPlan", query.logical_plan().to_bytes(ctx)) for query in queries]
        physical = [("ExecutionPlan", query.execution_plan().to_bytes(ctx)) for query in queries]
        return logical + physical

    insert = ctx.sql("INSERT INTO t SELECT a + 1 FROM t").logical_plan().to_bytes(ctx)
    return messages(reads), [*messages(*copies), ("LogicalPlan", insert)]


def decodes(line: str, calls: list[dict[str, bool]], given: list[tuple[str, bytes]]) -> list[str]:
    for call in calls:
        planwire.harden(signed(line) if call["signed"] else None, writes=call["writes"])
    found = []
    for name, data in given:
        with listening() as events:
            try:
                arguments = (data,) if name == "Expr" else (SessionContext(), data)
                getattr(planwire, name).from_bytes(*arguments)
                found.append("decoded")
            except errors.PolicyRefused as refused:
                found.append(refused.code)
        assert ("planwire.refuse" in events) == (found[-1] != "decoded")
    return found


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("by_signature", [True, False])
def test_plans_that_write_are_not_decoded(by_signature: bool, tmp_path: Path) -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    reads, writes = plans(tmp_path)

    def outcomes(*allowed: bool) -> tuple[set[str], set[str]]:
        calls = [{"signed": by_signature, "writes": writes} for writes in allowed]
        found = apart(decodes, line, calls, reads + writes)
        assert len(found) == 2 + 7
        return set(found[:2]), set(found[2:])

    assert outcomes(False) == ({"decoded"}, {"PW-G005"})
    assert outcomes(True) == ({"decoded"}, {"decoded"})
    if not by_signature:
        # What one call refused stays refused.
        assert outcomes(False, True) == outcomes(True, False) == ({"decoded"}, {"PW-G005"})
    for name, data in reads + writes:
        getattr(planwire, name).from_bytes(SessionContext(), data)
    assert not list(tmp_path.glob("out*"))


RELOADING = """
import sys
from pathlib import Path
from planwire import Expr, errors, guard
path, line, data = Path(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3])
keyring = guard.get_process_keyring()
print(*keyring.key_ids)
path.write_text(line)
keyring.reload()
print(*keyring.key_ids)
Expr.from_bytes(data)
"""


@pytest.mark.inline
@pytest.mark.unguarded
def test_keyring_of_a_process_that_the_environment_hardened_is_read_again(tmp_path: Path) -> None:
    old, new = (guard.generate_key("ed25519", name) for name in ("old", "new"))
    keys = tmp_path / "keys"
    keys.write_text(old[1])
    done = subprocess.run(
        [sys.executable, "-c", RELOADING, str(keys), new[1], message(new[0]).hex()],
        env=os.environ | {"PLANWIRE_HARDENED": f"signed:{AUDIENCE}:{keys}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["old", "new"]), done.stderr


PROGRAM = """
import pickle, sys
import planwire
from planwire import Expr, errors
try:
    pickle.dumps(planwire.col("a"))
except errors.EncodeError as error:
    print(error.code)
for data in map(bytes.fromhex, sys.argv[1:]):
    try:
        Expr.from_bytes(data)
        print("decoded")
    except errors.DecodeError as error:
        print(error.code)
"""


def started(value: str, *messages: bytes) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *(data.hex() for data in messages)],
        env=os.environ | {"PLANWIRE_HARDENED": value},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.inline
@pytest.mark.unguarded
def test_environment_hardens_on_import(tmp_path: Path) -> None:
    sender, receiver = guard.generate_key("ed25519", "k1")
    keys = tmp_path / "keys"
    keys.write_text(receiver)
    signed_one, plain = message(sender), message()
    by_keys = started(f"signed:{AUDIENCE}:{keys}", signed_one, plain)
    assert by_keys.stdout.split() == ["PW-E009", "decoded", "PW-D006"], by_keys.stderr
    assert started("refuse", signed_one).stdout.split() == ["PW-E009", "PW-D016"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", 'is "", known are "refuse"'),
        ("yes", 'known are "refuse" and "signed:AUDIENCE:PATH"'),
        ("signed:workers", "signed:AUDIENCE:PATH"),
        ("signed::/dev/null", "/dev/null cannot be read: it is not a regular file"),
        ("signed:workers:/nonexistent", "/nonexistent cannot be read"),
    ],
)
def test_environment_that_hardens_nothing_is_fatal(value: str, told: str) -> None:
    ended = started(value)
    assert ended.returncode != 0
    assert told in ended.stderr
    assert ended.stdout == ""
