//! Aggregate functions.

use std::sync::Arc;

use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr};
use planwire_python::{PythonAggregateUdf, PythonFunction};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::signature::{Callable, FieldArg, Role, VolatilityArg, declared, fields};
use super::{arguments, own_name};
use crate::expr::{OneOrMany, PyExpr};
use crate::ffi;
use crate::host::shown::shown;

/// An aggregate function: one value for a group of rows.
///
/// Call it with expressions, or values that become literals, to make an expression.
///
/// Args:
///     name: The name that plans and SQL use.
///     accumulator: Makes an `Accumulator`, e.g. a subclass of it, and is called once for each group;
///         or makes a `GroupedAccumulator`, and is called once for each partition. Or a function of
///         another library, with `__datafusion_aggregate_udf__`: it brings its own name and
///         declaration, and nothing else is needed.
///     input_types: The `pyarrow.DataType` or `pyarrow.Field` of each argument; one alone may stand
///         without a list.
///     return_type: The type or field of the result.
///     state_type: The types of the values that `state` returns.
///     volatility: `"immutable"`, `"stable"` or `"volatile"`, or a `Volatility`.
///
/// Raises:
///     TypeError: `accumulator` is not callable, a type is not one of Arrow's, or one is missing.
///     ValueError: There is no such volatility.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import Accumulator, AggregateUDF, col
///     >>> AggregateUDF("nothing", Accumulator, [], pa.int64(), [], "immutable")
///     AggregateUDF("nothing")
#[pyclass(module = "planwire", name = "AggregateUDF", frozen, skip_from_py_object)]
pub(crate) struct PyAggregateUdf {
    udf: Arc<AggregateUDF>,
}

impl PyAggregateUdf {
    /// The declaration of a function that is written in Python.
    fn ours(&self) -> Option<&PythonFunction> {
        self.udf.inner().downcast_ref::<PythonAggregateUdf>().map(PythonAggregateUdf::function)
    }

    pub(crate) fn udf(&self) -> &AggregateUDF {
        &self.udf
    }
}

impl From<Arc<AggregateUDF>> for PyAggregateUdf {
    fn from(udf: Arc<AggregateUDF>) -> Self {
        Self { udf }
    }
}

#[pymethods]
impl PyAggregateUdf {
    #[new]
    #[pyo3(signature = (
        name, accumulator, input_types = None, return_type = None, state_type = None, volatility = None
    ))]
    fn new(
        name: &str,
        accumulator: &Bound<'_, PyAny>,
        input_types: Option<OneOrMany<FieldArg>>,
        return_type: Option<FieldArg>,
        state_type: Option<OneOrMany<FieldArg>>,
        volatility: Option<VolatilityArg>,
    ) -> PyResult<Self> {
        if let Some(foreign) = ffi::aggregate_udf(accumulator)? {
            return Ok(foreign.into());
        }
        let accumulator: Callable = accumulator.extract()?;
        let inputs = fields(declared(input_types, "input_types")?, Role::Argument);
        let output = declared(return_type, "return_type")?.named(name);
        let state = fields(declared(state_type, "state_type")?, Role::State);
        let volatility = declared(volatility, "volatility")?.0;
        let udf = PythonAggregateUdf::new(name, accumulator.0, inputs, output, state, volatility);
        Ok(Self { udf: Arc::new(udf.into()) })
    }

    /// The function's name.
    #[getter]
    fn name(&self) -> &str {
        self.udf.name()
    }

    /// Return the function with its bytes kept: it is pickled the first time that it is sent, and never again.
    ///
    /// Values that it closes over, and that change after that, are sent as they were. Sending it again costs
    /// next to nothing. A function that is not written in Python, or that came in a message, is returned as it is.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import Accumulator, udaf
    ///     >>> class Counter(Accumulator):
    ///     ...     rows = 0
    ///     ...     def update(self, values: pa.Array) -> None:
    ///     ...         self.rows += len(values)
    ///     ...     def merge(self, states: list[pa.Array]) -> None:
    ///     ...         self.rows += sum(states[0].to_pylist())
    ///     ...     def state(self) -> list[pa.Scalar]:
    ///     ...         return [pa.scalar(self.rows)]
    ///     ...     def evaluate(self) -> pa.Scalar:
    ///     ...         return pa.scalar(self.rows)
    ///     >>> udaf(Counter, pa.int64(), pa.int64(), [pa.int64()], "immutable").freeze()
    ///     AggregateUDF("counter")
    fn freeze(slf: &Bound<'_, Self>) -> PyResult<Py<Self>> {
        let udf = slf.get().udf();
        match udf.inner().downcast_ref::<PythonAggregateUdf>() {
            Some(ours) if ours.function().received().is_none() => {
                let frozen = Self::from(Arc::new(AggregateUDF::from(ours.frozen())));
                Py::new(slf.py(), frozen)
            }
            _ => Ok(slf.clone().unbind()),
        }
    }

    /// The name of the Python function, or that of plans.
    #[getter(__name__)]
    fn name_in_python(&self, py: Python<'_>) -> String {
        own_name(py, self.ours(), self.udf.name())
    }

    /// The callable that the function was made of; `None` if it is of another language, or not opened yet.
    #[getter]
    fn _callable(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.ours()?.callable().map(|callable| callable.clone_ref(py))
    }

    #[pyo3(signature = (*args))]
    fn __call__(&self, args: &Bound<'_, PyTuple>) -> PyResult<PyExpr> {
        let (udf, args) = (Arc::clone(&self.udf), arguments(self.udf.name(), self.ours(), args)?);
        let call = AggregateFunction::new_udf(udf, args, false, None, Vec::new(), None);
        Ok(Expr::AggregateFunction(call).into())
    }

    fn __repr__(&self) -> String {
        format!("AggregateUDF({})", shown(format_args!("{:?}", self.udf.name())))
    }
}
