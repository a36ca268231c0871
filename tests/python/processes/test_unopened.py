"""A refusal while a pool or Dask unpickles an argument comes back to who sent it."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import distributed
import joblib
import planwire
import pyarrow as pa
import pytest
from planwire import errors, ipc

from support import contexts, kinds
from support.contexts import PATIENCE, be_strict

pytestmark = [pytest.mark.inline, pytest.mark.unguarded, pytest.mark.timeout(180)]

each_start = pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])


@pytest.fixture(autouse=True)
def without_contexts() -> Iterator[None]:
    yield
    ipc.clear_sender_ctx()
    ipc.clear_worker_ctx()


def scalar() -> Any:
    return kinds.make("scalar", "shipped")


def query() -> planwire.DataFrame:
    numbers = planwire.SessionContext().from_pydict({"a": [1, 2, 3]})
    return numbers.select(kinds.call(scalar()))


def session() -> planwire.SessionContext:
    ctx = planwire.SessionContext()
    kinds.register(ctx, "scalar", scalar())
    return ctx


def filtered_if_asked(value: Any) -> Any:
    rows = planwire.SessionContext().from_pydict({"a": [1, 2, 3]})
    return rows.filter(value) if isinstance(value, planwire.Expr) else rows


# What is sent, and what its user does with it.
SENT: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "expression": (lambda: kinds.call(scalar()), lambda expr: query().select(expr + 1)),
    "expression as an operand": (lambda: kinds.call(scalar()), lambda expr: planwire.lit(1) + expr),
    "expression as an argument": (lambda: kinds.call(scalar()), lambda expr: query().select(expr)),
    "expression in a list": (lambda: [kinds.call(scalar())], lambda list_: str(list_[0])),
    "expression that is asked for its class": (lambda: kinds.call(scalar()), filtered_if_asked),
    "compared expression": (lambda: kinds.call(scalar()), lambda expr: expr == 1),
    "scalar": (scalar, lambda function: function(planwire.col("a"))),
    "aggregate": (lambda: kinds.make("aggregate", "shipped"), lambda function: function.name),
    "window": (lambda: kinds.make("window", "shipped"), lambda function: function.name),
    "logical plan": (lambda: query().logical_plan(), lambda plan: plan.display_indent()),
    "physical plan": (lambda: query().execution_plan(), lambda plan: plan.partition_count),
    "query": (query, lambda query: query.collect()),
    "query as a table": (query, pa.table),
    "session": (session, lambda ctx: ctx.sql("SELECT 1")),
}


def use(what: str, value: Any) -> None:
    SENT[what][1](value)


def same(value: Any) -> Any:
    return value


@pytest.mark.parametrize("what", SENT)
def test_using_what_a_pool_refused_raises_the_refusal_in_the_task(what: str) -> None:
    with multiprocessing.get_context("fork").Pool(1, be_strict) as pool:
        with pytest.raises(errors.InlineRefused, match="'shipped'") as refused:
            pool.apply_async(use, (what, SENT[what][0]())).get(PATIENCE)
        assert refused.value.code == "PW-D005"
        # The worker lives on.
        assert pool.apply_async(str, (planwire.col("a"),)).get(PATIENCE) == "Expr(a)"


@each_start
def test_pool_answers(start: Any) -> None:
    with multiprocessing.get_context(start).Pool(1, be_strict) as pool:
        task = pool.map_async(str, [planwire.col("a"), kinds.call(scalar())])
        with pytest.raises(errors.InlineRefused, match="'shipped'"):
            task.get(PATIENCE)


@each_start
def test_executor_answers(start: Any) -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context(start), be_strict) as pool:
        with pytest.raises(errors.InlineRefused, match="'shipped'"):
            pool.submit(str, kinds.call(scalar())).result(PATIENCE)
        assert pool.submit(str, planwire.col("a")).result(PATIENCE) == "Expr(a)"


@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_joblib_answers(backend: str) -> None:
    with joblib.parallel_config(backend, initializer=be_strict):
        jobs = [joblib.delayed(str)(kinds.call(scalar())) for _ in range(2)]
        with pytest.raises(errors.InlineRefused, match="'shipped'"):
            joblib.Parallel(n_jobs=2, timeout=PATIENCE)(jobs)


@pytest.mark.parametrize("refuses", ["worker context", "floor"])
def test_dask_answers(refuses: str) -> None:
    cluster = distributed.LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=1, threads_per_worker=2, dashboard_address=None, host="127.0.0.1"
    )
    with cluster, distributed.Client(cluster) as client:  # type: ignore[no-untyped-call]
        if refuses == "floor":
            client.run(ipc.set_process_floor, "refuse")
        else:
            client.run(be_strict)
        with pytest.raises(errors.InlineRefused, match="'shipped'"):
            client.submit(str, kinds.call(scalar()), pure=False).result(PATIENCE)
        assert client.submit(str, planwire.col("a"), pure=False).result(PATIENCE) == "Expr(a)"


def test_what_was_refused_goes_on_as_it_was_sent() -> None:
    with multiprocessing.get_context("fork").Pool(1, be_strict) as pool:
        came_back = pool.apply_async(same, (kinds.call(scalar()),)).get(PATIENCE)
    assert kinds.rows("scalar", came_back) == kinds.expected("scalar")


def test_what_a_worker_returns_and_its_caller_refuses_raises_where_it_is_used() -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool, ipc.worker_ctx(contexts.strict()):
        answer = pool.apply_async(kinds.make, ("scalar", "shipped")).get(PATIENCE)
        assert "'shipped'" in repr(answer)
        with pytest.raises(errors.InlineRefused, match="'shipped'"):
            answer(planwire.col("a"))


def raised(load: Callable[[bytes], Any], message: bytes) -> str:
    try:
        load(message)
    except errors.InlineRefused:
        return "raised"
    return "held"


def test_code_that_unpickles_by_itself_gets_the_exception_also_in_a_pool() -> None:
    expr = kinds.call(scalar())
    with multiprocessing.get_context("fork").Pool(1, be_strict) as pool:
        assert pool.apply(raised, (pickle.loads, pickle.dumps(expr))) == "raised"
        assert pool.apply(raised, (planwire.Expr.from_bytes, expr.to_bytes())) == "raised"
        with pytest.raises(errors.InlineRefused):
            pool.apply(pickle.loads, (pickle.dumps(expr),))
        with pytest.raises(errors.InlineRefused):
            pool.apply(planwire.Expr.from_bytes, (expr.to_bytes(),))


def test_a_connection_raises() -> None:
    here, there = multiprocessing.Pipe()
    there.send(kinds.call(scalar()))
    with ipc.worker_ctx(contexts.strict()), pytest.raises(errors.InlineRefused):
        here.recv()
