"""Put DataFusion plans and expressions on the wire with the Python functions they need.

Example:
    >>> import pickle
    >>> import pyarrow as pa
    >>> from planwire import SessionContext, col, udf
    >>> rates = {"N": 0.0, "R": 0.07}
    >>> @udf(pa.string(), pa.float64(), "immutable")
    ... def rate(flags):
    ...     return pa.array([rates[flag] for flag in flags.to_pylist()])
    >>> message = pickle.dumps(rate(col("flag")).alias("rate"))

    In another process:

    >>> expr = pickle.loads(message)
    >>> SessionContext().from_pydict({"flag": ["R", "N"]}).select(expr).to_pydict()
    {'rate': [0.07, 0.0]}

Attributes:
    __version__: The version of planwire, e.g. ``"0.1.0"``.
    __datafusion_version__: The version of DataFusion within, e.g. ``"55.2.0"``.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from planwire import _environment as _environment  # first: it ends a command that cannot start
from planwire import _unopened as _unopened  # a refusal imports nothing
from planwire import (
    catalog,
    common,
    context,
    dataframe,
    errors,
    expr,
    functions,
    guard,
    io,
    ipc,
    options,
    plan,
    record_batch,
    user_defined,
)
from planwire._base import missing as _missing
from planwire._internal import (
    AggregateUDF,
    Carried,
    Catalog,
    Contents,
    DataFrame,
    EncodeReport,
    ExecutionPlan,
    Expr,
    FamilyStatus,
    LogicalPlan,
    Metric,
    MetricsSet,
    Parcel,
    Part,
    PhysicalPartitioning,
    Reading,
    RecordBatch,
    RecordBatchStream,
    RuntimeEnvBuilder,
    ScalarUDF,
    SessionConfig,
    SessionContext,
    SQLOptions,
    Table,
    WindowFrame,
    WindowUDF,
    __datafusion_version__,
    __version__,
    col,
    encode_report,
    harden,
    inspect,
    lit,
    pack,
)
from planwire.common import NullTreatment
from planwire.dataframe import (
    DataFrameWriteOptions,
    ExplainFormat,
    InsertOp,
    ParquetColumnOptions,
    ParquetWriterOptions,
    Progress,
)
from planwire.errors import (
    DecodeError,
    EncodeError,
    ExecutionError,
    GuardError,
    InlineRefused,
    InvalidQuery,
    LimitExceeded,
    MalformedFrame,
    PlanwireError,
    PlanwireWarning,
    PolicyRefused,
    UnknownFamily,
    UnknownFunction,
    VersionMismatch,
)
from planwire.expr import column, literal
from planwire.io import read_avro, read_csv, read_json, read_parquet
from planwire.options import CsvReadOptions
from planwire.user_defined import (
    Accumulator,
    GroupedAccumulator,
    Volatility,
    WindowEvaluator,
    udaf,
    udf,
    udwf,
)

__all__ = [
    "Accumulator",
    "AggregateUDF",
    "Carried",
    "Catalog",
    "Contents",
    "CsvReadOptions",
    "DataFrame",
    "DataFrameWriteOptions",
    "DecodeError",
    "EncodeError",
    "EncodeReport",
    "ExecutionError",
    "ExecutionPlan",
    "ExplainFormat",
    "Expr",
    "FamilyStatus",
    "GroupedAccumulator",
    "GuardError",
    "InlineRefused",
    "InsertOp",
    "InvalidQuery",
    "LimitExceeded",
    "LogicalPlan",
    "MalformedFrame",
    "Metric",
    "MetricsSet",
    "NullTreatment",
    "Parcel",
    "ParquetColumnOptions",
    "ParquetWriterOptions",
    "Part",
    "PhysicalPartitioning",
    "PlanwireError",
    "PlanwireWarning",
    "PolicyRefused",
    "Progress",
    "Reading",
    "RecordBatch",
    "RecordBatchStream",
    "RuntimeEnvBuilder",
    "SQLOptions",
    "ScalarUDF",
    "SessionConfig",
    "SessionContext",
    "Table",
    "UnknownFamily",
    "UnknownFunction",
    "VersionMismatch",
    "Volatility",
    "WindowEvaluator",
    "WindowFrame",
    "WindowUDF",
    "__datafusion_version__",
    "__version__",
    "catalog",
    "col",
    "column",
    "common",
    "context",
    "dataframe",
    "encode_report",
    "errors",
    "expr",
    "functions",
    "guard",
    "harden",
    "inspect",
    "io",
    "ipc",
    "lit",
    "literal",
    "options",
    "pack",
    "plan",
    "read_avro",
    "read_csv",
    "read_json",
    "read_parquet",
    "record_batch",
    "udaf",
    "udf",
    "udwf",
    "user_defined",
]

if not _TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        raise _missing.of_package(name, __all__)
