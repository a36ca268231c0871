"""Ten million rows go through a function of each kind, in several partitions."""

from __future__ import annotations

import planwire
import pyarrow as pa
import pytest
from planwire import SessionConfig, SessionContext, col
from planwire import functions as f

from support import kinds

ROWS = 10_000_000
PARTITIONS = 4


@pytest.fixture(scope="module")
def numbers() -> planwire.DataFrame:
    """The numbers from zero up, in batches over partitions."""
    ctx = SessionContext(SessionConfig().with_target_partitions(PARTITIONS))
    size = ROWS // PARTITIONS
    parts = [pa.table({"a": range(n * size, (n + 1) * size)}) for n in range(PARTITIONS)]
    return ctx.create_dataframe([part.to_batches(max_chunksize=65_536) for part in parts])


def test_scalar_over_ten_million_rows(numbers: planwire.DataFrame) -> None:
    add = kinds.make("scalar", amount=1)
    sums = numbers.select(add(col("a")).alias("b")).aggregate(
        [], [f.sum(col("b")).alias("sum"), f.count(col("b")).alias("n")]
    )
    assert sums.to_pydict() == {"sum": [ROWS * (ROWS + 1) // 2], "n": [ROWS]}


def test_aggregate_over_ten_million_rows(numbers: planwire.DataFrame) -> None:
    total = kinds.make("aggregate", amount=0)
    groups = numbers.select((col("a") % 10).alias("k"), "a")
    found = groups.aggregate(["k"], [total(col("a")).alias("sum")]).sort("k").to_pydict()
    tenth = ROWS // 10
    assert found["sum"] == [10 * tenth * (tenth - 1) // 2 + k * tenth for k in range(10)]


def test_window_over_ten_million_rows(numbers: planwire.DataFrame) -> None:
    running = kinds.make("window", amount=0)
    last = numbers.select(running(col("a")).over(order_by="a").alias("r")).aggregate(
        [], [f.max(col("r")).alias("last")]
    )
    assert last.to_pydict() == {"last": [ROWS * (ROWS - 1) // 2]}
