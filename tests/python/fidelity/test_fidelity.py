"""What arrives is what was sent: the small form of the suite in `tests/fidelity`.

`cargo xtask fidelity` runs it at length, over DataFusion's own queries.
"""

from __future__ import annotations

from pathlib import Path

import crew
import known
import package
import pytest
import report
from crew import Trips
from outcome import REFUSED, ROWS, SAME, TEXT, Outcome
from sources import select_list
from sources.engine import sqllogic
from sources.grammar.grammar import Grammar

pytestmark = pytest.mark.timeout(600)

SOURCES = [
    "nodes/[a-t]*",
    "nodes/[u-z]*",
    "scans/*/all",
    "grammar/1/0-40",
    "tpch/1*",
    "slt/union_by_name.slt",
    "literals",
    "writes",
]


@pytest.fixture(scope="module")
def trips() -> Trips:
    """What came of the small form."""
    together = Trips("small")
    for each in crew.trips(SOURCES, processes=2):
        together.add(each)
    return together


def test_what_arrives_is_what_was_sent_or_a_known_difference(trips: Trips) -> None:
    unknown = known.unknown(trips.outcomes)
    assert not unknown, "\n".join(map(str, unknown))


def test_a_known_difference_is_still_there(trips: Trips) -> None:
    stale = known.stale(trips.tried, trips.outcomes)
    assert not stale, f"take them off {known.FILE}"


def test_queries_run_where_they_were_made(trips: Trips) -> None:
    written = {name for name in trips.not_here if not name.startswith(("grammar/", "slt/"))}
    assert not written, {name: trips.not_here[name] for name in written}
    assert trips.here > 400


def test_page_says_of_each_node_what_the_suite_sees(trips: Trips) -> None:
    # The small form has one query of the several over each scan.
    said, seen = (
        {row: cells for row, cells in each.items() if not row[0].endswith(" scan")}
        for each in (report.said(report.PAGE.read_text(encoding="utf-8")), report.seen(trips))
    )
    assert said == seen


def test_page_lists_the_known_differences() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    assert all(entry.reason in page for entry in known.differences())


def test_queries_have_the_rows_of_one_process_on_a_cluster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(package.CLUSTER, "1")
    together = Trips("on a cluster")
    for each in crew.trips(["nodes/[jsuw]*", "tpch/1*"], processes=1):
        together.add(each)
    assert not [outcome for outcome in together.outcomes if outcome.kind != REFUSED]
    refused = {outcome.query for outcome in together.outcomes}
    assert len(refused) < 0.1 * len(together.tried)
    assert together.here > 60


@pytest.mark.parametrize("query", ["nodes/window/filter", "nodes/window/lead ignore nulls"])
def test_suite_notices_what_the_wheel_loses(query: str) -> None:
    found = crew.of_one_source(query, package.WHEEL)
    kinds = {(each.query, each.form): each.kind for each in found.outcomes if each.way == "at once"}
    assert kinds[query, "physical plan"] == ROWS


def test_an_entry_covers_its_own_difference_and_goes_stale_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = known.Difference("physical plan", TEXT, "^a =>", "nodes/sort/plain", "of no account")
    monkeypatch.setattr(known, "differences", lambda: [entry])
    differs = Outcome("nodes/sort/plain", "physical plan", "at once", TEXT, "a => b")
    elsewhere = Outcome("nodes/sort/plain", "physical plan", "at once", ROWS, "a => b")
    tried = {("nodes/sort/plain", "physical plan")}
    assert known.unknown([differs, elsewhere]) == [elsewhere]
    assert not known.stale(tried, [differs])
    assert known.stale(tried, [elsewhere]) == [entry]
    assert not known.stale(set(), [])


def test_one_seed_and_number_make_one_query() -> None:
    again = [Grammar(1, number).query() for number in range(50)]
    assert again == [Grammar(1, number).query() for number in range(50)]
    assert len(set(again)) > 45


def test_test_files_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "part.slt").write_text("statement ok\nCREATE TABLE t\n")
    text = """
# a remark
include ./part.slt

query I rowsort
SELECT 1
FROM t
----
1

skipif datafusion
query I
SELECT 2

onlyif postgres
query I
SELECT 3

query error
SELECT 4
----
an error of several

lines


statement ok
SELECT 5

halt

query I
SELECT 6
"""
    (tmp_path / "whole.slt").write_text(text)
    steps = list(sqllogic.steps(tmp_path / "whole.slt", tmp_path))
    assert [step.sql for step in steps] == ["CREATE TABLE t", "SELECT 1\nFROM t", "SELECT 5"]
    assert [step.is_query for step in steps] == [False, True, False]
    assert steps[1].place == "whole.slt:5"


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("SELECT a, f(b, c), 'x,y' FROM t", ["a", "f(b, c)", "'x,y'"]),
        ("select [1, 2]", ["[1, 2]"]),
        ("SELECT * FROM t", None),
        ("SELECT a FROM t WHERE b", None),
        ("SELECT DISTINCT a FROM t", None),
    ],
)
def test_a_select_list_is_split_where_nothing_is_open(sql: str, parts: list[str] | None) -> None:
    found = select_list.parts_of(sql)
    assert found == (None if parts is None else (parts, "t" if "FROM" in sql else None))


def test_outcomes_that_are_well_are_no_faults() -> None:
    assert not Outcome("", "", "", SAME).is_fault
    assert Outcome("", "", "", ROWS).is_fault
