//! The functions that a session knows by name.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use super::PySessionContext;
use crate::host::error::bounded;
use crate::host::similar;
use crate::udf::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};

/// Finds a function among those registered.
///
/// # Errors
///
/// A `KeyError` that lists similar names.
fn named<F>(kind: &str, name: &str, functions: &HashMap<String, Arc<F>>) -> PyResult<Arc<F>> {
    functions.get(name).map(Arc::clone).ok_or_else(|| {
        let hint = similar::hint(name, functions.keys());
        PyKeyError::new_err(bounded(&format_args!("no {kind} is named {name:?}{hint}")))
    })
}

/// The names and aliases of functions, in order.
fn names<F>(functions: &HashMap<String, Arc<F>>) -> Vec<String> {
    let mut names: Vec<_> = functions.keys().cloned().collect();
    names.sort_unstable();
    names
}

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
    ///     >>> from planwire import SessionContext, _internal
    ///     >>> SessionContext().register_udaf(_internal.builtin("sum"))
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
    ///     >>> from planwire import SessionContext, _internal
    ///     >>> SessionContext().register_udwf(_internal.builtin("row_number"))
    fn register_udwf(&self, py: Python<'_>, udwf: &PyWindowUdf) {
        py.detach(|| self.ctx.register_udwf(udwf.udf().clone()));
    }

    /// Return a registered scalar function.
    ///
    /// Args:
    ///     name: The name or an alias.
    ///
    /// Raises:
    ///     KeyError: There is no such function; the message lists similar names.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().udf("abs").name
    ///     'abs'
    fn udf(&self, py: Python<'_>, name: &str) -> PyResult<PyScalarUdf> {
        py.detach(|| named("scalar function", name, self.ctx.state_ref().read().scalar_functions()))
            .map(PyScalarUdf::from)
    }

    /// Return the names and aliases of the registered scalar functions in order.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> "abs" in SessionContext().udfs()
    ///     True
    fn udfs(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| names(self.ctx.state_ref().read().scalar_functions()))
    }

    /// Forget a scalar function, if there is one of the name.
    ///
    /// Args:
    ///     name: The name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.deregister_udf("abs")
    ///     >>> "abs" in ctx.udfs()
    ///     False
    fn deregister_udf(&self, py: Python<'_>, name: &str) {
        py.detach(|| self.ctx.deregister_udf(name));
    }

    /// Return a registered aggregate function.
    ///
    /// Args:
    ///     name: The name or an alias.
    ///
    /// Raises:
    ///     KeyError: There is no such function; the message lists similar names.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().udaf("sum").name
    ///     'sum'
    fn udaf(&self, py: Python<'_>, name: &str) -> PyResult<PyAggregateUdf> {
        py.detach(|| named("aggregate function", name, self.ctx.state_ref().read().aggregate_functions()))
            .map(PyAggregateUdf::from)
    }

    /// Return the names and aliases of the registered aggregate functions in order.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> "sum" in SessionContext().udafs()
    ///     True
    fn udafs(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| names(self.ctx.state_ref().read().aggregate_functions()))
    }

    /// Forget an aggregate function, if there is one of the name.
    ///
    /// Args:
    ///     name: The name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.deregister_udaf("sum")
    ///     >>> "sum" in ctx.udafs()
    ///     False
    fn deregister_udaf(&self, py: Python<'_>, name: &str) {
        py.detach(|| self.ctx.deregister_udaf(name));
    }

    /// Return a registered window function.
    ///
    /// Args:
    ///     name: The name or an alias.
    ///
    /// Raises:
    ///     KeyError: There is no such function; the message lists similar names.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().udwf("row_number").name
    ///     'row_number'
    fn udwf(&self, py: Python<'_>, name: &str) -> PyResult<PyWindowUdf> {
        py.detach(|| named("window function", name, self.ctx.state_ref().read().window_functions()))
            .map(PyWindowUdf::from)
    }

    /// Return the names and aliases of the registered window functions in order.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> "row_number" in SessionContext().udwfs()
    ///     True
    fn udwfs(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| names(self.ctx.state_ref().read().window_functions()))
    }

    /// Forget a window function, if there is one of the name.
    ///
    /// Args:
    ///     name: The name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.deregister_udwf("row_number")
    ///     >>> "row_number" in ctx.udwfs()
    ///     False
    fn deregister_udwf(&self, py: Python<'_>, name: &str) {
        py.detach(|| self.ctx.deregister_udwf(name));
    }
}
