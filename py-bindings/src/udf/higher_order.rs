//! Functions that call a lambda.

use std::sync::Arc;

use datafusion::logical_expr::expr::HigherOrderFunction;
use datafusion::logical_expr::{Expr, HigherOrderUDF};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arguments;
use crate::expr::PyExpr;
use crate::host::shown::shown;

/// A function that calls a lambda on each element of a list; DataFusion's own only.
///
/// Example:
///     >>> from planwire import _internal
///     >>> _internal.builtin("array_transform")
///     HigherOrderUDF("array_transform")
#[pyclass(module = "planwire", name = "HigherOrderUDF", frozen, skip_from_py_object)]
pub(crate) struct PyHigherOrderUdf {
    udf: Arc<HigherOrderUDF>,
}

impl From<Arc<HigherOrderUDF>> for PyHigherOrderUdf {
    fn from(udf: Arc<HigherOrderUDF>) -> Self {
        Self { udf }
    }
}

#[pymethods]
impl PyHigherOrderUdf {
    /// The function's name.
    #[getter]
    fn name(&self) -> &str {
        self.udf.name()
    }

    #[pyo3(signature = (*args))]
    fn __call__(&self, args: &Bound<'_, PyTuple>) -> PyResult<PyExpr> {
        let call = HigherOrderFunction::new(Arc::clone(&self.udf), arguments(self.udf.name(), None, args)?);
        Ok(Expr::HigherOrderFunction(call).into())
    }

    fn __repr__(&self) -> String {
        format!("HigherOrderUDF({})", shown(format_args!("{:?}", self.udf.name())))
    }
}
