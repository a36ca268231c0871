"""The page `docs/fidelity.md`: what arrives as it was sent, what is refused, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import known
from crew import Trips
from outcome import FAILED, HANGS, REFUSED, ROWS, SCHEMA, TEXT, UNSTEADY, Outcome
from sources.engine import registry

# A node and an option; and by form and kind, how it was told.
Row = tuple[str, str]
Kinds = dict[str, dict[str, str]]

PAGE = registry.ROOT / "docs" / "fidelity.md"

# Of a query that was sent in a form, the worst that happened counts.
WORST = (FAILED, HANGS, ROWS, SCHEMA, TEXT, REFUSED, UNSTEADY)
FORMS = ("expression", "logical plan", "optimized plan", "physical plan", "query", "session")
ON_CLUSTER = "cluster"
COLUMNS = ("same", REFUSED, ROWS, SCHEMA, TEXT, FAILED, HANGS, UNSTEADY)

OPENING = """\
# Fidelity

Whether what arrives is what was sent: the same rows, the same schema with nullability and
metadata, and a plan that says the same of itself. `cargo xtask fidelity --record` sends queries on
trips, compares, and writes this page; `tests/fidelity` is the suite, and its small form is one of
the tests.

A query is sent as an expression (its select list), a logical plan, an optimized plan, a physical
plan, a pickled query and in a pickled session. What arrives is run at once, a second time, one
partition after the other, with a decode for each partition, in processes of their own, and after a
relay that only decoded and encoded it again. The receiver is a session that knows nothing of the
sender's. What is refused is refused where it is encoded, and nothing was sent.
"""

FIGURES = """\
## Figures

From {here:,} queries that run here and give the same rows twice: those of {files} of DataFusion's
own test files (`datafusion-sqllogictest` {version}, from cargo's registry), TPC-H 1 to 22, those of
the tables below, and {generated:,} of a grammar over every clause. A query counts by the worst that
happened to it in a form; the lines below a form are the ways to run what arrived. A way is not
tried if one before it went wrong. "Unsteady" are those whose difference was gone at the second
attempt, and those that give other rows here too: at another run, or without dynamic filters, which
should never change rows and which plans that leave do not have.
"""

BOTH = "Both keep: "

TABLES = """\
## Node by node

What DataFusion's own protobuf keeps, tried on the `datafusion` wheel 55.0.0, which has four of the
forms, and what planwire keeps and refuses. "Kept" means: in every form, at once and after a relay.
What happens when a plan runs a second time or partition by partition has [rows of its
own](faults.md) (F20 to F22).
"""


def figures(trips: Trips) -> str:
    """A line for each form: how many queries came back how, in percent."""
    worst = _worst(trips.outcomes)
    lines = [
        f"| form | queries | {' | '.join(COLUMNS)} |",
        f"| --- | ---: |{' ---: |' * len(COLUMNS)}",
    ]
    for form in (*FORMS, ON_CLUSTER):
        if form == ON_CLUSTER and all(each != form for _, each in trips.tried):
            continue
        queries = [query for query, each in trips.tried if each == form]
        kinds = [worst.get((query, form), "same") for query in queries]
        cells = [_percent(kinds.count(kind), len(queries)) for kind in COLUMNS]
        lines.append(f"| **{form}** | {len(queries):,} | {' | '.join(cells)} |")
        lines += _by_way(trips, form)
    return "\n".join([*lines, ""])


def _by_way(trips: Trips, form: str) -> Iterator[str]:
    ways = dict.fromkeys(way for each, way, _ in trips.counts if each == form)
    for way in ways:
        counts = [trips.counts[form, way, kind] for kind in COLUMNS]
        cells = [_percent(count, sum(counts)) for count in counts]
        yield f"| {way} | {sum(counts):,} | {' | '.join(cells)} |"


def written(ours: Trips, theirs: Trips) -> str:
    """The page."""
    sent = {query for query, _ in ours.tried}
    files = {query.partition(":")[0] for query in sent if query.startswith("slt/")}
    generated = sum(query.startswith("grammar/") for query in sent)
    opening = FIGURES.format(
        here=ours.here, version=registry.version(), files=len(files), generated=generated
    )
    parts = [OPENING, opening, figures(ours), _refusals(ours), _differences(), TABLES]
    return "\n".join([*parts, *_tables(ours, theirs)])


def _worst(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], str]:
    worst: dict[tuple[str, str], str] = {}
    for outcome in outcomes:
        key = outcome.query, outcome.form
        worst[key] = min(worst.get(key, UNSTEADY), outcome.kind, key=WORST.index)
    return worst


def _percent(count: int, of: int) -> str:
    return f"{count:,} ({100 * count / of:.1f} %)" if count else ""


def _refusals(trips: Trips) -> str:
    """How often each reason was given, over all forms."""
    counts: dict[str, dict[str, int]] = {}
    for outcome in trips.outcomes:
        if outcome.kind == REFUSED:
            by_form = counts.setdefault(reason(outcome.detail), {})
            by_form[outcome.form] = by_form.get(outcome.form, 0) + 1
    lines = ["### Why queries were refused", "", "| reason | queries, by form |", "| --- | --- |"]
    for text, by_form in sorted(counts.items(), key=lambda pair: -sum(pair[1].values())):
        told = ", ".join(f"{form} {count:,}" for form, count in by_form.items())
        lines.append(f"| {_escaped(text)} | {told} |")
    return "\n".join([*lines, ""])


def reason(detail: str) -> str:
    """The innermost cause of a refusal, without what belongs to one query."""
    text = detail.rsplit(" <- ", 1)[-1].split(" (docs/", 1)[0]
    text = re.sub(r"^\w+: ", "", text)
    text = re.sub(r"outer_ref\([^)]*\)", "outer_ref(…)", text)
    text = re.sub(r'"[^"]*"', '"…"', text)
    text = re.sub(
        r"serialization error: .*\(<subquery>\)", "serialization error: (<subquery>)", text
    )
    for prefix in (
        "This feature is not implemented: ",
        "Error during planning: ",
        "General error: ",
    ):
        text = text.replace(prefix, "")
    return re.sub(r"\s+", " ", text)[:160].rstrip()


def _differences() -> str:
    lines = ["## Known differences", ""]
    entries = known.differences()
    if not entries:
        lines.append("None.")
    for entry in entries:
        lines.append(f"- {entry.form}, {entry.kind}: {entry.reason} Shown by `{entry.shown_by}`.")
    return "\n".join([*lines, ""])


def seen(ours: Trips) -> dict[Row, tuple[str, str]]:
    """What planwire keeps and refuses, by node and option."""
    rows = _by_row(ours)
    found: dict[Row, tuple[str, str]] = {}
    for row in _rows(ours):
        forms = rows.get(row, {})
        refused = {form: kinds for form, kinds in forms.items() if REFUSED in kinds}
        found[row] = _kept(forms, refusals=False), _cell(refused, reasons=True)
    return found


def said(page: str) -> dict[Row, tuple[str, str]]:
    """The same, as a page has it."""
    found: dict[Row, tuple[str, str]] = {}
    node = ""
    for line in page.partition(TABLES.splitlines()[0])[2].splitlines():
        if line.startswith("### "):
            node = line.removeprefix("### ")
        elif line.startswith(BOTH):
            options = line.removeprefix(BOTH).removesuffix(".").split("; ")
            found |= {(node, option): ("kept", "") for option in options}
        elif line.startswith("| ") and not line.startswith(("| option", "| ---")):
            option, _, kept, refused = line.removeprefix("| ").removesuffix(" |").split(" | ")
            found[node, option] = kept, refused.strip()
    return found


def _tables(ours: Trips, theirs: Trips) -> Iterator[str]:
    """For each node what both keep, and a table of what either does not."""
    wheel, tried = _by_row(theirs), set(_rows(theirs))
    nodes: dict[str, list[tuple[str, str, str, str]]] = {}
    for row, (kept, refused) in seen(ours).items():
        theirs_kept = _kept(wheel.get(row, {}), refusals=True) if row in tried else "not tried"
        nodes.setdefault(row[0], []).append((row[1], theirs_kept, kept, refused))
    for node, lines in nodes.items():
        yield f"### {node}\n"
        both = [line[0] for line in lines if line[1:] == ("kept", "kept", "")]
        if both:
            yield f"{BOTH}{'; '.join(both)}.\n"
        rest = [line for line in lines if line[0] not in both]
        if rest:
            yield "| option | DataFusion keeps | planwire keeps | planwire refuses |"
            yield "| --- | --- | --- | --- |"
            yield from (f"| {' | '.join(line)} |" for line in rest)
            yield ""


def _rows(trips: Trips) -> list[Row]:
    return sorted({_row(query) for query, _ in trips.tried} - {("", "")})


def _by_row(trips: Trips) -> dict[Row, Kinds]:
    """For each row and form, what happened at once or after a relay, by kind, with an example."""
    rows: dict[Row, Kinds] = {}
    for outcome in trips.outcomes:
        if outcome.way in ("at once", "relay") and outcome.kind != UNSTEADY:
            kinds = rows.setdefault(_row(outcome.query), {}).setdefault(outcome.form, {})
            kinds.setdefault(outcome.kind, outcome.detail)
    return rows


def _row(query: str) -> Row:
    """The node and the option of a query that is about one."""
    source, *rest = query.split("/", maxsplit=3)
    if source not in ("nodes", "literals", "scans", "writes"):
        return "", ""
    node = f"{rest[0]} scan" if source == "scans" else rest[0]
    return _escaped(node), _escaped(rest[1])


def _kept(found: Kinds, refusals: bool) -> str:
    """Kept, or what is lost in which form."""
    lost = {
        form: {kind: detail for kind, detail in kinds.items() if refusals or kind != REFUSED}
        for form, kinds in found.items()
    }
    lost = {form: kinds for form, kinds in lost.items() if kinds}
    if not lost:
        return "kept" if refusals or not found else "the rest"
    return _cell(lost, reasons=False)


def _cell(found: Kinds, reasons: bool) -> str:
    """Forms that came to the same, together."""
    by_text: dict[str, list[str]] = {}
    for form, kinds in found.items():
        text = (
            reason(kinds[REFUSED])
            if reasons
            else ", ".join(_WORDS.get(kind, kind) for kind in kinds)
        )
        by_text.setdefault(text, []).append(form)
    return "<br>".join(f"{', '.join(forms)}: {_escaped(text)}" for text, forms in by_text.items())


_WORDS = {ROWS: "other rows", SCHEMA: "another schema", TEXT: "another plan text"}


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
