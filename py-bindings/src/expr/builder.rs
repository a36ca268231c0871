//! Methods that build one expression from another.

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr as df;
use pyo3::prelude::*;

use super::PyExpr;
use crate::call::Call;
use crate::sort::PySortExpr;

#[pymethods]
impl PyExpr {
    /// Give the expression's column a name.
    ///
    /// Args:
    ///     name: The name.
    ///
    /// Raises:
    ///     TypeError: The name is not a string.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> (col("a") + 1).alias("next").schema_name()
    ///     'next'
    fn alias(&self, name: &str) -> Self {
        self.expr.clone().alias(name).into()
    }

    /// Convert the expression's values to another type.
    ///
    /// Args:
    ///     to: A `pyarrow.DataType`, or another object that exports an Arrow type.
    ///
    /// Raises:
    ///     TypeError: `to` is not an Arrow type.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import col
    ///     >>> col("a").cast(pa.int8())
    ///     Expr(CAST(a AS Int8))
    fn cast(&self, to: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(df::cast(self.expr.clone(), DataType::from_pyarrow_bound(to)?).into())
    }

    /// Test for null.
    ///
    /// Raises:
    ///     Nothing.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").is_null()
    ///     Expr(a IS NULL)
    fn is_null(&self) -> Self {
        self.expr.clone().is_null().into()
    }

    /// Test for a value that is not null.
    ///
    /// Raises:
    ///     Nothing.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").is_not_null()
    ///     Expr(a IS NOT NULL)
    fn is_not_null(&self) -> Self {
        self.expr.clone().is_not_null().into()
    }

    /// Say in which direction to sort by the expression.
    ///
    /// Args:
    ///     ascending: Whether the smallest value comes first.
    ///     nulls_first: Whether nulls come first.
    ///
    /// Raises:
    ///     TypeError: An argument is not a bool.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").sort(nulls_first=True)
    ///     SortExpr(a ASC NULLS FIRST)
    #[pyo3(signature = (ascending = true, nulls_first = false))]
    fn sort(&self, ascending: bool, nulls_first: bool) -> PySortExpr {
        self.expr.clone().sort(ascending, nulls_first).into()
    }

    /// Return the expression as text, with the types of its literals.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion has no text for it, as for some literals of changed messages.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> (col("a") + 1).canonical_name()
    ///     'a + Int64(1)'
    fn canonical_name(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| Ok(self.expr.to_string()))
    }

    /// Return the name that the expression's column has in a schema.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion has no text for it, as for some literals of changed messages.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").alias("b").schema_name()
    ///     'b'
    fn schema_name(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| Ok(self.expr.schema_name().to_string()))
    }

    // DataFusion panics over the text of some literals that only a changed message holds.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| Ok(format!("Expr({})", self.expr)))
    }
}
