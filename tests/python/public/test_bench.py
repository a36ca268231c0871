"""The benchmarks measure all that they say; what they print is read by machines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

# Each figure takes a process.
pytestmark = pytest.mark.timeout(180)

BENCHES = Path(__file__).parents[3] / "py-bindings" / "benches"


def printed_by(script: str, *arguments: str) -> Any:
    command = [sys.executable, str(BENCHES / script), "--json", "--rounds", "1", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_work_is_measured_on_both_sides() -> None:
    printed = printed_by("udf.py", "--scale", "0.001")
    assert printed["circumstances"]["wheel"].startswith("55.")
    for work in printed["works"]:
        assert work["planwire"][0] > 0
        assert work["datafusion"][0] > 0
        assert work["built_in"][0] > 0
        assert work["ratio"] == work["planwire"][0] / work["datafusion"][0]
        assert work["of_built_in"] == work["planwire"][0] / work["built_in"][0]


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


@pytest.mark.inline
@pytest.mark.unguarded
def test_every_message_is_measured_on_both_sides() -> None:
    printed = printed_by("messages.py", "--scale", "0.002")
    figures = {work["name"]: work for work in printed["works"]}
    for work in figures.values():
        assert len(work["sides"]["planwire"]) == len(work["sides"]["datafusion"]) == 1
        # A closure of so few bytes may fit into memory that the process already has.
        if work["unit"] != "x":
            assert work["ratio"] == work["median"]["planwire"] / work["median"]["datafusion"]
    encode = figures["encode"]
    assert encode["of_limit"] == encode["median"]["planwire"] / encode["limit"][0]
    assert encode["sides"]["native"]
    assert not figures["built-ins only, encode"]["sides"]["native"]


@pytest.mark.inline
def test_growth_is_measured_on_all_sides_and_drawn(tmp_path: Path) -> None:
    printed = printed_by("growth.py", "--scale", "0.003", "--draw", str(tmp_path))
    for grown in printed["works"]:
        places = [[x for x, _ in points] for points in grown["sides"].values()]
        assert len(places[0]) >= 2
        assert places[0] == places[1] == places[2]
    drawn = sorted(picture.name for picture in tmp_path.iterdir())
    assert drawn == ["closure.svg", "references.svg", "registered.svg"]
    for picture in tmp_path.iterdir():
        curves = [each for each in ElementTree.parse(picture).iter() if each.tag.endswith("circle")]
        assert curves
