//! Verbs that put a value where there is none.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::functions::core::coalesce;
use datafusion::functions::math::nanvl;
use datafusion::logical_expr::{Expr, ScalarUDF, lit};
use datafusion::scalar::ScalarValue;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::expr::literal;

#[pymethods]
impl PyDataFrame {
    /// Put a value where there are nulls; columns of types that cannot hold it stay as they are.
    ///
    /// Args:
    ///     value: The value.
    ///     subset: The names of the columns to fill; without it, all.
    ///
    /// Raises:
    ///     ExecutionError: One of the columns is not there.
    ///     TypeError: Arrow has no type for the value.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1, None], "b": ["x", None]})
    ///     >>> df.fill_null(0).to_pydict()
    ///     {'a': [1, 0], 'b': ['x', '0']}
    #[pyo3(signature = (value, subset = None))]
    fn fill_null(
        &self,
        py: Python<'_>,
        value: &Bound<'_, PyAny>,
        subset: Option<Vec<String>>,
    ) -> PyResult<Self> {
        self.fill(py, &literal::scalar(value)?, subset, &coalesce(), |_| true)
    }

    /// Put a value where there are floating-point numbers that are not numbers.
    ///
    /// Args:
    ///     value: The value.
    ///     subset: The names of the columns to fill; without it, all. Those of other types stay.
    ///
    /// Raises:
    ///     ExecutionError: One of the columns is not there.
    ///     TypeError: Arrow has no type for the value.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1.5, float("nan")]})
    ///     >>> df.fill_nan(0).to_pydict()
    ///     {'a': [1.5, 0.0]}
    #[pyo3(signature = (value, subset = None))]
    fn fill_nan(
        &self,
        py: Python<'_>,
        value: &Bound<'_, PyAny>,
        subset: Option<Vec<String>>,
    ) -> PyResult<Self> {
        self.fill(py, &literal::scalar(value)?, subset, &nanvl(), DataType::is_floating)
    }
}

impl PyDataFrame {
    /// Computes `function` of a column and the value, for those of the chosen columns whose type can hold it.
    fn fill(
        &self,
        py: Python<'_>,
        value: &ScalarValue,
        subset: Option<Vec<String>>,
        function: &Arc<ScalarUDF>,
        applies: fn(&DataType) -> bool,
    ) -> PyResult<Self> {
        self.plan(py, |frame| {
            let all = subset.is_none();
            let schema = self.frame.schema();
            let mut chosen = Vec::new();
            for name in subset.into_iter().flatten() {
                chosen.push(schema.qualified_field_from_column(&self.named(&name))?);
            }
            let filled = schema.iter().map(|(qualifier, field)| {
                let column = Expr::Column(Column::from((qualifier, field)));
                let asked = all || chosen.contains(&(qualifier, field));
                match value.cast_to(field.data_type()) {
                    Ok(value) if asked && applies(field.data_type()) => function
                        .call(vec![column, lit(value)])
                        .alias_qualified(qualifier.cloned(), field.name()),
                    _ => column,
                }
            });
            frame.select(filled.collect::<Vec<_>>())
        })
    }
}
