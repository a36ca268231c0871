"""Choose the session that pickling uses.

``pickle.dumps(expr)`` encodes under the sender context, ``pickle.loads`` decodes under the worker
context. An explicit ``ctx`` argument always wins over them; without either, a session of the
process's own is used, which knows DataFusion's functions and lets Python functions travel inline.

Both are context variables: a thread or task that sets one does not change what others see.

Example:
    >>> import pickle
    >>> from planwire import InlineRefused, SessionContext, col, functions, ipc
    >>> strict = SessionContext().with_python_udf_inlining(enabled=False)
    >>> with ipc.worker_ctx(strict):
    ...     pickle.loads(pickle.dumps(functions.abs(col("a"))))
    Expr(abs(a))
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from planwire._internal import SessionContext

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "clear_sender_ctx",
    "clear_worker_ctx",
    "get_sender_ctx",
    "get_worker_ctx",
    "sender_ctx",
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
    token = _sender.set(_session(ctx))
    try:
        yield ctx
    finally:
        _sender.reset(token)


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
    token = _worker.set(_session(ctx))
    try:
        yield ctx
    finally:
        _worker.reset(token)


def _session(ctx: object) -> SessionContext:
    if not isinstance(ctx, SessionContext):
        raise TypeError(f"expected a SessionContext, got {type(ctx).__name__}")
    return ctx
