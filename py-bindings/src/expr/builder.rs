//! Methods that build one expression from another.

use std::collections::HashMap;

use datafusion::functions::core::expr_fn::nvl;
use datafusion::functions::math::expr_fn::{isnan, nanvl};
use datafusion::logical_expr::expr::FieldMetadata;
use datafusion::logical_expr::{self as df, ExprSchemable};
use planwire_registry::error::OneLine;
use pyo3::prelude::*;

use super::data_type::TypeArg;
use super::{ExprOrLiteral, PyExpr};
use crate::expr::sort::PySortExpr;
use crate::host::call::Call;
use crate::host::shown::{LONGEST_TEXT, shown};
use crate::plan::PyLogicalPlan;

#[pymethods]
impl PyExpr {
    /// Give the expression's column a name.
    ///
    /// Args:
    ///     name: The name.
    ///     metadata: What the column's field says besides its name and type. DataFusion's messages
    ///         leave it out, so an expression that travels needs `planwire.functions.with_metadata`.
    ///
    /// Raises:
    ///     TypeError: The name is not a string, or the metadata are not a dict of strings.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> (col("a") + 1).alias("next").schema_name()
    ///     'next'
    #[pyo3(signature = (name, metadata = None))]
    fn alias(&self, name: &str, metadata: Option<HashMap<String, String>>) -> Self {
        self.cloned().alias_with_metadata(name, metadata.map(FieldMetadata::from)).into()
    }

    /// Convert the expression's values to another type, or fail over one that does not fit.
    ///
    /// Args:
    ///     to: A `pyarrow.DataType`, another object that exports an Arrow type, or one of Python's
    ///         `bool`, `int`, `float`, `str`, `bytes`, `date` and `datetime`.
    ///
    /// Raises:
    ///     TypeError: `to` is of another class.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import col
    ///     >>> col("a").cast(pa.int8()), col("a").cast(float)
    ///     (Expr(CAST(a AS Int8)), Expr(CAST(a AS Float64)))
    fn cast(&self, to: TypeArg) -> Self {
        df::cast(self.cloned(), to.0).into()
    }

    /// Convert the expression's values to another type, or to null where one does not fit.
    ///
    /// Args:
    ///     to: Any type that `cast` takes.
    ///
    /// Raises:
    ///     TypeError: `to` is not a type.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": ["1", "one"]})
    ///     >>> df.select(col("a").try_cast(int).alias("a")).to_pydict()
    ///     {'a': [1, None]}
    fn try_cast(&self, to: TypeArg) -> Self {
        df::try_cast(self.cloned(), to.0).into()
    }

    /// Test whether the value lies between two others, or is one of them.
    ///
    /// Args:
    ///     low: The smallest value that does.
    ///     high: The largest value that does.
    ///     negated: Whether to test for the contrary.
    ///
    /// Raises:
    ///     TypeError: Arrow has no type for a value.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").between(1, 3), col("a").between(1, 3, negated=True)
    ///     (Expr(a BETWEEN Int64(1) AND Int64(3)), Expr(a NOT BETWEEN Int64(1) AND Int64(3)))
    #[pyo3(signature = (low, high, negated = false))]
    fn between(&self, low: ExprOrLiteral, high: ExprOrLiteral, negated: bool) -> Self {
        let expr = self.cloned();
        let test = if negated { df::Expr::not_between } else { df::Expr::between };
        test(expr, low.0, high.0).into()
    }

    /// Test whether the value is one of several.
    ///
    /// Args:
    ///     values: The values, which may be expressions.
    ///     negated: Whether to test for the contrary.
    ///
    /// Raises:
    ///     TypeError: `values` is not a sequence, or Arrow has no type for a value.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").in_list([1, col("b")])
    ///     Expr(a IN ([Int64(1), b]))
    #[pyo3(signature = (values, negated = false))]
    fn in_list(&self, values: Vec<ExprOrLiteral>, negated: bool) -> Self {
        let values = values.into_iter().map(|ExprOrLiteral(value)| value).collect();
        self.cloned().in_list(values, negated).into()
    }

    /// Replace null.
    ///
    /// Args:
    ///     value: What stands for it.
    ///
    /// Raises:
    ///     TypeError: Arrow has no type for the value.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": [1, None]})
    ///     >>> df.select(col("a").fill_null(0).alias("a")).to_pydict()
    ///     {'a': [1, 0]}
    #[pyo3(signature = (value = None))]
    fn fill_null(&self, value: Option<ExprOrLiteral>) -> Self {
        nvl(self.cloned(), value.map_or_else(df::Expr::default, |value| value.0)).into()
    }

    /// Replace values that are not a number.
    ///
    /// Args:
    ///     value: What stands for it.
    ///
    /// Raises:
    ///     TypeError: Arrow has no type for the value.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": [1.5, float("nan")]})
    ///     >>> df.select(col("a").fill_nan(0.0).alias("a")).to_pydict()
    ///     {'a': [1.5, 0.0]}
    #[pyo3(signature = (value = None))]
    fn fill_nan(&self, value: Option<ExprOrLiteral>) -> Self {
        nanvl(self.cloned(), value.map_or_else(df::Expr::default, |value| value.0)).into()
    }

    /// Test for a float that is not a number.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").is_nan()
    ///     Expr(isnan(a))
    fn is_nan(&self) -> Self {
        isnan(self.cloned()).into()
    }

    /// Test for null.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").is_null()
    ///     Expr(a IS NULL)
    fn is_null(&self) -> Self {
        self.cloned().is_null().into()
    }

    /// Test for a value that is not null.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").is_not_null()
    ///     Expr(a IS NOT NULL)
    fn is_not_null(&self) -> Self {
        self.cloned().is_not_null().into()
    }

    /// Say in which direction to sort by the expression.
    ///
    /// Args:
    ///     ascending: Whether the smallest value comes first.
    ///     nulls_first: Whether nulls come first.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").sort(nulls_first=True)
    ///     SortExpr(a ASC NULLS FIRST)
    #[pyo3(signature = (ascending = true, nulls_first = false))]
    fn sort(&self, ascending: bool, nulls_first: bool) -> PySortExpr {
        self.cloned().sort(ascending, nulls_first).into()
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
        Call::begin(py)?.plan(|| Ok(OneLine::new(self.expr(), LONGEST_TEXT).to_string()))
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
        Call::begin(py)?.plan(|| Ok(self.expr().schema_name().to_string()))
    }

    /// Return the name of the expression's column above a plan.
    ///
    /// Args:
    ///     plan: A `LogicalPlan` with the columns that the expression is about.
    ///
    /// Raises:
    ///     ExecutionError: The plan has no such columns.
    ///     TypeError: `plan` is not a `LogicalPlan`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> plan = SessionContext().from_pydict({"a": [1]}).logical_plan()
    ///     >>> (col("a") + 1).alias("next").column_name(plan)
    ///     'next'
    fn column_name(&self, py: Python<'_>, plan: &Bound<'_, PyLogicalPlan>) -> PyResult<String> {
        let plan = plan.get().plan();
        Call::begin(py)?.plan(|| Ok(self.expr().to_field(plan.schema())?.1.name().clone()))
    }

    // Only names that no method has arrive here; those of DataFusion's functions are methods.
    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        Err(PyErr::from_value(py.import("planwire._functions.methods")?.call_method1("missing", (name,))?))
    }

    // DataFusion panics over the text of some literals that only a changed message holds.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| Ok(format!("Expr({})", shown(self.expr()))))
    }
}
