//! The functions that a session knows by name.

use pyo3::prelude::*;

use super::PySessionContext;
use crate::udf::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};

// Detached, because a thread that plans may hold the session's lock while it waits for the interpreter.
#[pymethods]
impl PySessionContext {
    /// Register a scalar function, for SQL and for messages that name it.
    ///
    /// Args:
    ///     udf: The function; one of the same name is replaced.
    ///
    /// Raises:
    ///     TypeError: `udf` is not a `ScalarUDF`.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext, udf
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_udf(udf(lambda a: a.is_null(), pa.int64(), pa.bool_(), "stable", "missing"))
    ///     >>> ctx.sql("select missing(null) as m").to_pydict()
    ///     {'m': [True]}
    fn register_udf(&self, py: Python<'_>, udf: &PyScalarUdf) {
        py.detach(|| self.ctx.register_udf(udf.udf().clone()));
    }

    /// Register an aggregate function, for SQL and for messages that name it.
    ///
    /// Args:
    ///     udaf: The function; one of the same name is replaced.
    ///
    /// Raises:
    ///     TypeError: `udaf` is not an `AggregateUDF`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, functions
    ///     >>> SessionContext().register_udaf(functions.sum)
    fn register_udaf(&self, py: Python<'_>, udaf: &PyAggregateUdf) {
        py.detach(|| self.ctx.register_udaf(udaf.udf().clone()));
    }

    /// Register a window function, for SQL and for messages that name it.
    ///
    /// Args:
    ///     udwf: The function; one of the same name is replaced.
    ///
    /// Raises:
    ///     TypeError: `udwf` is not a `WindowUDF`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, functions
    ///     >>> SessionContext().register_udwf(functions.row_number)
    fn register_udwf(&self, py: Python<'_>, udwf: &PyWindowUdf) {
        py.detach(|| self.ctx.register_udwf(udwf.udf().clone()));
    }
}
