"""A session that was sent has the limits of its sender, within those of its receiver."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import planwire
import pytest
from planwire import errors, ipc

pytestmark = pytest.mark.unguarded

RUNTIME = "datafusion.runtime."
# A value below DataFusion's own, one above it, and what a receiver makes of the latter.
LIMITS = {
    "max_temp_directory_size": ("1536K", "200G", "100G"),
    "max_spill_merge_fan_in": ("16", "0", "0"),
    "metadata_cache_limit": ("1.5M", "200M", "50M"),
    "list_files_cache_limit": ("0", "2G", "1M"),
    "list_files_cache_ttl": ("90s", None, None),
    "file_statistics_cache_limit": ("1K", "42M", "20M"),
    "memory_limit": ("1.5M", None, "unlimited"),
}
SORTED = "select a from generate_series(1, 1000000) t(a) order by a desc"

each_limit = pytest.mark.parametrize("name", LIMITS)


def limited(name: str, value: str | None) -> planwire.SessionContext:
    """A session whose limit was set after it was made."""
    ctx = planwire.SessionContext()
    if value is not None:
        ctx.sql(f"set {RUNTIME}{name} = '{value}'")
    return ctx


def shown(ctx: planwire.SessionContext, name: str) -> str | None:
    value: str | None = ctx.sql(f"show {RUNTIME}{name}").to_pydict()["value"][0]
    return value


def sent(ctx: planwire.SessionContext) -> planwire.SessionContext:
    """The session after a pickle, and after a parcel, which say the same."""
    arrived: planwire.SessionContext = pickle.loads(pickle.dumps(ctx))
    assert told(planwire.SessionContext.from_bytes(ctx.to_bytes())) == told(arrived)
    return arrived


def told(ctx: planwire.SessionContext) -> tuple[Any, list[tuple[str, str]]]:
    """What a message tells of a session's runtime: memory, disk and limits, to the byte."""
    snapshot: Any = ctx.__reduce__()[1][0]
    return snapshot["runtime"], [
        (key, value) for key, value in snapshot["options"] if key.startswith(RUNTIME)
    ]


@each_limit
def test_a_limit_that_sql_set_arrives_to_the_byte(name: str) -> None:
    ctx = limited(name, LIMITS[name][0])
    arrived = sent(ctx)
    assert shown(arrived, name) == shown(ctx, name) != shown(planwire.SessionContext(), name)
    assert told(arrived) == told(ctx) != told(planwire.SessionContext())


@each_limit
def test_a_message_raises_no_limit_of_its_receiver(name: str) -> None:
    low, high, receivers = LIMITS[name]
    assert shown(sent(limited(name, high)), name) == receivers
    with ipc.worker_ctx(limited(name, low)):
        arrived = sent(limited(name, high))
    assert shown(arrived, name) == shown(limited(name, low), name)


def test_a_receiver_may_have_more_than_datafusion_gives() -> None:
    name = "metadata_cache_limit"
    with ipc.worker_ctx(limited(name, "1G")):
        assert shown(sent(limited(name, "200M")), name) == "200M"


@pytest.mark.parametrize("method", ["with_fair_spill_pool", "with_greedy_memory_pool"])
def test_memory_of_all_that_arrived_is_out_of_the_receivers(method: str) -> None:
    # Enough for one sort of the rows, and not for two.
    runtime = planwire.RuntimeEnvBuilder().with_disk_manager_disabled()
    receiver = planwire.SessionContext(runtime=runtime.with_greedy_memory_pool(22_000_000))
    config = planwire.SessionConfig().with_target_partitions(1)
    config.set("datafusion.execution.sort_spill_reservation_bytes", "1000")
    limited = getattr(planwire.RuntimeEnvBuilder(), method)(21_000_000)
    with ipc.worker_ctx(receiver):
        one = sent(planwire.SessionContext(config, limited))
        two = sent(planwire.SessionContext(config))
    rows = one.sql(SORTED).execute_stream()
    held = next(iter(rows))
    with pytest.raises(planwire.ExecutionError, match="Resources exhausted"):
        two.sql(SORTED).collect()
    del held, rows
    assert sum(len(batch) for batch in two.sql(SORTED).collect()) == 1_000_000


def test_a_message_writes_no_temporary_files_where_the_receiver_writes_none() -> None:
    receiver = planwire.RuntimeEnvBuilder().with_disk_manager_disabled()
    with ipc.worker_ctx(planwire.SessionContext(runtime=receiver)):
        arrived = sent(limited("memory_limit", "1M"))
    with pytest.raises(planwire.ExecutionError, match="DiskManager is disabled"):
        arrived.sql(SORTED).collect()


def test_temporary_files_go_where_the_receiver_says(tmp_path: Path) -> None:
    (theirs, own) = (tmp_path / "theirs", tmp_path / "own")
    sender = planwire.RuntimeEnvBuilder().with_temp_file_path(theirs)
    receiver = planwire.RuntimeEnvBuilder().with_temp_file_path(own)
    message = pickle.dumps(planwire.SessionContext(runtime=sender))
    with ipc.worker_ctx(planwire.SessionContext(runtime=receiver)):
        arrived = pickle.loads(message)
    assert str(shown(arrived, "temp_directory")).startswith(str(own))


def test_a_directory_that_sql_set_is_that_of_the_other_side(tmp_path: Path) -> None:
    arrived = sent(limited("temp_directory", str(tmp_path)))
    assert Path(str(shown(arrived, "temp_directory"))).parent == tmp_path


def test_a_message_makes_no_directory(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    runtime = planwire.RuntimeEnvBuilder().with_temp_file_path(gone)
    message = pickle.dumps(planwire.SessionContext(runtime=runtime))
    for path in gone.iterdir():
        path.rmdir()
    gone.rmdir()
    with pytest.raises(errors.DecodeError, match=r"no directory .*gone") as refused:
        pickle.loads(message)
    assert refused.value.code == "PW-D022"
    assert not gone.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory_limit", "1G"),
        ("temp_directory", "/"),
        ("no_such_limit", "1"),
        ("list_files_cache_limit", "-1K"),
        ("list_files_cache_ttl", "soon"),
        ("max_spill_merge_fan_in", "-1"),
    ],
)
def test_a_limit_that_no_sender_writes_is_refused_by_name(name: str, value: str) -> None:
    restore, (snapshot,) = planwire.SessionContext().__reduce__()
    forged = {**snapshot, "options": [(RUNTIME + name, value)]}
    with pytest.raises(errors.DecodeError, match=RUNTIME + name) as refused:
        restore(forged)
    assert refused.value.code == "PW-D022"


def test_a_time_that_no_clock_has_is_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    restore, (snapshot,) = planwire.SessionContext().__reduce__()
    endless = f"{2**64 - 1}s"
    ctx = restore({**snapshot, "options": [(RUNTIME + "list_files_cache_ttl", endless)]})
    ctx.sql(f"create external table t stored as csv location '{tmp_path}/'")
    assert ctx.sql("select a from t").to_pydict() == {"a": [1]}
