//! Expressions of one constant or one column, and the way back to a Python value.

use std::collections::HashMap;

use arrow_pyarrow::ToPyArrow;
use datafusion::arrow::array::Array;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::FieldMetadata;
use datafusion::scalar::ScalarValue;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::{ExprOrLiteral, PyExpr, col};
use crate::host::call::Call;
use crate::host::error::taken;
use crate::host::shown::shown;

#[pymethods]
impl PyExpr {
    /// Make an expression of a column's name, as `planwire.col` does.
    ///
    /// Args:
    ///     value: The name, qualified by a table's or not.
    ///
    /// Example:
    ///     >>> from planwire import Expr
    ///     >>> Expr.column("a")
    ///     Expr(a)
    #[staticmethod]
    fn column(value: &str) -> Self {
        col(value)
    }

    /// Make an expression of a constant, as `planwire.lit` does.
    ///
    /// Args:
    ///     value: A Python value that Arrow has a type for, or a `pyarrow.Scalar`.
    ///
    /// Raises:
    ///     TypeError: Arrow has no type for the value.
    ///
    /// Example:
    ///     >>> from planwire import Expr
    ///     >>> Expr.literal(1.5)
    ///     Expr(Float64(1.5))
    #[staticmethod]
    fn literal(value: ExprOrLiteral) -> Self {
        value.0.into()
    }

    /// Make an expression of a constant text.
    ///
    /// Args:
    ///     value: The text.
    ///
    /// Raises:
    ///     TypeError: The value is not a string.
    ///
    /// Example:
    ///     >>> from planwire import Expr
    ///     >>> Expr.string_literal("a")
    ///     Expr(Utf8("a"))
    #[staticmethod]
    fn string_literal(value: String) -> Self {
        Expr::Literal(ScalarValue::Utf8(Some(value)), None).into()
    }

    /// Make an expression of a constant whose column has metadata.
    ///
    /// Args:
    ///     value: A Python value that Arrow has a type for, or a `pyarrow.Scalar`.
    ///     metadata: What the field of the constant's column says besides its type. DataFusion's
    ///         messages leave it out, so an expression that travels needs
    ///         `planwire.functions.with_metadata`.
    ///
    /// Raises:
    ///     TypeError: Arrow has no type for the value, or the metadata are not strings.
    ///
    /// Example:
    ///     >>> from planwire import Expr, SessionContext
    ///     >>> expr = Expr.literal_with_metadata(1, {"unit": "m"}).alias("length")
    ///     >>> df = SessionContext().from_pydict({"a": [0]}).select(expr)
    ///     >>> df.schema().field("length").metadata
    ///     {b'unit': b'm'}
    #[staticmethod]
    fn literal_with_metadata(value: ExprOrLiteral, metadata: HashMap<String, String>) -> PyResult<Self> {
        match value.0 {
            Expr::Literal(value, _) => Ok(Expr::Literal(value, Some(FieldMetadata::from(metadata))).into()),
            other => {
                Err(PyTypeError::new_err(format!("expected a value, got the expression {}", shown(other))))
            }
        }
    }

    /// Return a constant as the Python value it was made of.
    ///
    /// Raises:
    ///     ExecutionError: Python has no such value, e.g. because it has no such time zone.
    ///     TypeError: The expression is not a constant.
    ///
    /// Example:
    ///     >>> from planwire import lit
    ///     >>> lit([1, 2]).python_value()
    ///     [1, 2]
    fn python_value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let Expr::Literal(value, _) = self.expr() else {
            let variant = self.expr().variant_name();
            return Err(PyTypeError::new_err(format!("only a literal has a Python value, not a {variant}")));
        };
        let array = Call::begin(py)?.plan(|| value.to_array())?;
        let value = || array.to_data().to_pyarrow(py)?.get_item(0)?.call_method0("as_py");
        taken(py, value())
    }

    /// Return what sort of expression this is, in DataFusion's words.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> (col("a") + 1).variant_name()
    ///     'BinaryExpr'
    fn variant_name(&self) -> &str {
        self.expr().variant_name()
    }
}
