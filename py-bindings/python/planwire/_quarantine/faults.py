"""The errors that a quarantine raises."""

from __future__ import annotations

from planwire.errors import GuardError, LimitExceeded, PolicyRefused

_ENDED, _UNTRIED, _UNUSABLE = "PW-G006", "PW-G007", "PW-G008"


def ended(what: str, cause: str) -> LimitExceeded:
    """Make the error for a message that ended its process or took too long."""
    return LimitExceeded(
        f"the {what} did not pass the quarantine: {cause} (planwire explain {_ENDED})",
        code=_ENDED,
        note="do not decode it; if you know that the message needs so much, raise the "
        "limits of the quarantine",
    )


def untried(what: str, code: str) -> PolicyRefused:
    """Make the error for a message that gave an error with a code in the process."""
    return PolicyRefused(
        f"the {what} was not tried to its end: the quarantine met the error {code} "
        f"(planwire explain {_UNTRIED})",
        code=_UNTRIED,
        note=f"`planwire explain {code}` explains that error; a quarantine opens no payloads, "
        "and has the functions, limits and options that its `setup` gives it",
    )


def unusable(cause: str) -> GuardError:
    """Make the error for a quarantine without a process."""
    return GuardError(
        f"a quarantine cannot be had: {cause} (planwire explain {_UNUSABLE})",
        code=_UNUSABLE,
        note="`setup` is called in a process with an environment of its own; try messages on Linux",
    )
