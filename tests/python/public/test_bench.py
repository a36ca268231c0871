"""The benchmarks measure all that they say; what they print is read by machines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHES = Path(__file__).parents[3] / "py-bindings" / "benches"


def printed_by(script: str, *arguments: str) -> Any:
    command = [sys.executable, str(BENCHES / script), "--json", "--rounds", "1", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_work_is_measured_on_both_sides() -> None:
    printed = printed_by("udf.py", "--scale", "0.001")
    assert printed["circumstances"]["wheel"].startswith("55.")
    for work in printed["works"]:
        assert work["planwire"][0] > 0
        assert work["datafusion"][0] > 0
        assert work["ratio"] == work["planwire"][0] / work["datafusion"][0]


@pytest.mark.inline
@pytest.mark.unguarded
def test_every_guard_is_measured_beside_none() -> None:
    printed = printed_by("guard.py", "--calls", "2")
    assert printed["circumstances"]["payload"] > 1000
    inline = {
        work["work"]: work["microseconds"][0]
        for work in printed["works"]
        if work["mode"] == "inline"
    }
    assert set(inline) == {"decode", "encode"}
    for work in printed["works"]:
        (taken,) = work["microseconds"]
        assert taken > 0
        if work["work"] in inline:
            assert work["ratio"] == taken / inline[work["work"]]
