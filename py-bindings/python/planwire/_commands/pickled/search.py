"""The search through a file: pickles behind and within each other, and messages in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import planwire
from planwire._commands.pickled import machine
from planwire._commands.pickled.findings import Findings, Found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from planwire._commands.pickled.findings import Place
    from planwire._commands.pickled.opcodes import Broken
    from planwire._commands.pickled.walked import Walked

    Sort: TypeAlias = Literal["expression", "logical plan", "physical plan"]

# What opens a pickle of protocol 2 and later, before the number. With a lower one it counts as
# one that has no header, as the tables in Python's code objects open like that.
_PROTO = 0x80
_PROTOCOLS = range(2, 6)

# What a sealed message opens with, and its version; and what it ends with, after its length.
_SEAL = b"\x8fDFS\x01"
_SIGNATURE = b"\x01PLANSIG"
_LONGEST_TRAILER = 600

# Pickles within each other that are looked into.
_DEEPEST = 8

# The least bytes that import something, and what modules are named.
_SHORTEST = 5
_IDENTIFIER = re.compile(r"[\w.-]+")

# What frames and sealed messages open with.
_MAGIC = re.compile(rb"DFPY|\x8fDF")


def look(blob: bytes, what: Sort | None, *, message: bool) -> Findings | None:
    """Search a file that is a message or not, or return nothing if it is no pickle."""
    start, content = _content(blob)
    search = _Search(what)
    found = search.pickles(content, (), start, message=message)
    return search.findings if found else None


def _is_likely(contents: planwire.Contents) -> bool:
    """Tell a message from bytes that only happen to be readable as one."""
    return any(
        not reading.unknown_fields or any(part.content != "name" for part in reading.parts)
        for reading in contents.readings
    )


def _content(blob: bytes) -> tuple[int, bytes]:
    """Return what a sealed message holds, or anything else as it is, and where it starts."""
    if not blob.startswith(_SEAL):
        return 0, blob
    length = int.from_bytes(blob[-10:-8], "little")
    trailed = blob.endswith(_SIGNATURE) and length <= min(_LONGEST_TRAILER, len(blob) - len(_SEAL))
    return len(_SEAL), blob[len(_SEAL) : len(blob) - length if trailed else None]


def _has_header(blob: bytes, at: int) -> bool:
    return blob[at] == _PROTO and at + 1 < len(blob) and blob[at + 1] in _PROTOCOLS


def _imports(walked: Walked) -> bool:
    """Tell whether it imports something, rather than being a text that starts with the letter c."""
    return any(
        named.module is not None
        and _IDENTIFIER.fullmatch(named.module)
        and _IDENTIFIER.fullmatch(named.name)
        for named in walked.callables
    )


@dataclass
class _Search:
    what: Sort | None
    findings: Findings = field(default_factory=Findings)
    # What bytes hold, and which of them were searched for pickles.
    _read: dict[bytes, planwire.Contents | None] = field(default_factory=dict)
    _searched: set[bytes] = field(default_factory=set)

    def pickles(self, blob: bytes, outer: Place, base: int = 0, *, message: bool = False) -> bool:
        """Search the pickles that bytes start with, and tell whether there is one."""
        at = 0
        while at < len(blob):
            walked = machine.walk(blob, at, self.findings.budget)
            # Of a message, what would be loaded if it was taken for a pickle.
            code = _has_header(blob, at) or _imports(walked) or walked.torn
            if not code and (walked.fault or message):
                break
            if len(outer) >= _DEEPEST:
                self.findings.doubt(outer, "what is in pickles that are deeper within each other")
                return True
            self._take(walked, outer, base)
            self._torn(walked, outer, base)
            if walked.fault:
                self._broken(walked.fault, outer, base)
                return True
            at = walked.end
        if at and at < len(blob):
            self._rest(blob[at:], (*outer, base + at))
        return at > 0

    def _torn(self, walked: Walked, outer: Place, base: int) -> None:
        if not walked.torn:
            return
        offset = base + walked.torn[0]
        if outer:
            self.findings.doubt((*outer, offset), "what a file reads where a frame is too short")
        else:
            self.findings.fault = (
                f"a pickle with a frame that is too short for what is at byte {offset}: "
                "loaded from a file it is another one than this"
            )

    def _broken(self, fault: Broken, outer: Place, base: int) -> None:
        offset = base + fault.offset
        if outer:
            self.findings.doubt(
                (*outer, offset), "what is behind the byte at which a pickle breaks"
            )
        else:
            self.findings.fault = f"a pickle that cannot be walked beyond byte {offset}: {fault}"

    def _take(self, walked: Walked, outer: Place, base: int) -> None:
        for named, offset in walked.callables.items():
            self.findings.callables.setdefault(named, (*outer, base + offset))
        for doubt, offset in walked.doubts.items():
            self.findings.doubt((*outer, base + offset), doubt, walked.times[doubt])
        for offset, value, form in walked.strings:
            self._string(value, form, (*outer, base + offset))

    def _string(self, value: bytes | bytearray | str, form: str, place: Place) -> None:
        candidates = list(_candidates(value))
        # All of them, as each can be another message.
        told = [self._candidate(candidate, form, place) for candidate in candidates]
        if not any(told) and any(map(_MAGIC.search, candidates)):
            self.findings.doubt(place, "where a frame belongs that is in no message")

    def _candidate(self, candidate: bytes, form: str, place: Place) -> bool:
        """Search bytes, and tell whether there is anything in them."""
        known = candidate in self._read
        contents = self._contents(candidate, place)
        if contents is not None and form == "text" and _is_word(candidate, contents):
            contents = None
        # The text that a call makes bytes of was found by itself.
        if contents is not None and not (known and form == "made"):
            self.findings.messages.append(Found(place, form, contents))
        if len(candidate) < _SHORTEST or candidate in self._searched:
            return contents is not None
        self._searched.add(candidate)
        return self.pickles(candidate, place, message=contents is not None) or contents is not None

    def _rest(self, rest: bytes, place: Place) -> None:
        contents = self._contents(rest, place)
        if contents is not None:
            self.findings.messages.append(Found(place, "behind", contents))
        elif rest.strip(b"\0\r\n "):
            self.findings.doubt(place, "what the bytes behind the end of a pickle are")

    def _contents(self, candidate: bytes, place: Place) -> planwire.Contents | None:
        """Return what bytes hold if they are a message."""
        if candidate not in self._read:
            if not self.findings.budget.look():
                return None
            self._read[candidate] = self._inspected(candidate, place)
        return self._read[candidate]

    def _inspected(self, candidate: bytes, place: Place) -> planwire.Contents | None:
        try:
            contents = planwire.inspect(candidate, what=self.what)
        except planwire.LimitExceeded:
            self.findings.doubt(place, "what bytes hold that exceed the limits of a message")
            return None
        except planwire.PlanwireError:
            return None
        return contents if _is_likely(contents) else None


def _is_word(candidate: bytes, contents: planwire.Contents) -> bool:
    """Tell a text of capitals from a frame of an unknown family, of which it has the letters."""
    alone = all(reading.what is None for reading in contents.readings)
    return alone and candidate[:8].decode("latin-1").isprintable()


def _candidates(value: bytes | bytearray | str) -> Iterator[bytes]:
    """List the bytes that a value stands for."""
    if not isinstance(value, str):
        yield bytes(value)
        return
    # As protocols below 3 write bytes, and as an undecodable text is written.
    if value.isascii():
        yield value.encode()
        return
    for encoding in ("latin-1", "utf-8"):
        try:
            yield value.encode(encoding, "surrogateescape")
        except UnicodeEncodeError:
            continue
