"""The output of `planwire inspect`, for a person and for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from planwire._base.escaped import escaped
from planwire._commands.pickled.calls import is_own

if TYPE_CHECKING:
    import planwire
    from planwire._commands.pickled import Findings, Found
    from planwire._commands.pickled.findings import Doubt, Place
    from planwire._commands.pickled.values import Named
    from planwire._commands.source import Source

# The length limits of a list, in entries, and of a name, in characters.
_LISTED = 1000
_LONGEST = 200

_FORMS = {
    "bytes": "",
    "text": ", as a text",
    "made": ", as a call makes it",
    "behind": ", behind the end of a pickle",
    "file": ", the file itself",
}


def message_text(source: Source, contents: planwire.Contents) -> str:
    """Return a message for a person."""
    return f"{source}: {contents}"


def message_json(source: Source, size: int, contents: planwire.Contents, verdict: str) -> str:
    """Return a message for a program."""
    messages = [{"offset": 0, **contents.to_dict()}]
    return _json(source, size, verdict, pickle=False, messages=messages)


def pickle_text(source: Source, size: int, findings: Findings) -> str:
    """Return the contents of a pickle for a person."""
    count = len(findings.messages)
    messages = "1 message" if count == 1 else f"{count or 'no'} messages"
    lines = [f"{source}: a pickle of {size} bytes, not unpickled, with {messages} inside"]
    if findings.incomplete:
        lines.append(f"not all of it was looked at: {findings.incomplete}")
    lines += _callable_lines(findings)
    lines += _doubt_lines(findings)
    listed = _listed(findings.messages)
    lines += [f"at {_place(found.place)}{_FORMS[found.form]}: {found.contents}" for found in listed]
    lines += _more(count, len(listed), "messages")
    return "\n".join(lines)


def pickle_json(source: Source, size: int, findings: Findings, verdict: str) -> str:
    """Return the contents of a pickle for a program."""
    listed = _listed(findings.messages)
    callables = list(findings.callables.items())
    doubts = list(findings.doubts.values())
    return _json(
        source,
        size,
        verdict,
        pickle=True,
        incomplete=findings.incomplete,
        callables=[_callable(named, place) for named, place in callables[:_LISTED]],
        untold=[
            {**_position(doubt.place), "what": _doubt(doubt), "times": doubt.times}
            for doubt in doubts[:_LISTED]
        ],
        messages=[
            {**_position(found.place), "form": found.form, **found.contents.to_dict()}
            for found in listed
        ],
        unlisted={
            "callables": max(0, len(callables) - _LISTED),
            "untold": max(0, len(doubts) - _LISTED),
            "messages": len(findings.messages) - len(listed),
        },
    )


def _json(source: Source, size: int, verdict: str, *, pickle: bool, **more: Any) -> str:
    report = {
        "file": source.name,
        "size": size,
        "pickle": pickle,
        "verdict": verdict,
        "admitted": verdict == "admitted",
        **more,
    }
    return json.dumps(report, indent=2)


def _callable_lines(findings: Findings) -> list[str]:
    if not findings.callables:
        return ["it imports nothing, but no policy is asked when it is loaded"]
    callables = list(findings.callables.items())
    lines = ["it is code, which runs when it is loaded, whatever a policy says of the messages:"]
    for named, place in callables[:_LISTED]:
        own = ", planwire's own" if is_own(named) else ""
        lines.append(f"    {_name(named)}  at {_place(place)}{own}")
    return lines + _more(len(callables), _LISTED, "callables")


def _doubt_lines(findings: Findings) -> list[str]:
    if not findings.doubts:
        return []
    doubts = list(findings.doubts.values())
    lines = ["a message could be hidden in this, which cannot be told without loading it:"]
    for doubt in doubts[:_LISTED]:
        times = "" if doubt.times == 1 else f", {doubt.times} times, first"
        lines.append(f"    {_doubt(doubt)}{times} at {_place(doubt.place)}")
    return lines + _more(len(doubts), _LISTED, "of them")


def _more(count: int, listed: int, what: str) -> list[str]:
    return [f"and {count - listed} more {what}"] if count > listed else []


def _listed(messages: list[Found]) -> list[Found]:
    """Choose the messages to list, refused ones first."""
    if len(messages) <= _LISTED:
        return messages
    return sorted(messages, key=lambda found: found.contents.admitted)[:_LISTED]


def _callable(named: Named, place: Place) -> dict[str, Any]:
    return {
        **_position(place),
        "module": named.module,
        "name": named.name,
        "own": is_own(named),
    }


def _position(place: Place) -> dict[str, Any]:
    return {"offset": place[0], "path": list(place)}


def _place(place: Place) -> str:
    return " of what stands at ".join(f"byte {offset}" for offset in reversed(place))


def _name(named: Named) -> str:
    return escaped(str(named), _LONGEST)


def _doubt(doubt: Doubt) -> str:
    # It can hold the name of a callable.
    return escaped(doubt.what, _LONGEST)
