"""Each form in which a query can leave, and each way to run what arrives."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import answer
import clusters
import package
import workers
from answer import Answer
from outcome import FAILED, HANGS, REFUSED, ROWS, SAME, TEXT, UNSTEADY, Outcome, said
from package import tried
from query import Home, Query, described, is_steady, run, run_partition, stated


class Refused(Exception):
    """The query does not leave; the cause says why."""


class NotAsked(Exception):
    """The query has nothing to send in this form."""


# A way, the right answer, and the call that gives the one that arrives.
Trip = tuple[str, Answer, Callable[[], Answer]]
Form = Callable[[Query, Home], Iterator[Trip]]


def refusing(encode: Callable[[], Any]) -> Any:
    """Encodes; what fails here is a refusal."""
    try:
        return encode()
    except Exception as error:
        raise Refused from error


def logical(query: Query, home: Home) -> Iterator[Trip]:
    """The plan as it was written."""
    return _logical(query, home, query.frame().logical_plan())


def optimized(query: Query, home: Home) -> Iterator[Trip]:
    """The plan after DataFusion's optimizer."""
    return _logical(query, home, query.frame().optimized_logical_plan())


def _logical(query: Query, home: Home, plan: Any) -> Iterator[Trip]:
    message = refusing(lambda: plan.to_bytes(query.ctx))
    # Another planning has another now(), and may name columns in another order.
    right = Answer(home.frame.rows, home.frame.columns, home.frame.schema, stated(plan))

    def arrived(message: bytes) -> Answer:
        receiver = query.receiver()
        plan = tried.LogicalPlan.from_bytes(receiver, message)
        table = receiver.create_dataframe_from_logical_plan(plan).to_arrow_table()
        return query.answer(table, stated(plan))

    def relayed() -> Answer:
        between = query.receiver()
        return arrived(tried.LogicalPlan.from_bytes(between, message).to_bytes(between))

    yield "at once", right, lambda: arrived(message)
    yield "relay", right, relayed
    if query.in_processes:
        bare = Answer(right.rows, right.columns, right.schema)
        yield "a process", bare, lambda: workers.logical(message, query.pace)


def physical(query: Query, home: Home) -> Iterator[Trip]:
    """The plan that is run."""
    plan = query.frame().execution_plan()
    message = refusing(lambda: plan.to_bytes(query.ctx))
    # Another planning may choose another order among equals.
    right = Answer(home.physical.rows, home.physical.columns, home.physical.schema, described(plan))
    bare = Answer(right.rows, right.columns, right.schema)

    def decoded(message: bytes) -> tuple[Any, Any]:
        receiver = query.receiver()
        return receiver, tried.ExecutionPlan.from_bytes(receiver, message)

    def at_once(message: bytes = message) -> Answer:
        receiver, plan = decoded(message)
        text = described(plan)
        return query.answer(run(receiver, plan), text)

    def relayed() -> Answer:
        between, plan = decoded(message)
        return at_once(plan.to_bytes(between))

    def twice() -> Answer:
        receiver, plan = decoded(message)
        query.answer(run(receiver, plan))
        return query.answer(run(receiver, plan))

    def one_by_one() -> Answer:
        receiver, plan = decoded(message)
        parts = [run_partition(receiver, plan, at) for at in range(plan.partition_count)]
        return query.answer([batch for part in parts for batch in part])

    def apart() -> Answer:
        batches = []
        for at in range(plan.partition_count):
            batches += run_partition(*decoded(message), at)
        return query.answer(batches)

    yield "at once", right, at_once
    yield "relay", right, relayed
    yield "twice", bare, twice
    if plan.partition_count > 1:
        yield "one by one", bare, one_by_one
        yield "apart", bare, apart
    if query.in_processes:
        partitions = plan.partition_count
        yield "a process each", bare, lambda: workers.physical(message, query.pace, partitions)


def pickled_query(query: Query, home: Home) -> Iterator[Trip]:
    """A data frame, pickled."""
    frame, ipc = query.frame(), package.ipc()
    with ipc.sender_ctx(query.ctx):
        message = refusing(lambda: pickle.dumps(frame))

    def arrived(message: bytes) -> Answer:
        with ipc.worker_ctx(query.receiver()):
            frame = pickle.loads(message)
        return query.answer(frame.to_arrow_table())

    def relayed() -> Answer:
        between = query.receiver()
        with ipc.worker_ctx(between), ipc.sender_ctx(between):
            again = pickle.dumps(pickle.loads(message))
        return arrived(again)

    yield "at once", home.frame, lambda: arrived(message)
    yield "relay", home.frame, relayed
    if query.in_processes:
        yield "a process", home.frame, lambda: workers.pickled(message, query.pace)


def pickled_session(query: Query, home: Home) -> Iterator[Trip]:
    """The session that the query was made in, pickled."""
    if not query.with_session or query.make or query.written:
        raise NotAsked
    message = refusing(lambda: pickle.dumps(query.ctx))
    yield "at once", home.frame, lambda: answer.of(_asked_again(query, message))


def _asked_again(query: Query, message: bytes) -> Any:
    return pickle.loads(message).sql(query.sql).to_arrow_table()


def expression(query: Query, home: Home) -> Iterator[Trip]:
    """The expressions of a select list, each a message."""
    if query.select is None:
        raise NotAsked
    try:
        table, exprs = query.select()
        right = answer.of(table.select(*exprs).to_arrow_table())
    except Exception as error:
        raise NotAsked from error
    messages = refusing(lambda: [expr.to_bytes(query.ctx) for expr in exprs])

    def arrived(messages: list[bytes]) -> Answer:
        receiver = query.receiver()
        exprs = [tried.Expr.from_bytes(message, receiver) for message in messages]
        return answer.of(table.select(*exprs).to_arrow_table())

    def relayed() -> Answer:
        between = query.receiver()
        exprs = [tried.Expr.from_bytes(message, between) for message in messages]
        return arrived([expr.to_bytes(between) for expr in exprs])

    yield "at once", right, lambda: arrived(messages)
    yield "relay", right, relayed


def cluster(query: Query, home: Home) -> Iterator[Trip]:
    """The plan as it was written, on a cluster."""
    if query.written or home.frame.columns == answer.EXPLAINED:
        raise NotAsked
    message = refusing(lambda: query.frame().logical_plan().to_bytes(query.ctx))
    right = Answer(home.frame.rows, home.frame.columns, home.frame.schema)

    def arrived() -> Answer:
        plan = tried.LogicalPlan.from_bytes(query.receiver(), message)
        return query.answer(clusters.run(plan))

    first: list[Answer] = []
    try:
        first.append(arrived())
    except tried.errors.EncodeError as error:
        raise Refused from error
    except Exception as error:
        failed = error

    def at_once() -> Answer:
        if not first:
            raise failed
        return first[0]

    yield "at once", right, at_once
    yield "again", right, arrived


# If it does not come through in one of these, it does not in those that follow.
DECIDE = ("at once", "one by one", "apart")

FORMS: dict[str, Form] = {
    "expression": expression,
    "logical plan": logical,
    "optimized plan": optimized,
    "physical plan": physical,
    "query": pickled_query,
    "session": pickled_session,
}

# Those of queries that are run on a cluster, by `--cluster`.
ON_CLUSTER: dict[str, Form] = {"cluster": cluster}

# Those that the wheel has too.
OLD = ("expression", "logical plan", "optimized plan", "physical plan")


def outcomes(query: Query, home: Home, form: str) -> Iterator[Outcome]:
    """Sends a query in one form, and compares what comes back in each way."""
    try:
        for way, right, arrived in (FORMS | ON_CLUSTER)[form](query, home):
            kind, detail = _compared(right, arrived, home)
            if kind == ROWS and not is_steady(query, home):
                kind, detail = UNSTEADY, ""
            outcome = Outcome(query.name, form, way, kind, detail)
            yield outcome
            if outcome.kind not in (SAME, TEXT) and way in DECIDE:
                return
    except Refused as refused:
        yield Outcome(query.name, form, "at once", REFUSED, said(refused.__cause__))
    except NotAsked:
        return


def _compared(right: Answer, arrived: Callable[[], Answer], home: Home) -> tuple[str, str]:
    """What kind of difference there is, if it is there twice."""
    found: tuple[str, str] | None = None
    for attempt in range(2):
        try:
            found = right.difference(arrived(), home.keys, home.exact)
        except TimeoutError:
            return HANGS, ""
        except Exception as error:
            return FAILED, said(error)
        if found is None:
            return (UNSTEADY if attempt else SAME), ""
    return found or (SAME, "")
