"""Whatever a user hands to a worker pickles: functions, plans and queries, of each kind."""

from __future__ import annotations

import copy
import io
import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import errors, ipc

from support import kinds
from support.cases import each_kind, each_start
from support.contexts import PATIENCE
from support.queries import executed, query

# What is pickled, from the query of a function.
FORMS: dict[str, Callable[[str], Any]] = {
    "function": kinds.make,
    "query": query,
    "logical plan": lambda kind: query(kind).logical_plan(),
    "physical plan": lambda kind: query(kind).execution_plan(),
}

each_form = pytest.mark.parametrize("form", FORMS)


def strict_session() -> planwire.SessionContext:
    return planwire.SessionContext().with_python_udf_inlining(enabled=False)


def rows(kind: str, thing: Any) -> list[Any]:
    """Runs what came out of a pickle."""
    ctx = planwire.SessionContext()
    match thing:
        case planwire.DataFrame():
            frame = thing
        case planwire.LogicalPlan():
            frame = ctx.create_dataframe_from_logical_plan(thing)
        case planwire.ExecutionPlan():
            return executed(ctx, thing)
        case _:
            return kinds.rows(kind, kinds.call(thing))
    return frame.to_pydict()["r"]


def refuse() -> None:
    """Prepares a worker to decode under a strict session."""
    ipc.set_worker_ctx(strict_session())


def decode(message: bytes) -> str:
    """Decodes in a worker that must not run what it decoded."""
    return repr(pickle.loads(message))


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
@each_form
def test_it_runs_in_a_worker_that_never_saw_the_function(form: str, start: str) -> None:
    with multiprocessing.get_context(start).Pool(1) as pool:
        for kind in kinds.KINDS:
            answer = pool.apply_async(rows, (kind, FORMS[form](kind))).get(PATIENCE)
            assert answer == kinds.expected(kind)


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
@each_form
def test_strict_worker_refuses_it(form: str, start: str) -> None:
    with multiprocessing.get_context(start).Pool(1, refuse) as pool:
        for kind in kinds.KINDS:
            message = pickle.dumps(FORMS[form](kind))
            with pytest.raises(errors.InlineRefused, match="crossing"):
                pool.apply_async(decode, (message,)).get(PATIENCE)


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
@each_form
def test_strict_sender_pickles_by_name(form: str, kind: str) -> None:
    thing = FORMS[form](kind)
    with ipc.sender_ctx(strict_session()):
        message = pickle.dumps(thing)
    assert b"DFPY" in pickle.dumps(thing)
    assert b"DFPY" not in message
    with pytest.raises(errors.UnknownFunction, match="crossing"):
        pickle.loads(message)

    receiver = strict_session()
    kinds.register(receiver, kind, kinds.make(kind, amount=20))
    with ipc.worker_ctx(receiver):
        decoded = pickle.loads(message)
    assert rows(kind, decoded) == kinds.expected(kind, 20)


@pytest.mark.inline
@pytest.mark.unguarded
@each_form
def test_pickle_refers_to_public_names_alone(form: str) -> None:
    found = set()

    class Names(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            found.add((module, name.partition(".")[0]))
            return super().find_class(module, name)

    Names(io.BytesIO(pickle.dumps(FORMS[form]("scalar")))).load()
    ours = found - {("builtins", "getattr")}
    assert ours
    assert ours <= {("planwire", name) for name in planwire.__all__}


@pytest.mark.inline
@pytest.mark.unguarded
@each_form
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_carries_it(protocol: int, form: str) -> None:
    thing = pickle.loads(pickle.dumps(FORMS[form]("aggregate"), protocol))
    assert type(thing) is type(FORMS[form]("aggregate"))


@each_form
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copying_never_encodes(duplicate: Callable[[Any], Any], form: str) -> None:
    thing = FORMS[form]("scalar")
    with ipc.sender_ctx(strict_session()), ipc.worker_ctx(strict_session()):
        assert duplicate(thing) is thing


@pytest.mark.inline
@each_kind
def test_function_keeps_its_name_and_any_buffer_will_do(kind: str) -> None:
    function = kinds.make(kind, "größe")
    for buffer in (bytes, bytearray, memoryview):
        again = type(function).from_bytes(buffer(function.to_bytes()))
        assert again.name == "größe"


@pytest.mark.inline
@each_kind
def test_function_of_another_kind_is_refused(kind: str) -> None:
    message = kinds.make(kind).to_bytes()
    for other in kinds.KINDS:
        function = type(kinds.make(other))
        if other != kind:
            with pytest.raises(errors.DecodeError) as failed:
                function.from_bytes(message)
            assert other in str(failed.value.__cause__)


def test_call_with_arguments_is_no_function() -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    with pytest.raises(errors.DecodeError):
        planwire.ScalarUDF.from_bytes(message)


@pytest.mark.inline
@pytest.mark.unguarded
def test_function_that_cannot_be_pickled_raises_its_own_error() -> None:
    numbers = (number for number in range(3))
    function = planwire.udf(lambda _: next(numbers), [kinds.NUMBER], kinds.NUMBER, "stable", "held")
    with pytest.raises(errors.EncodeError, match="held") as failed:
        pickle.dumps(function)
    assert isinstance(failed.value.__cause__, TypeError)


@pytest.mark.unguarded
def test_query_runs_in_the_session_of_the_worker_context() -> None:
    grouped = "SELECT a, count(*) AS n FROM (VALUES (1), (2), (3)) AS t(a) GROUP BY a"
    message = pickle.dumps(planwire.SessionContext().sql(grouped))
    partitions = []
    for wanted in (3, 5):
        worker = planwire.SessionContext()
        worker.sql(f"SET datafusion.execution.target_partitions = {wanted}").collect()
        with ipc.worker_ctx(worker):
            partitions.append(pickle.loads(message).execution_plan().partition_count)
    assert partitions == [3, 5]


@pytest.mark.inline
@pytest.mark.unguarded
def test_query_over_a_file_finds_the_file(tmp_path: Path) -> None:
    path = tmp_path / "numbers.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3]}), path)
    result = kinds.call(kinds.make("scalar")).alias("r")
    frame = planwire.SessionContext().read_parquet(str(path)).select(result)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply_async(rows, ("scalar", frame)).get(PATIENCE) == [11, 12, 13]


@pytest.mark.inline
@pytest.mark.unguarded
def test_query_over_a_table_in_memory_brings_the_table() -> None:
    frame = planwire.SessionContext().from_pydict({"a": [1, 2, 3]})
    message = pickle.dumps(frame.select(kinds.call(kinds.make("scalar")).alias("r")))
    with multiprocessing.get_context("spawn").Pool(1, refuse) as pool:
        with pytest.raises(errors.InlineRefused, match="crossing"):
            pool.apply_async(decode, (message,)).get(PATIENCE)
        table = pool.apply_async(decode, (pickle.dumps(frame.logical_plan()),)).get(PATIENCE)
    assert table.startswith("TableScan")
    assert rows("scalar", pickle.loads(message)) == [11, 12, 13]


@pytest.mark.inline
@pytest.mark.unguarded
def test_one_pickle_holds_them_all() -> None:
    frame = query("scalar")
    function, plan = kinds.make("scalar"), frame.logical_plan()
    job = pickle.loads(pickle.dumps({"frame": frame, "function": function, "plan": plan}))
    assert rows("scalar", job["frame"]) == kinds.expected("scalar")
    assert rows("scalar", job["plan"]) == kinds.expected("scalar")
    assert rows("scalar", job["function"]) == kinds.expected("scalar")
