"""Texts from outside neither forge a line of a log, nor speak to a terminal, nor flood either."""

from __future__ import annotations

import contextlib
import io
import traceback
import warnings
from collections.abc import Callable, Iterator

import planwire
import pyarrow as pa
import pytest
from planwire import errors, functions

from support import kinds
from support.audit import hearing
from support.hostile import deceptive

EVENTS = ("planwire.encode", "planwire.decode", "planwire.refuse", "planwire.policy")

# The bounds that the documentation gives, with what stands around the text.
LONGEST_ERROR = 8 * 1024 + 200
LONGEST_REPR = 64 * 1024 + 200
LONGEST_TEXT = 1024 * 1024 + 200

Texts = Iterator[tuple[str, str]]


def told(error: BaseException) -> Texts:
    """All that an exception says, and what says it along with its causes."""
    yield "exception", str(error)
    yield "traceback", "".join(traceback.format_exception_only(error))
    yield "notes", " ".join(getattr(error, "__notes__", []))
    yield "cause", str(error.__cause__ or "")


def shown(value: object) -> Texts:
    """The texts that stand for something that was decoded."""
    yield "repr", repr(value)
    yield "str", str(value)
    if isinstance(value, planwire.Expr):
        yield "line", value.canonical_name()
        yield "sort", repr(value.sort())
        with pytest.raises(TypeError) as refused:
            planwire.Expr.literal_with_metadata(value, {}).alias("a").python_value()
        yield "not a value", str(refused.value)
    if isinstance(value, (planwire.LogicalPlan, planwire.ExecutionPlan)):
        yield "line", value.display().removesuffix("\n")
        yield "tree", value.display_indent()
    if isinstance(value, planwire.LogicalPlan):
        yield "schema", value.display_indent_schema()
        yield "drawing", value.display_graphviz()
        yield "inputs", repr(value.inputs())


def decoded(text: str) -> Texts:
    """What a worker says of messages with a text in them, whether or not it decodes them."""
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    for label, sort, message in deceptive.messages(text):
        with contextlib.ExitStack() as stack:
            heard = [stack.enter_context(hearing(event)) for event in EVENTS]
            try:
                if sort == "Expr":
                    value: object = planwire.Expr.from_bytes(message, strict)
                else:
                    value = getattr(planwire, sort).from_bytes(strict, message)
                texts = list(shown(value))
            except errors.PlanwireError as error:
                texts = list(told(error))
            with contextlib.suppress(errors.PlanwireError):
                contents = planwire.inspect(message, strict)
                texts += [("inspect", str(contents)), ("readings", repr(contents.readings))]
                texts += [("parts", repr([reading.parts for reading in contents.readings]))]
        texts += [("event", str(part)) for events in heard for event in events for part in event]
        yield from ((f"{label}: {place}", one) for place, one in texts)


def of_functions(text: str) -> Texts:
    """What is said of a function whose name is a text, and of one that raises it."""
    name = text[:60]
    function = kinds.make("scalar", name)
    call = kinds.call(function)
    yield "function", repr(function)
    yield "report", repr(planwire.encode_report(call).inline)
    message = call.to_bytes()
    with contextlib.ExitStack() as stack:
        heard = [stack.enter_context(hearing(event)) for event in EVENTS]
        for ctx in (None, planwire.SessionContext().with_family("python", "refuse")):
            try:
                yield "call", repr(planwire.Expr.from_bytes(message, ctx))
            except errors.DecodeError as error:
                yield from told(error)
    yield from (("event", str(part)) for events in heard for event in events for part in event)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        renamed = message.replace(name.encode(), b"?" * len(name.encode()), 1)
        with contextlib.suppress(errors.DecodeError):
            planwire.Expr.from_bytes(renamed)
    yield from (("warning", str(warning.message)) for warning in caught)

    def fail(_: pa.Array) -> pa.Array:
        raise ZeroDivisionError(text)

    failing = planwire.udf(fail, [kinds.NUMBER], kinds.NUMBER, "volatile", name)
    with pytest.raises(errors.ExecutionError) as failed:
        kinds.rows("scalar", kinds.call(failing))
    # The cause is the exception that the function has raised, and says what it says.
    yield "raised", str(failed.value)


def of_sessions(text: str) -> Texts:
    """What a session says of names and queries."""
    ctx = planwire.SessionContext()
    frame = ctx.from_pydict({"a": [1]})
    asked: list[Callable[[], object]] = [
        lambda: frame.select(f'"{text}"'),
        lambda: frame.select(planwire.col(f'"{text}"')),
        lambda: ctx.sql(f"select '{text}' + 1 from {text}"),
        lambda: ctx.sql(f'select "{text}"(1)'),
        lambda: frame.select(functions.abs(planwire.lit(text))).collect(),
        lambda: ctx.table(f'"{text}"'),
        lambda: ctx.catalog(text),
        lambda: ctx.catalog().schema(text),
        lambda: ctx.catalog().schema().table(text),
        lambda: ctx.udf(text),
    ]
    for ask in asked:
        with pytest.raises((errors.PlanwireError, KeyError)) as failed:
            ask()
        error = failed.value
        yield from told(error)
        if isinstance(error, KeyError):
            yield "key", error.args[0]
    ctx.register_table(f'"{text}"', frame.into_view())
    ctx.catalog().register_schema(text, planwire.catalog.Schema.memory_schema())
    yield "catalog", repr(ctx.catalog())
    yield "schema", repr(ctx.catalog().schema())


def of_frames(text: str) -> Texts:
    """The tables that are drawn of a frame with a text as a name and as a value."""
    ctx = planwire.SessionContext()
    column = pa.table({text: [1], "b": [text], "c": [{text: 1}]})
    frame = ctx.from_arrow(column)
    yield "repr", repr(frame)
    yield "html", frame._repr_html_()
    yield (
        "static",
        planwire.DataFrame.default_str_repr(frame.collect(), frame.schema(), has_more=True),
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        frame.show()
        frame.explain()
    yield "printed", printed.getvalue()


@pytest.mark.inline
@pytest.mark.parametrize("sort", deceptive.CHARACTERS)
def test_text_from_outside_forges_nothing_wherever_it_is_shown(sort: str) -> None:
    text = f"x{deceptive.CHARACTERS[sort]}{deceptive.FORGED}"
    for texts in (decoded, of_functions, of_sessions):
        seen = [(place, fault) for place, one in texts(text) for fault in deceptive.faults(one)]
        assert seen == []
    frames = of_frames(text)
    assert [(p, fault) for p, one in frames for fault in deceptive.faults(one, data=True)] == []


def test_text_from_outside_floods_nothing() -> None:
    bounds = dict.fromkeys(("line", "tree", "schema", "drawing"), LONGEST_TEXT)
    for character in ("A", "\x1b", "\u202e"):
        text = character * 300_000
        for place, one in decoded(text):
            label = place.rsplit(": ")[-1]
            error = label in {"exception", "traceback", "notes", "cause", "event", "inspect"}
            longest = LONGEST_ERROR if error else bounds.get(label, LONGEST_REPR)
            assert len(one.encode()) <= longest, place


def test_ordinary_text_is_shown_as_it_is() -> None:
    text = deceptive.HARMLESS
    expr = planwire.col("a") + planwire.lit(text)
    assert repr(expr) == f'Expr(a + Utf8("{text}"))'
    ctx = planwire.SessionContext()
    frame = ctx.from_arrow(pa.table({text: [text]}))
    renamed = ctx.from_pydict({"a": [1]}).select(planwire.col("a").alias(text))
    for one in (repr(frame), repr(renamed.logical_plan()), repr(renamed.execution_plan())):
        assert text in one
    with pytest.raises(errors.ExecutionError, match="No field named") as failed:
        frame.select(planwire.col("nothing"))
    assert text.replace('"', '""') in str(failed.value)


def test_line_break_within_a_text_is_escaped_and_those_of_a_tree_stay() -> None:
    ctx = planwire.SessionContext()
    literal = planwire.lit("a\nb")
    assert repr(literal) == r'Expr(Utf8("a\u{a}b"))'
    frame = ctx.from_pydict({"a": [1]}, name="t").select(literal.alias("c\td")).limit(1)
    first, second, third = repr(frame.logical_plan()).split("\n")
    assert first.startswith("Limit: ")
    assert second == r'  Projection: Utf8("a\u{a}b") AS c\u{9}d'
    assert third.startswith("    TableScan: t")
    drawn = frame.logical_plan().display_graphviz()
    assert r"Utf8(_a\u{a}b_)" in drawn
    assert "\ndigraph {\n" in drawn


def test_values_stay_as_they_are() -> None:
    for text in deceptive.CHARACTERS.values():
        frame = planwire.SessionContext().from_arrow(pa.table({text: [text]}))
        assert frame.schema().names == [text]
        assert frame.to_pydict() == {text: [text]}
        assert planwire.lit(text).python_value() == text


def test_error_of_datafusion_that_has_lines_of_its_own_is_one_line() -> None:
    with pytest.raises(errors.PlanwireError) as failed:
        planwire.SessionContext().sql("select abs('x', 1, 2)")
    assert "add explicit type casts. Candidate functions: abs(" in str(failed.value)


def test_name_that_pyarrow_does_not_take_is_an_error_of_planwire() -> None:
    ctx = planwire.SessionContext()
    frame = ctx.from_pydict({"a": [1]}).select(planwire.col("a").alias("x\0y"))
    ctx.register_table("t", frame.into_view())
    [batch] = frame.execute_stream()
    taken: list[Callable[[], object]] = [
        frame.schema,
        frame.collect,
        frame.collect_partitioned,
        frame.to_arrow_table,
        frame.to_pydict,
        frame.to_pylist,
        frame.to_pandas,
        batch.to_pyarrow,
        batch.__arrow_c_array__,
        lambda: ctx.catalog().schema().table("t").schema,
    ]
    for take in taken:
        with pytest.raises(errors.ExecutionError, match="pyarrow does not take it") as failed:
            take()
        assert failed.value.code == "PW-X004"
        assert list(deceptive.faults("".join(traceback.format_exception(failed.value)))) == []
