"""The commands that write lists and keyrings, as processes of their own."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from planwire import Expr, PolicyRefused, SessionContext, col, functions, guard

import frames
import kinds


def planwire(*arguments: object, answer: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planwire", *map(str, arguments)],
        input=answer,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def message(kind: str = "scalar", name: str = "crossing") -> bytes:
    return kinds.call(kinds.make(kind, name)).to_bytes()


@pytest.mark.inline
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_pinned_message_is_let_in(kind: str, tmp_path: Path) -> None:
    file, pins = tmp_path / "message", tmp_path / "pins"
    file.write_bytes(message(kind))
    done = planwire("pin", file, pins, answer="y\n")
    assert done.returncode == 0, done.stderr
    assert "'crossing'" in done.stdout
    assert "[y/N]" in done.stdout
    strict = SessionContext().with_family("python", guard.pinned(pins))
    decoded = Expr.from_bytes(file.read_bytes(), strict)
    assert kinds.rows(kind, decoded) == kinds.expected(kind)
    other = kinds.call(kinds.make(kind, amount=20)).to_bytes()
    with pytest.raises(PolicyRefused):
        Expr.from_bytes(other, strict)
    # A second time adds nothing, another message a line.
    again = planwire("pin", file, pins, answer="y\n")
    assert (again.returncode, "already" in again.stdout) == (0, True)
    file.write_bytes(other)
    assert planwire("pin", file, pins, "--yes").returncode == 0
    assert len(pins.read_text().splitlines()) == 2


@pytest.mark.inline
@pytest.mark.parametrize("answer", ["n\n", "\n", "", "what?\n"])
def test_nothing_is_pinned_without_a_yes(answer: str, tmp_path: Path) -> None:
    file, pins = tmp_path / "message", tmp_path / "pins"
    file.write_bytes(message())
    assert planwire("pin", file, pins, answer=answer).returncode == 1
    assert not pins.exists()


@pytest.mark.inline
def test_name_from_the_sender_does_not_pin_a_line_of_its_own(tmp_path: Path) -> None:
    file, pins = tmp_path / "message", tmp_path / "pins"
    file.write_bytes(message(name="x\n" + "00" * 32))
    assert planwire("pin", file, pins, "--yes").returncode == 0
    assert len(pins.read_text().splitlines()) == 1


def test_what_is_no_message_no_list_or_has_no_payload_is_not_pinned(tmp_path: Path) -> None:
    file, pins = tmp_path / "message", tmp_path / "pins"
    good = message()
    cut = frames.change(good, lambda frame: frame[:9])
    for data in (b"", b"no message", kinds.make("scalar").name.encode(), cut):
        file.write_bytes(data)
        done = planwire("pin", file, pins, "--yes")
        assert done.returncode == 2, done.stdout
        assert done.stderr.startswith("planwire pin: ")
        assert not pins.exists()
    file.write_bytes(good)
    pins.write_text("no digest\n")
    done = planwire("pin", file, pins, "--yes")
    assert (done.returncode, pins.read_text()) == (2, "no digest\n")
    assert "line 1 of the pins" in done.stderr
    assert planwire("pin", tmp_path / "none", pins).returncode == 2


@pytest.mark.parametrize("algorithm", ["ed25519", "hmac-sha256"])
def test_new_key_signs_and_verifies(algorithm: str, tmp_path: Path) -> None:
    driver, worker = tmp_path / "driver", tmp_path / "worker"
    worker.write_text("# receivers")
    done = planwire("keygen", algorithm, "k1", "--sign", driver, "--verify", worker)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert stat.S_IMODE(driver.stat().st_mode) == 0o600
    sealed = guard.seal(b"data", guard.Keyring.from_file(driver), audience="a")
    assert guard.open(sealed, guard.Keyring.from_file(worker), audience="a") == b"data"
    # A second key is added; a name that is taken is not, and no file changes.
    assert planwire("keygen", algorithm, "k2", "--verify", worker).returncode == 0
    assert guard.Keyring.from_file(worker).key_ids == ["k1", "k2"]
    before = driver.read_text(), worker.read_text()
    wrong: list[tuple[object, ...]] = [
        ("k2", "--verify", worker),
        ("k3", "--sign", driver),
        ("k2", "--sign", tmp_path / "new", "--verify", worker),
        ("k 4",),
    ]
    for arguments in wrong:
        done = planwire("keygen", algorithm, *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("planwire keygen: ")
    assert (driver.read_text(), worker.read_text()) == before
    assert not (tmp_path / "new").exists()


def test_new_key_is_printed_without_a_file() -> None:
    done = planwire("keygen", "ed25519", "k1")
    signs, verifies = done.stdout.splitlines()
    assert guard.Keyring.from_text(signs).signing_key_id == "k1"
    assert guard.Keyring.from_text(verifies).signing_key_id is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"PLANWIRE_FLOOR": "high\x1b[2K"},
        {"PLANWIRE_FLOOR": ""},
        {"PLANWIRE_HARDENED": "maybe"},
        {"PLANWIRE_HARDENED": "signed:workers:/none/keys"},
    ],
)
@pytest.mark.parametrize(
    "command", [["inspect", "-"], ["pin", "a", "b"], ["keygen", "ed25519", "k"]]
)
def test_command_in_a_wrong_environment_says_so_in_a_line(
    command: list[str], wrong: dict[str, str]
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLANWIRE_")}
    done = subprocess.run(
        [sys.executable, "-m", "planwire", *command],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=kept | wrong,
    )
    assert (done.returncode, done.stdout) == (2, "")
    first, *notes = done.stderr.splitlines()
    assert first.startswith("planwire: the ")
    assert "\x1b" not in done.stderr
    assert all(note.startswith("  ") for note in notes)
    # What imports the package gets the exception, as before.
    imported = subprocess.run(
        [sys.executable, "-c", "import planwire"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=kept | wrong,
    )
    assert imported.returncode == 1
    assert "Traceback" in imported.stderr


def test_pinned_file_is_read_within_limits_and_named_escaped(tmp_path: Path) -> None:
    pipe, pins, file = tmp_path / "pipe\x1b", tmp_path / "pins", tmp_path / "m\u202e"
    os.mkfifo(pipe)
    done = planwire("pin", pipe, pins, "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"planwire pin: {tmp_path}/pipe\\u{{1b}}: it is no regular file\n"
    file.write_bytes(functions.abs(col("a")).to_bytes())
    done = planwire("pin", file, pins, "--yes")
    assert done.stdout.startswith(f"{tmp_path}/m\\u{{202e}}: expression, ")


def test_unwritable_file_is_an_error(tmp_path: Path) -> None:
    done = planwire("keygen", "ed25519", "k1", "--sign", tmp_path / "none" / "keys")
    assert done.returncode == 2
    assert os.strerror(2) in done.stderr
