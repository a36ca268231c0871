"""Native frames: what they say outside of the payload, and when the payload is opened."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys

import planwire
import pyarrow as pa
import pytest
from planwire import errors

from support import frames, kinds
from support.audit import hearing, listening

pytestmark = pytest.mark.inline

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)


@pytest.fixture
def sender() -> planwire.SessionContext:
    return planwire.SessionContext().with_frames("python", "native")


def frame_of(message: bytes) -> bytes:
    """The native frame in the message of a call."""
    start = message.index(b"\x8fDFX")
    name_size = message[start + 7]
    fields = int.from_bytes(message[start + 8 : start + 12], "little")
    payload = int.from_bytes(message[start + 12 : start + 20], "little")
    return message[start : start + 20 + name_size + fields + payload]


def told_by(script: str, message: bytes, *arguments: str) -> str:
    """What a program prints that reads a message, in a process of its own."""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(
        command, input=message.hex(), capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@each_kind
def test_the_header_says_what_a_plan_needs(kind: str, sender: planwire.SessionContext) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes(sender)
    read = frames.read_native(frame_of(message))
    assert (read.family, read.kind, read.payload_version) == ("python", f"{kind} UDF", 2)
    assert (read.name, read.volatility) == ("crossing", "immutable")
    arguments, result, state = read.fields()
    assert arguments == [pa.field("arg_0", pa.int64())]
    assert result.type == pa.int64()
    assert [field.type for field in state] == ([pa.int64()] if kind == "aggregate" else [])
    assert read.stamp == ("CPython", *sys.version_info[:2])
    assert read.datafusion == int(planwire.__datafusion_version__.split(".")[0])
    (part,) = planwire.inspect(message).readings[0].parts
    assert (part.sha256, part.size) == (read.digest, len(read.payload))
    pickled, buffers = frames.read_payload(read.payload)
    assert callable(pickle.loads(pickled))
    assert not buffers


def many(function: planwire.ScalarUDF, times: int) -> planwire.Expr:
    call = function(planwire.col("a"))
    for _ in range(times - 1):
        call = call + function(planwire.col("a"))
    return call


@pytest.mark.unguarded
def test_a_thousand_calls_carry_one_payload(sender: planwire.SessionContext) -> None:
    function = kinds.make("scalar", "f")
    message = many(function, 1000).to_bytes(sender)
    assert len(message) < 45_000 + len(function.to_bytes(sender))
    ((key, frame),) = frames.table(message).items()
    assert frames.references(message) == [key] * 1000
    assert frames.read_native(frame).name == "f"
    assert planwire.Expr.from_bytes(message).to_bytes() == message


def test_a_function_that_is_called_often_is_opened_once(sender: planwire.SessionContext) -> None:
    message = many(kinds.make("scalar"), 20).to_bytes(sender)
    with hearing("planwire.decode") as opened:
        rows = kinds.rows("scalar", planwire.Expr.from_bytes(message))
    assert rows == [20 * (number + 10) for number in (1, 2, 3)]
    assert len(opened) == 1


def test_the_reader_in_python_finds_the_keys_that_planwire_writes(
    sender: planwire.SessionContext,
) -> None:
    ctx = planwire.SessionContext()
    rows = ctx.from_pydict({"a": [1, 2, 3]})
    first, second = (kinds.make("scalar", "f", amount) for amount in (10, 20))
    query = rows.select(first(planwire.col("a")), second(first(planwire.col("a"))))
    query = query.filter(second(planwire.lit(1)) > 2)
    for plan in (query.logical_plan(), query.optimized_logical_plan(), query.execution_plan()):
        message = plan.to_bytes(sender)
        found, called = frames.table(message), frames.references(message)
        assert set(called) == set(found)
        assert len(found) == 2


@each_kind
def test_both_sorts_of_frames_give_the_same_rows(
    kind: str, sender: planwire.SessionContext
) -> None:
    call = kinds.call(kinds.make(kind))
    for message in (call.to_bytes(), call.to_bytes(sender)):
        assert kinds.rows(kind, planwire.Expr.from_bytes(message)) == kinds.expected(kind)


@pytest.mark.parametrize("kind", ["scalar", "aggregate"])
def test_what_is_only_shown_planned_and_sent_on_is_never_unpickled(
    kind: str, sender: planwire.SessionContext
) -> None:
    ctx = planwire.SessionContext()
    rows = ctx.from_pydict({"a": [1, 2, 3]})
    message = kinds.call(kinds.make(kind)).to_bytes(sender)
    with listening() as events:
        expr = planwire.Expr.from_bytes(message)
        query = rows.aggregate([], [expr]) if kind == "aggregate" else rows.select(expr)
        query.explain()
        assert "crossing" in query.optimized_logical_plan().display_indent()
        plan = query.execution_plan()
        sent = plan.to_bytes()
        planwire.inspect(sent)
        relayed = planwire.ExecutionPlan.from_bytes(sent)
        assert relayed.to_bytes() == sent
        assert expr.to_bytes() == message
    assert not [
        event for event in events if event.startswith("pickle") or event == "planwire.decode"
    ]
    with hearing("planwire.decode") as opened:
        assert list(query.to_pydict().values()) == [kinds.expected(kind)]
        assert list(query.to_pydict().values()) == [kinds.expected(kind)]
    assert [(name, family) for family, _, name, _ in opened] == [("crossing", "python")]


def test_a_function_is_opened_once_for_many_batches_and_threads(
    sender: planwire.SessionContext,
) -> None:
    ctx = planwire.SessionContext(planwire.SessionConfig().with_target_partitions(8))
    batches = [[pa.record_batch({"a": [number]})] for number in range(40)]
    message = kinds.call(kinds.make("scalar")).to_bytes(sender)
    rows = ctx.create_dataframe(batches).select(planwire.Expr.from_bytes(message).alias("r"))
    with hearing("planwire.decode") as opened:
        assert sorted(rows.to_pydict()["r"]) == [number + 10 for number in range(40)]
    assert len(opened) == 1


class Unopenable:
    """Cannot be made again."""

    def __call__(self, numbers: pa.Array) -> pa.Array:
        return numbers

    def __reduce__(self) -> tuple[object, ...]:
        return int, ("no number",)


def test_what_cannot_be_opened_says_so_where_it_runs(sender: planwire.SessionContext) -> None:
    number = pa.int64()
    function = planwire.udf(Unopenable(), [number], number, "immutable", "unopenable")
    expr = planwire.Expr.from_bytes(kinds.call(function).to_bytes(sender))
    query = planwire.SessionContext().from_pydict({"a": [1]}).select(expr)
    with pytest.raises(errors.DecodeError, match="'unopenable'") as caught:
        query.collect()
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_child_that_is_forked_while_a_function_is_opened_opens_it_itself(
    sender: planwire.SessionContext,
) -> None:
    script = """
import os, sys, threading
os.environ.pop("PLANWIRE_HARDENED", None)  # this is about forks, not signatures
import planwire
message = bytes.fromhex(sys.stdin.read())
opening, go_on, parent = threading.Event(), threading.Event(), os.getpid()
def wait(event, _):
    if event == "planwire.decode" and os.getpid() == parent:
        opening.set()
        go_on.wait()
sys.addaudithook(wait)
def run():
    expr = planwire.Expr.from_bytes(message).alias("r")
    return planwire.SessionContext().from_pydict({"a": [1]}).select(expr).to_pydict()["r"]
thread = threading.Thread(target=run)
thread.start()
opening.wait()
child = os.fork()
if child == 0:
    print("child", run(), flush=True)
    os._exit(0)
os.waitpid(child, 0)
go_on.set()
thread.join()
print("parent", run())
"""
    message = kinds.call(kinds.make("scalar")).to_bytes(sender)
    assert told_by(script, message) == "child [11]\nparent [11]\n"


@pytest.mark.unguarded
@pytest.mark.parametrize("frames_", ["v1", "native"])
def test_the_opening_is_announced_under_the_name_in_the_plan(frames_: str) -> None:
    sender = planwire.SessionContext().with_frames("python", frames_)
    message = kinds.call(kinds.make("scalar", "inner")).to_bytes(sender)
    renamed = message.replace(b"inner", b"outer", 1)  # the plan's, which comes first
    with hearing("planwire.decode") as opened:
        with pytest.warns(planwire.PlanwireWarning):
            expr = planwire.Expr.from_bytes(renamed)
        planwire.SessionContext().from_pydict({"a": [1]}).select(expr).collect()
    assert [name for _, _, name, _ in opened] == ["outer"]


def test_a_hook_can_veto_the_opening(sender: planwire.SessionContext) -> None:
    script = """
import sys, planwire, pyarrow as pa
def veto(event, arguments):
    if event == "planwire.decode":
        raise PermissionError("not here")
sys.addaudithook(veto)
expr = planwire.Expr.from_bytes(bytes.fromhex(sys.stdin.read()))
query = planwire.SessionContext().from_pydict({"a": [1]}).select(expr)
try:
    query.collect()
except planwire.DecodeError as error:
    print(type(error.__cause__).__name__)
"""
    message = kinds.call(kinds.make("scalar")).to_bytes(sender)
    assert told_by(script, message) == "PermissionError\n"


@each_kind
def test_a_floor_that_rises_before_a_function_runs_keeps_it_from_being_opened(
    kind: str, sender: planwire.SessionContext
) -> None:
    script = """
import sys, planwire
from planwire import ipc
aggregate, message = sys.argv[1] == "aggregate", bytes.fromhex(sys.stdin.read())
expr = planwire.Expr.from_bytes(message).alias("r")
rows = planwire.SessionContext().from_pydict({"a": [1]})
query = rows.aggregate([], [expr]) if aggregate else rows.select(expr)
ipc.set_process_floor("refuse")
sys.addaudithook(lambda event, _: print(event) if event.startswith("pickle") else None)
try:
    query.collect()
except planwire.InlineRefused as error:
    print(error.code)
"""
    message = kinds.call(kinds.make(kind)).to_bytes(sender)
    assert told_by(script, message, kind) == "PW-D016\n"


@each_kind
def test_a_strict_session_refuses_a_native_frame(
    kind: str, sender: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes(sender)
    with listening() as events, pytest.raises(errors.InlineRefused):
        planwire.Expr.from_bytes(message, strict)
    assert events == ["planwire.refuse"]


def test_a_query_and_its_plans_leave_in_the_frames_of_the_sender(
    sender: planwire.SessionContext,
) -> None:
    query = sender.from_pydict({"a": [1, 2, 3]}).select(kinds.call(kinds.make("scalar")).alias("r"))
    for message in (
        query.to_bytes(sender),
        query.logical_plan().to_bytes(sender),
        query.execution_plan().to_bytes(sender),
    ):
        assert b"\x8fDFX" in message
        assert b"DFPYUDF" not in message
    assert planwire.DataFrame.from_bytes(query.to_bytes(sender)).to_pydict() == {"r": [11, 12, 13]}


def test_a_plain_reader_and_planwire_agree_which_frames_are_sound(
    sender: planwire.SessionContext,
) -> None:
    dice = random.Random(55)
    whole = [frame_of(kinds.call(kinds.make(kind)).to_bytes(sender)) for kind in kinds.KINDS]
    agreed = {True: 0, False: 0}
    for _ in range(3_000):
        frame = bytearray(dice.choice(whole))
        for _ in range(dice.choice([0, 1, 1, 2])):
            place = dice.randrange(4, len(frame) if dice.random() < 0.2 else 60)
            frame[place] ^= 1 << dice.randrange(8)
        sound = is_sound(bytes(frame))
        (part,) = planwire.inspect(bytes(frame)).readings[0].parts
        if sound and frame[5] > len(kinds.KINDS):
            assert part.reason is not None
            assert "carries no" in part.reason
            continue
        # What is no sound native frame has a code of a malformed frame or of another version.
        unsound = part.code in ("PW-D001", "PW-D002") and not part.family
        assert sound != unsound, (bytes(frame).hex(), part.reason)
        agreed[sound] += 1
    assert min(agreed.values()) > 500, agreed


def is_sound(frame: bytes) -> bool:
    try:
        frames.read_native(frame)
    except frames.Unsound:
        return False
    return True
