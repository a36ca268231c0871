//! Parts of nested values: the fields of a struct, the elements of a list.

use datafusion::functions::core::expr_ext::FieldAccessor;
use datafusion::functions_nested::expr_fn::{array_element, array_slice};
use datafusion::logical_expr::lit;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PySlice, PyString};

use super::PyExpr;

#[pymethods]
impl PyExpr {
    // As in Python: lists begin with 0, and a negative position counts from the end.
    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(name) = key.cast::<PyString>() {
            return Ok(self.cloned().field(name.to_cow()?.into_owned()).into());
        }
        if let Ok(slice) = key.cast::<PySlice>() {
            return self.slice(slice);
        }
        match key.extract::<i64>() {
            Ok(position) => Ok(array_element(self.cloned(), lit(first(position)?)).into()),
            Err(_) => Err(PyTypeError::new_err(format!(
                "an element is found by the name of a field, a position or a slice, not by {}",
                key.get_type().name()?
            ))),
        }
    }
}

impl PyExpr {
    fn slice(&self, slice: &Bound<'_, PySlice>) -> PyResult<Self> {
        let part = |name| -> PyResult<Option<i64>> { slice.getattr(name)?.extract() };
        let stride = part("step")?;
        if stride.is_some_and(|stride| stride < 1) {
            return Err(PyIndexError::new_err("a slice of an expression goes forwards"));
        }
        let begin = part("start")?.map_or(Ok(1), first)?;
        let (list, begin, stride) = (self.cloned(), lit(begin), stride.map(lit));
        let last = match part("stop")? {
            // DataFusion's slices include their last element, and no position is before the first.
            Some(0) => return Ok(array_slice(list, lit(1_i64), lit(0_i64), None).into()),
            Some(stop) if stop < 0 => lit(stop.saturating_sub(1)),
            Some(stop) => lit(stop),
            None => lit(-1_i64),
        };
        Ok(array_slice(list, begin, last, stride).into())
    }
}

/// DataFusion's position, which begins with 1, of Python's, which begins with 0.
fn first(position: i64) -> PyResult<i64> {
    if position < 0 {
        return Ok(position);
    }
    position.checked_add(1).ok_or_else(|| PyIndexError::new_err("the position is too large"))
}
