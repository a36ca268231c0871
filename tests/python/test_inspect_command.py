"""The command that looks into files, run as a shell runs it."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from planwire import col, functions, guard, inspect

import kinds


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
    assert (shown.returncode, report["admitted"], report["pickle"]) == (0, True, False)
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
    assert (shown.returncode, report["pickle"], len(report["messages"])) == (0, True, 2)
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
    for content in (message.read_bytes(), pickle.dumps([message.read_bytes()])):
        sealed = tmp_path / "sealed"
        sealed.write_bytes(guard.seal(content, keyring, audience="workers"))
        shown = planwire_inspect("--json", str(sealed))
        (found,) = json.loads(shown.stdout)["messages"]
        assert (shown.returncode, found["admitted"]) == (0, True)
        assert found["readings"][0]["parts"][0]["name"] == "crossing"


def test_command_describes_itself_with_its_exit_codes() -> None:
    shown = planwire_inspect("--help")
    assert shown.returncode == 0
    for line in (b"  0  all of it", b"  1  something would be refused", b"  2  the file cannot"):
        assert line in shown.stdout
