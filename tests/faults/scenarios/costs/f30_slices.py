"""F30: One row of a table that is sent brings the text of all other rows."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from scenario import Seen, broken, kept, run

NAMES = [f"customer {number:08d} with a long name" for number in range(20_000)]
OTHER = b"00005000"


def strings(package: Any) -> Seen:
    """Sends one row of a column of strings."""
    return of(package, pa.array(NAMES))


def string_views(package: Any) -> Seen:
    """Sends one row of a column of string views."""
    return of(package, pa.array(NAMES, pa.string_view()))


def dictionary(package: Any) -> Seen:
    """Sends one row of a column that has a dictionary."""
    return of(package, pa.array(NAMES).dictionary_encode())


def nested_views(package: Any) -> Seen:
    """Sends one row of lists of string views."""
    offsets = pa.array(range(len(NAMES) + 1), pa.int32())
    return of(package, pa.ListArray.from_arrays(offsets, pa.array(NAMES, pa.string_view())))


def structs_of_views(package: Any) -> Seen:
    """Sends one row of structs of string views."""
    return of(package, pa.StructArray.from_arrays([pa.array(NAMES, pa.string_view())], ["s"]))


def of(package: Any, column: pa.Array) -> Seen:
    """What the message of a query over one row of a table in memory holds."""
    frame = package.SessionContext().from_arrow(pa.table({"s": column}).slice(0, 1))
    try:
        message = frame.logical_plan().to_bytes()
    except Exception as error:
        return broken(f"not sent: {type(error).__name__}")
    if OTHER in message or len(message) > 10_000:
        return broken(f"{len(message):,} bytes, with the text of other rows")
    return kept("one row")


if __name__ == "__main__":
    run(strings, string_views, dictionary, nested_views, structs_of_views)
