"""Errors for names that are not there, with the name that does the same here."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from planwire import _internal
from planwire._base.escaped import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

# Verbs of PySpark, pandas, polars and DuckDB, and what does the same.
_OF_FRAME = {
    "agg": "aggregate(group_by, aggs)",
    "astype": "cast",
    "columns": "schema().names",
    "createOrReplaceTempView": "ctx.register_view(name, df)",
    "createTempView": "ctx.register_view(name, df)",
    "crossJoin": "ctx.sql, with CROSS JOIN",
    "dropDuplicates": "distinct, or distinct_on",
    "drop_duplicates": "distinct, or distinct_on",
    "dropna": "filter(col(...).is_not_null())",
    "drop_nulls": "filter(col(...).is_not_null())",
    "dtypes": "schema().types",
    "exceptAll": "except_all",
    "explode": "unnest_columns",
    "fetchall": "to_pylist",
    "fillna": "fill_null",
    "groupBy": "aggregate(group_by, aggs)",
    "group_by": "aggregate(group_by, aggs)",
    "groupby": "aggregate(group_by, aggs)",
    "intersectAll": "intersect",
    "iterrows": "to_pylist, or a loop over its batches",
    "lazy": "nothing: a DataFrame is lazy",
    "merge": "join",
    "orderBy": "sort",
    "order_by": "sort",
    "persist": "cache",
    "printSchema": "schema",
    "project": "select",
    "query": "filter",
    "rename": "with_column_renamed",
    "sample": "filter(functions.random() < share)",
    "selectExpr": "select_exprs",
    "shape": "count() and schema()",
    "sort_values": "sort",
    "take": "limit",
    "toPandas": "to_pandas",
    "unionAll": "union",
    "union_all": "union",
    "unnest": "unnest_columns",
    "where": "filter",
    "withColumn": "with_column",
    "withColumnRenamed": "with_column_renamed",
    "withColumns": "with_columns",
    "write": "write_parquet, write_csv, write_json or write_table",
    "write_database": "write_table",
    "write_ndjson": "write_json",
}
_OF_SESSION = {
    "createDataFrame": "from_pydict, from_pylist, from_pandas or from_arrow",
    "create_function": "register_udf",
    "from_numpy": "from_pydict",
    "query": "sql",
    "read": "read_parquet, read_csv or read_json",
    "register_function": "register_udf, register_udaf or register_udwf",
    "register_udtf": "a session of the datafusion wheel",
    "scan_csv": "read_csv",
    "scan_parquet": "read_parquet",
    "stop": "nothing: a session ends with its last reference",
    "tables": "catalog",
}
_OF_PACKAGE = {
    "DataType": "types of pyarrow, Python classes like float, and names like 'bigint'",
    "Session": "SessionContext",
    "SparkSession": "SessionContext",
    "TableFunction": "a session of the datafusion wheel",
    "connect": "SessionContext",
    "scan_csv": "read_csv",
    "scan_parquet": "read_parquet",
    "udtf": "a session of the datafusion wheel",
}


def of_frame(name: str, is_column: bool) -> AttributeError:
    """Return the error for an attribute that data frames do not have."""
    if is_column:
        shown = f"'{escaped(name, 80)}'"
        if shown != repr(name):
            return AttributeError(f"a DataFrame has no attribute {shown}")
        return AttributeError(f"a DataFrame has no attribute {shown}: the column is col({shown})")
    return _error("a DataFrame", name, _OF_FRAME, dir(_internal.DataFrame))


def of_session(name: str) -> AttributeError:
    """Return the error for an attribute that sessions do not have."""
    return _error("a SessionContext", name, _OF_SESSION, dir(_internal.SessionContext))


def of_package(name: str, public: Iterable[str]) -> AttributeError:
    """Return the error for a name that the package does not have."""
    return _error("planwire", name, _OF_PACKAGE, public)


def _error(
    holder: str, name: str, elsewhere: dict[str, str], known: Iterable[str]
) -> AttributeError:
    text = f"{holder} has no attribute '{escaped(name, 80)}'"
    if name in elsewhere:
        return AttributeError(f"{text}: use {elsewhere[name]}")
    # Libraries ask for names of this form to learn what an object can do.
    if name.startswith("_"):
        return AttributeError(text)
    public = [candidate for candidate in known if not candidate.startswith("_")]
    similar = get_close_matches(name[:80], public)
    return AttributeError(text + (f", similar names are {', '.join(similar)}" if similar else ""))
