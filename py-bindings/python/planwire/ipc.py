"""Choose the session that pickling uses, and the floor under all sessions.

``pickle.dumps(expr)`` encodes under the sender context, ``pickle.loads`` decodes under the worker
context. An explicit ``ctx`` argument always wins over them. Without any of these, a default session
is used, which has only DataFusion's functions and sends Python functions inline.

``set_sender_ctx`` and ``set_worker_ctx`` apply to the process: to all its threads and tasks,
including those of pools, Dask and Ray, and to its forks. A ``with`` block applies to the code
inside, including tasks that start there, and admits no more than the session of the process.

A thread that was started elsewhere, such as the threads in which pools pickle, has no block of its
own. While other threads are inside blocks, all those blocks restrict it: the narrowest mode of each
family, all guards and the smallest limits apply. To give one thread more freedom, name the session
in the call.

A queue, and a pool without a wait, may pickle after the block was left: stay inside until the
answer has come, or send the result of ``planwire.pack``, which is encoded at once.

The process keeps the functions that it decoded last, so that the same bytes give the same function
again: ``decode_cache`` tells how many, and ``clear_decode_cache`` forgets them.

The floor belongs to the process: once raised, no session decodes inline functions, in no thread and
in no forked child. The environment variable ``PLANWIRE_FLOOR=refuse`` raises it on import.

Example:
    >>> import pickle
    >>> from planwire import InlineRefused, SessionContext, col, functions, ipc
    >>> strict = SessionContext().with_python_udf_inlining(enabled=False)
    >>> with ipc.worker_ctx(strict):
    ...     pickle.loads(pickle.dumps(functions.abs(col("a"))))
    Expr(abs(a))
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from planwire._internal import (
    DecodeCache,
    SessionContext,
    clear_decode_cache,
    decode_cache,
    get_process_floor,
    set_process_floor,
)
from planwire._logs import WorkerLogs

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "DecodeCache",
    "WorkerLogs",
    "clear_decode_cache",
    "clear_sender_ctx",
    "clear_worker_ctx",
    "decode_cache",
    "get_process_floor",
    "get_sender_ctx",
    "get_worker_ctx",
    "sender_ctx",
    "set_process_floor",
    "set_sender_ctx",
    "set_worker_ctx",
    "worker_ctx",
]


class _Block:
    """A ``with`` block that a thread or task is in."""

    def __init__(self, ctx: SessionContext) -> None:
        self.ctx = ctx
        self.narrowed: tuple[SessionContext, SessionContext] | None = None

    def under(self, process: SessionContext | None) -> SessionContext:
        """Return the block's session, narrowed by that of the process."""
        if process is None or process is self.ctx:
            return self.ctx
        if self.narrowed is None or self.narrowed[0] is not process:
            self.narrowed = (process, self.ctx._narrowed_by([process]))
        return self.narrowed[1]


class _Direction:
    """The sessions of one direction: the process's, and those of the blocks."""

    def __init__(self, name: str) -> None:
        self.process: SessionContext | None = None
        # The blocks of all threads, replaced as a whole so that nobody reads a part.
        self.blocks: tuple[_Block, ...] = ()
        self.own: ContextVar[_Block | None] = ContextVar(f"planwire_{name}", default=None)

    def holding(self) -> SessionContext | None:
        """Return the session in effect in this thread or task."""
        own, process = self.own.get(), self.process
        if own is not None:
            return own.under(process)
        if not self.blocks:
            return process
        blocks = {id(block.ctx): block.ctx for block in self.blocks}
        if process is None and len(blocks) == 1:
            return next(iter(blocks.values()))
        # Whose functions a name means is left open by several, so those of none are known.
        ctx = SessionContext() if process is None else process
        others = [other for other in blocks.values() if other is not ctx]
        return ctx._narrowed_by(others) if others else ctx

    def set(self, ctx: SessionContext | None) -> None:
        """Set the session of the process; in a child it replaces the blocks that were forked."""
        self.process = ctx
        if self.own.get() in _inherited:
            self.own.set(None)
        with _changing:
            self.blocks = tuple(block for block in self.blocks if block not in _inherited)

    @contextmanager
    def block(self, ctx: object) -> Generator[None, None, None]:
        """Enter a block."""
        block = _Block(_session(ctx))
        with _changing:
            self.blocks = (*self.blocks, block)
        token = self.own.set(block)
        try:
            yield
        finally:
            with _changing:
                self.blocks = tuple(other for other in self.blocks if other is not block)
            self.own.reset(token)


_changing = threading.Lock()
_sender, _worker = _Direction("sender"), _Direction("worker")
# The blocks that were open where this process was forked; nobody here is going to leave them.
_inherited: frozenset[_Block] = frozenset()


def set_sender_ctx(ctx: SessionContext) -> None:
    """Encode under a session from here on, in the whole process.

    Args:
        ctx: The session.

    Raises:
        TypeError: `ctx` is not a session.

    Example:
        >>> from planwire import SessionContext, ipc
        >>> ipc.set_sender_ctx(SessionContext())
        >>> ipc.clear_sender_ctx()
    """
    _sender.set(_session(ctx))


def get_sender_ctx() -> SessionContext | None:
    """Return the session that encodes here, if one was set, narrowed by the other contexts.

    Example:
        >>> from planwire import ipc
        >>> ipc.get_sender_ctx() is None
        True
    """
    return _sender.holding()


def clear_sender_ctx() -> None:
    """Forget the session that encodes in the whole process.

    Example:
        >>> from planwire import ipc
        >>> ipc.clear_sender_ctx()
    """
    _sender.set(None)


def set_worker_ctx(ctx: SessionContext) -> None:
    """Decode under a session from here on, in the whole process, e.g. in a worker's initializer.

    Args:
        ctx: The session.

    Raises:
        TypeError: `ctx` is not a session.

    Example:
        >>> from planwire import SessionContext, ipc
        >>> ipc.set_worker_ctx(SessionContext())
        >>> ipc.clear_worker_ctx()
    """
    _worker.set(_session(ctx))


def get_worker_ctx() -> SessionContext | None:
    """Return the session that decodes here, if one was set, narrowed by the other contexts.

    Example:
        >>> from planwire import ipc
        >>> ipc.get_worker_ctx() is None
        True
    """
    return _worker.holding()


def clear_worker_ctx() -> None:
    """Forget the session that decodes in the whole process.

    Example:
        >>> from planwire import ipc
        >>> ipc.clear_worker_ctx()
    """
    _worker.set(None)


@contextmanager
def sender_ctx(ctx: SessionContext) -> Generator[SessionContext, None, None]:
    """Encode under a session inside a `with` block.

    Args:
        ctx: The session.

    Raises:
        TypeError: `ctx` is not a session.

    Example:
        >>> from planwire import SessionContext, ipc
        >>> with ipc.sender_ctx(SessionContext()) as ctx:
        ...     ipc.get_sender_ctx() is ctx
        True
    """
    with _sender.block(ctx):
        yield ctx


@contextmanager
def worker_ctx(ctx: SessionContext) -> Generator[SessionContext, None, None]:
    """Decode under a session inside a `with` block.

    Args:
        ctx: The session.

    Raises:
        TypeError: `ctx` is not a session.

    Example:
        >>> from planwire import SessionContext, ipc
        >>> with ipc.worker_ctx(SessionContext()) as ctx:
        ...     ipc.get_worker_ctx() is ctx
        True
    """
    with _worker.block(ctx):
        yield ctx


def _forked() -> None:
    """Continue as the thread that forked; the blocks of all threads still restrict it."""
    global _changing, _inherited  # noqa: PLW0603
    # Another thread may have held it.
    _changing = threading.Lock()
    _inherited = frozenset(_sender.blocks + _worker.blocks)


# Not on Windows, where there is no fork either.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _session(ctx: object) -> SessionContext:
    if not isinstance(ctx, SessionContext):
        raise TypeError(f"expected a SessionContext, got {type(ctx).__name__}")
    return ctx
