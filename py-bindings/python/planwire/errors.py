"""The exceptions that planwire raises.

::

    PlanwireError(Exception)
    ├── EncodeError(RuntimeError)           something could not be carried; see the cause
    ├── DecodeError(RuntimeError)           a message could not be decoded
    │   ├── MalformedFrame                  truncated, changed, or put together wrongly
    │   ├── VersionMismatch(ValueError)     frame version or Python version
    │   ├── InlineRefused                   the session refuses the family
    │   ├── PolicyRefused                   the session's policy refused the payload
    │   ├── LimitExceeded                   a message exceeds a limit
    │   ├── UnknownFamily                   no family here reads the frame; lists those known
    │   └── UnknownFunction                 no function of the name; lists similar ones
    ├── ExecutionError(RuntimeError)        a query could not be planned or run
    │   └── InvalidQuery(ValueError)        a text is not a query of the session
    └── GuardError(ValueError)              a keyring, list of pins or quarantine cannot be used

Each instance has a code, e.g. ``PW-D005``, and its text ends with the page that explains the code.
The remedy is a note (PEP 678).
"""

__all__ = [
    "DecodeError",
    "EncodeError",
    "ExecutionError",
    "GuardError",
    "InlineRefused",
    "InvalidQuery",
    "LimitExceeded",
    "MalformedFrame",
    "PlanwireError",
    "PlanwireWarning",
    "PolicyRefused",
    "UnknownFamily",
    "UnknownFunction",
    "VersionMismatch",
]


class PlanwireError(Exception):
    """Base class of all exceptions of planwire.

    Args:
        message: What was found and what was wanted.
        code: The code in the error index.
        note: The remedy.

    Example:
        >>> from planwire import Expr, PlanwireError
        >>> try:
        ...     Expr.from_bytes(b"no expression")
        ... except PlanwireError as error:
        ...     print(error.code)
        PW-D013
    """

    code: str
    __notes__: list[str]

    def __init__(self, message: str, *, code: str = "PW-0000", note: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        # By hand, because Python 3.10 keeps notes without having a method for them.
        if note is not None:
            self.__notes__ = [note]


class PlanwireWarning(UserWarning):
    """Warning about something in a message that was admitted."""


class EncodeError(PlanwireError, RuntimeError):
    """A plan or expression that could not be encoded."""


class DecodeError(PlanwireError, RuntimeError):
    """A message that could not be decoded."""


class MalformedFrame(DecodeError):
    """Bytes that are not a message, or not a whole one."""


class VersionMismatch(DecodeError, ValueError):
    """A payload for another frame version or another Python."""


class InlineRefused(DecodeError):
    """An inline function that the session refuses to decode."""


class PolicyRefused(DecodeError):
    """A payload that the session's policy refused."""


class LimitExceeded(DecodeError):
    """A message that exceeds a limit of the session."""


class UnknownFamily(DecodeError):
    """A frame that no linked family reads."""


class UnknownFunction(DecodeError):
    """A function that came by name and is not registered."""


class ExecutionError(PlanwireError, RuntimeError):
    """A query that could not be planned or did not run to its end."""


class InvalidQuery(ExecutionError, ValueError):
    """A text that is not a query, or not one that the session can plan and allows."""


class GuardError(PlanwireError, ValueError):
    """A keyring, a list of pins or a quarantine that cannot be used."""
