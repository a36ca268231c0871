"""Runs the queries of one source, a line of JSON for each thing that it does.

Each form is announced before it is tried, so that the reader knows which form a process died of.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import forms
import package
import sources
from outcome import said
from query import Unsteady, at_home


def main() -> None:
    """Reads one job from the standard input."""
    job = json.load(sys.stdin)
    done = set(map(tuple, job["done"]))
    names = list(forms.ON_CLUSTER if package.ON_CLUSTER else forms.FORMS)
    if package.NAME != package.PLANWIRE:
        names = list(forms.OLD)
    with tempfile.TemporaryDirectory() as folder:
        for query in sources.queries(job["source"], Path(folder)):
            wanted = [form for form in names if (query.name, form) not in done]
            if (query.name, "home") in done or not wanted:
                continue
            _tell({"trying": [query.name, "home"], "sql": query.sql})
            try:
                home = at_home(query)
            except (Exception, Unsteady) as error:
                _tell({"home": type(error).__name__, "said": said(error)})
                continue
            _tell({"home": "", "said": ""})
            for form in wanted:
                _tell({"trying": [query.name, form]})
                for outcome in forms.outcomes(query, home, form):
                    _tell({"outcome": asdict(outcome)})
    _tell({"end": True})


def _tell(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
