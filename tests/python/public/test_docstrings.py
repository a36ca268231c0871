"""Every public object has a docstring with a sentence and an example that runs."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

MODULES = [
    "planwire",
    "planwire.catalog",
    "planwire.context",
    "planwire.dataframe",
    "planwire.errors",
    "planwire.expr",
    "planwire.guard",
    "planwire.ipc",
    "planwire.options",
    "planwire.plan",
    "planwire.record_batch",
    "planwire.user_defined",
]


# Methods that a subclass defines, which the example of the class shows together.
OVERRIDDEN = (
    "planwire.Accumulator.",
    "planwire.GroupedAccumulator.",
    "planwire.WindowEvaluator.",
)


def objects() -> Iterator[tuple[str, Any]]:
    """The functions and classes of the modules, and the methods of those classes, each once."""
    seen: set[int] = set()
    for module in MODULES:
        loaded = importlib.import_module(module)
        for name in loaded.__all__:
            thing = getattr(loaded, name)
            # A protocol is for type checkers; nobody makes one.
            protocol = getattr(thing, "_is_protocol", False)
            if inspect.ismodule(thing) or not callable(thing) or protocol or id(thing) in seen:
                continue
            seen.add(id(thing))
            yield f"{module}.{name}", thing
            if inspect.isclass(thing):
                yield from methods(f"{module}.{name}", thing)


def methods(path: str, cls: type) -> Iterator[tuple[str, Any]]:
    """The public methods that a class of ours defines."""
    for name, member in vars(cls).items():
        method = getattr(member, "__func__", member)
        if not name.startswith("_") and callable(method) and not inspect.isclass(method):
            yield f"{path}.{name}", method


CASES = dict(objects())


@pytest.mark.parametrize("path", CASES)
def test_object_is_described(path: str) -> None:
    text = inspect.getdoc(CASES[path]) or ""
    assert text.split("\n\n", 1)[0].endswith((".", ":")), "one sentence comes first"
    # An exception is raised rather than called, and its page in the error index shows it.
    exception = inspect.isclass(CASES[path]) and issubclass(CASES[path], (Exception, Warning))
    if not exception and not path.startswith(OVERRIDDEN):
        assert ">>> " in text, "there is no example"
    assert "Raises:\n    Nothing" not in text
