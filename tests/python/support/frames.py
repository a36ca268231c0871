"""Takes the frame out of a message, and puts another one in its place.

A message is protobuf: an expression node with one field, the function call, which has the frame as
one of its fields. Both are length-delimited, and nothing here looks further. Native frames are read
by the words of docs/wire-format.md alone.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

MAGICS = (b"DFPYUDF", b"DFPYUDA", b"DFPYUDW")

HEADER = 8  # magic and version
STAMP = HEADER + 2  # the sender's Python, major and minor


def change(message: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    """The message with its frame edited, and every length around the frame made right again."""
    ((outer, call),) = _fields(message)
    inner = b"".join(
        _field(tag, edit(value) if value.startswith(MAGICS) else value)
        for tag, value in _fields(call)
    )
    return _field(outer, inner)


def replace(message: bytes, frame: bytes) -> bytes:
    """The message with another frame in the place of its own."""
    return change(message, lambda _: frame)


def frame(message: bytes) -> bytes:
    """The frame in a message."""
    ((_, call),) = _fields(message)
    (found,) = (value for _, value in _fields(call) if value.startswith(MAGICS))
    return found


def field(number: int, value: bytes) -> bytes:
    """A field of protobuf that has bytes, e.g. another message."""
    return _field(number << 3 | 2, value)


def _field(tag: int, value: bytes) -> bytes:
    return _varint(tag) + _varint(len(value)) + value


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message, which are all it may have."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        assert tag & 7 == 2, "a message of the test has another type of field"
        length, at = _read_varint(message, at)
        yield tag, message[at : at + length]
        at += length


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


KINDS = (
    "scalar UDF",
    "aggregate UDF",
    "window UDF",
    "higher-order UDF",
    "table provider",
    "file format",
    "logical node",
    "physical node",
    "physical expression",
)

VOLATILITIES = ("immutable", "stable", "volatile")

# Keys of the fields in a native header.
DIGEST, NAME, VOLATILITY, TYPES, RUNTIME, ANCILLARY, DATAFUSION = 1, 2, 3, 4, 5, 128, 128


class Unsound(ValueError):
    """The bytes are no native frame without a signature."""


@dataclass
class Native:
    """What a native frame says."""

    family: str
    kind: str
    payload_version: int
    payload: bytes
    digest: str
    name: str | None = None
    volatility: str | None = None
    types: bytes | None = None
    stamp: tuple[str, int, int] | None = None
    datafusion: int | None = None

    def fields(self) -> tuple[list[pa.Field], pa.Field, list[pa.Field]]:
        """The arguments, the result and the state."""
        assert self.types is not None
        (count,) = struct.unpack_from("<H", self.types)
        found = list(pa.ipc.open_stream(self.types[2:]).schema)
        return found[:count], found[count], found[count + 1 :]


TABLE, PADDING = 1000, 1001


def without(message: bytes, number: int) -> bytes:
    """The message without its fields of this number."""
    return b"".join(_field(tag, value) for tag, value in _fields(message) if tag >> 3 != number)


def table(message: bytes) -> dict[bytes, bytes]:
    """The frames in the table of a message, by the keys by which it refers to them."""
    found = {}
    for tag, frame in _fields(message):
        if tag >> 3 == TABLE:
            fields_size, payload_size = struct.unpack_from("<IQ", frame, 8)
            header = 20 + frame[7] + fields_size
            outside = frame[:header] + frame[header + payload_size :]
            found[hashlib.sha256(outside).digest()[:16]] = frame
    return found


def references(message: bytes) -> list[bytes]:
    """The keys to which a message refers, in the order in which they stand in it."""
    return [found.group(1) for found in re.finditer(rb"\x8fDFR(.{16})", message, re.DOTALL)]


def read_native(frame: bytes) -> Native:
    """Reads a whole frame that has no signature."""
    if len(frame) < 20 or frame[:4] != b"\x8fDFX" or frame[4] != 1:
        raise Unsound("opening or version")
    kind, payload_version, name_size = frame[5:8]
    fields_size, payload_size = struct.unpack_from("<IQ", frame, 8)
    if 20 + name_size + fields_size + payload_size != len(frame) or not 1 <= kind <= len(KINDS):
        raise Unsound("lengths or kind")
    header, payload = frame[: len(frame) - payload_size], frame[len(frame) - payload_size :]
    family = header[20 : 20 + name_size]
    if not re.fullmatch(rb"[a-z0-9-]+", family):
        raise Unsound("name of the family")
    native = Native(
        family.decode(),
        KINDS[kind - 1],
        payload_version,
        payload,
        hashlib.sha256(header).hexdigest(),
    )
    fields = _header_fields(header[20 + name_size :])
    if fields.pop(DIGEST, None) != hashlib.sha256(payload).digest():
        raise Unsound("digest")
    try:
        _describe(native, fields)
    except (IndexError, UnicodeDecodeError, struct.error) as error:
        raise Unsound("field") from error
    return native


def with_payload(frame: bytes, payload: bytes) -> bytes:
    """The frame with another payload of the same length, and its digest in the header."""
    header, old = frame[: -len(payload)], frame[-len(payload) :]
    before, after = (hashlib.sha256(each).digest() for each in (old, payload))
    return header.replace(before, after) + payload


def read_payload(payload: bytes) -> tuple[bytes, list[tuple[bool, bytes]]]:
    """The pickle in a payload of Python, and each buffer and whether it may be changed."""
    count, size = struct.unpack_from("<IQ", payload)
    listed = [struct.unpack_from("<BQ", payload, 12 + 9 * at) for at in range(count)]
    end = 12 + 9 * count + size
    pickle, buffers = payload[end - size : end], []
    for writable, length in listed:
        start = (end + 15) // 16 * 16
        if any(payload[end:start]) or writable > 1:
            raise Unsound("padding or list of the buffers")
        end = start + length
        buffers.append((writable == 1, payload[start:end]))
    if end != len(payload):
        raise Unsound("lengths in the payload")
    return pickle, buffers


def _header_fields(raw: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    at = last = 0
    while at < len(raw):
        if at + 5 > len(raw):
            raise Unsound("a field is cut short")
        key, size = struct.unpack_from("<BI", raw, at)
        at += 5 + size
        if (fields and key <= last) or at > len(raw):
            raise Unsound("order or length of the fields")
        if key < ANCILLARY and key not in (DIGEST, NAME, VOLATILITY, TYPES, RUNTIME):
            raise Unsound("a critical field")
        fields[key], last = raw[at - size : at], key
    return fields


def _describe(native: Native, fields: dict[int, bytes]) -> None:
    if NAME in fields:
        native.name = fields[NAME].decode()
    if VOLATILITY in fields:
        (number,) = struct.unpack("<B", fields[VOLATILITY])
        native.volatility = VOLATILITIES[number]
    if TYPES in fields:
        native.types = fields[TYPES]
        struct.unpack_from("<H", native.types)
    if RUNTIME in fields:
        major, minor = fields[RUNTIME][0], fields[RUNTIME][1]
        native.stamp = (fields[RUNTIME][2:].decode(), major, minor)
    if DATAFUSION in fields:
        (native.datafusion,) = struct.unpack("<H", fields[DATAFUSION])
