"""The commands that write lists and keyrings, as processes of their own."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from planwire import Expr, PolicyRefused, SessionContext, col, functions, guard

from support import frames, kinds


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


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_what_is_pinned_is_shown_before_and_written_as_it_was_shown(
    kind: str, tmp_path: Path
) -> None:
    file, pins = tmp_path / "message", tmp_path / "pins"
    name = "a'\x1b\u2028" + "b" * 100
    file.write_bytes(message(kind, name))
    frame = frames.frame(file.read_bytes())
    digest = hashlib.sha256(frame).hexdigest()
    declined = planwire("pin", file, pins, answer="n\n")
    shown = f"frame-sha256:{digest}  python v1 {kind} UDF {name[:64] + '...'!a}"
    assert shown in declined.stdout.splitlines()
    assert declined.stdout.index(shown) < declined.stdout.index("[y/N]")
    # The tree that `inspect` prints has the same digest.
    assert f"sha256 {digest}" in planwire("inspect", file).stdout
    assert planwire("pin", file, pins, "--yes").returncode == 0
    assert pins.read_text() == f"{shown}\n"


@pytest.mark.inline
def test_old_list_is_to_be_pinned_again(tmp_path: Path) -> None:
    file, pins = tmp_path / "message", tmp_path / "pins"
    file.write_bytes(message())
    payload = frames.frame(file.read_bytes())[frames.HEADER :]
    old = f"{hashlib.sha256(payload).hexdigest()}  python scalar UDF 'crossing'\n"
    pins.write_text(old)
    done = planwire("pin", file, pins, "--yes")
    assert (done.returncode, pins.read_text()) == (2, old)
    assert "pin what was reviewed again, into a new list, with `planwire pin`" in done.stderr


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


def unfit(path: Path) -> dict[str, Path]:
    """What no list and no keyring is added to."""
    there = path / "there"
    there.touch(mode=0o600)
    link, dangling, pipe, shared = (path / name for name in ("link", "dangling", "pipe", "shared"))
    link.symlink_to(there)
    dangling.symlink_to(path / "none")
    os.mkfifo(pipe)
    shared.touch()
    shared.chmod(0o620)
    found = {"is a symbolic link": link, "not a regular file": pipe, "lets others write": shared}
    foreign = Path("/etc/hostname")
    if os.geteuid() == 0:
        foreign = path / "foreign"
        foreign.touch(mode=0o600)
        os.chown(foreign, 65534, -1)
        found["belongs to another user"] = foreign
    else:
        found["Permission denied"] = foreign
    return found


def test_nothing_is_written_through_links_into_devices_or_into_files_of_others(
    tmp_path: Path,
) -> None:
    file = tmp_path / "message"
    file.write_bytes(message())
    for told, path in unfit(tmp_path).items():
        for command in (
            ("pin", file, path, "--yes"),
            ("keygen", "ed25519", "k1", "--sign", path),
            ("keygen", "ed25519", "k1", "--verify", path),
        ):
            done = planwire(*command)
            assert done.returncode == 2
            assert told in done.stderr or "belongs to another user" in done.stderr
    dangling = tmp_path / "dangling"
    for command in (
        ("pin", file, dangling, "--yes"),
        ("keygen", "ed25519", "k1", "--sign", dangling),
    ):
        done = planwire(*command)
        assert (done.returncode, (tmp_path / "none").exists()) == (2, False)
    assert (tmp_path / "there").read_text() == (tmp_path / "shared").read_text() == ""


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o606])
def test_secret_is_not_added_to_what_others_read(mode: int, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.touch()
    keys.chmod(mode)
    for arguments in (
        ("ed25519", "k1", "--sign"),
        ("hmac-sha256", "k1", "--sign"),
        ("hmac-sha256", "k1", "--verify"),
    ):
        done = planwire("keygen", *arguments, keys)
        assert (done.returncode, keys.read_text()) == (2, "")
        assert f"has mode {mode:03o}" in done.stderr
    # A public key is for others to read.
    public = planwire("keygen", "ed25519", "k1", "--verify", keys)
    assert public.returncode == (2 if mode & 0o022 else 0)


@pytest.mark.inline
def test_new_files_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "message"
    file.write_bytes(message())
    before = os.umask(0)
    try:
        assert planwire("pin", file, tmp_path / "pins", "--yes").returncode == 0
        for option in ("--sign", "--verify"):
            done = planwire("keygen", "hmac-sha256", "k1", option, tmp_path / option[2:])
            assert done.returncode == 0
    finally:
        os.umask(before)
    for name in ("pins", "sign", "verify"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_half_a_key_is_not_written(tmp_path: Path) -> None:
    new, there = tmp_path / "new", tmp_path / "there"
    there.touch(mode=0o600)
    there.write_text("# none yet\n")
    # One file for both, by one name and by two.
    twin = tmp_path / "twin"
    twin.hardlink_to(there)
    for sign, verify in (
        (new, tmp_path / "none" / "keys"),
        (new, new),
        (there, there),
        (there, twin),
    ):
        done = planwire("keygen", "hmac-sha256", "k1", "--sign", sign, "--verify", verify)
        assert done.returncode == 2
        assert done.stderr.startswith("planwire keygen: ")
        assert (new.exists(), there.read_text()) == (False, "# none yet\n")


def test_list_without_an_end_is_not_read(tmp_path: Path) -> None:
    file, pins = tmp_path / "message", tmp_path / "pins"
    file.write_bytes(message())
    with pins.open("wb") as sparse:
        sparse.truncate(16 * 2**20 + 1)
    for path, told in ((pins, "longer than 16777216 bytes"), (Path("/dev/zero"), "")):
        done = planwire("pin", file, path, "--yes")
        assert done.returncode == 2
        assert told in done.stderr
    assert pins.stat().st_size == 16 * 2**20 + 1


@pytest.mark.parametrize("algorithm", ["ed25519", "hmac-sha256"])
def test_new_key_signs_and_verifies(algorithm: str, tmp_path: Path) -> None:
    driver, worker = tmp_path / "driver", tmp_path / "worker"
    worker.touch(mode=0o600)
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
