"""What a function calls by a name of its program comes along, or the function does not leave."""

from __future__ import annotations

import functools
import json
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import planwire
import pyarrow as pa
import pytest
from planwire import errors

from support.programs import own_names

PROGRAM = Path(own_names.__file__)

# A program that has something of every name, which must never run.
WORKER = """
import json, pickle, sys
import planwire
messages = pickle.loads(sys.stdin.buffer.read())
ran = []
def impostor(*arguments, **keywords):
    ran.append(arguments)
    return -1
for name in sys.argv[1:]:
    globals()[name] = impostor
numbers = planwire.SessionContext().from_pydict({"a": [1, 2]})
rows = {}
for name, message in messages.items():
    rows[name] = numbers.select(pickle.loads(message).alias("r")).to_pydict()["r"]
print(json.dumps([rows, len(ran)]))
"""

# But for modules, which the worker needs itself.
NAMES = [
    name
    for name, value in vars(own_names).items()
    if not isinstance(value, ModuleType) and name[:2] != "__"
]


def said(*arguments: str, source: bytes = b"") -> bytes:
    """What a Python process writes."""
    done = subprocess.run(
        [sys.executable, *arguments], input=source, capture_output=True, timeout=45, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("where", ["here", "spawned"])
def test_a_worker_runs_what_the_sender_named_and_nothing_of_its_own(where: str) -> None:
    message = said(str(PROGRAM), where)
    rows, ran = json.loads(said("-c", WORKER, *NAMES, source=message))
    expected = {name: [1, 1] if name == "fibonacci" else [10, 20] for name in own_names.CARRIED}
    assert (rows, ran) == (expected, 0)


@pytest.mark.inline
@pytest.mark.unguarded
def test_what_has_only_a_name_does_not_leave_and_the_error_says_which() -> None:
    told = json.loads(said(str(PROGRAM), "refused"))
    assert list(told) == list(own_names.REFUSED)
    assert "__main__.SINGLETON" in told["singleton"]
    assert "the module __main__ is" in told["main module"]
    assert "the module __main__, which imports_main imports," in told["main imported"]


@pytest.mark.inline
@pytest.mark.unguarded
def test_a_cache_keeps_its_size_and_is_sent_on() -> None:
    @functools.lru_cache(maxsize=3)
    def local(number: int) -> int:
        return number + 1

    def size(numbers: pa.Array) -> pa.Array:
        local(1)
        return pa.array(
            [(local.cache_info().maxsize or 0) + local.cache_info().misses for _ in numbers]
        )

    expr = planwire.udf(size, pa.int64(), pa.int64(), "volatile", "size")(planwire.col("a"))
    for _ in range(2):
        expr = pickle.loads(pickle.dumps(expr))
    rows = planwire.SessionContext().from_pydict({"a": [0]}).select(expr.alias("r"))
    assert rows.to_pydict() == {"r": [4]}


@pytest.mark.inline
def test_what_a_module_names_stays_a_name() -> None:
    def by_name(numbers: pa.Array) -> pa.Array:
        return pa.array([own_names.cached(number) for number in numbers.to_pylist()])

    small = planwire.udf(by_name, pa.int64(), pa.int64(), "immutable", "by_name")(
        planwire.col("a")
    ).to_bytes()
    assert b"own_names" in small
    assert len(small) < 2_000


@pytest.mark.inline
@pytest.mark.unguarded
def test_the_error_has_a_cause_and_a_code() -> None:
    class Named:
        __module__ = "__main__"

        def __reduce__(self) -> str:
            return "ELSEWHERE"

    named = Named()
    expr = planwire.udf(
        lambda numbers: [named, numbers][1], pa.int64(), pa.int64(), "immutable", "f"
    )
    with pytest.raises(errors.EncodeError) as failed:
        pickle.dumps(expr(planwire.col("a")))
    assert failed.value.code == "PW-E001"
    cause = failed.value.__cause__
    assert isinstance(cause, pickle.PicklingError)
    assert "__main__.ELSEWHERE" in str(cause)
    assert str(cause) in str(failed.value)
