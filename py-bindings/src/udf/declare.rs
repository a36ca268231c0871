//! Static methods that declare functions, which are `udf`, `udaf` and `udwf` under other names.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};

use crate::host::call::Call;

#[pymethods]
impl PyScalarUdf {
    /// Make a scalar function as `planwire.udf` does, as a function or a decorator.
    ///
    /// Args:
    ///     args: Those of `planwire.udf`.
    ///     kwargs: Those of `planwire.udf`.
    ///
    /// Raises:
    ///     TypeError: As `planwire.udf` does.
    ///     ValueError: As `planwire.udf` does.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import ScalarUDF
    ///     >>> ScalarUDF.udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
    ///     ScalarUDF("same")
    #[staticmethod]
    #[pyo3(name = "udf", signature = (*args, **kwargs))]
    fn declare<'py>(
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        declare("udf", args, kwargs)
    }
}

#[pymethods]
impl PyAggregateUdf {
    /// Make an aggregate function as `planwire.udaf` does, as a function or a decorator.
    ///
    /// Args:
    ///     args: Those of `planwire.udaf`.
    ///     kwargs: Those of `planwire.udaf`.
    ///
    /// Raises:
    ///     TypeError: As `planwire.udaf` does.
    ///     ValueError: As `planwire.udaf` does.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import AggregateUDF
    ///     >>> AggregateUDF.udaf(int, pa.int64(), pa.int64(), [pa.int64()], "immutable")
    ///     Traceback (most recent call last):
    ///         ...
    ///     TypeError: int is not an Accumulator
    #[staticmethod]
    #[pyo3(name = "udaf", signature = (*args, **kwargs))]
    fn declare<'py>(
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        declare("udaf", args, kwargs)
    }
}

#[pymethods]
impl PyWindowUdf {
    /// Make a window function as `planwire.udwf` does, as a function or a decorator.
    ///
    /// Args:
    ///     args: Those of `planwire.udwf`.
    ///     kwargs: Those of `planwire.udwf`.
    ///
    /// Raises:
    ///     TypeError: As `planwire.udwf` does.
    ///     ValueError: As `planwire.udwf` does.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import WindowEvaluator, WindowUDF
    ///     >>> WindowUDF.udwf(WindowEvaluator, pa.int64(), pa.int64(), "immutable", "nothing")
    ///     WindowUDF("nothing")
    #[staticmethod]
    #[pyo3(name = "udwf", signature = (*args, **kwargs))]
    fn declare<'py>(
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        declare("udwf", args, kwargs)
    }
}

fn declare<'py>(
    name: &str,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = args.py();
    Call::python(py, || py.import("planwire.user_defined")?.getattr(name)?.call(args, kwargs))
}
