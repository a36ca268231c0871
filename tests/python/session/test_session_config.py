"""Sessions start with the options that they are given, and say which functions they have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datafusion
import planwire
import pytest

from support import kinds

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)

SUFFIX = {"scalar": "udf", "aggregate": "udaf", "window": "udwf"}

CONFIGS: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda package: package.SessionConfig(),
    "a dictionary": lambda package: package.SessionConfig(
        {"datafusion.execution.batch_size": "7", "datafusion.sql_parser.dialect": "mysql"}
    ),
    "set": lambda package: package.SessionConfig().set("datafusion.execution.time_zone", "+01:00"),
    "numbers": lambda package: (
        package.SessionConfig()
        .with_batch_size(11)
        .with_target_partitions(3)
        .with_repartition_file_min_size(17)
    ),
    "toggles": lambda package: (
        package.SessionConfig()
        .with_parquet_pruning(False)
        .with_repartition_aggregations(False)
        .with_repartition_file_scans(False)
        .with_repartition_joins(False)
        .with_repartition_sorts(False)
        .with_repartition_windows(False)
    ),
    "toggles twice": lambda package: (
        package.SessionConfig().with_repartition_joins(False).with_repartition_joins()
    ),
    "copied": lambda package: (
        package.SessionContext(package.SessionConfig().with_batch_size(5))
        .copied_config()
        .with_target_partitions(2)
    ),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_session_has_the_options_that_the_wheel_would_have(case: str) -> None:
    ours, theirs = (
        package.SessionContext(CONFIGS[case](package).with_information_schema())
        .sql("select name, value from information_schema.df_settings order by name")
        .to_pydict()
        for package in (planwire, datafusion)
    )
    theirs = dict(zip(*theirs.values(), strict=True))
    ours = dict(zip(*ours.values(), strict=True))
    # The wheel has fixed a release of DataFusion, in which an option may be missing.
    assert ours.items() >= theirs.items()


def test_session_copies_its_options() -> None:
    config = planwire.SessionConfig().with_batch_size(5)
    ctx = planwire.SessionContext(config)
    ctx.copied_config().with_batch_size(6)
    assert config.with_batch_size(7) is config
    assert ctx.sql("show datafusion.execution.batch_size").to_pydict()["value"] == ["5"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "datafusion.execution.batch_sise",
            "1",
            "similar names are datafusion.execution.batch_size",
        ),
        ("batch_size", "1", 'no option is named "batch_size"'),
        ("datafusion.execution.batch_size", "many", 'batch_size cannot be "many"'),
    ],
)
def test_option_that_cannot_be_says_why(key: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        planwire.SessionConfig({key: value})
    with pytest.raises(ValueError, match=message):
        planwire.SessionConfig().set(key, value)


def test_batch_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        planwire.SessionConfig().with_batch_size(0)


@pytest.mark.parametrize("package", [planwire, datafusion], ids=["planwire", "datafusion"])
@pytest.mark.parametrize("pool", ["with_greedy_memory_pool", "with_fair_spill_pool"])
def test_memory_has_the_limit_of_its_pool(package: Any, pool: str) -> None:
    group = "select a, count(*) from generate_series(1, 300000) t(a) group by a"
    runtime = getattr(package.RuntimeEnvBuilder().with_disk_manager_disabled(), pool)(100_000)
    with pytest.raises(Exception, match="Resources exhausted"):
        package.SessionContext(runtime=runtime).sql(group).collect()
    runtime = runtime.with_unbounded_memory_pool()
    assert package.SessionContext(runtime=runtime).sql(group).count() == 300_000


def test_temporary_files_go_where_they_are_told(tmp_path: Path) -> None:
    runtime = planwire.RuntimeEnvBuilder().with_disk_manager_specified(
        tmp_path / "a", tmp_path / "b"
    )
    ctx = planwire.SessionContext(runtime=runtime)
    assert [len(list((tmp_path / name).iterdir())) for name in "ab"] == [1, 1]
    assert ctx.sql("select 1 as one").to_pydict() == {"one": [1]}

    (tmp_path / "file").touch()
    with pytest.raises(planwire.ExecutionError, match="file"):
        planwire.SessionContext(
            runtime=planwire.RuntimeEnvBuilder().with_temp_file_path(tmp_path / "file")
        )


def test_sessions_tell_themselves_apart() -> None:
    first, second = planwire.SessionContext(), planwire.SessionContext()
    assert first.session_id() != second.session_id()
    assert first.session_start_time() < second.session_start_time()
    assert planwire.SessionContext.global_ctx() is planwire.SessionContext.global_ctx()


@each_kind
def test_registered_functions_are_listed_found_and_forgotten(kind: str) -> None:
    ctx, suffix = planwire.SessionContext(), SUFFIX[kind]
    listed, found = getattr(ctx, f"{suffix}s"), getattr(ctx, suffix)
    before = listed()
    assert before == getattr(datafusion.SessionContext(), f"{suffix}s")()

    kinds.register(ctx, kind, kinds.make(kind, "own_function"))
    assert set(listed()) - set(before) == {"own_function"}
    assert kinds.rows(kind, kinds.call(found("own_function"))) == kinds.expected(kind)

    with pytest.raises(KeyError, match='"own_functoin", similar names are own_function'):
        found("own_functoin")
    getattr(ctx, f"deregister_{suffix}")("own_function")
    getattr(ctx, f"deregister_{suffix}")("own_function")
    assert listed() == before


def test_rule_that_is_taken_out_no_longer_applies() -> None:
    query = "explain select 1 where false"
    ctx = planwire.SessionContext()
    simplified = ctx.sql(query).to_pydict()
    assert ctx.remove_optimizer_rule("propagate_empty_relation")
    assert ctx.remove_optimizer_rule("eliminate_filter")
    assert not ctx.remove_optimizer_rule("eliminate_filter")
    assert ctx.sql(query).to_pydict() != simplified


def test_files_are_tables_where_that_is_enabled(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    ctx = planwire.SessionContext()
    with pytest.raises(planwire.InvalidQuery):
        ctx.sql(f"select a from '{path}'")
    assert ctx.enable_url_table().sql(f"select a from '{path}'").to_pydict() == {"a": [1]}
