"""A pytest plugin that looks for stale marks: `pytest -p marks` in a process that has a floor.

A mark says that a test fails under a floor, and has it left out there. Here such tests, and no
others, run under that very floor: a case that fails is what the mark says, and the other cases of
its test are left out. A test of which no case fails has no need of its mark, and fails the run.
"""

from __future__ import annotations

import pytest
from planwire import ipc

# What is left out under which floor.
MARKS = {"refuse": "inline", "guarded": "unguarded"}

# Whether a case of a test has failed.
needed: dict[str, bool] = {}


def name(case: str) -> str:
    """The test that a case is of."""
    return case.partition("[")[0]


def pytest_configure(config: pytest.Config) -> None:
    """Selects what is marked for the floor of this process."""
    floor = ipc.get_process_floor()
    if floor not in MARKS:
        raise pytest.UsageError(f"no mark is about the floor {floor!r}, but about {list(MARKS)}")
    config.option.markexpr = MARKS[floor]


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Leaves a case out by saying that it was run, if another one has failed."""
    return needed.get(name(item.nodeid)) or None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keeps what came of a case."""
    test = name(report.nodeid)
    needed[test] = needed.get(test, False) or report.failed


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Has a failure counted as what should be, and shown without its traceback."""
    if report.failed:
        return "passed", ".", "FAILS AS MARKED"
    return ("needless", "-", "NEEDLESS") if report.when == "call" else None


def stale() -> list[str]:
    """The tests that need no mark."""
    return [test for test, fails in needed.items() if not fails]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names the tests that need no mark."""
    for test in stale():
        terminalreporter.line(f"{test} passes under this floor: take off what marks it")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Ends well only if some tests ran, and each has need of its mark."""
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        ends_well = needed and not stale()
        session.exitstatus = pytest.ExitCode.OK if ends_well else pytest.ExitCode.TESTS_FAILED
