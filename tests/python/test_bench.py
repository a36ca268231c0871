"""The benchmark measures both packages on every query; what it prints is read by machines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "py-bindings" / "benches" / "udf.py"


def test_every_work_is_measured_on_both_sides() -> None:
    command = [sys.executable, str(BENCH), "--json", "--rounds", "1", "--scale", "0.001"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["circumstances"]["wheel"].startswith("55.")
    for work in printed["works"]:
        assert work["planwire"][0] > 0
        assert work["datafusion"][0] > 0
        assert work["ratio"] == work["planwire"][0] / work["datafusion"][0]
