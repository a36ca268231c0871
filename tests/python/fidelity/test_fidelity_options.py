"""A query means on the other side what it meant here, whatever the options of the session there."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import errors, ipc

SOURCE = Path(__file__).parents[3] / "codec-core" / "src" / "fidelity" / "deciding.rs"

# An option, its value, what makes the table, and the query.
CSV = "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{}/x.csv'"
FOLDER = "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{}/p/'"
PARQUET = "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{}/b.parquet'"
CASES = {
    "header": (
        "datafusion.catalog.has_header",
        "false",
        CSV,
        "SELECT column_1 AS r FROM t ORDER BY 1",
    ),
    "line breaks": (
        "datafusion.catalog.newlines_in_values",
        "true",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{}/quoted.csv'",
        "SELECT b AS r FROM t ORDER BY a",
    ),
    "folders": (
        "datafusion.execution.listing_table_ignore_subdirectory",
        "false",
        FOLDER,
        "SELECT a AS r FROM t ORDER BY 1",
    ),
    "zone of a type": (
        "datafusion.execution.time_zone",
        "+08:00",
        PARQUET,
        "SELECT arrow_typeof(to_timestamp('2024-01-01T00:00:00')) AS r FROM t",
    ),
    "zone of a value": (
        "datafusion.execution.time_zone",
        "+08:00",
        PARQUET,
        "SELECT CAST(to_timestamp('2024-01-01T00:00:00') AS BIGINT) + a * 0 AS r FROM t",
    ),
    "binary as text": (
        "datafusion.execution.parquet.binary_as_string",
        "true",
        PARQUET,
        "SELECT arrow_typeof(b) AS r FROM t",
    ),
    "no views": (
        "datafusion.execution.parquet.schema_force_view_types",
        "false",
        PARQUET,
        "SELECT arrow_typeof(s) AS r FROM t",
    ),
}
# What is for the receiver to set, and what every session has its own of.
RECEIVERS = [
    "datafusion.execution.target_partitions",
    "datafusion.execution.batch_size",
    "datafusion.execution.sort_spill_reservation_bytes",
    "datafusion.runtime.memory_limit",
    "datafusion.sql_parser.recursion_limit",
    "datafusion.catalog.information_schema",
]

each_case = pytest.mark.parametrize("case", CASES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that options read in two ways."""
    (tmp_path / "x.csv").write_text("1\n2\n")
    (tmp_path / "quoted.csv").write_text('a,b\n1,"two\nlines"\n2,one\n')
    (tmp_path / "p" / "below").mkdir(parents=True)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "p" / "0.parquet")
    pq.write_table(pa.table({"a": [2]}), tmp_path / "p" / "below" / "1.parquet")
    pq.write_table(pa.table({"a": [1], "b": [b"x"], "s": ["y"]}), tmp_path / "b.parquet")
    return tmp_path


def made(case: str, folder: Path, *, default: bool = False) -> planwire.DataFrame:
    """The query of a case, in a session that has the option, or that has no option at all."""
    option, value, statement, query = CASES[case]
    config = planwire.SessionConfig()
    ctx = planwire.SessionContext(config if default else config.set(option, value))
    ctx.sql(statement.format(folder)).collect()
    return ctx.sql(query)


def physical(plan: planwire.ExecutionPlan) -> dict[str, list[Any]]:
    """The rows of a plan in a session that nothing was set in."""
    ctx = planwire.SessionContext()
    rows: list[Any] = []
    for partition in range(plan.partition_count):
        for batch in ctx.execute(plan, partition):
            rows += batch.to_pyarrow().to_pydict()["r"]
    return {"r": rows}


FORMS: dict[str, Callable[[planwire.DataFrame], Any]] = {
    "query": lambda frame: pickle.loads(pickle.dumps(frame)).to_pydict(),
    "query sent on": lambda frame: pickle.loads(
        pickle.dumps(pickle.loads(pickle.dumps(frame)))
    ).to_pydict(),
    "logical plan": lambda frame: planwire.DataFrame.from_logical_plan(
        pickle.loads(pickle.dumps(frame.logical_plan()))
    ).to_pydict(),
    "plan in a session": lambda frame: (
        planwire.SessionContext()
        .create_dataframe_from_logical_plan(pickle.loads(pickle.dumps(frame.logical_plan())))
        .to_pydict()
    ),
    "plan run by a session": lambda frame: (
        planwire.SessionContext()
        .execute_logical_plan(pickle.loads(pickle.dumps(frame.optimized_logical_plan())))
        .to_pydict()
    ),
    "plan sent on": lambda frame: planwire.DataFrame.from_logical_plan(
        pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(frame.logical_plan()))))
    ).to_pydict(),
    "physical plan": lambda frame: physical(pickle.loads(pickle.dumps(frame.execution_plan()))),
}


@pytest.mark.unguarded
@pytest.mark.parametrize("form", FORMS)
@each_case
def test_options_of_the_sender_hold(case: str, form: str, folder: Path) -> None:
    frame = made(case, folder)
    assert FORMS[form](frame) == frame.to_pydict()


@pytest.mark.unguarded
@each_case
def test_options_of_the_receiver_do_not_hold(case: str, folder: Path) -> None:
    option, value, *_ = CASES[case]
    if case in ("header", "line breaks"):
        query = "SELECT * FROM t"
        ctx = planwire.SessionContext()
        ctx.sql(CASES[case][2].format(folder)).collect()
        frame = ctx.sql(query)
    else:
        frame = made(case, folder, default=True)
    receiver = planwire.SessionContext(planwire.SessionConfig().set(option, value))
    with ipc.worker_ctx(receiver):
        assert pickle.loads(pickle.dumps(frame)).to_pydict() == frame.to_pydict()
        plan = pickle.loads(pickle.dumps(frame.logical_plan()))
    assert receiver.create_dataframe_from_logical_plan(plan).to_pydict() == frame.to_pydict()


@pytest.mark.unguarded
@each_case
def test_a_session_that_was_sent_reads_as_it_did(case: str, folder: Path) -> None:
    option, value, statement, query = CASES[case]
    ctx = planwire.SessionContext(planwire.SessionConfig().set(option, value))
    ctx.sql(statement.format(folder)).collect()
    assert pickle.loads(pickle.dumps(ctx)).sql(query).to_pydict() == ctx.sql(query).to_pydict()


def shown(frame: planwire.DataFrame, option: str) -> str:
    """The value that an option has where a query runs."""
    rows = frame.filter(planwire.col("name") == planwire.lit(option)).to_pydict()
    return str(rows["value"][0])


@pytest.mark.unguarded
def test_what_the_receiver_sets_is_left_to_it() -> None:
    sender = planwire.SessionConfig()
    values = ["7", "77", "777", "7M", "17", "false"]
    for option, value in zip(RECEIVERS, values, strict=True):
        if not option.startswith("datafusion.runtime."):
            sender.set(option, value)
    frame = planwire.SessionContext(sender).sql("SELECT 1 AS r")
    message = pickle.dumps(frame)
    for option in RECEIVERS:
        assert option.encode() not in message
    assert pickle.loads(message).to_pydict() == {"r": [1]}


def forged(*options: tuple[str, str]) -> bytes:
    """A pickled query with options that its sender does not send."""
    frame = planwire.SessionContext().sql("SELECT 1 AS r")
    restore, (data, _) = frame.logical_plan().__reduce__()

    class Forged:
        def __reduce__(self) -> Any:
            return restore, (data, list(options))

    return pickle.dumps(Forged())


@pytest.mark.unguarded
@pytest.mark.parametrize("option", RECEIVERS)
def test_a_message_cannot_set_what_is_the_receivers(option: str) -> None:
    with pytest.raises(errors.DecodeError, match=re.escape(option)) as refused:
        pickle.loads(forged((option, "1")))
    assert refused.value.code == "PW-D022"


@pytest.mark.unguarded
def test_an_option_that_is_unknown_or_has_no_such_value_is_named() -> None:
    with pytest.raises(errors.DecodeError, match=r"datafusion\.execution\.no_such"):
        pickle.loads(forged(("datafusion.execution.no_such", "1")))
    with pytest.raises(errors.DecodeError, match=r"datafusion\.catalog\.has_header"):
        pickle.loads(forged(("datafusion.catalog.has_header", "perhaps")))


def test_each_group_of_options_exists() -> None:
    known = planwire.SessionContext().sql("SELECT name FROM information_schema.df_settings")
    names = known.to_pydict()["name"]
    listed = re.findall(r'"(datafusion\.[a-z0-9_.]+)"', SOURCE.read_text())
    assert len(listed) > 15
    for option in listed:
        assert any(name == option or name.startswith(option) for name in names), option


@pytest.mark.unguarded
def test_a_query_under_defaults_brings_no_options() -> None:
    message = pickle.dumps(planwire.SessionContext().sql("SELECT 1 AS r"))
    assert b"datafusion." not in message


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("stored", ["", "stored as csv location '{}'"])
def test_tables_keep_their_keys_and_defaults(tmp_path: Path, stored: str) -> None:
    place = tmp_path / "keyed"
    place.mkdir()
    (place / "1.csv").write_text("a,b\n1,2\n")
    ctx = planwire.SessionContext()
    ctx.sql(
        f"create {'external ' if stored else ''}table keyed"
        f" (a int, b int default 7, primary key (a)) " + stored.format(f"{place}/")
    )
    again = pickle.loads(pickle.dumps(ctx))
    again.sql("insert into keyed (a) values (5)").collect()
    # Only because `a` is the key can `b` be selected.
    rows = again.sql("select a, b from keyed group by a order by a").to_pydict()
    assert (rows["a"][-1], rows["b"][-1]) == (5, 7)
