"""Large buffers in native frames: beside the pickle, and copied no more than they must be."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import struct
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import planwire
import pyarrow as pa
import pytest
from planwire import Expr, col, errors

from support import frames
from support.kinds import NUMBER, answer, gives, numbers

pytestmark = pytest.mark.inline

LARGE = 65536


@pytest.fixture
def sender() -> planwire.SessionContext:
    return planwire.SessionContext().with_frames("python", "native")


def payload(message: bytes) -> bytes:
    """The payload of the only function of a message."""
    (frame,) = frames.table(message).values()
    return frames.read_native(frame).payload


def in_fortran_order() -> Callable[[], int]:
    held = np.asfortranarray(numbers().reshape(250, 200))
    return lambda: int(held[3, 7]) + held.flags.f_contiguous


def with_steps() -> Callable[[], int]:
    held = numbers(100_000)[::2]
    return lambda: int(held[7]) + len(held)


def frozen_array() -> Callable[[], int]:
    held = numbers()
    held.flags.writeable = False
    return lambda: int(held[7]) + (not held.flags.writeable)


def of_pandas() -> Callable[[], int]:
    held = pd.DataFrame({"x": numbers(), "y": numbers() * 2})
    return lambda: int(held["y"].sum() - held["x"].sum())


def of_arrow() -> Callable[[], int]:
    held = pa.table({"x": pa.array(numbers()), "s": pa.array([f"text {n}" for n in range(50_000)])})
    return lambda: held.num_rows + int(held["s"][777].as_py()[5:])


def of_arrow_sliced() -> Callable[[], int]:
    held = pa.array(numbers(100_000)).slice(90_000, 9_000)
    return lambda: int(held[0].as_py()) + len(held)


def of_bytes() -> Callable[[], int]:
    held, text, changing = b"x" * 300_000, "ä" * 200_000, bytearray(b"y" * 300_000)
    return lambda: len(held) + len(text) + len(changing)


def many() -> Callable[[], int]:
    held = [numbers(10_000 + each) for each in range(20)]
    return lambda: sum(int(each[-1]) for each in held)


def twice() -> Callable[[], int]:
    held = numbers()
    pair = (held, held)
    return lambda: int(pair[0][5]) + (pair[0] is pair[1])


def nothing_large() -> Callable[[], int]:
    held = [numbers(10), np.empty(0), b"", pa.array([], NUMBER)]
    return lambda: sum(len(each) for each in held)


MAKERS = (
    in_fortran_order, with_steps, frozen_array, of_pandas, of_arrow, of_arrow_sliced, of_bytes,
    many, twice, nothing_large,
)  # fmt: skip


@pytest.mark.parametrize("make", MAKERS)
def test_what_a_function_closes_over_arrives_in_either_sort_of_frames(
    make: Callable[[], Callable[[], int]], sender: planwire.SessionContext
) -> None:
    function = make()
    expr = gives(function)
    for ctx in (planwire.SessionContext(), sender):
        message = expr.to_bytes(ctx)
        arrived = Expr.from_bytes(message)
        assert answer(arrived) == function()
        assert arrived.to_bytes(ctx) == message
        # A message whose memory is somebody else's to change is copied first.
        changing = bytearray(message)
        arrived = Expr.from_bytes(changing)
        changing[:] = bytes(len(changing))
        assert answer(arrived) == function()


@pytest.mark.unguarded
@pytest.mark.parametrize("make", MAKERS)
def test_a_plain_reader_unpickles_what_planwire_has_written(
    make: Callable[[], Callable[[], int]], sender: planwire.SessionContext
) -> None:
    function = make()
    pickled, beside = frames.read_payload(payload(gives(function).to_bytes(sender)))
    buffers = [bytearray(held) if writable else held for writable, held in beside]
    assert all(len(held) >= LARGE for held in buffers)
    assert pickle.loads(pickled, buffers=buffers)(pa.array([1])).to_pylist() == [function()]


@pytest.mark.unguarded
def test_a_large_array_stands_beside_the_pickle_once(sender: planwire.SessionContext) -> None:
    held = numbers()
    first, second = gives(lambda: int(held[1])), gives(lambda: int(held[2]), "other")
    message = (first + first + second).to_bytes(sender)
    assert message.count(held.tobytes()) == 2  # two functions
    pickled, [(writable, beside)] = frames.read_payload(payload(first.to_bytes(sender)))
    assert writable
    assert beside == held.tobytes()
    assert len(pickled) < 2000
    assert answer(Expr.from_bytes(message)) == 4


def test_a_slice_carries_its_own_rows_only(sender: planwire.SessionContext) -> None:
    whole, rows = pa.array(numbers(1_000_000)), 20_000
    held = whole.slice(500_000, rows)
    message = gives(lambda: int(held[0].as_py())).to_bytes(sender)
    assert len(message) < 8 * rows + 4000
    assert answer(Expr.from_bytes(message)) == 500_000


def test_an_array_that_nobody_changes_stays_in_the_memory_of_the_message(
    sender: planwire.SessionContext,
) -> None:
    held = numbers()
    held.flags.writeable = False
    message = gives(lambda: held.ctypes.data).to_bytes(sender)
    start = np.frombuffer(message, np.uint8).ctypes.data
    found = answer(Expr.from_bytes(message))
    assert start < found < start + len(message)
    assert found % 16 == 0


def test_an_array_at_an_odd_place_is_copied_to_an_even_one(
    sender: planwire.SessionContext,
) -> None:
    held = numbers()
    held.flags.writeable = False
    bare = frames.without(gives(lambda: held.ctypes.data).to_bytes(sender), frames.PADDING)
    stayed = 0
    for zeros in range(16):
        message = frames.field(frames.PADDING, bytes(zeros)) + bare
        start = np.frombuffer(message, np.uint8).ctypes.data
        found = answer(Expr.from_bytes(message))
        planwire.ipc.clear_decode_cache()
        stayed += start < found < start + len(message)
        assert found % 16 == 0
    assert stayed == 1


def test_the_memory_of_a_message_lives_as_long_as_its_functions(
    sender: planwire.SessionContext,
) -> None:
    held = numbers()
    held.flags.writeable = False
    arrived = [
        Expr.from_bytes(gives(lambda: int(held[-1]), f"f{each}").to_bytes(sender))
        for each in range(5)
    ]
    np.zeros(1_000_000)  # what reuses freed memory
    assert [answer(expr) for expr in arrived] == [49_999] * 5


def test_an_array_that_a_function_changes_is_its_own(sender: planwire.SessionContext) -> None:
    held = numbers()

    def count() -> int:
        held[0] += 1
        return int(held[0])

    volatile = planwire.udf(
        lambda numbers: pa.array([count()] * len(numbers)), [NUMBER], NUMBER, "volatile", "count"
    )
    message = volatile(col("a")).to_bytes(sender)
    before = bytes(message)
    first, second = Expr.from_bytes(message), Expr.from_bytes(message)
    assert [answer(first), answer(first), answer(second)] == [1, 2, 1]
    assert message == before
    assert held[0] == 0


def test_a_frozen_function_keeps_an_array_as_it_was(sender: planwire.SessionContext) -> None:
    held = numbers()
    function = planwire.udf(
        lambda numbers: pa.array([int(held[0])] * len(numbers)),
        [NUMBER], NUMBER, "immutable", "first", frozen=True,
    )  # fmt: skip
    message = function(col("a")).to_bytes(sender)
    held[0] = 77
    assert function(col("a")).to_bytes(sender) == message
    assert answer(Expr.from_bytes(message)) == 0
    assert answer(function(col("a"))) == 77


def in_another_process(expr: Expr) -> int:
    return answer(expr)


@pytest.mark.unguarded
def test_a_large_array_goes_through_a_pool_a_parcel_a_query_and_both_plans(
    sender: planwire.SessionContext,
) -> None:
    held = numbers()
    expr = gives(lambda: int(held[123]))
    with planwire.ipc.sender_ctx(sender):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            assert pool.submit(in_another_process, expr).result() == 123
        assert answer(planwire.pack(expr).open()) == 123
        query = planwire.SessionContext().from_pydict({"a": [1]}).select(expr.alias("r"))
        assert pickle.loads(pickle.dumps(query)).to_pydict() == {"r": [123]}
        assert copy.deepcopy(query).to_pydict() == {"r": [123]}
    ctx = planwire.SessionContext()
    physical = planwire.ExecutionPlan.from_bytes(query.execution_plan().to_bytes(sender), ctx)
    (batch,) = ctx.execute(physical, 0)
    assert batch.to_pyarrow().to_pydict() == {"r": [123]}
    logical = planwire.LogicalPlan.from_bytes(query.logical_plan().to_bytes(sender), ctx)
    assert ctx.create_dataframe_from_logical_plan(logical).to_pydict() == {"r": [123]}


def test_a_limit_counts_the_buffers_of_a_payload(sender: planwire.SessionContext) -> None:
    held = numbers()
    expr = gives(lambda: int(held[0]))
    message = expr.to_bytes(sender)
    with pytest.raises(errors.EncodeError, match="`payload`"):
        expr.to_bytes(sender.with_limits(payload=held.nbytes))
    with pytest.raises(errors.LimitExceeded, match="`payload`"):
        Expr.from_bytes(message, sender.with_limits(payload=held.nbytes))
    roomy = sender.with_limits(payload=held.nbytes + 4000)
    assert answer(Expr.from_bytes(expr.to_bytes(roomy), roomy)) == 0


def reframed(message: bytes, changed: bytes) -> bytes:
    """The message with another payload of the same length, whose digest is right."""
    (frame,) = frames.table(message).values()
    native = frames.read_native(frame)
    forged = frames.with_payload(frame, changed)
    assert frames.read_native(forged).name == native.name
    (old_key,), (new_key,) = (frames.table(message), frames.table(frames.field(1000, forged)))
    return message.replace(frame, forged).replace(old_key, new_key)


@pytest.mark.unguarded
@pytest.mark.parametrize(
    ("place", "layout", "value"),
    [
        (0, "<I", 2),
        (0, "<I", 0),
        (0, "<I", 2**32 - 1),
        (4, "<Q", 0),
        (4, "<Q", 2**64 - 1),
        (12, "<B", 2),
        (13, "<Q", 0),
        (13, "<Q", 2**63),
        (13, "<Q", 2**64 - 1),
    ],
)
def test_lengths_that_do_not_add_up_are_an_error_and_not_a_read(
    place: int, layout: str, value: int, sender: planwire.SessionContext
) -> None:
    held = numbers()
    message = gives(lambda: int(held[0])).to_bytes(sender)
    changed = bytearray(payload(message))
    struct.pack_into(layout, changed, place, value)
    arrived = Expr.from_bytes(reframed(message, bytes(changed)))
    with pytest.raises(errors.DecodeError) as caught:
        answer(arrived)
    assert "do not add up" in str(caught.value.__cause__)


@pytest.mark.unguarded
def test_something_between_the_parts_is_an_error(sender: planwire.SessionContext) -> None:
    # The first buffer ends eight bytes before a place where the second can begin.
    held = numbers(10_001), numbers(10_000)
    message = gives(lambda: int(held[0][0])).to_bytes(sender)
    changed = bytearray(payload(message))
    changed[-held[1].nbytes - 1] = 1
    with pytest.raises(errors.DecodeError) as caught:
        answer(Expr.from_bytes(reframed(message, bytes(changed))))
    assert "do not add up" in str(caught.value.__cause__)


@pytest.mark.unguarded
def test_a_changed_buffer_is_refused(sender: planwire.SessionContext) -> None:
    held = numbers()
    message = bytearray(gives(lambda: int(held[0])).to_bytes(sender))
    message[-1] ^= 1
    with pytest.raises(errors.MalformedFrame, match="digest"):
        Expr.from_bytes(message)
