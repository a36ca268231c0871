"""A function that cannot be pickled says which of its variables is why."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import planwire
import pyarrow as pa
import pytest
from planwire import col, udaf, udf

pytestmark = pytest.mark.inline

INT = pa.int64()
ran: list[str] = []


class Holder:
    """An object that would tell if any code of its own ran, and that pickle takes apart."""

    __slots__ = ("__dict__", "place")

    def __init__(self, guard: Any) -> None:
        self.place = [guard]
        self.other = guard

    def __repr__(self) -> str:
        ran.append("repr")
        return "forged"

    def __eq__(self, other: object) -> bool:
        ran.append("eq")
        return True

    __hash__ = None  # type: ignore[assignment]

    @property
    def described(self) -> str:
        ran.append("property")
        return ""


class Refusing:
    """An object whose own pickling fails."""

    def __reduce__(self) -> Any:
        raise ValueError("this stays")


class Hiding:
    """An object that pickles something that nobody else sees."""

    def __reduce__(self) -> Any:
        return list, ([threading.Lock()],)


GUARD = threading.Lock()
config = {"clients": [{"name": "a"}, {"name": "b", "guard": threading.Lock()}]}
holder = Holder(threading.Lock())
by_place = (0, OrderedDict(a=deque([threading.Lock()])))
refusing = Refusing()
hiding = Hiding()
large = [list(range(100_000)), config]
long_key = {"k" * 10_000: {"\u202e\n": threading.Lock()}}
endless: list[Any] = [threading.Lock()]
for _ in range(10_000):
    endless = [endless]


def of_global(a: Any) -> Any:
    return config and a


def through_another(a: Any) -> Any:
    return of_global(a)


def of_attribute(a: Any) -> Any:
    return holder and a


def of_places(a: Any) -> Any:
    return by_place and a


def of_refusing(a: Any) -> Any:
    return refusing and a


def of_hiding(a: Any) -> Any:
    return hiding and a


def of_large(a: Any) -> Any:
    return large and a


def of_long_key(a: Any) -> Any:
    return long_key and a


def of_default(a: Any, guards: Any = ([GUARD],)) -> Any:
    return a


def of_keyword(a: Any, *, guard: Any = GUARD) -> Any:
    return a


def clean(a: Any, *, guard: Any) -> Any:
    return a


def of_endless(a: Any) -> Any:
    return endless and a


def enclosed() -> Callable[..., Any]:
    table = {1: threading.Lock()}

    def inner(a: Any) -> Any:
        return table and a

    return inner


def annotated(a: Any) -> Any:
    return a


def enclosed_lambda() -> Callable[..., Any]:
    table = {1: threading.Lock()}
    return lambda a: table and a


annotated.__annotations__["a"] = [GUARD]
through_lambda = {"score": enclosed_lambda()}


def of_lambda(a: Any) -> Any:
    return through_lambda and a


class Model:
    """A function with a state of its own."""

    def __init__(self) -> None:
        self.parts = {"tokenizer": [threading.Lock()]}

    def __call__(self, a: Any) -> Any:
        return a

    def score(self, a: Any) -> Any:
        return a


class Counter(planwire.Accumulator):
    """An accumulator whose class holds what cannot be carried."""

    guard = threading.Lock()

    def update(self, *values: pa.Array) -> None: ...
    def merge(self, states: list[pa.Array]) -> None: ...
    def state(self) -> list[Any]:
        return [0]

    def evaluate(self) -> Any:
        return 0


for _function in list(vars().values()):
    # As if the program itself defined them, so that they travel by value.
    if getattr(_function, "__module__", None) == __name__:
        _function.__module__ = "__main__"

LOCK = "is a _thread.lock, which cannot be pickled"


def refusal(function: Any) -> planwire.EncodeError:
    with pytest.raises(planwire.EncodeError) as error:
        udf(function, INT, INT, "immutable", "f")(col("a")).to_bytes()
    return error.value


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (of_global, f"the global config['clients'][1]['guard'] of of_global {LOCK}"),
        (through_another, f"the global config['clients'][1]['guard'] of of_global {LOCK}"),
        (of_attribute, f"the global holder.other of of_attribute {LOCK}"),
        (of_places, f"the global by_place[1]['a'][0] of of_places {LOCK}"),
        (of_default, f"the default of guards[0][0] of of_default {LOCK}"),
        (of_keyword, f"the default of guard of of_keyword {LOCK}"),
        (of_large, f"the global large[1]['clients'][1]['guard'] of of_large {LOCK}"),
        (enclosed(), f"the variable table[1] of enclosed.<locals>.inner {LOCK}"),
        (annotated, f"the annotation of a[0] of annotated {LOCK}"),
        (
            of_lambda,
            "the variable table[1] of enclosed_lambda.<locals>.<lambda>, which is "
            f"the global through_lambda['score'] of of_lambda {LOCK}",
        ),
        (Model(), f"self.parts['tokenizer'][0] {LOCK}"),
        (Model().score, f"self.parts['tokenizer'][0] {LOCK}"),
        (functools.partial(clean, guard=threading.Lock()), f"self.keywords['guard'] {LOCK}"),
        (of_refusing, "the global refusing of of_refusing is a __main__.Refusing"),
        (of_hiding, "a _thread.lock in it cannot be pickled"),
    ],
)
def test_variable_is_named_by_the_way_to_it(function: Any, text: str) -> None:
    assert text in str(refusal(function))


def test_attribute_of_an_accumulator_is_named() -> None:
    total = udaf(Counter, INT, INT, [INT], "immutable", "total")
    with pytest.raises(planwire.EncodeError, match=f"attribute guard of Counter {LOCK}"):
        total.to_bytes()


def test_native_frames_name_it_too() -> None:
    ctx = planwire.SessionContext().with_frames("python", "native")
    with pytest.raises(planwire.EncodeError, match="the global config"):
        udf(of_global, INT, INT, "immutable", "f")(col("a")).to_bytes(ctx)


def test_cause_is_the_exception_of_pickle() -> None:
    cause = refusal(of_refusing).__cause__
    assert isinstance(cause, ValueError)
    assert cause.args == ("this stays",)


def test_looking_for_it_runs_no_code_of_the_user() -> None:
    ran.clear()
    assert "holder.other" in str(refusal(of_attribute))
    assert ran == []


def test_text_is_short_and_escaped() -> None:
    text = str(refusal(of_long_key))
    assert LOCK in text
    assert len(text) < 1_000
    assert "\u202e" not in text
    assert "\n" not in text


def test_function_within_ten_thousand_lists_has_an_error_too() -> None:
    assert len(str(refusal(of_endless))) < 1_000
