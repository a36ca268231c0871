"""Sessions cross into worker processes, with all that they hold or not at all."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datafusion
import planwire
import planwire.catalog
import pyarrow as pa
import pyarrow.dataset
import pytest
from planwire import errors, ipc

from support import kinds, lake, libraries

# Less than a test may take, so that a worker that never answers fails with its traceback.
PATIENCE = 45

each_start = pytest.mark.parametrize("start", ["spawn", "fork", "forkserver"])
each_kind = pytest.mark.parametrize("kind", kinds.KINDS)

QUERIES = {
    "memory": "select sum(a) as r from numbers",
    "partitions": "select year as r from years order by year",
    "csv options": "select b as r from odd order by a desc",
    "json": "select b as r from json where a = 1",
    "avro": "select max(a) as r from avro",
    "arrow": "select min(a) as r from arrow",
    "view in sql": "select b as r from twice order by b",
    "view of a frame": "select a as r from few",
    "other catalog": 'select a as r from lake.raw."Mixed"',
    "external": "select count(*) as r from external",
    "scalar": "select own_scalar(a) as r from numbers",
    "aggregate": "select own_aggregate(a) as r from numbers",
    "window": "select own_window(a) over () as r from numbers",
    "option": "select value as r from information_schema.df_settings where name like '%batch_size'",
    "statement of a view": "show create table twice",
    "statement of a file": "show create table external",
}


def furnished(root: Path) -> planwire.SessionContext:
    """A session that has been given something of everything."""
    config = planwire.SessionConfig().with_batch_size(77).with_target_partitions(2)
    runtime = planwire.RuntimeEnvBuilder().with_greedy_memory_pool(50_000_000)
    ctx = planwire.SessionContext(config, runtime)
    for kind in kinds.KINDS:
        kinds.register(ctx, kind, kinds.make(kind, f"own_{kind}"))
    ctx.from_pydict({"a": [1, 2, 3]}, name="numbers")
    ctx.register_parquet("years", root / "years", [("year", "int")])
    options = planwire.CsvReadOptions(
        delimiter="|", quote="'", comment="#", file_extension=".txt", null_regex="NA"
    )
    ctx.register_csv("odd", root / "odd.txt", options=options.with_truncated_rows(True))
    ctx.register_json("json", root / "t.json")
    ctx.register_avro("avro", root / "t.avro")
    ctx.register_arrow("arrow", root / "t.arrow")
    ctx.sql("create view twice as select own_scalar(a) * 2 as b from numbers")
    ctx.register_view("few", ctx.table("numbers").filter("a < 3"))
    location = root / "t.csv"
    ctx.sql(
        f"create external table external stored as csv location '{location}' "
        "options ('format.has_header' 'true')"
    )
    catalog = planwire.Catalog.memory_catalog()
    catalog.register_schema("raw", planwire.catalog.Schema.memory_schema())
    ctx.register_catalog_provider("lake", catalog)
    catalog.schema("raw").register_table("Mixed", ctx.table("numbers").limit(1))
    ctx.deregister_udf("abs")
    ctx.remove_optimizer_rule("eliminate_filter")
    return ctx


def answers(ctx: planwire.SessionContext) -> dict[str, Any]:
    """What a session says to the queries, and of itself."""
    said: dict[str, Any] = {name: ctx.sql(query).to_pydict() for name, query in QUERIES.items()}
    said["modes"] = {family.name: family.mode for family in ctx.families()}
    said["functions"] = (ctx.udfs(), ctx.udafs(), ctx.udwfs())
    said["tables"] = {
        (catalog, schema, table, ctx.catalog(catalog).schema(schema).table(table).kind)
        for catalog in ctx.catalog_names()
        for schema in ctx.catalog(catalog).schema_names()
        for table in ctx.catalog(catalog).schema(schema).table_names()
    }
    said["rule is gone"] = not ctx.remove_optimizer_rule("eliminate_filter")
    return said


def strict_receiver() -> None:
    """Prepares a worker that takes no code, and has functions of its own that add 20."""
    ctx = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    for kind in kinds.KINDS:
        kinds.register(ctx, kind, kinds.make(kind, f"own_{kind}", 20))
    ipc.set_worker_ctx(ctx)


def ask(start: str, question: Any, *arguments: Any, initializer: Any = None) -> Any:
    """Has one worker answer."""
    with multiprocessing.get_context(start).Pool(1, initializer) as pool:
        return pool.apply_async(question, arguments).get(PATIENCE)


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
def test_session_answers_in_a_worker_as_it_does_here(start: str, tmp_path: Path) -> None:
    ctx = furnished(lake.make(tmp_path))
    assert ask(start, answers, ctx) == answers(ctx)


@pytest.mark.inline
@pytest.mark.unguarded
def test_pickle_leaves_both_sessions_to_themselves(tmp_path: Path) -> None:
    ctx = furnished(lake.make(tmp_path))
    other = pickle.loads(pickle.dumps(ctx))
    assert other.session_id() != ctx.session_id()
    other.deregister_table("numbers")
    other.sql("set datafusion.execution.batch_size = 5")
    assert ctx.table_exist("numbers")
    assert "77" in answers(ctx)["option"]["r"]
    # A session that came by a pickle goes on by one.
    assert answers(pickle.loads(pickle.dumps(ctx))) == answers(ctx)


@pytest.mark.unguarded
def test_memory_and_disk_are_limited_on_both_sides(tmp_path: Path) -> None:
    group = "select a, count(*) from generate_series(1, 300000) t(a) group by a"
    runtime = planwire.RuntimeEnvBuilder().with_fair_spill_pool(100_000)
    ctx = planwire.SessionContext(runtime=runtime.with_disk_manager_disabled())
    with pytest.raises(planwire.ExecutionError, match="DiskManager is disabled"):
        pickle.loads(pickle.dumps(ctx)).sql(group).collect()

    runtime = planwire.RuntimeEnvBuilder().with_disk_manager_specified(tmp_path / "spill")
    first = planwire.SessionContext(runtime=runtime)
    second = pickle.loads(pickle.dumps(first))
    assert len(list((tmp_path / "spill").iterdir())) == 2
    assert first.session_id() != second.session_id()


@pytest.mark.unguarded
def test_files_stay_tables_where_that_was_enabled(tmp_path: Path) -> None:
    path = lake.make(tmp_path) / "t.csv"
    ctx = planwire.SessionContext().enable_url_table()
    again = pickle.loads(pickle.dumps(ctx))
    assert again.sql(f"select count(*) as n from '{path}'").to_pydict() == {"n": [3]}


@pytest.mark.unguarded
def test_session_without_a_schema_comes_without_it() -> None:
    ctx = planwire.SessionContext()
    ctx.catalog().deregister_schema("public")
    assert pickle.loads(pickle.dumps(ctx)).catalog().schema_names() == set()


def modes(ctx: planwire.SessionContext) -> dict[str, str]:
    return {family.name: family.mode for family in ctx.families()}


def modes_of(message: bytes) -> dict[str, str]:
    """Unpickles inside what is asked: a pool would wait for ever for a worker that cannot."""
    return modes(pickle.loads(message))


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("sent", ["inline", "refuse"])
@pytest.mark.parametrize("receiver", ["inline", "refuse"])
@pytest.mark.parametrize("family", ["arrow", "python"])
def test_mode_is_the_narrower_of_both_sides(sent: str, receiver: str, family: str) -> None:
    message = pickle.dumps(planwire.SessionContext().with_family(family, sent))
    with ipc.worker_ctx(planwire.SessionContext().with_family(family, receiver)):
        arrived = pickle.loads(message)
    narrower = "inline" if sent == receiver == "inline" else "refuse"
    assert modes(arrived) == {**modes(planwire.SessionContext()), family: narrower}


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
@each_kind
def test_strict_worker_takes_no_function_of_a_session(start: str, kind: str) -> None:
    ctx = planwire.SessionContext()
    kinds.register(ctx, kind, kinds.make(kind, f"own_{kind}"))
    with pytest.raises(errors.InlineRefused, match=f"own_{kind}"):
        ask(start, modes_of, pickle.dumps(ctx), initializer=strict_receiver)


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_function_of_a_view_meets_the_same_gate(kind: str, strict: planwire.SessionContext) -> None:
    ctx = planwire.SessionContext()
    numbers = ctx.from_pydict({"a": [1, 2, 3]})
    call = kinds.call(kinds.make(kind)).alias("r")
    view = numbers.aggregate([], [call]) if kind == "aggregate" else numbers.select(call)
    ctx.register_view("v", view)
    message = pickle.dumps(ctx)
    assert pickle.loads(message).table("v").to_pydict() == {"r": kinds.expected(kind)}
    with ipc.worker_ctx(strict), pytest.raises(errors.InlineRefused, match="crossing"):
        pickle.loads(message)


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
def test_functions_that_go_by_name_are_those_of_the_worker(start: str) -> None:
    ctx = planwire.SessionContext()
    for kind in kinds.KINDS:
        kinds.register(ctx, kind, kinds.make(kind, f"own_{kind}"))
    ctx.from_pydict({"a": [1, 2, 3]}, name="numbers")
    ctx.sql("create view v as select own_scalar(a) as r from numbers")
    with ipc.sender_ctx(planwire.SessionContext().with_python_udf_inlining(enabled=False)):
        message = pickle.dumps(ctx)
    with pytest.raises(errors.UnknownFunction, match="own_"):
        pickle.loads(message)
    assert ask(start, view_of, message, initializer=strict_receiver) == {"r": [21, 22, 23]}


def view_of(message: bytes) -> dict[str, list[Any]]:
    """Reads the view of a session."""
    ctx: planwire.SessionContext = pickle.loads(message)
    return ctx.table("v").to_pydict()


@pytest.mark.inline
@pytest.mark.unguarded
def test_own_function_replaces_one_of_datafusion_on_both_sides() -> None:
    ctx = planwire.SessionContext()
    ctx.register_udf(kinds.make("scalar", "abs"))
    ctx.from_pydict({"a": [1]}, name="t")
    again = pickle.loads(pickle.dumps(ctx))
    assert again.sql("select abs(a) as r from t").to_pydict() == {"r": [11]}


def closing_over_a_lock() -> planwire.ScalarUDF:
    """A function that no family can carry."""
    lock = threading.Lock()

    def guarded(values: pa.Array) -> pa.Array:
        with lock:
            return values

    return planwire.udf(guarded, [kinds.NUMBER], kinds.NUMBER, "immutable", "guarded")


def dataset(ctx: planwire.SessionContext) -> None:
    ctx.register_dataset("far_away", pa.dataset.dataset(lake.TABLE))


def view_of_a_dataset(ctx: planwire.SessionContext) -> None:
    ctx.register_view("v", ctx.read_table(pa.dataset.dataset(lake.TABLE)))


STAYS: dict[str, tuple[Callable[[planwire.SessionContext], Any], str]] = {
    "a function": (lambda ctx: ctx.register_udf(closing_over_a_lock()), "'guarded'"),
    "a dataset": (dataset, "'far_away'"),
    "a view of a dataset": (view_of_a_dataset, "(DatasetTable) does not travel"),
    "a prepared statement": (
        lambda ctx: ctx.sql("prepare double(int) as select $1 * 2"),
        'the statement "double" is prepared in it',
    ),
}


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("case", STAYS)
def test_what_cannot_travel_is_named_and_nothing_is_lost(case: str) -> None:
    give, message = STAYS[case]
    ctx = planwire.SessionContext()
    give(ctx)
    with pytest.raises(errors.EncodeError) as failed:
        pickle.dumps(ctx)
    told = f"{failed.value} {failed.value.__cause__}"
    assert any(name in told for name in message.split("|")), told


@pytest.mark.unguarded
@pytest.mark.parametrize("layer", ["logical", "physical"])
def test_session_with_a_codec_of_another_library_stays(layer: str) -> None:
    install = getattr(planwire.SessionContext(), f"with_{layer}_extension_codec")
    ctx = install(datafusion.SessionContext(), "example.codec")
    with pytest.raises(errors.EncodeError, match=r"example\.codec") as failed:
        pickle.dumps(ctx)
    assert failed.value.code == "PW-E006"
    assert modes(copy.copy(ctx)) == modes(ctx)


@pytest.mark.unguarded
def test_session_with_a_table_of_another_library_stays(tmp_path: Path) -> None:
    elsewhere = libraries.load(tmp_path)
    ctx = planwire.SessionContext()
    ctx.register_table("far_away", elsewhere.SessionContext().from_pydict({"a": [1]}))
    with pytest.raises(errors.EncodeError, match="far_away"):
        pickle.dumps(ctx)


@pytest.mark.inline
@pytest.mark.unguarded
def test_error_of_a_function_is_the_cause() -> None:
    ctx = planwire.SessionContext()
    ctx.register_udf(closing_over_a_lock())
    with pytest.raises(errors.EncodeError) as failed:
        pickle.dumps(ctx)
    assert isinstance(failed.value.__cause__, TypeError)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copy_shares_what_is_registered_and_encodes_nothing(
    duplicate: Callable[[planwire.SessionContext], planwire.SessionContext],
) -> None:
    ctx = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    ctx.register_udf(closing_over_a_lock())
    same = duplicate(ctx)
    assert modes(same) == modes(ctx)
    assert same.session_id() == ctx.session_id()
    same.from_pydict({"a": [1]}, name="t")
    assert ctx.sql("select guarded(a) as r from t").to_pydict() == {"r": [1]}


@pytest.mark.unguarded
def test_pickle_of_something_else_is_no_session() -> None:
    rebuild, _ = planwire.SessionContext().__reduce__()
    with pytest.raises(errors.MalformedFrame, match="does not hold a session") as failed:
        rebuild({"options": []})
    assert failed.value.code == "PW-D013"
