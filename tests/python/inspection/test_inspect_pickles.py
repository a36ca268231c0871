"""Pickles under the command that looks into files: what hides in them, and what they would run."""

from __future__ import annotations

import base64
import json
import operator
import os
import pickle
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from planwire import col, functions

from support import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

ADMITTED, REFUSED, UNREADABLE, PICKLE = range(4)

MEMORY = 3 << 30


class Calls:
    """Something whose pickle calls a function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def look(blob: bytes, folder: Path, *, floor: str | None = None) -> tuple[int, dict[str, Any], str]:
    """Returns the exit code, what is printed as JSON, and what is said to be wrong."""
    file = folder / "file"
    file.write_bytes(blob)
    done = subprocess.run(
        [sys.executable, "-m", "planwire", "inspect", "--json", str(file)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=os.environ | ({} if floor is None else {"PLANWIRE_FLOOR": floor}),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def binary(data: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(data)) + data


def text(data: str) -> bytes:
    return b"X" + struct.pack("<I", len(data.encode())) + data.encode()


def by_name() -> bytes:
    return functions.abs(col("a")).to_bytes()


def callables(report: dict[str, Any]) -> set[tuple[str | None, str]]:
    return {(each["module"], each["name"]) for each in report["callables"]}


@pytest.mark.parametrize("protocol", range(6))
def test_pickle_is_never_admitted(protocol: int, tmp_path: Path) -> None:
    code, report, _ = look(pickle.dumps([by_name(), 1.5, {"a"}, None], protocol), tmp_path)
    assert (code, report["pickle"], report["verdict"]) == (PICKLE, True, "pickle")
    assert not report["admitted"]
    assert report["incomplete"] is None
    (found,) = report["messages"]
    assert found["admitted"]
    assert found["readings"][0]["parts"][0]["name"] == "abs"


def nested(message: bytes, depth: int) -> bytes:
    for _ in range(depth):
        message = pickle.dumps([message], 4)
    return message


HIDDEN: dict[str, Callable[[bytes], bytes]] = {
    "bytes, protocol 0": lambda message: pickle.dumps(message, 0),
    "bytes, protocol 2": lambda message: pickle.dumps([by_name(), message], 2),
    "bytes, protocol 4": lambda message: pickle.dumps({message: 1}, 4),
    "a bytearray, protocol 2": lambda message: pickle.dumps(bytearray(message), 2),
    "a bytearray, protocol 5": lambda message: pickle.dumps(bytearray(message), 5),
    "a text": lambda message: pickle.dumps(message.decode("latin-1")),
    "an undecodable text": lambda m: pickle.dumps(m.decode("utf-8", "surrogateescape")),
    "a string of Python 2": lambda message: b"\x80\x02T" + binary(message)[1:] + b".",
    "a quoted string": lambda message: b"S" + repr(message)[1:].encode() + b"\n.",
    "no header": lambda message: b"](" + binary(message) + b"e.",
    "a header of protocol 0": lambda message: b"\x80\x00" + binary(message) + b".",
    "numbers that are not read": lambda m: b"\x80\x02I0x10\n0Np+1\n0g0_1\n0" + binary(m) + b".",
    "a pickle in a pickle": lambda message: pickle.dumps([by_name(), nested(message, 1)]),
    "a pickle in a text": lambda message: pickle.dumps(nested(message, 1).decode("latin-1")),
    "a pickle eight deep": lambda message: nested(message, 8),
    "a second pickle": lambda message: pickle.dumps(by_name()) + pickle.dumps(message),
    "behind a pickle": lambda message: pickle.dumps(by_name()) + message,
    "appended items": lambda message: b"\x80\x05\x96" + bytes(8) + b"(" + items(message) + b"e.",
    "a list of numbers": lambda message: pickle.dumps(Calls(bytes, list(message))),
    "joined parts": lambda m: pickle.dumps(Calls(b"".join, [m[:9], m[9:90], m[90:]])),
    "added parts": lambda message: pickle.dumps(Calls(operator.add, message[:9], message[9:])),
    "hexadecimal digits": lambda message: pickle.dumps(Calls(bytes.fromhex, message.hex())),
    "base64": lambda m: pickle.dumps(Calls(base64.b64decode, base64.b64encode(m))),
    "compressed": lambda message: pickle.dumps(Calls(zlib.decompress, zlib.compress(message))),
    "before it breaks": lambda message: b"\x80\x04" + binary(message) + b"\xff",
}


def items(message: bytes) -> bytes:
    return b"".join(b"K" + bytes([byte]) for byte in message)


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("where", HIDDEN)
def test_refused_message_is_found_wherever_it_is_in_a_pickle(where: str, tmp_path: Path) -> None:
    message = kinds.call(kinds.make("scalar", "hidden")).to_bytes()
    code, report, _ = look(HIDDEN[where](message), tmp_path, floor="refuse")
    assert (code, report["verdict"]) == (REFUSED, "refused")
    refused = [found for found in report["messages"] if not found["admitted"]]
    assert refused[0]["readings"][0]["parts"][0]["name"] == "hidden"


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("protocol", range(6))
def test_refused_expression_that_was_pickled_is_refused(protocol: int, tmp_path: Path) -> None:
    held = [functions.abs(col("a")), kinds.call(kinds.make("scalar", "hidden"))]
    code, report, _ = look(pickle.dumps(held, protocol), tmp_path, floor="refuse")
    assert code == REFUSED
    assert [found["admitted"] for found in report["messages"]] == [True, False]
    own = {(each["module"], each["name"]) for each in report["callables"] if each["own"]}
    assert own == {("planwire", "Expr"), ("planwire", "Expr.from_bytes")}
    # What planwire's own pickles call is all followed.
    assert report["untold"] == []


def test_all_that_a_pickle_imports_is_listed_and_none_of_it_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    hostile = (
        pickle.dumps([by_name(), Calls(os.system, f"touch {sprung}")])[:-1]
        + b"0cplanwire._commands.inspect\nsys.modules\n"
        + b"0cplanwire\nExpr.from_bytes.__self__\n"
        + b"0(iantigravity\nfly\n"
        + text("subpro")
        + b"0cbuiltins\ngetattr\n(cshutil\nos\n"
        + text("remove")
        + b"tR\x82\x07"
        + "cos\x1b[2K\nsys\u202etem\n".encode()
        + b"."
    )
    code, report, _ = look(hostile, tmp_path)
    assert code == PICKLE
    assert callables(report) == {
        ("posix", "system"),
        ("planwire._commands.inspect", "sys.modules"),
        ("planwire", "Expr.from_bytes.__self__"),
        ("antigravity", "fly"),
        ("builtins", "getattr"),
        ("shutil", "os"),
        ("shutil", "os.remove"),
        (None, "extension code 7"),
        ("os\x1b[2K", "sys\u202etem"),
    }
    # Through planwire's modules others can be reached, which are not planwire's own.
    assert not any(each["own"] for each in report["callables"])
    shown = subprocess.run(
        [sys.executable, "-m", "planwire", "inspect", str(tmp_path / "file")],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert shown.returncode == PICKLE
    assert "it is code, which runs when it is loaded, whatever a policy says" in shown.stdout
    assert "    posix.system  at byte " in shown.stdout
    assert "    os\\u{1b}[2K.sys\\u{202e}tem  at byte " in shown.stdout
    assert "what posix.system does and gives" in shown.stdout
    assert not {"\x1b", "\u202e"} & set(shown.stdout)
    assert not sprung.exists()


UNTOLD: dict[str, tuple[bytes, str]] = {
    "a call": (pickle.dumps(Calls(int.to_bytes, 77, 9, "big")), "what builtins.int.to_bytes does"),
    "an encoding": (pickle.dumps(Calls(str.encode, "a", "utf-7")), "what builtins.str.encode does"),
    "too much": (
        pickle.dumps(Calls(zlib.decompress, zlib.compress(bytes(1 << 28)))),
        "what zlib.decompress does",
    ),
    "a name": (b"\x80\x04ca\nb\n)R" + text("system") + b"\x93.", "the name of something"),
    "an id": (b"Pkey\n.", "what the program gives for a persistent id"),
    "a buffer": (b"\x80\x05\x97.", "bytes that travel beside the pickle"),
    "an extension": (b"\x80\x02\x82\x07)R.", "what extension code 7 does"),
    "a state": (b"\x80\x02ca\nb\nNb.", "what setting a state does to a.b"),
    "what follows": (pickle.dumps(by_name()) + b"\xff" + pickle.dumps(1), "behind the end"),
    "depth": (nested(by_name(), 10), "deeper within each other"),
    "part of a frame": (pickle.dumps([b"\x01\x02DFPYUDF\x01"]), "where a frame belongs"),
    "a broken pickle": (pickle.dumps([b"\x80\x04]]]\xff"]), "at which a pickle breaks"),
}


@pytest.mark.parametrize("case", UNTOLD)
def test_what_cannot_be_told_without_loading_is_said(case: str, tmp_path: Path) -> None:
    blob, said = UNTOLD[case]
    code, report, _ = look(blob, tmp_path)
    assert code == PICKLE
    assert any(said in each["what"] for each in report["untold"]), report["untold"]


@pytest.mark.parametrize(
    ("blob", "said"),
    [
        (b"cos\nsystem\n(S'true'\ntR\xff", "beyond byte 22: no opcode is 0xff"),
        (b"\x80\x04cos\nsystem\n)R\x8d" + b"\xff" * 8, "an argument of 18446744073709551615 bytes"),
        (b"cos\nsystem", "it ends before its STOP"),
        # From a file CPython reads `os.system` here, after the end of the frame.
        (b"\x80\x04\x95\x05\0\0\0\0\0\0\0cjsonos\nsystem\n)R.", "a frame that is too short"),
    ],
)
def test_pickle_that_cannot_be_walked_is_shown_up_to_there(
    blob: bytes, said: str, tmp_path: Path
) -> None:
    code, report, wrong = look(blob, tmp_path)
    assert (code, report["verdict"]) == (UNREADABLE, "incomplete")
    assert said in report["incomplete"]
    assert said in wrong
    assert {module for module, _ in callables(report)} <= {"os", "jsonos"} != set()


def test_message_that_is_a_pickle_too_is_not_admitted(tmp_path: Path) -> None:
    # The tag of an unknown field, and an opcode that takes four bytes.
    code = b"abccos\nsystem\n(S'true'\ntR."
    code = b"\x8a\x04" + bytes([len(code)]) + code + by_name()
    exit_code, report, _ = look(code, tmp_path)
    assert (exit_code, report["verdict"]) == (PICKLE, "pickle")
    assert callables(report) == {("os", "system")}
    assert report["messages"][0]["offset"] == 0


def test_text_that_looks_a_little_like_a_message_is_none(tmp_path: Path) -> None:
    texts = [
        "CONSTANTS",
        "compute\nthe sum\n\nof all",
        "N.",
        "import os\nfrom a import b\n",
    ]
    code, report, wrong = look(pickle.dumps(texts), tmp_path)
    assert (code, report) == (UNREADABLE, {})
    assert "no message was found" in wrong


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a number of millions of digits": lambda: b"\x80\x02L" + b"9" * 3_000_000 + b"L\n0N.",
    "a number of megabytes": lambda: b"\x80\x02\x8b\0\0\0\x01" + b"\1" * (1 << 24) + b".",
    "a place of many digits": lambda: b"Ng" + b"1" * 3_000_000 + b"\n.",
    "a line of megabytes": lambda: b"\x80\x02V" + b"\\u0041" * 2_000_000 + b"\n.",
    "lines without an end": lambda: b"\x80\x02" + b"V" * 3_000_000,
    "a doubled text": lambda: text("a") + b"\x94" + b"".join(map(doubled, range(60))) + b".",
    "a list joined many times": lambda: joined(50_000),
    "a list in itself": lambda: b"\x80\x04]\x94h\x00acbuiltins\nbytes\nh\x00\x85R.",
    "tuples in tuples": lambda: b"\x80\x04" + binary(by_name()) + b"\x85" * 1_000_000 + b".",
    "a name of megabytes": lambda: text("m" * 1_000_000) + b"\x94" + b"h\0h\0\x93)R" * 9**5 + b".",
    "many names": lambda: b"".join(b"ca\n%d\n" % name for name in range(99_999)) + b".",
    "many opcodes": lambda: b"\x80\x04" + b"N0" * 2_500_000 + b"N.",
    "many pickles": lambda: b"N." * 1_000_000,
    "many strings": lambda: pickle.dumps([b"%d" % number for number in range(110_000)]),
}  # fmt: skip


def doubled(place: int) -> bytes:
    number = bytes([place])
    return b"coperator\nadd\nh" + number + b"h" + number + b"\x86R\x94"


def joined(times: int) -> bytes:
    parts = b"](" + binary(b"ab") * times + b"e\x94"
    return (
        b"\x80\x04C\0\x94"
        + parts
        + b"cbuiltins\nbytes.join\n\x94"
        + b"h\2h\0h\1\x86R" * times
        + b"."
    )


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_pickle_takes_bounded_time_and_memory(case: str, tmp_path: Path) -> None:
    code, report, _ = look(HOSTILE[case](), tmp_path)
    assert code in (UNREADABLE, PICKLE)
    assert not report.get("admitted", False)


@pytest.mark.parametrize("case", ["many names", "many opcodes", "many pickles", "many strings"])
def test_pickle_with_more_than_is_looked_at_says_so(case: str, tmp_path: Path) -> None:
    code, _, wrong = look(HOSTILE[case](), tmp_path)
    assert code == UNREADABLE
    assert "there are more " in wrong
