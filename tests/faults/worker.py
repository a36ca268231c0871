"""A worker that starts with nothing of the sender's, and is told what it got by pickle."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

from scenario import Seen, broken, kept

PATIENCE = 60

PROGRAM = """
import importlib, pickle, sys
try:
    expr = pickle.loads(sys.stdin.buffer.read())
    ctx = importlib.import_module(sys.argv[1]).SessionContext()
    rows = ctx.from_pydict({"a": eval(sys.argv[2])}).select(expr.alias("r")).to_pydict()["r"]
    print(rows)
except Exception as error:
    print(type(error).__name__, "at the worker")
"""


def runs(
    package: Any, expr: Any, column: list[Any], wanted: list[Any], program: str = PROGRAM
) -> Seen:
    """Whether an expression over a column `a` gives the right rows at a worker."""
    try:
        message = pickle.dumps(expr)
    except Exception as error:
        return kept(f"refused: {type(error).__name__}")
    command = [sys.executable, "-c", program, package.__name__, repr(column)]
    done = subprocess.run(
        command, input=message, capture_output=True, timeout=PATIENCE, check=False
    )
    told = done.stdout.decode().strip() or "nothing"
    return kept("right rows") if told == repr(wanted) else broken(told[:120])
