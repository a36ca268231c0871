"""Each form in which a query can leave, and each way to run what arrives."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import answer
import planwire
from answer import Answer
from planwire import ipc
from query import Home, Query, described, run, run_partition

LogicalPlan, ExecutionPlan = planwire.LogicalPlan, planwire.ExecutionPlan


@dataclass(frozen=True)
class Outcome:
    """What came of a query in one form, run in one way."""

    query: str
    form: str
    way: str
    kind: str
    detail: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether what arrived was not what was sent."""
        return self.kind not in ("same", "refused", "unsteady")


class Stage(Exception):
    """Where something went wrong, with the error as its cause."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


Arrived = Callable[[], Answer]
Form = Callable[[Query, Home], Iterator[tuple[str, Answer, Arrived]]]


def refusing(encode: Callable[[], Any]) -> Any:
    """Encodes; what fails here is a refusal."""
    try:
        return encode()
    except Exception as error:
        raise Stage("refused") from error


def logical(query: Query, home: Home) -> Iterator[tuple[str, Answer, Arrived]]:
    """The plan as it was written."""
    yield from _logical(query, home, query.frame().logical_plan(), home.logical_text)


def optimized(query: Query, home: Home) -> Iterator[tuple[str, Answer, Arrived]]:
    """The plan after DataFusion's optimizer."""
    yield from _logical(query, home, query.frame().optimized_logical_plan(), home.optimized_text)


def _logical(
    query: Query, home: Home, plan: LogicalPlan, text: str
) -> Iterator[tuple[str, Answer, Arrived]]:
    message = refusing(lambda: plan.to_bytes(query.ctx))
    right = Answer(home.frame.rows, home.frame.columns, home.frame.schema, text)

    def arrived(message: bytes) -> Answer:
        receiver = query.receiver()
        plan = LogicalPlan.from_bytes(receiver, message)
        table = receiver.create_dataframe_from_logical_plan(plan).to_arrow_table()
        return query.answer(table, plan.display_indent_schema())

    def relayed() -> Answer:
        between = query.receiver()
        return arrived(LogicalPlan.from_bytes(between, message).to_bytes(between))

    yield "at once", right, lambda: arrived(message)
    yield "relay", right, relayed


def physical(query: Query, home: Home) -> Iterator[tuple[str, Answer, Arrived]]:
    """The plan that is run."""
    plan = query.frame().execution_plan()
    message = refusing(lambda: plan.to_bytes(query.ctx))

    def decoded(message: bytes) -> tuple[planwire.SessionContext, ExecutionPlan]:
        receiver = query.receiver()
        return receiver, ExecutionPlan.from_bytes(receiver, message)

    def at_once(message: bytes = message) -> Answer:
        receiver, plan = decoded(message)
        text = described(plan)
        return query.answer(run(receiver, plan), text)

    def twice() -> Answer:
        receiver, plan = decoded(message)
        run(receiver, plan)
        return query.answer(run(receiver, plan), home.physical.plan)

    def one_by_one() -> Answer:
        receiver, plan = decoded(message)
        parts = [run_partition(receiver, plan, at) for at in range(plan.partition_count)]
        return query.answer([batch for part in parts for batch in part], home.physical.plan)

    def apart() -> Answer:
        batches = []
        for at in range(plan.partition_count):
            batches += run_partition(*decoded(message), at)
        return query.answer(batches, home.physical.plan)

    def relayed() -> Answer:
        between, plan = decoded(message)
        return at_once(plan.to_bytes(between))

    yield "at once", home.physical, at_once
    yield "relay", home.physical, relayed
    yield "twice", home.physical, twice
    if plan.partition_count > 1:
        yield "one by one", home.physical, one_by_one
        yield "apart", home.physical, apart


def pickled_query(query: Query, home: Home) -> Iterator[tuple[str, Answer, Arrived]]:
    """A data frame, pickled."""
    frame = query.frame()
    with ipc.sender_ctx(query.ctx):
        message = refusing(lambda: pickle.dumps(frame))

    def arrived(message: bytes) -> Answer:
        with ipc.worker_ctx(query.receiver()):
            frame = pickle.loads(message)
        return query.answer(frame.to_arrow_table(), home.logical_text)

    def relayed() -> Answer:
        between = query.receiver()
        with ipc.worker_ctx(between), ipc.sender_ctx(between):
            again = pickle.dumps(pickle.loads(message))
        return arrived(again)

    right = Answer(home.frame.rows, home.frame.columns, home.frame.schema, home.logical_text)
    yield "at once", right, lambda: arrived(message)
    yield "relay", right, relayed


def pickled_session(query: Query, home: Home) -> Iterator[tuple[str, Answer, Arrived]]:
    """The session that the query was made in, pickled."""
    if not query.with_session or query.make or query.written:
        return
    message = refusing(lambda: pickle.dumps(query.ctx))
    yield (
        "at once",
        home.frame,
        lambda: answer.of(pickle.loads(message).sql(query.sql).to_arrow_table()),
    )


def expression(query: Query, home: Home) -> Iterator[tuple[str, Answer, Arrived]]:
    """The expressions of a select list, each a message."""
    table = query.ctx.table(query.table) if query.table else query.ctx.read_empty()
    if not query.expressions:
        return
    try:
        exprs = [table.parse_sql_expr(text) for text in query.expressions]
        right = answer.of(table.select(*exprs).to_arrow_table())
    except Exception:
        return
    messages = refusing(lambda: [expr.to_bytes(query.ctx) for expr in exprs])

    def arrived(messages: list[bytes]) -> Answer:
        receiver = query.receiver()
        exprs = [planwire.Expr.from_bytes(message, receiver) for message in messages]
        return answer.of(table.select(*exprs).to_arrow_table())

    def relayed() -> Answer:
        between = query.receiver()
        return arrived(
            [planwire.Expr.from_bytes(each, between).to_bytes(between) for each in messages]
        )

    yield "at once", right, lambda: arrived(messages)
    yield "relay", right, relayed


FORMS: dict[str, Form] = {
    "expression": expression,
    "logical plan": logical,
    "optimized plan": optimized,
    "physical plan": physical,
    "query": pickled_query,
    "session": pickled_session,
}


def outcomes(query: Query, home: Home, form: str) -> Iterator[Outcome]:
    """Sends a query in one form, and compares what comes back in each way."""
    try:
        for way, right, arrived in FORMS[form](query, home):
            yield Outcome(query.name, form, way, *_compared(right, arrived, home))
    except Stage as stage:
        yield Outcome(query.name, form, "at once", stage.kind, said(stage.__cause__))
    except Exception as error:
        yield Outcome(query.name, form, "at once", "unsteady", said(error))


def _compared(right: Answer, arrived: Arrived, home: Home) -> tuple[str, str]:
    for attempt in range(2):
        try:
            found = right.difference(arrived(), home.keys, home.exact)
        except TimeoutError:
            return "hangs", ""
        except Exception as error:
            return "failed on arrival", said(error)
        if found is None:
            return ("same", "") if not attempt else ("unsteady", "")
    return found


def said(error: BaseException | None) -> str:
    """An error and its causes, each by its class and its first line."""
    parts = []
    while error is not None:
        text = str(error).strip().splitlines()
        parts.append(f"{type(error).__name__}: {text[0] if text else ''}")
        error = error.__cause__
    return " <- ".join(parts)
