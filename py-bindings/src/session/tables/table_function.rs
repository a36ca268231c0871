//! Table functions: functions whose calls are tables.

use std::sync::Arc;

use datafusion::catalog::TableFunctionArgs;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::dataframe::PyDataFrame;
use crate::expr::ExprOrLiteral;
use crate::host::call::Call;
use crate::host::error::bounded;
use crate::host::similar;
use crate::session::PySessionContext;

#[pymethods]
impl PySessionContext {
    /// Read the table that a call of a table function is.
    ///
    /// SQL calls the function in a `FROM` clause. DataFusion's own are `generate_series` and `range`.
    ///
    /// Args:
    ///     name: The function's name.
    ///     args: The arguments of the call.
    ///
    /// Raises:
    ///     KeyError: The session has no table function of that name.
    ///     TypeError: Arrow has no type for an argument.
    ///     ExecutionError: The arguments do not fit the function.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().table_function("range", 1, 4).to_pydict()
    ///     {'value': [1, 2, 3]}
    #[pyo3(signature = (name, *args))]
    fn table_function(&self, py: Python<'_>, name: &str, args: &Bound<'_, PyTuple>) -> PyResult<PyDataFrame> {
        // The arguments are constants, of which a text is one.
        let args: Vec<_> =
            args.iter().map(|arg| arg.extract().map(|ExprOrLiteral(expr)| expr)).collect::<PyResult<_>>()?;
        let state = py.detach(|| self.ctx.state());
        let Some(function) = state.table_functions().get(name).map(Arc::clone) else {
            let hint = similar::hint(name, state.table_functions().keys());
            return Err(PyKeyError::new_err(bounded(&format_args!(
                "no table function is named {name:?}{hint}"
            ))));
        };
        Call::begin(py)?
            .plan(|| {
                let table =
                    function.create_table_provider_with_args(TableFunctionArgs::new(&args, &state))?;
                self.ctx.read_table(table)
            })
            .map(PyDataFrame::from)
    }
}
