"""Choose the session that pickling uses, and the floor under all sessions.

``pickle.dumps(expr)`` encodes under the sender context, ``pickle.loads`` decodes under the worker
context. An explicit ``ctx`` argument always wins over them; without either, a session of the
process's own is used, which knows DataFusion's functions and lets Python functions travel inline.

Both are context variables: a thread or task that sets one does not change what others see. A thread
that is started by hand, and a forked process, begin without.

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
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from planwire._internal import SessionContext, get_process_floor, set_process_floor

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "clear_sender_ctx",
    "clear_worker_ctx",
    "get_process_floor",
    "get_sender_ctx",
    "get_worker_ctx",
    "sender_ctx",
    "set_process_floor",
    "set_sender_ctx",
    "set_worker_ctx",
    "worker_ctx",
]

_sender: ContextVar[SessionContext | None] = ContextVar("planwire_sender", default=None)
_worker: ContextVar[SessionContext | None] = ContextVar("planwire_worker", default=None)


def set_sender_ctx(ctx: SessionContext) -> None:
    """Encode under a session from here on.

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
    """Return the session that encodes, if one was set.

    Raises:
        Nothing.

    Example:
        >>> from planwire import ipc
        >>> ipc.get_sender_ctx() is None
        True
    """
    return _sender.get()


def clear_sender_ctx() -> None:
    """Forget the session that encodes.

    Raises:
        Nothing.

    Example:
        >>> from planwire import ipc
        >>> ipc.clear_sender_ctx()
    """
    _sender.set(None)


def set_worker_ctx(ctx: SessionContext) -> None:
    """Decode under a session from here on, e.g. in the initializer of a worker process.

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
    """Return the session that decodes, if one was set.

    Raises:
        Nothing.

    Example:
        >>> from planwire import ipc
        >>> ipc.get_worker_ctx() is None
        True
    """
    return _worker.get()


def clear_worker_ctx() -> None:
    """Forget the session that decodes.

    Raises:
        Nothing.

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
    with _set(_sender, ctx):
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
    with _set(_worker, ctx):
        yield ctx


@contextmanager
def _set(variable: ContextVar[SessionContext | None], ctx: object) -> Generator[None, None, None]:
    """Set a variable inside a block, also if a fork inside the block replaces it."""
    token = variable.set(_session(ctx))
    try:
        yield
    finally:
        variable.reset(token)


def _forget() -> None:
    """Begin without contexts, whichever tasks a fork has brought along."""
    global _sender, _worker  # noqa: PLW0603
    _sender = ContextVar("planwire_sender", default=None)
    _worker = ContextVar("planwire_worker", default=None)


# Not on Windows, where there is no fork either.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _session(ctx: object) -> SessionContext:
    if not isinstance(ctx, SessionContext):
        raise TypeError(f"expected a SessionContext, got {type(ctx).__name__}")
    return ctx
