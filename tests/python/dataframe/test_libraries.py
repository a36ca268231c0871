"""Data frames of pandas and polars become ours, and ours become theirs, with the same rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import planwire
import polars as pl
import pyarrow as pa
from planwire import SessionContext, col

ROWS: dict[str, list[Any]] = {"k": ["x", None, "z"], "v": [1.5, 2.0, None]}


def frames(ctx: SessionContext) -> dict[str, planwire.DataFrame]:
    """The rows by way of each library, registered under its name."""
    return {
        "pandas": ctx.from_pandas(pd.DataFrame(ROWS), name="pandas"),
        "polars": ctx.from_polars(pl.DataFrame(ROWS), name="polars"),
        "arrow": ctx.from_arrow(pa.table(ROWS), name="arrow"),
        "pylist": ctx.from_pylist(pa.table(ROWS).to_pylist(), name="pylist"),
    }


def test_frames_of_other_libraries_keep_their_rows_and_are_registered() -> None:
    ctx = SessionContext()
    for name, frame in frames(ctx).items():
        assert frame.to_pydict() == ROWS, name
        assert ctx.table(name).filter(col("v") > 1.5).to_pydict() == {"k": [None], "v": [2.0]}


def test_frames_become_those_of_other_libraries() -> None:
    frame = SessionContext().from_pydict(ROWS)
    assert frame.to_polars().to_dict(as_series=False) == ROWS
    pd.testing.assert_frame_equal(frame.to_pandas(), pd.DataFrame(ROWS))
