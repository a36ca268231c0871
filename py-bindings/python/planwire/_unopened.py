"""Arguments that a worker refused to unpickle: each raises the refusal where it is used.

A pool and Dask unpickle the arguments of a task outside of the task. An exception there reaches
nobody: the task is lost, and its caller waits forever. So they get an object in the place of the
argument, which raises the exception inside the task, and that one goes back to the caller.

Everywhere else, unpickling raises.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

# Modules that read what another process sent.
_QUEUES = (
    "multiprocessing.connection",
    "multiprocessing.queues",
    "joblib.pool",
    "joblib.externals.loky.backend",
    "loky.backend",
)
# Modules that lose a task over an exception of those.
_POOLS = (
    "multiprocessing.pool",
    "concurrent.futures.process",
    "joblib.externals.loky.process_executor",
    "loky.process_executor",
)
# A module that does both: its connection ends with the exception.
_DASK = ("distributed.protocol.pickle",)


def unopened(
    refusal: Exception,
    restore: Callable[..., Any],
    arguments: tuple[Any, ...],
    caller: FrameType | None,
) -> Unopened | None:
    """Return an object for an argument that was refused, or None if the caller sees errors."""
    return Unopened(refusal, restore, arguments) if _is_lost(caller) else None


class Unopened:
    """An argument that was refused while it was unpickled. Its methods and operators raise that.

    It says that it is of the class that was sent, so that a task which asks goes on to use it.
    Pickled again, it is what the sender wrote, so a scheduler that refuses it can hand it on.
    """

    __slots__ = ("_arguments", "_refusal", "_restore")

    def __init__(
        self, refusal: Exception, restore: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> None:
        self._refusal, self._restore, self._arguments = refusal, restore, arguments

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return getattr(self._restore, "__self__", Unopened)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._restore, self._arguments

    def __repr__(self) -> str:
        return f"<an argument that was refused: {self._refusal}>"

    # Libraries look for methods of their own on any object, and go on where there is none.
    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_") and not name.startswith(("__arrow_", "__datafusion_")):
            raise AttributeError(name)
        self._raise()

    def _raise(self, *_: object, **__: object) -> NoReturn:
        # A copy, since an exception keeps the frames that it was raised through.
        raised = copy(self._refusal)
        raised.__cause__ = self._refusal.__cause__
        raise raised

    __hash__ = object.__hash__
    __str__ = __format__ = __call__ = __getitem__ = __contains__ = __iter__ = __len__ = _raise
    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __neg__ = __pos__ = __abs__ = __invert__ = __index__ = __int__ = __float__ = _raise
    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = _raise
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = _raise
    __and__ = __or__ = __xor__ = __lshift__ = __rshift__ = _raise
    __rand__ = __ror__ = __rxor__ = __rlshift__ = __rrshift__ = _raise
    __enter__ = __exit__ = __await__ = _raise


def _is_lost(frame: FrameType | None) -> bool:
    """Tell whether an exception is lost that the function of a frame gets from unpickling."""
    modules = _modules(frame)
    reader = next(modules, "")
    if reader.startswith(_DASK):
        return True
    if not reader.startswith(_QUEUES):
        return False
    caller = next((module for module in modules if not module.startswith(_QUEUES)), "")
    return caller.startswith(_POOLS)


def _modules(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back
