"""Processes that try a message first: a message that ends a process ends only one of them."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from planwire._base.closing import Closing
from planwire._quarantine import faults, wire
from planwire._quarantine.child import Child, Lost
from planwire._quarantine.processes import Processes

if TYPE_CHECKING:
    from collections.abc import Generator

    from typing_extensions import Buffer

    from planwire._base.arrow import ArrowSchemaExportable

MIB = 1024 * 1024


class Quarantine(Closing):
    """Processes with limits of memory and time, in which messages are tried before they are used.

    Trying a message means decoding it and taking the steps of a worker before it runs it: the
    message is shown, asked for its schema, optimized, planned and explained. A process takes one
    message after the other, and is replaced once a message has ended it. Any number of threads may
    use a quarantine. It is not a sandbox: it protects this process from the cost of a message, not
    from code.

    It needs Linux or macOS. macOS limits only the time of a process, not its memory.

    Args:
        memory: The bytes that one message may take, above those that its process already uses.
        seconds: The processor time that one message may take, rounded up to whole seconds.
        wall_seconds: The time until a message must be answered.
        workers: How many messages are tried at once; others wait.
        messages: How many messages a process tries before another one is started.
        setup: A function, as ``"module:function"``, that each process imports and calls to get its
            session: with the functions that messages name, the limits, and the options of the
            worker. All families are refused in it, except for tables. Without it, a new session
            is used.

    Raises:
        GuardError: No process can be started, or `setup` failed in it.
        ValueError: A limit is not positive, or `setup` is not ``"module:function"``.

    Example:
        >>> from planwire import Expr, SessionContext, errors, guard, lit
        >>> strict = SessionContext().with_python_udf_inlining(enabled=False)
        >>> message = (lit(1) + lit(2)).to_bytes()
        >>> with guard.Quarantine(memory=512 * 1024 * 1024, seconds=5) as quarantine:
        ...     quarantine.check(message, "expression")
        >>> Expr.from_bytes(message, strict)
        Expr(Int64(1) + Int64(2))
    """

    def __init__(
        self,
        *,
        memory: int = 512 * MIB,
        seconds: float = 5,
        wall_seconds: float = 30,
        workers: int = 1,
        messages: int = 256,
        setup: str | None = None,
    ) -> None:
        given = {
            "memory": memory,
            "seconds": seconds,
            "wall_seconds": wall_seconds,
            "workers": workers,
            "messages": messages,
        }
        for name, value in given.items():
            if not value > 0:
                raise ValueError(f"{name} is {value!r}, it takes more than 0")
        if setup is not None and not all(setup.partition(":")):
            raise ValueError(f'setup is {setup!r}, it takes "module:function"')
        self._order = wire.Order(memory, seconds, wall_seconds, messages, setup)
        self._workers = workers
        self._begin()
        _living.add(self)
        # Started here, so that what keeps it from starting is said here.
        self._processes.keep(self._started())

    def _begin(self) -> None:
        """Begin without processes."""
        self._processes = Processes()
        self._slots = threading.Semaphore(self._workers)
        # Also where the interpreter exits.
        self._last = weakref.finalize(self, self._processes.end)

    def _abandon(self) -> None:
        """Begin anew in a forked child, without the parent's processes and its threads' slots."""
        self._last.detach()
        before = self._processes.abandon()
        self._begin()
        self._processes.closed = before

    def check(
        self,
        message: Buffer,
        what: Literal["expression", "logical plan", "physical plan"],
        *,
        schema: ArrowSchemaExportable | None = None,
    ) -> None:
        """Try a message, and return if that ended within the limits.

        A planning error counts as an end too; a worker with the same session gets the same error.

        Args:
            message: The bytes, as they would be decoded; those of a sealed message once it is open.
            what: The sort of message that they are decoded as.
            schema: The columns that an expression is for. Without them an expression is decoded and
                shown, and nothing is planned with it.

        Raises:
            LimitExceeded: The process that tried it was ended, by a limit or by the message.
            PolicyRefused: It was not tried to its end: the process could not decode it, because it
                is malformed, holds payloads, which are not opened there, or names functions that
                the session there does not have.
            GuardError: No process can be started.
            ValueError: The quarantine is closed, or `what` is not a sort of message.

        Example:
            >>> from planwire import SessionContext, errors, guard
            >>> query = SessionContext().sql("SELECT repeat('x', power(2, 31)::bigint - 1) AS x")
            >>> with guard.Quarantine() as quarantine:
            ...     try:
            ...         quarantine.check(query.logical_plan().to_bytes(), "logical plan")
            ...     except errors.LimitExceeded as error:
            ...         print(error.code)
            PW-G006
        """
        if what not in wire.SORTS:
            raise ValueError(f"what is {what!r}, it takes one of {', '.join(wire.SORTS)}")
        data = memoryview(message).cast("B")
        columns = b"" if schema is None else _schema_bytes(schema)
        head = wire.HEAD.pack(wire.SORTS.index(what), len(columns), len(data))
        with self._slots, self._child() as child:
            try:
                answer = child.ask([head, columns, data])
            except Lost as lost:
                self._processes.require_open()
                raise faults.ended(what, str(lost)) from None
        if answer.outcome == wire.OUT_OF_MEMORY:
            raise faults.ended(what, f"it takes more than {self._order.memory} bytes of memory")
        if answer.outcome != wire.TRIED:
            raise faults.untried(what, answer.code)

    @contextmanager
    def _child(self) -> Generator[Child, None, None]:
        """Lend a waiting process, and keep it afterwards if it is still waiting."""
        child = self._processes.take() or self._started()
        self._processes.busy.add(child)
        try:
            yield child
        except BaseException:
            child.end()
            raise
        finally:
            self._processes.busy.discard(child)
        self._processes.keep(child)

    def _started(self) -> Child:
        if sys.platform == "win32":
            raise faults.unusable("Windows has no limits for a process that sets them itself")
        try:
            return Child(self._order)
        except Lost as lost:
            raise faults.unusable(f"its process did not start: {lost}") from None

    def close(self) -> None:
        """End the processes, including those that are trying a message.

        Example:
            >>> from planwire import col, guard
            >>> quarantine = guard.Quarantine()
            >>> quarantine.close()
            >>> try:
            ...     quarantine.check(col("a").to_bytes(), "expression")
            ... except ValueError as error:
            ...     print(error)
            the quarantine is closed
        """
        self._processes.end()


def quarantine(
    message: Buffer,
    what: Literal["expression", "logical plan", "physical plan"],
    *,
    schema: ArrowSchemaExportable | None = None,
    memory: int = 512 * MIB,
    seconds: float = 5,
    wall_seconds: float = 30,
    setup: str | None = None,
) -> None:
    """Try one message in a process of its own, as `Quarantine.check` does.

    A process takes about half a second to start; for more than a few messages, keep a `Quarantine`.

    Args:
        message: The bytes, as they would be decoded.
        what: The sort of message that they are decoded as.
        schema: The columns that an expression is for.
        memory: The bytes that the message may take.
        seconds: The processor time that it may take.
        wall_seconds: The time that it may take.
        setup: A function, as ``"module:function"``, that returns the session.

    Raises:
        LimitExceeded: The process was ended, by a limit or by the message.
        PolicyRefused: The message was not tried to its end.
        GuardError: No process can be started, or `setup` failed in it.
        ValueError: A limit is not positive, or `what` or `setup` cannot be one.

    Example:
        >>> from planwire import col, guard
        >>> guard.quarantine((col("a") + 1).to_bytes(), "expression")
    """
    with Quarantine(
        memory=memory, seconds=seconds, wall_seconds=wall_seconds, messages=1, setup=setup
    ) as once:
        once.check(message, what, schema=schema)


def _schema_bytes(schema: ArrowSchemaExportable) -> bytes:
    # Not with the module, which every program imports.
    import pyarrow as pa  # noqa: PLC0415

    encoded: bytes = pa.schema(schema).serialize().to_pybytes()
    return encoded


# Those of this process, for a fork to find.
_living: weakref.WeakSet[Quarantine] = weakref.WeakSet()


def _after_fork() -> None:
    """Leave the processes of the parent to it."""
    for one in list(_living):
        one._abandon()  # pyright: ignore[reportPrivateUsage]


# Not on Windows, where there is no fork either.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
