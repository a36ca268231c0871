"""The faults measured in other systems: which ones planwire has, and that the scenarios show them.

The scenarios are in `tests/faults`, with the list of what is not promised yet.
"""

from __future__ import annotations

import page
import promises
import pytest
import run

# A scenario measures, and a machine may have more to do at the same time.
pytestmark = pytest.mark.timeout(600)

ROWS = list(run.scenarios())
PROMISED = [row for row in ROWS if row not in promises.NOT_YET]


def test_there_is_a_scenario_for_each_row() -> None:
    assert [f"F{number}" for number in range(1, 32)] == ROWS
    assert set(promises.NOT_YET) <= set(ROWS)


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("row", PROMISED)
def test_planwire_keeps_what_it_promises(row: str) -> None:
    outcome = run.outcome(row, "planwire")
    assert outcome.kept, outcome


@pytest.mark.parametrize("row", promises.NOT_YET)
def test_what_is_not_promised_yet_is_not_kept_either(row: str) -> None:
    outcome = run.outcome(row, "planwire")
    advice = "take the row off tests/faults/promises.py, then run cargo xtask faults"
    assert not outcome.kept, f"{advice}\n{outcome}"


@pytest.mark.parametrize("row", ROWS)
def test_wheel_has_the_fault_in_each_probe(row: str) -> None:
    outcome = run.outcome(row, "datafusion")
    assert outcome.version == "55.0.0"
    assert outcome.sound, outcome
    without = {(row, seen.probe) for seen in outcome.seen if seen.kept}
    wanted = {known for known in promises.SOUND_IN_THE_WHEEL if known[0] == row}
    assert row in promises.RACES or without == wanted, outcome


def test_page_has_the_rows_and_verdicts() -> None:
    text = run.DOCUMENT.read_text(encoding="utf-8")
    said = page.verdicts(text)
    assert list(said) == ROWS
    assert all(said[row][1] == (row in PROMISED) for row in ROWS)
    assert all(not said[row][0] for row in ROWS if row not in promises.RACES)
    assert all(f"- {row}: {reason}." in text for row, reason in promises.NOT_YET.items())
