"""What workers do to show under which session they decode."""

from __future__ import annotations

import pickle

import planwire
from planwire import errors, ipc

from support import kinds

# Less than a test may take, so that a worker that never answers fails with its traceback.
PATIENCE = 45


def strict() -> planwire.SessionContext:
    return planwire.SessionContext().with_python_udf_inlining(enabled=False)


def be_strict() -> None:
    ipc.set_worker_ctx(strict())


def know() -> None:
    """Makes a strict worker that knows the function by its name."""
    ctx = strict()
    kinds.register(ctx, "scalar", kinds.make("scalar"))
    ipc.set_worker_ctx(ctx)


def forget() -> None:
    """Makes a worker that would take functions inline, and knows none."""
    ipc.set_worker_ctx(planwire.SessionContext())


def inline_call() -> bytes:
    """The pickle of a call that brings its function along."""
    with ipc.sender_ctx(planwire.SessionContext()):
        return pickle.dumps(kinds.call(kinds.make("scalar")))


def fate(message: bytes) -> str:
    """What becomes of a pickle here: the class of the error, or that it was decoded."""
    try:
        pickle.loads(message)
    except errors.DecodeError as refusal:
        return type(refusal).__name__
    return "decoded"


def by_name(message: bytes) -> bool:
    """Whether a pickle holds nothing but names."""
    return b"DFPYUDF" not in message


def opened(parcel: planwire.Parcel) -> str:
    return str(parcel.open())


def known(message: bytes) -> str:
    """A call that came by name, once its function was found here."""
    return str(planwire.Expr.from_bytes(message))


def narrowness() -> list[str | None]:
    """What the contexts of this process do with Python functions."""
    found = [ipc.get_sender_ctx(), ipc.get_worker_ctx()]
    return [ctx and next(f.mode for f in ctx.families() if f.name == "python") for ctx in found]
