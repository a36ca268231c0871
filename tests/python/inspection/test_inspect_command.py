"""The command that looks into files, run as a shell runs it."""

from __future__ import annotations

import json
import os
import pickle
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from planwire import col, functions, guard, inspect

from support import kinds


def planwire_inspect(
    *arguments: str, stdin: bytes = b"", floor: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs the command as a shell would."""
    environment = dict(os.environ)
    if floor is not None:
        environment["PLANWIRE_FLOOR"] = floor
    return subprocess.run(
        [sys.executable, "-m", "planwire", "inspect", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env=environment,
    )


def limited(
    module: str, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command with little memory and time."""
    memory = (2 << 30, 2 << 30)
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, memory),
    )


@pytest.fixture
def message(tmp_path: Path) -> Path:
    """A file with a call of a Python function around one of DataFusion's."""
    path = tmp_path / "message.bin"
    path.write_bytes(kinds.make("scalar")(functions.abs(col("a"))).to_bytes())
    return path


@pytest.mark.inline
@pytest.mark.unguarded
def test_command_prints_a_tree_and_exits_with_the_verdict(message: Path) -> None:
    shown = planwire_inspect(str(message))
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.decode().splitlines()
    assert lines[0].startswith(f"{message}: expression, ")
    assert lines[1].startswith("└── scalar UDF 'crossing'  python v1, CPython 3.")
    assert lines[-1] == "    └── scalar UDF 'abs'   by name"
    refused = planwire_inspect("-", stdin=message.read_bytes(), floor="refuse")
    assert refused.returncode == 1
    assert b"refused (PW-D016)" in refused.stdout


def test_command_prints_json(message: Path) -> None:
    shown = planwire_inspect("--json", str(message))
    report = json.loads(shown.stdout)
    assert (shown.returncode, report["verdict"], report["pickle"]) == (0, "admitted", False)
    assert report["admitted"]
    (found,) = report["messages"]
    assert found == {"offset": 0, **inspect(message.read_bytes()).to_dict()}
    assert found["readings"][0]["parts"][0]["children"][0]["name"] == "abs"


def test_command_says_why_there_is_nothing_to_show(message: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"hello")
    broken = tmp_path / "broken"
    broken.write_bytes(pickle.dumps([1, "two", b"three" * 20])[:-30])
    empty = tmp_path / "empty"
    empty.write_bytes(pickle.dumps({"no": "message"}))
    for arguments, said in (
        ((str(junk),), b"neither an encoded expression"),
        ((str(tmp_path / "missing"),), b"No such file"),
        ((str(tmp_path),), b"directory"),
        ((str(broken),), b"cannot be walked"),
        ((str(empty),), b"no message was found"),
        (("--as", "physical-plan", str(message)), b"not an encoded physical plan"),
        (("--as", "poem", str(message)), b"invalid choice"),
        ((), b"required: FILE"),
    ):
        shown = planwire_inspect(*arguments)
        assert (shown.returncode, shown.stdout) == (2, b""), arguments
        assert said in shown.stderr, shown.stderr
        assert b"Traceback" not in shown.stderr


@pytest.mark.unguarded
def test_command_looks_into_pickles_without_unpickling(tmp_path: Path) -> None:
    class Springs:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "sprung"), "w"))

    expr = kinds.call(kinds.make("scalar"))
    held = tmp_path / "held.pickle"
    held.write_bytes(
        pickle.dumps({"x": [expr, expr.alias("b")], "no": b"message", "trap": Springs()})
    )
    shown = planwire_inspect("--json", str(held))
    report = json.loads(shown.stdout)
    assert (shown.returncode, report["pickle"], len(report["messages"])) == (3, True, 2)
    assert {"module": "io", "name": "open"}.items() <= report["callables"][-1].items()
    blob = held.read_bytes()
    for found in report["messages"]:
        assert expr.to_bytes()[:20] in blob[found["offset"] :]
        assert found["readings"][0]["parts"][0]["name"] == "crossing"
    text = planwire_inspect(str(held)).stdout.decode()
    assert "not unpickled, with 2 messages inside" in text
    assert not (tmp_path / "sprung").exists()


def test_command_looks_into_sealed_messages_and_sealed_pickles(
    message: Path, tmp_path: Path
) -> None:
    key, _ = guard.generate_key("ed25519", "driver-1")
    keyring = guard.Keyring.from_text(key)
    contents = {0: message.read_bytes(), 3: pickle.dumps([message.read_bytes()])}
    for code, content in contents.items():
        sealed = tmp_path / "sealed"
        sealed.write_bytes(guard.seal(content, keyring, audience="workers"))
        shown = planwire_inspect("--json", str(sealed))
        (found,) = json.loads(shown.stdout)["messages"]
        assert (shown.returncode, found["admitted"]) == (code, True)
        assert found["readings"][0]["parts"][0]["name"] == "crossing"


def test_command_describes_itself_with_its_exit_codes() -> None:
    shown = planwire_inspect("--help")
    assert shown.returncode == 0
    for line in (
        b"  0  all of it",
        b"  1  something would be refused",
        b"  2  the file cannot",
        b"  3  a pickle",
    ):
        assert line in shown.stdout


def test_name_of_a_file_is_printed_escaped(tmp_path: Path) -> None:
    hostile = "m\x1b[2K\n\u202e\u2028\u2029\ud800é".encode("utf-8", "surrogatepass") + b"\xff"
    file = os.fsencode(tmp_path) + b"/" + hostile
    Path(os.fsdecode(file)).write_bytes(functions.abs(col("a")).to_bytes())
    shown = planwire_inspect(os.fsdecode(file))
    assert shown.returncode == 0, shown.stderr
    first, *_ = shown.stdout.decode().split(": expression, ")
    assert first.startswith(
        f"{tmp_path}/m\\u{{1b}}[2K\\u{{a}}\\u{{202e}}\\u{{2028}}\\u{{2029}}\\u{{dc"
    )
    assert first.endswith("é\\u{dcff}")
    # As in errors, also in those about the command.
    for arguments in ([os.fsdecode(file + b"!")], [os.fsdecode(file), "more\x1b\u202e"]):
        wrong = planwire_inspect(*arguments)
        assert (wrong.returncode, wrong.stdout) == (2, b"")
        assert not {"\x1b", "\u202e"} & set(wrong.stderr.decode())
        assert b"\\u{1b}" in wrong.stderr
    told = json.loads(planwire_inspect("--json", os.fsdecode(file)).stdout)
    assert os.fsencode(told["file"]) == file


def test_file_that_is_none_or_too_long_is_an_error_in_a_line(tmp_path: Path) -> None:
    pipe, empty, long = (tmp_path / name for name in ("pipe", "empty", "long"))
    os.mkfifo(pipe)
    empty.write_bytes(b"")
    with long.open("wb") as made:
        made.truncate(1 << 34)
    for file, said in (
        (pipe, "no regular file; have it on standard input"),
        (Path("/dev/zero"), "no regular file"),
        (tmp_path, "it is a directory"),
        (empty, "it is empty"),
        (long, "more than the 67108864 bytes"),
        (Path("/proc/self/mem"), "Input/output error"),
    ):
        # Less memory than the file has.
        shown = limited("planwire", "inspect", str(file))
        assert (shown.returncode, shown.stdout) == (2, ""), file
        assert shown.stderr.startswith(f"planwire inspect: {file}: ")
        assert said in shown.stderr
        assert shown.stderr.count("\n") == 1


def test_standard_input_is_read_within_the_limit(tmp_path: Path) -> None:
    for redirect, said in (("< /dev/zero", "more than the 67108864 bytes"), ("<&-", "no standard")):
        command = f"exec {sys.executable} -m planwire inspect - {redirect}"
        shown = subprocess.run(
            ["sh", "-c", f"ulimit -v 2000000; {command}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (shown.returncode, shown.stdout) == (2, "")
        assert said in shown.stderr
        assert shown.stderr.count("\n") == 1


def test_output_that_cannot_be_written_is_no_traceback(tmp_path: Path) -> None:
    message = tmp_path / "message"
    message.write_bytes(functions.abs(col("a")).to_bytes())
    for redirect, code in (("> /dev/full", 2), ("| true", 0), (">&-", 0)):
        shown = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m planwire inspect {message} {redirect}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert shown.returncode == code, shown.stderr
        assert "Traceback" not in shown.stderr
        assert "Exception ignored" not in shown.stderr
    # A tree is drawn with what ASCII does not have.
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    shown = limited("planwire", "inspect", str(message), environment=environment)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\\u2514" in shown.stdout
