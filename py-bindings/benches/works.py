"""What is measured about messages: each work runs in a process with one side."""

from __future__ import annotations

import multiprocessing
import pickle
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np
import pyarrow.compute as pc

from clock import BATCHES, Watch, fastest, fastest_of_each
from sides import Side, one_more

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

MICROSECONDS = "µs"
MILLISECONDS = "ms"
TIMES = "x"  # the size of the closure
KILOBYTES = "kB"
TASKS = "tasks/s"


@dataclass
class Figure:
    """What one process found, and what it would be at best or with nothing in the way."""

    name: str
    unit: str
    value: float
    limit: float | None = None


def one_function(side: Side, scale: float) -> list[Figure]:
    """A message with one function, beside cloudpickle with the same function."""
    ctx = side.session()
    expr = side.call()
    message = expr.to_bytes(ctx)
    function = one_more(1)
    raw = side.pickled(function)
    blob = cloudpickle.dumps(raw)
    frozen = side.frozen(side.udf(function))(side.package.col("a"))
    encode, dumps = fastest(
        partial(expr.to_bytes, ctx), partial(cloudpickle.dumps, raw), scale=scale
    )
    (encode_frozen,) = fastest(partial(frozen.to_bytes, ctx), scale=scale)
    decode, loads = fastest(
        partial(side.decode, message, ctx), partial(pickle.loads, blob), scale=scale
    )
    figures = [
        Figure("encode", MICROSECONDS, encode, dumps),
        Figure("encode, frozen", MICROSECONDS, encode_frozen),
        Figure("decode the same again", MICROSECONDS, decode, loads),
    ]
    if side.name != "native":  # without a context, frames have version 1
        whole = pickle.dumps(expr)
        pickled, unpickled = fastest(
            partial(pickle.dumps, expr), partial(pickle.loads, whole), scale=scale
        )
        figures.append(Figure("pickle.dumps", MICROSECONDS, pickled, dumps))
        figures.append(Figure("pickle.loads", MICROSECONDS, unpickled, loads))
    return figures


def other_functions(side: Side, scale: float) -> list[Figure]:
    """Messages with a function that was never seen before, beside unpickling as many."""
    ctx = side.session()
    count = max(2, int(300 * scale)) * (BATCHES + 1)
    messages = [side.call(step).to_bytes(ctx) for step in range(count)]
    blobs = [cloudpickle.dumps(side.pickled(one_more(step))) for step in range(count)]
    decode = fastest_of_each(partial(side.decode, ctx=ctx), messages)
    loads = fastest_of_each(pickle.loads, blobs)
    return [Figure("decode, each another function", MICROSECONDS, decode, loads)]


def built_ins(side: Side, scale: float) -> list[Figure]:
    """A message without functions in Python."""
    ctx = side.session()
    expr = side.built_in()
    message = expr.to_bytes(ctx)
    encode, decode = fastest(
        partial(expr.to_bytes, ctx), partial(side.decode, message, ctx), scale=scale
    )
    return [
        Figure("built-ins only, encode", MICROSECONDS, encode),
        Figure("built-ins only, decode", MICROSECONDS, decode),
    ]


def registered_session(side: Side, count: int) -> Any:
    """A session with functions that no message refers to."""
    ctx = side.session()
    for number in range(count):
        ctx.register_udf(side.udf(one_more(number), f"registered_{number}"))
    return ctx


def registered(side: Side, scale: float) -> list[Figure]:
    """Decoding in a session with 8,000 functions, beside a session with none."""
    empty, full = side.session(), registered_session(side, int(8_000 * scale))
    figures = []
    for name, expr in (("one function", side.call()), ("built-ins only", side.built_in())):
        message = expr.to_bytes(empty)
        decode, alone = fastest(
            partial(side.decode, message, full), partial(side.decode, message, empty), scale=scale
        )
        figures.append(Figure(f"8,000 registered, decode {name}", MICROSECONDS, decode, alone))
    return figures


def references(side: Side, scale: float) -> list[Figure]:
    """A message that calls one function 1,000 times."""
    ctx = side.session()
    expr = side.many_calls(max(1, int(1_000 * scale)))
    message = expr.to_bytes(ctx)
    encode, decode = fastest(
        partial(expr.to_bytes, ctx), partial(side.decode, message, ctx), scale=scale
    )
    name = "1,000 references"
    return [
        Figure(f"{name}, bytes", KILOBYTES, len(message) / 1e3),
        Figure(f"{name}, encode", MILLISECONDS, encode / 1e3),
        Figure(f"{name}, decode", MILLISECONDS, decode / 1e3),
    ]


def weighted(size: int) -> Callable[[pa.Array], pa.Array]:
    """A function that closes over an array of so many bytes."""
    weights = np.arange(size // 8, dtype=np.float64)

    def weigh(numbers: pa.Array) -> pa.Array:
        return pc.add(numbers, int(weights[1]))

    return weigh


def large_message(name: str, size: int) -> bytes:
    """A message with a large function; another process makes it, so that no memory is left over."""
    side = Side(name)
    call = side.udf(weighted(size))(side.package.col("a"))
    return bytes(call.to_bytes(side.session_with_room()))


def made_elsewhere(side: Side, size: int) -> bytes:
    """The bytes of `large_message`."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(large_message, (side.name, size))


CLOSURE = 50_000_000


def closure_encoded(side: Side, scale: float) -> list[Figure]:
    """Encoding a function with an array of 50 MB once, beside cloudpickle."""
    ctx = side.session_with_room()
    size = int(CLOSURE * scale)
    side.call().to_bytes(ctx)
    function = weighted(size)
    expr = side.udf(function)(side.package.col("a"))
    watch = Watch()
    message = expr.to_bytes(ctx)
    seconds, peak = watch.seconds(), watch.peak()
    del message
    watch = Watch()
    cloudpickle.dumps(function)
    return [
        Figure("50 MB closure, encode", MILLISECONDS, seconds * 1e3, watch.seconds() * 1e3),
        Figure("50 MB closure, encode, memory", TIMES, peak / size, watch.peak() / size),
    ]


def closure_decoded(side: Side, scale: float) -> list[Figure]:
    """Decoding a function with an array of 50 MB and calling it for a row, beside unpickling."""
    ctx = side.session_with_room()
    size = int(CLOSURE * scale)
    row = ctx.from_pydict({"a": [1]})
    row.select(side.decode(side.call().to_bytes(ctx), ctx)).collect()
    message = made_elsewhere(side, size)
    watch = Watch()
    expr = side.decode(message, ctx)
    decoded, decoded_peak = watch.seconds() * 1e3, watch.peak() / size
    row.select(expr).collect()
    called, called_peak = watch.seconds() * 1e3, watch.peak() / size
    blob = cloudpickle.dumps(weighted(size))
    watch = Watch()
    unpickled = pickle.loads(blob)
    limit, limit_peak = watch.seconds() * 1e3, watch.peak() / size
    del unpickled
    return [
        Figure("50 MB closure, decode", MILLISECONDS, decoded, limit),
        Figure("50 MB closure, decode, memory", TIMES, decoded_peak, limit_peak),
        Figure("50 MB closure, decode and call", MILLISECONDS, called, limit),
        Figure("50 MB closure, decode and call, memory", TIMES, called_peak, limit_peak),
    ]


def chain(side: Side, scale: float) -> list[Figure]:
    """A long sum that Python builds term by term, which a side may put off until it is used."""
    ctx = side.session()
    one = side.package.lit(1)

    def build() -> Any:
        expr = side.package.col("a")
        for _ in range(int(4_000 * scale)):
            expr = expr + one
        return expr

    built, used = fastest(build, lambda: build().to_bytes(ctx), scale=scale)
    return [
        Figure("a chain of 4,000 + in Python", MILLISECONDS, built / 1e3),
        Figure("a chain of 4,000 + in Python, and encoded", MILLISECONDS, used / 1e3),
    ]


def queries(side: Side, scale: float) -> list[Figure]:
    """Whole queries over few rows."""
    ctx = side.session()
    ctx.from_pydict({"v": list(range(100))}, name="hundred")
    ctx.from_pydict({"v": [1]}, name="one")
    ctx.register_udf(side.udf(one_more(1)))
    texts = {
        "query of built-ins, 100 rows": "SELECT abs(v) + 1 FROM hundred",
        "query of built-ins, one row": "SELECT abs(v) + 1 FROM one",
        "query of a Python function, one row": "SELECT one_more(v) FROM one",
    }
    figures = []
    for name, text in texts.items():
        (taken,) = fastest(lambda text=text: ctx.sql(text).collect(), scale=scale)  # type: ignore[misc]
        figures.append(Figure(name, MILLISECONDS, taken / 1e3))
    return figures


def take(task: tuple[Any, int]) -> int:
    """A task that does nothing with what it was sent."""
    return task[1]


def take_opened(task: tuple[Any, int]) -> int:
    """A task that only opens the parcel that it was sent."""
    task[0].open()
    return task[1]


def tasks_a_second(
    pool: Any, task: Callable[[tuple[Any, int]], int], sent: Any, count: int, chunk: int
) -> float:
    """How many tasks a pool gets through that are all sent the same."""
    tasks = [(sent, number) for number in range(count)]
    start = time.perf_counter()
    pool.map(task, tasks, chunksize=chunk)
    return count / (time.perf_counter() - start)


def pools(side: Side, scale: float) -> list[Figure]:
    """Two processes that get 10,000 tasks with a function, beside bytes of the same number."""
    count = max(4, int(10_000 * scale))
    side.ipc.set_sender_ctx(side.session())
    expr = side.call()
    raw = bytes(len(pickle.dumps(expr)))
    frozen = side.frozen(side.udf(one_more(1)))(side.package.col("a"))
    parcel = (take, expr) if side.is_wheel else (take_opened, side.package.pack(expr))
    ways = [
        ("pool, an expression in each task", take, expr, 1),
        ("pool, in chunks of 64", take, expr, 64),
        ("pool, a frozen function", take, frozen, 1),
        ("pool, a parcel", *parcel, 1),
    ]
    figures = []
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        tasks_a_second(pool, take, expr, 4, 1)
        for name, task, sent, chunk in ways:
            done = tasks_a_second(pool, task, sent, count, chunk)
            limit = tasks_a_second(pool, take, raw, count, chunk)
            figures.append(Figure(name, TASKS, done, limit))
    return figures


# What a process measures, one after the other.
WORKS: dict[str, tuple[Callable[[Side, float], list[Figure]], ...]] = {
    "functions": (one_function, other_functions),
    "unframed": (built_ins, queries),
    # Alone: a process that has seen a deep expression makes room for another one wherever it plans.
    "chain": (chain,),
    "registered": (registered,),
    "references": (references,),
    "closure, encode": (closure_encoded,),
    "closure, decode": (closure_decoded,),
    "pool": (pools,),
}

# Send no functions, so that it does not matter which frames a session writes.
UNFRAMED = frozenset({"unframed", "chain"})
