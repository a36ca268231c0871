"""Functions and codecs of planwire in sessions of the wheel, each end in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import datafusion
import planwire
import pytest

from support import TESTS, kinds
from support.programs import wheel

MAGICS = {"scalar": b"DFPYUDF", "aggregate": b"DFPYUDA", "window": b"DFPYUDW"}
# The envelope's magic and version, the length of planwire's id, and the id; then the frame.
ENVELOPE = b"DFPYCHN\x01" + (8).to_bytes(4, "little") + b"planwire"

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
LAYERS = ("expression", "logical", "physical")


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table that both processes can read."""
    path = tmp_path_factory.mktemp("ffi") / "numbers.csv"
    path.write_text("a\n1\n2\n3\n")
    return path


@pytest.fixture(
    scope="module", params=[(kind, layer) for kind in kinds.KINDS for layer in LAYERS], ids="-".join
)
def crossing(request: pytest.FixtureRequest, numbers: Path) -> tuple[str, str, bytes]:
    """The kind of a function, what is sent, and what a session of the wheel wrote."""
    kind, layer = request.param
    return kind, layer, run("write", kind, layer, str(numbers))


def run(*arguments: str, message: bytes = b"") -> bytes:
    """Runs one end of a crossing."""
    command = [sys.executable, "-m", wheel.__name__, *arguments]
    done = subprocess.run(
        command, input=message, capture_output=True, timeout=50, check=False, cwd=TESTS
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def read(crossing: tuple[str, str, bytes], mode: str) -> dict[str, Any]:
    """What a session of the wheel with planwire's codecs in a mode says of a message."""
    kind, layer, message = crossing
    answer: dict[str, Any] = json.loads(run("read", kind, layer, mode, message=message))
    return answer


@each_kind
def test_function_runs_in_a_session_of_the_wheel(kind: str) -> None:
    ctx: Any = datafusion.SessionContext()
    ctx.from_pydict({"a": [1, 2, 3]}, name="numbers")
    kinds.register(ctx, kind, wheel.take_over(kind, kinds.make(kind)))
    assert ctx.sql(wheel.QUERIES[kind]).to_pydict() == {"r": kinds.expected(kind)}


@pytest.mark.inline
def test_message_has_a_frame_of_planwires_in_an_envelope_of_planwires(
    crossing: tuple[str, str, bytes],
) -> None:
    kind, _, message = crossing
    assert ENVELOPE + MAGICS[kind] in message


@pytest.mark.inline
def test_other_session_of_the_wheel_runs_a_function_it_never_saw(
    crossing: tuple[str, str, bytes],
) -> None:
    assert read(crossing, "inline") == {"unpickled": True, "rows": kinds.expected(crossing[0])}


@pytest.mark.inline
def test_codecs_of_a_strict_session_refuse_and_never_unpickle(
    crossing: tuple[str, str, bytes],
) -> None:
    answer = read(crossing, "refuse")
    assert not answer["unpickled"]
    assert "refused the inline" in answer["error"]
    assert "planwire explain PW-D005" in answer["error"]


@pytest.mark.inline
@each_kind
def test_session_of_planwire_reads_what_its_codec_wrote_elsewhere(
    kind: str, numbers: Path, inline: planwire.SessionContext, strict: planwire.SessionContext
) -> None:
    message = run("write", kind, "expression", str(numbers))
    assert kinds.rows(kind, planwire.Expr.from_bytes(message, inline)) == kinds.expected(kind)
    with pytest.raises(planwire.InlineRefused):
        planwire.Expr.from_bytes(message, strict)
