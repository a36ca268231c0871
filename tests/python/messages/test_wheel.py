"""Messages cross between planwire and the datafusion wheel, each in a process of its own."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pyarrow as pa
import pytest

from support import frames, kinds, programs

pytestmark = pytest.mark.inline


CROSSING = programs.FOLDER / "crossing.py"
ROWS = {"scalar": [3, 6, 15], "aggregate": [4], "window": [1, 3, 8]}

ours_and_theirs = pytest.mark.parametrize(
    ("sender", "receiver"),
    [("planwire", "datafusion"), ("datafusion", "planwire"), ("planwire", "planwire")],
)
each_kind = pytest.mark.parametrize("kind", kinds.KINDS)


def run(
    package: str, action: str, kind: str, message: bytes = b"", layer: str = "expression"
) -> bytes:
    """Runs one end of a crossing."""
    command = [sys.executable, str(CROSSING), package, action, kind, layer]
    done = subprocess.run(command, input=message, capture_output=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.unguarded
@each_kind
@ours_and_theirs
def test_what_one_writes_the_other_runs(sender: str, receiver: str, kind: str) -> None:
    message = run(sender, "write", kind)
    assert json.loads(run(receiver, "read", kind, message)) == ROWS[kind]


@each_kind
def test_both_write_the_same_frame_around_the_function(kind: str) -> None:
    ours, theirs = (
        frames.frame(run(package, "write", kind)) for package in ("planwire", "datafusion")
    )
    assert ours[: frames.STAMP] == theirs[: frames.STAMP]

    # Everything in the pickle but the function itself is text and Arrow schemas.
    name, _, *ours_rest = pickle.loads(ours[frames.STAMP :])
    their_name, _, *their_rest = pickle.loads(theirs[frames.STAMP :])
    assert name == their_name
    assert [described(part) for part in ours_rest] == [described(part) for part in their_rest]


def described(part: str | bytes) -> str:
    """A volatility, or what a schema holds; neither reader minds the names of its fields."""
    if isinstance(part, str):
        return part
    schema = pa.ipc.open_stream(part).schema
    return " ".join(f"{field.type} {field.nullable} {field.metadata}" for field in schema)
