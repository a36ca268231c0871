"""A module within a package is there on the other side, wherever in a function it is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.programs import submodules
from test_own_names import said

# Each function finds the package as a process does that has imported nothing of it.
WORKER = """
import json, pickle, sys
import planwire
texts = planwire.SessionContext().from_pydict({"s": ["<a/>", "<bc/>"]})
rows = {}
for name, message in pickle.loads(sys.stdin.buffer.read()).items():
    for module in [module for module in sys.modules if module.split(".")[0] == "xml"]:
        del sys.modules[module]
    try:
        rows[name] = texts.select(pickle.loads(message).alias("r")).to_pydict()["r"]
    except planwire.errors.PlanwireError as error:
        rows[name] = str(error)
print(json.dumps(rows))
"""


@pytest.mark.inline
@pytest.mark.unguarded
def test_code_inside_of_a_function_finds_its_modules() -> None:
    message = said(str(Path(submodules.__file__)))
    rows = json.loads(said("-c", WORKER, source=message))
    assert rows == {way: ["a", "bc"] for way in submodules.WAYS}
