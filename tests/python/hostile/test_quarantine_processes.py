"""The processes of a quarantine: what they may do, how long they live, and that none is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from planwire import errors, guard

from support import TESTS
from support.hostile import hostile
from support.quarantined import (
    PATIENCE,
    Setup,
    attempting,
    is_running,
    module,
    telling,
    wait_until_gone,
)

MIB = 1024 * 1024
SOUND = hostile.query("SELECT 1 + 1 AS two")


def told(quarantine: guard.Quarantine) -> int:
    """The number that a process tells, see `telling`."""
    with pytest.raises(errors.PolicyRefused, match="PW-Z") as refused:
        quarantine.check(SOUND, "logical plan")
    return int(str(refused.value).partition("PW-Z")[2][:3])


def process_ids(folder: Path) -> list[int]:
    """The processes that have left their number, see `NUMBERED`."""
    return [int(entry.name) for entry in folder.iterdir() if entry.name.isdigit()]


NUMBERED = """
    def make():
        os.mkdir({folder!r} + f'/{{os.getpid()}}')
        return planwire.SessionContext()
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("resource.getrlimit(resource.RLIMIT_CORE)[1]", 1),
        ("resource.getrlimit(resource.RLIMIT_FSIZE)[1]", 0),
        ("resource.getrlimit(resource.RLIMIT_NOFILE)[1]", 128),
        ("0 < resource.getrlimit(resource.RLIMIT_CPU)[1] < 10_000", True),
        ("0 < resource.getrlimit(resource.RLIMIT_AS)[1] < 2**36", True),
        ("int.__lt__(*resource.getrlimit(resource.RLIMIT_AS))", True),
        ("'secret' in os.environ.values()", False),
        ("os.path.samefile('/proc/self/fd/0', os.devnull)", True),
        ("os.path.exists('/proc/self/fd/{inherited}')", False),
        ("os.getsid(0) == os.getpid()", True),
        ("sys.flags.isolated", 1),
        (
            "sum(f.mode != 'refuse' for f in session.families() if f.name == 'python')",
            0,
        ),
    ],
)
def test_process_is_confined(
    expression: str, expected: int, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWIRE_TEST_SECRET", "secret")
    # Higher than any that a process has of its own, and not closed on `exec`.
    inherited = os.dup2(2, 100)
    try:
        name = setup(telling(expression.replace("{inherited}", str(inherited))))
        with guard.Quarantine(setup=name) as quarantine:
            assert told(quarantine) == expected
    finally:
        os.close(inherited)


def test_process_writes_nothing(setup: Setup, tmp_path: Path) -> None:
    name = setup(attempting(f"open({str(tmp_path / 'out')!r}, 'w').write('text')"))
    with guard.Quarantine(setup=name) as quarantine, pytest.raises(errors.LimitExceeded):
        quarantine.check(SOUND, "logical plan")
    assert not (tmp_path / "out").exists() or (tmp_path / "out").stat().st_size == 0


def test_process_tries_many_messages_and_none_too_many(setup: Setup, tmp_path: Path) -> None:
    name = setup(NUMBERED.format(folder=str(tmp_path)))
    with guard.Quarantine(messages=3, setup=name) as quarantine:
        for tried, processes in enumerate([1, 1, 1, 2, 2, 2, 3]):
            quarantine.check(SOUND, "logical plan")
            assert len(process_ids(tmp_path)) == processes, f"after {tried + 1} messages"


def test_memory_of_one_message_does_not_count_on_another(setup: Setup) -> None:
    name = setup(
        attempting("""
            inside.kept = getattr(inside, "kept", []) + [bytearray(60 * 2**20)]
            return wire.TRIED, ''
        """)
    )
    with guard.Quarantine(memory=100 * MIB, setup=name) as quarantine:
        for _ in range(6):
            quarantine.check(SOUND, "logical plan")


def test_process_that_ended_while_it_waited_costs_no_message(setup: Setup, tmp_path: Path) -> None:
    name = setup(NUMBERED.format(folder=str(tmp_path)))
    with guard.Quarantine(setup=name) as quarantine:
        (first,) = process_ids(tmp_path)
        os.kill(first, signal.SIGKILL)
        wait_until_gone(first)
        quarantine.check(SOUND, "logical plan")
        assert len(process_ids(tmp_path)) == 2
        # It was waited for, too.
        assert not Path(f"/proc/{first}").exists()


def test_interrupt_of_a_check_ends_its_process_and_not_the_quarantine(
    setup: Setup, tmp_path: Path
) -> None:
    name = setup(
        attempting(f"""
            if b'two' in message:
                os.mkdir({str(tmp_path)!r} + f'/{{os.getpid()}}')
                os.kill(os.getppid(), signal.SIGINT)
                time.sleep(3600)
            return wire.TRIED, ''
        """)
    )
    with guard.Quarantine(setup=name) as quarantine:
        # A process that was started in the background ignores interrupts.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                quarantine.check(SOUND, "logical plan")
        finally:
            signal.signal(signal.SIGINT, before)
        (process,) = process_ids(tmp_path)
        assert not Path(f"/proc/{process}").exists()
        quarantine.check(hostile.query("SELECT 1"), "logical plan")


def test_threads_share_a_quarantine(setup: Setup, tmp_path: Path) -> None:
    name = setup(NUMBERED.format(folder=str(tmp_path)))
    most = threading.Barrier(6)

    def passes(message: bytes) -> bool:
        most.wait(PATIENCE)
        try:
            quarantine.check(message, "logical plan")
        except errors.LimitExceeded:
            return False
        return True

    messages = [SOUND, hostile.LARGE] * 3
    with guard.Quarantine(workers=2, setup=name) as quarantine, ThreadPoolExecutor(6) as pool:
        for _ in range(2):
            assert list(pool.map(passes, messages)) == [True, False] * 3
        assert sum(map(is_running, process_ids(tmp_path))) <= 2
    assert not any(map(is_running, process_ids(tmp_path)))


def test_forked_child_has_processes_of_its_own_and_leaves_those_of_its_parent(
    setup: Setup, tmp_path: Path
) -> None:
    name = setup(NUMBERED.format(folder=str(tmp_path)))
    with guard.Quarantine(setup=name) as quarantine:
        (mine,) = process_ids(tmp_path)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                quarantine.check(SOUND, "logical plan")
                quarantine.close()
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        quarantine.check(SOUND, "logical plan")
        assert len(process_ids(tmp_path)) == 2
        assert [process for process in process_ids(tmp_path) if is_running(process)] == [mine]


def test_quarantine_that_is_dropped_leaves_nothing_to_wait_for(
    setup: Setup, tmp_path: Path
) -> None:
    quarantine = guard.Quarantine(setup=setup(NUMBERED.format(folder=str(tmp_path))))
    (process,) = process_ids(tmp_path)
    assert Path(f"/proc/{process}").exists()
    del quarantine
    assert not Path(f"/proc/{process}").exists()


def test_closing_ends_a_check_in_another_thread(setup: Setup, tmp_path: Path) -> None:
    name = setup(attempting(f"os.mkdir({str(tmp_path)!r} + f'/{{os.getpid()}}'); time.sleep(3600)"))
    quarantine = guard.Quarantine(wall_seconds=3600, setup=name)
    with ThreadPoolExecutor(1) as pool:
        checking = pool.submit(quarantine.check, SOUND, "logical plan")
        while not process_ids(tmp_path):
            assert not checking.done()
        quarantine.close()
        with pytest.raises(ValueError, match="closed"):
            checking.result(PATIENCE)


ENDING = """
import os, signal, sys, threading
sys.path[:0] = sys.argv[1:3]
from planwire import guard
from support.hostile import hostile
quarantine = guard.Quarantine(setup=sys.argv[3], seconds=600, wall_seconds=600, workers=2)
def check(message):
    try: quarantine.check(message, "logical plan")
    except ValueError: pass
sound = hostile.query("SELECT 1")
check(sound)
{ending}
"""

BUSY = "threading.Thread(target=check, args=(hostile.SLOW,), daemon=True).start(); check(sound)"

ENDINGS = {
    "end": "",
    "exit": "sys.exit(0)",
    "exception": "raise ValueError",
    "os._exit": "os._exit(0)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "interrupt": "signal.raise_signal(signal.SIGINT)",
    "dropped": "del quarantine",
    "busy": BUSY,
    "busy and killed": BUSY + "; os.kill(os.getpid(), signal.SIGKILL)",
    "fork": "os.fork() or os.kill(os.getppid(), signal.SIGKILL)",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_process_outlives_its_parent(ending: str, tmp_path: Path) -> None:
    name = module(tmp_path, "numbered", NUMBERED.format(folder=str(tmp_path)))
    program = ENDING.format(ending=ENDINGS[ending])
    done = subprocess.run(
        [sys.executable, "-c", program, str(TESTS), str(tmp_path), name],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    processes = process_ids(tmp_path)
    assert processes
    for process in processes:
        wait_until_gone(process)
    if ending not in ("exception", "interrupt"):
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def make(): return 1", "int, not a SessionContext"),
        ("def make(): raise ValueError('no\\nway')", r"ValueError: no\\nway"),
        ("def make(): sys.exit(3)", "SystemExit: 3"),
        ("def make(): os.abort()", "ended by SIGABRT"),
        ("def another(): pass", "AttributeError.*make"),
    ],
)
def test_setup_that_fails_says_so_at_once(source: str, expected: str, setup: Setup) -> None:
    with pytest.raises(errors.GuardError, match=expected) as failed:
        guard.Quarantine(setup=setup(source))
    assert failed.value.code == "PW-G008"


def test_python_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(errors.GuardError, match="/nonexistent/python"):
        guard.Quarantine()


@pytest.mark.parametrize("name", ["memory", "seconds", "wall_seconds", "workers", "messages"])
def test_limit_is_more_than_nothing(name: str) -> None:
    for value in (0, -1):
        with pytest.raises(ValueError, match=name):
            guard.Quarantine(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("setup", ["module", "module:", ":function", ""])
def test_setup_is_a_module_and_a_function(setup: str) -> None:
    with pytest.raises(ValueError, match="module:function"):
        guard.Quarantine(setup=setup)


def test_what_cannot_be_tried_costs_no_process(setup: Setup, tmp_path: Path) -> None:
    name = setup(NUMBERED.format(folder=str(tmp_path)))
    with guard.Quarantine(setup=name) as quarantine:
        with pytest.raises(ValueError, match="no sort"):
            quarantine.check(SOUND, "no sort")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            quarantine.check("text", "expression")  # type: ignore[arg-type]
        quarantine.check(SOUND, "logical plan")
    with pytest.raises(ValueError, match="closed"):
        quarantine.check(SOUND, "logical plan")
    assert len(process_ids(tmp_path)) == 1
