//! Functions that make expressions when they are called: written in Python, or DataFusion's own.

mod aggregate;
mod declare;
mod higher_order;
mod scalar;
mod signature;
mod window;
pub(crate) mod wire;

pub(crate) use aggregate::PyAggregateUdf;
pub(crate) use higher_order::PyHigherOrderUdf;
pub(crate) use scalar::PyScalarUdf;
pub(crate) use window::PyWindowUdf;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;
use planwire_python::{PythonFunction, class_name};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::expr::{Argument, PyExpr};
use crate::host::shown::name;

/// Turns the arguments of a call of `function` into expressions; `declared` are the arguments of one in Python.
pub(crate) fn arguments(
    function: &str,
    declared: Option<&PythonFunction>,
    args: &Bound<'_, PyTuple>,
) -> PyResult<Vec<Expr>> {
    if let Some(wanted) = declared.map(|declared| declared.inputs().len())
        && wanted != args.len()
    {
        let arguments = if wanted == 1 { "argument" } else { "arguments" };
        return Err(PyTypeError::new_err(format!(
            "{}() takes {wanted} {arguments}, got {}",
            name(function),
            args.len()
        )));
    }
    let expression = |(position, given): (usize, Bound<'_, PyAny>)| {
        let input = declared.and_then(|declared| declared.inputs().get(position));
        let made = match input {
            Some(input) if is_list(input.data_type()) => one_list(&given),
            Some(_) => no_array(&given).map(|()| given),
            None => Ok(given),
        };
        let made = made.and_then(|given| given.extract()).map(|Argument(expr)| expr);
        made.map_err(|error| in_argument(args.py(), function, position + 1, error))
    };
    args.iter().enumerate().map(expression).collect()
}

/// The name that a Python function gives itself, or `planned`, that of plans.
pub(crate) fn own_name(py: Python<'_>, declared: Option<&PythonFunction>, planned: &str) -> String {
    let callable = declared.and_then(PythonFunction::callable).map(|callable| callable.bind(py));
    // A property of the callable may raise.
    let own = callable.and_then(|callable| callable.getattr("__name__").ok());
    own.and_then(|own| own.extract().ok()).unwrap_or_else(|| planned.to_owned())
}

const fn is_list(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..))
}

/// Takes an array of pyarrow's as one list, as a literal takes one of numpy's.
fn one_list<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let pyarrow = given.py().import("pyarrow")?;
    if !given.is_instance(&pyarrow.getattr("Array")?)? {
        return Ok(given.clone());
    }
    let of_type = pyarrow.call_method1("list_", (given.getattr("type")?,))?;
    pyarrow.call_method1("scalar", (given.call_method0("to_pylist")?, of_type))
}

/// Refuses rows where an expression over rows is wanted: to run a function of one's own on them is a call of it.
fn no_array(given: &Bound<'_, PyAny>) -> PyResult<()> {
    // Whatever has both is rows: arrays of pyarrow, numpy, pandas and polars.
    if given.is_instance_of::<PyExpr>() || !(given.hasattr("__array__")? && given.hasattr("__len__")?) {
        return Ok(());
    }
    let class = class_name(given);
    Err(PyTypeError::new_err(format!(
        "an expression is wanted, e.g. col('a'), not {class}: to run the function itself on rows, call \
         its __wrapped__; for a constant list, use lit(...)"
    )))
}

/// The exception for an argument that is no expression, with the function and the place of the argument.
fn in_argument(py: Python<'_>, function: &str, position: usize, error: PyErr) -> PyErr {
    if !error.get_type(py).is(py.get_type::<PyTypeError>()) {
        return error;
    }
    let text = format!("{}() argument {position}: {}", name(function), error.value(py));
    let named = PyTypeError::new_err(text);
    named.set_cause(py, error.cause(py));
    named
}
