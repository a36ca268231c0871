"""The program of a quarantine's processes: it decodes, shows, plans and explains messages."""

from __future__ import annotations

import importlib
import os
import socket
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from planwire import (
    DataFrame,
    ExecutionPlan,
    Expr,
    LogicalPlan,
    PlanwireError,
    SessionContext,
    col,
)
from planwire._quarantine import confined, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A thread of a worker has twice as much; what ends just within this does not end another process.
_STACK = 4 * 1024 * 1024

# How often a process looks whether its parent is there, in seconds.
_TICK = 2

# The family whose payloads hold no code.
_TABLES = "arrow"

# The code of a panic over a query.
_PANICKED = "PW-X003"

# What an audit hook hears before something is unpickled.
_UNPICKLING = frozenset({"planwire.decode", "pickle.find_class"})


def main(order: wire.Order) -> None:
    """Try the messages that arrive at the standard input until it is closed."""
    confined.heed_signals()
    line = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.stack_size(_STACK)
    parent = os.getppid()
    thread = threading.Thread(target=_run, args=(line, order), daemon=True)
    thread.start()
    # The line tells a process that waits, unless another process has been forked with its end.
    while thread.is_alive() and os.getppid() == parent:
        thread.join(_TICK)
    # Whatever the thread is in the middle of.
    os._exit(0)


def _run(line: socket.socket, order: wire.Order) -> None:
    try:
        session = _session(order.setup)
        _warm_up(session)
        sys.addaudithook(_forbid)
        limits = confined.Limits(order)
    # Also what ends a program: the parent is the only one to tell of it.
    except BaseException as error:
        text = f"{type(error).__name__}: {error}".encode(errors="replace")[: wire.LONGEST_GREETING]
        line.sendall(wire.GREETING.pack(len(text)) + text)
        return
    line.sendall(wire.GREETING.pack(0))
    _serve(line, session, limits)


def _session(setup: str | None) -> SessionContext:
    """Make the session that decodes: the caller's, without families that could run code."""
    if setup is None:
        ctx = SessionContext()
    else:
        module, _, name = setup.partition(":")
        ctx = getattr(importlib.import_module(module), name)()
        if not isinstance(ctx, SessionContext):
            raise TypeError(f"{setup} returned {type(ctx).__name__}, not a SessionContext")
    for family in ctx.families():
        if family.name != _TABLES:
            ctx = ctx.with_family(family.name, "refuse")
    # Files are looked at one after the other: each thread that waits for one takes address space,
    # and an honest query of many files is not to run out of it.
    ctx.sql("SET datafusion.execution.meta_fetch_concurrency = 1")
    return ctx


def _warm_up(session: SessionContext) -> None:
    """Load the code that any message needs, so that the first one does not pay for it."""
    schema = pa.schema([("a", pa.int64())])
    expr = (col("a") + 1).alias("b")
    frame = SessionContext().sql("SELECT 1 AS a")
    messages = [expr.to_bytes(), frame.logical_plan().to_bytes(), frame.execution_plan().to_bytes()]
    for sort, message in zip(wire.SORTS, messages, strict=True):
        attempt(session, sort, schema.serialize().to_pybytes(), message)


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:  # noqa: ARG001
    """End the process before it unpickles anything, however a message led it there."""
    if event in _UNPICKLING:
        os._exit(1)


def _serve(line: socket.socket, session: SessionContext, limits: confined.Limits) -> None:
    """Try one message after the other until the parent closes the line."""
    while True:
        try:
            head = wire.exactly(wire.HEAD.size, line.recv_into)
        except (EOFError, OSError):
            return
        limits.begin()
        try:
            outcome, code = _try(line, session, *wire.HEAD.unpack(head))
        except MemoryError:
            outcome, code = wire.OUT_OF_MEMORY, ""
        stays = limits.end() and outcome != wire.OUT_OF_MEMORY
        line.sendall(wire.Answer(outcome, code, stays).to_bytes())
        if not stays:
            return


def _try(
    line: socket.socket, session: SessionContext, sort: int, schema: int, message: int
) -> tuple[bytes, str]:
    """Receive a message and try it."""
    columns = bytes(wire.exactly(schema, line.recv_into))
    data = wire.exactly(message, line.recv_into)
    return attempt(session, wire.SORTS[sort], columns or None, data)


def attempt(
    session: SessionContext, sort: str, schema: bytes | None, message: bytes | bytearray
) -> tuple[bytes, str]:
    """Decode a message and take the steps of a worker before it runs it.

    Raises:
        MemoryError: There is not enough memory.
    """
    decoded: Expr | LogicalPlan | ExecutionPlan
    try:
        if sort == "expression":
            decoded = Expr.from_bytes(message, session)
        elif sort == "logical plan":
            decoded = LogicalPlan.from_bytes(session, message)
        else:
            decoded = ExecutionPlan.from_bytes(session, message)
        for step in _steps(decoded, session, schema):
            _finish(step)
    except PlanwireError as error:
        return wire.UNTRIED, error.code
    return wire.TRIED, ""


def _steps(
    decoded: Expr | LogicalPlan | ExecutionPlan, session: SessionContext, schema: bytes | None
) -> Iterator[Callable[[], object]]:
    """List the steps for a decoded message, each by itself: one may fail before the next."""
    if isinstance(decoded, ExecutionPlan):
        yield from (decoded.display, decoded.display_indent, decoded.children)
        yield lambda: (decoded.partition_count, decoded.output_partitioning)
    elif isinstance(decoded, LogicalPlan):
        yield from (decoded.display, decoded.display_indent_schema, decoded.display_graphviz)
        yield lambda: _plan(session.create_dataframe_from_logical_plan(decoded))
    else:
        yield from (decoded.__repr__, decoded.canonical_name, decoded.schema_name)
        if schema is not None:
            table = pa.ipc.read_schema(pa.py_buffer(schema))
            frame = session.create_dataframe([[]], schema=table)
            yield lambda: _plan(frame.filter(decoded))
            yield lambda: _plan_as_column(frame, decoded)


def _plan_as_column(frame: DataFrame, expr: Expr) -> None:
    """Plan a query for an expression, or for an aggregate, which is an error as a mere column."""
    if _finish(lambda: frame.select(expr).execution_plan()):
        _plan(frame.select(expr))
    else:
        _plan(frame.aggregate(None, expr))


def _plan(frame: DataFrame) -> None:
    """Plan and explain a query without running it."""
    steps: list[Callable[[], object]] = [
        frame.schema,
        lambda: frame.execution_plan().display_indent(),
        # Shows the plans of all steps, so there is no need to ask for those of each.
        partial(frame.explain, verbose=True),
        partial(frame.explain, format="tree"),
    ]
    for step in steps:
        _finish(step)


def _finish(step: Callable[[], object]) -> bool:
    """Run a step to its end, and tell whether it gave a result rather than an error.

    Raises:
        MemoryError: There is not enough memory.
        PlanwireError: DataFusion panicked, as it does too where the limits keep a thread from it.
    """
    try:
        step()
    except MemoryError:
        raise
    except Exception as error:
        if getattr(error, "code", None) == _PANICKED:
            raise
        return False
    return True
