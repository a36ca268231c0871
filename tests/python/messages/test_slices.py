"""Of an array only what its slice shows leaves, in tables, plans, literals and closures."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 300
TEXTS = [f"customer {number:08d} with a long name" for number in range(ROWS)]
PAIRS = [[text, text + " again"] for text in TEXTS]
BYTES = [text.encode() for text in TEXTS]
# More than one row takes with all that is around it, and less than all rows.
SMALL = 8_000


def strings() -> pa.Array:
    return pa.array(TEXTS)


def views() -> pa.Array:
    return pa.array(TEXTS, pa.string_view())


def every(second: list[Any]) -> list[Any]:
    return [value if place % 2 else None for place, value in enumerate(second)]


def union(mode: str) -> pa.Array:
    # Every third row is a number; in a sparse union it has a text besides.
    types = pa.array([int(number % 3 == 0) for number in range(ROWS)], pa.int8())
    if mode == "sparse":
        return pa.UnionArray.from_sparse(types, [views(), pa.array(range(ROWS))])
    return pa.UnionArray.from_dense(
        types, pa.array(range(ROWS), pa.int32()), [strings(), pa.array(range(ROWS))]
    )


def list_view() -> pa.Array:
    backwards = pa.array(range(ROWS - 1, -1, -1), pa.int32())
    return pa.ListViewArray.from_arrays(backwards, pa.array([1] * ROWS, pa.int32()), views())


LAYOUTS: dict[str, Callable[[], pa.Array]] = {
    "numbers": lambda: pa.array(range(ROWS)),
    "booleans": lambda: pa.array([number % 3 == 0 for number in range(ROWS)]),
    "nulls": lambda: pa.nulls(ROWS),
    "strings": strings,
    "large strings": lambda: strings().cast(pa.large_string()),
    "strings and nulls": lambda: pa.array(every(TEXTS)),
    "binary": lambda: pa.array(BYTES),
    "fixed-size binary": lambda: pa.array(BYTES, pa.binary(len(BYTES[0]))),
    "string views": views,
    "binary views": lambda: pa.array(BYTES, pa.binary_view()),
    "views and nulls": lambda: pa.array(every(TEXTS), pa.string_view()),
    "dictionary": lambda: strings().dictionary_encode(),
    "dictionary of views": lambda: pa.DictionaryArray.from_arrays(
        pa.array(range(ROWS), pa.int16()), views()
    ),
    "list": lambda: pa.array(PAIRS),
    "list of views": lambda: pa.array(PAIRS, pa.large_list(pa.string_view())),
    "list and nulls": lambda: pa.array(every(PAIRS)),
    "list of dictionary": lambda: pa.ListArray.from_arrays(
        pa.array(range(ROWS + 1), pa.int32()), strings().dictionary_encode()
    ),
    "list of structs": lambda: pa.array(
        [[{"a": text}] for text in TEXTS], pa.list_(pa.struct({"a": pa.string_view()}))
    ),
    "list view": list_view,
    "large list view": lambda: pa.array(every(PAIRS), pa.large_list_view(pa.string())),
    "fixed-size list": lambda: pa.array(PAIRS, pa.list_(pa.string_view(), 2)),
    "struct": lambda: pa.StructArray.from_arrays(
        [views(), pa.array(range(ROWS))], ["text", "number"]
    ),
    "map": lambda: pa.array([[(text, 1)] for text in TEXTS], pa.map_(pa.string(), pa.int64())),
    "sparse union": lambda: union("sparse"),
    "dense union": lambda: union("dense"),
    "run-end encoding": lambda: pa.RunEndEncodedArray.from_arrays(
        pa.array(range(1, ROWS + 1), pa.int32()), strings()
    ),
    "extension": lambda: pa.ExtensionArray.from_storage(pa.json_(pa.string_view()), views()),
    "struct of an extension": lambda: pa.StructArray.from_arrays(
        [
            pa.array([b"%016d" % number for number in range(ROWS)], pa.binary(16)).cast(pa.uuid()),
            strings(),
        ],
        ["id", "text"],
    ),
}

# The first row, one amid, the last, none, some, all.
SLICES = [(0, 1), (151, 1), (ROWS - 1, 1), (7, 0), (31, 9), (0, ROWS)]

each_layout = pytest.mark.parametrize("layout", LAYOUTS)


def numbers(message: bytes) -> set[int]:
    """The customers whose text is in a message."""
    return {int(found) for found in re.findall(rb"customer (\d{8})", message)}


def check(message: bytes, shown: pa.Array) -> None:
    """Checks that a message has the size of what it shows, and the text of no other row."""
    assert numbers(message) <= numbers(str(shown.to_pylist()).encode())
    assert len(message) < SMALL or len(shown) == ROWS


def sent(shown: pa.Array, carried: Any) -> bytes:
    """The pickle of a function that closes over something, which runs on the other side too."""
    expected = str(shown.to_pylist())

    def same(rows: pa.Array) -> pa.Array:
        array = carried if isinstance(carried, pa.Array) else carried[0]
        found = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        found.validate(full=True)
        return pa.array([str(found.to_pylist())] * len(rows))

    message = pickle.dumps(
        planwire.udf(same, pa.int64(), pa.string(), "immutable", "same")(planwire.col("a"))
    )
    rows = (
        planwire.SessionContext().from_pydict({"a": [1]}).select(pickle.loads(message).alias("r"))
    )
    assert rows.to_pydict() == {"r": [expected]}
    return message


def table_of(shown: pa.Array) -> pa.Table:
    return pa.table({"a": shown})


@pytest.mark.inline
@pytest.mark.unguarded
@each_layout
def test_a_function_takes_along_what_a_slice_shows(layout: str) -> None:
    for offset, length in SLICES:
        shown = LAYOUTS[layout]().slice(offset, length)
        for carried in ([shown], table_of(shown)):
            message = sent(shown, carried)
            if length < ROWS:
                found = numbers(message)
                assert found <= numbers(str(shown.to_pylist()).encode())
                assert len(message) < SMALL


@pytest.mark.inline
@pytest.mark.unguarded
@each_layout
def test_a_table_in_memory_leaves_with_what_it_shows(layout: str) -> None:
    for offset, length in SLICES:
        shown = LAYOUTS[layout]().slice(offset, length)
        frame = planwire.SessionContext().from_arrow(table_of(shown))
        here = frame.to_arrow_table()
        message = pickle.dumps(frame)
        check(message, shown)
        there = pickle.loads(message).to_arrow_table()
        assert there.schema.equals(here.schema, check_metadata=True)
        assert there.to_pylist() == here.to_pylist()
        there.validate(full=True)


# What DataFusion's physical plans do not carry at all.
UNPLANNED = {"list view", "large list view"}


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout not in UNPLANNED])
def test_a_physical_plan_leaves_with_what_its_tables_show(layout: str) -> None:
    ctx = planwire.SessionContext()
    for offset, length in SLICES:
        shown = LAYOUTS[layout]().slice(offset, length)
        frame = ctx.from_arrow(table_of(shown))
        plan = frame.execution_plan()
        message = plan.to_bytes(ctx)
        check(message, shown)
        again = planwire.ExecutionPlan.from_bytes(ctx, message)
        rows = [
            row
            for partition in range(again.partition_count)
            for batch in ctx.execute(again, partition)
            for row in batch.to_pyarrow().to_pylist()
        ]
        assert rows == frame.to_pylist()


@pytest.mark.inline
@pytest.mark.unguarded
def test_batches_that_share_a_dictionary_send_it_once() -> None:
    whole = strings().dictionary_encode()
    batches = [pa.record_batch({"a": whole.slice(start, 50)}) for start in range(0, 150, 50)]
    ctx = planwire.SessionContext()
    ctx.register_record_batches("shared", [batches])
    message = pickle.dumps(ctx.table("shared"))
    assert numbers(message) == set(range(150))
    assert len(message) < 1.5 * sum(len(text) for text in TEXTS[:150]) + SMALL
    assert pickle.loads(message).to_pydict() == {"a": TEXTS[:150]}


@pytest.mark.inline
@pytest.mark.unguarded
def test_a_row_of_a_file_leaves_alone(tmp_path: Any) -> None:
    pq.write_table(pa.table({"s": TEXTS}), tmp_path / "t.parquet")
    ctx = planwire.SessionContext()
    ctx.register_parquet("t", tmp_path / "t.parquet")
    message = pickle.dumps(ctx.sql("SELECT s FROM t ORDER BY s LIMIT 1").cache())
    assert numbers(message) == {0}


@pytest.mark.parametrize("item", [pa.string(), pa.string_view()])
def test_a_literal_leaves_alone(item: pa.DataType) -> None:
    column = pa.array(PAIRS, pa.list_(item))
    message = planwire.lit(column[7]).to_bytes()
    assert numbers(message) == {7}
    assert len(message) < SMALL
