"""The exceptions that planwire raises.

::

    PlanwireError(Exception)
    ├── EncodeError(RuntimeError)           something could not be carried; see the cause
    ├── DecodeError(RuntimeError)           a message could not be decoded
    │   ├── MalformedFrame                  truncated, changed, or put together wrongly
    │   ├── VersionMismatch(ValueError)     frame version or Python version
    │   ├── InlineRefused                   the session refuses the family
    │   ├── PolicyRefused                   the session's policy turned this payload down
    │   ├── LimitExceeded                   more than the session takes
    │   ├── UnknownFamily                   no family here reads the frame; lists those known
    │   └── UnknownFunction                 no function of the name; lists similar ones
    ├── ExecutionError(RuntimeError)        a query could not be planned or run
    │   └── InvalidQuery(ValueError)        a text is no query of the session
    └── GuardError(ValueError)              a keyring, list of pins or quarantine cannot be used

Each instance has a code, e.g. ``PW-D005``, and its text ends with the page that explains the code.
What to do about it is a note (PEP 678).
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
    """Be the base of every exception that planwire raises of its own.

    Args:
        message: What was found and what was wanted.
        code: The code in the error index.
        note: What to do about it.

    Raises:
        Nothing.

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
    """Warn of something in a message that was let through.

    Raises:
        Nothing.
    """


class EncodeError(PlanwireError, RuntimeError):
    """Report that a plan or expression could not be encoded."""


class DecodeError(PlanwireError, RuntimeError):
    """Report that a message could not be decoded."""


class MalformedFrame(DecodeError):
    """Report bytes that are not a message, or not a whole one."""


class VersionMismatch(DecodeError, ValueError):
    """Report a payload for another frame version or another Python."""


class InlineRefused(DecodeError):
    """Report an inline function that the session refuses to decode."""


class PolicyRefused(DecodeError):
    """Report a payload that the session's policy turned down."""


class LimitExceeded(DecodeError):
    """Report a message that exceeds a limit of the session."""


class UnknownFamily(DecodeError):
    """Report a frame that no linked family reads."""


class UnknownFunction(DecodeError):
    """Report a function that came by name and is not registered."""


class ExecutionError(PlanwireError, RuntimeError):
    """Report a query that could not be planned or did not run to its end."""


class InvalidQuery(ExecutionError, ValueError):
    """Report a text that is no query, or none that the session can plan or allows."""


class GuardError(PlanwireError, ValueError):
    """Report a keyring, a list of pins or a quarantine that cannot be used."""
