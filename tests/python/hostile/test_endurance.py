"""Hostile bytes in numbers, and workers that are killed: the programs for it run, here a little."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support import TESTS

pytestmark = pytest.mark.inline


def run(program: str, count: str) -> str:
    """Runs one of the programs."""
    done = subprocess.run(
        [sys.executable, "-m", program, count],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=TESTS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.unguarded  # It pickles sessions.
def test_storm_of_mutated_messages_comes_to_errors_of_planwire() -> None:
    sorts = [json.loads(line) for line in run("support.hostile.storm", "200").splitlines()]
    assert [sort["sort"] for sort in sorts] == [
        "expression",
        "logical plan",
        "physical plan",
        "sealed message",
        "pickled session",
    ]
    told = {"sort", "messages", "seconds", "faults"}
    for sort in sorts:
        assert sort["MalformedFrame"] > 0
        assert sort["faults"] == 0
        assert sum(v for k, v in sort.items() if k not in told) == 200


def test_pool_goes_on_when_workers_are_killed_while_they_decode() -> None:
    assert run("support.programs.killing", "3") == "3 workers killed, the pool went on\n"
