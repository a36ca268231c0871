//! Window frames: which rows around a row a function sees.

use datafusion::arrow::datatypes::{DataType, IntervalUnit};
use datafusion::logical_expr::{WindowFrame, WindowFrameBound, WindowFrameUnits};
use datafusion::scalar::ScalarValue;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};

use crate::expr::{Expr, ExprOrLiteral, literal};
use crate::host::shown::shown;

/// The rows around a row that a window function sees.
///
/// Args:
///     units: `"rows"`, `"range"` or `"groups"`: what the bounds count.
///     start_bound: How far before the row the frame starts; `None` is as far as it goes.
///     end_bound: How far after the row the frame ends; `None` is as far as it goes.
///
/// A bound may also be a `WindowFrameBound` of another frame, which has a direction of its own.
///
/// Raises:
///     ValueError: There are no such units, or a bound is negative.
///     TypeError: A bound is not a constant.
///
/// Example:
///     >>> from planwire import WindowFrame
///     >>> WindowFrame("rows", None, 0)
///     WindowFrame(ROWS BETWEEN UNBOUNDED PRECEDING AND 0 FOLLOWING)
#[pyclass(module = "planwire", name = "WindowFrame", frozen, skip_from_py_object)]
pub(crate) struct PyWindowFrame {
    frame: WindowFrame,
}

impl PyWindowFrame {
    pub(crate) const fn frame(&self) -> &WindowFrame {
        &self.frame
    }
}

#[pymethods]
impl PyWindowFrame {
    #[new]
    #[pyo3(signature = (units, start_bound, end_bound))]
    fn new(units: &str, start_bound: BoundArg, end_bound: BoundArg) -> PyResult<Self> {
        let units = match units.to_ascii_lowercase().as_str() {
            "rows" => WindowFrameUnits::Rows,
            "range" => WindowFrameUnits::Range,
            "groups" => WindowFrameUnits::Groups,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "a window frame counts \"rows\", \"range\" or \"groups\", not {units:?}"
                )));
            }
        };
        let start = start_bound.resolve(units, WindowFrameBound::Preceding)?;
        let end = end_bound.resolve(units, WindowFrameBound::Following)?;
        Ok(Self { frame: WindowFrame::new_bounds(units, start, end) })
    }

    /// Return what the bounds count: `"ROWS"`, `"RANGE"` or `"GROUPS"`.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", 1, 0).get_frame_units()
    ///     'ROWS'
    fn get_frame_units(&self) -> String {
        self.frame.units.to_string()
    }

    /// Return where the frame starts.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", 1, 0).get_lower_bound().get_offset()
    ///     1
    fn get_lower_bound(&self) -> PyWindowFrameBound {
        PyWindowFrameBound { bound: self.frame.start_bound.clone() }
    }

    /// Return where the frame ends.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", 1, 2).get_upper_bound().is_following()
    ///     True
    fn get_upper_bound(&self) -> PyWindowFrameBound {
        PyWindowFrameBound { bound: self.frame.end_bound.clone() }
    }

    fn __repr__(&self) -> String {
        format!("WindowFrame({})", shown(&self.frame))
    }
}

/// One end of a window frame.
///
/// Example:
///     >>> from planwire import WindowFrame
///     >>> WindowFrame("rows", 2, 0).get_lower_bound()
///     WindowFrameBound(2 PRECEDING)
#[pyclass(module = "planwire.expr", name = "WindowFrameBound", frozen, skip_from_py_object)]
pub(crate) struct PyWindowFrameBound {
    bound: WindowFrameBound,
}

#[pymethods]
impl PyWindowFrameBound {
    /// Return how far away the bound is, or `None` if it has no number.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", None, 2).get_lower_bound().get_offset() is None
    ///     True
    fn get_offset(&self) -> Option<u64> {
        match &self.bound {
            WindowFrameBound::Preceding(offset) | WindowFrameBound::Following(offset) => {
                offset.to_string().parse().ok()
            }
            WindowFrameBound::CurrentRow => None,
        }
    }

    /// Return whether the bound is the row itself.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", 1, 0).get_lower_bound().is_current_row()
    ///     False
    const fn is_current_row(&self) -> bool {
        matches!(self.bound, WindowFrameBound::CurrentRow)
    }

    /// Return whether the bound is counted forwards.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", 1, 2).get_lower_bound().is_following()
    ///     False
    const fn is_following(&self) -> bool {
        matches!(self.bound, WindowFrameBound::Following(_))
    }

    /// Return whether the bound is counted backwards.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", 1, 2).get_lower_bound().is_preceding()
    ///     True
    const fn is_preceding(&self) -> bool {
        matches!(self.bound, WindowFrameBound::Preceding(_))
    }

    /// Return whether the bound is as far as the partition goes.
    ///
    /// Example:
    ///     >>> from planwire import WindowFrame
    ///     >>> WindowFrame("rows", None, 0).get_lower_bound().is_unbounded()
    ///     True
    fn is_unbounded(&self) -> bool {
        self.bound.is_unbounded()
    }

    fn __repr__(&self) -> String {
        format!("WindowFrameBound({})", shown(&self.bound))
    }
}

/// An argument that says how far a frame goes in one direction.
enum BoundArg {
    Bound(WindowFrameBound),
    Unbounded,
    Count(u64),
    Distance(ScalarValue),
}

impl FromPyObject<'_, '_> for BoundArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if value.is_none() {
            return Ok(Self::Unbounded);
        }
        if let Ok(bound) = value.cast::<PyWindowFrameBound>() {
            return Ok(Self::Bound(bound.get().bound.clone()));
        }
        if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() {
            let negative = |_| PyValueError::new_err(format!("a frame's bound is not negative: {}", *value));
            return value.extract().map(Self::Count).map_err(negative);
        }
        match value.extract()? {
            ExprOrLiteral(Expr::Literal(value, _)) => Ok(Self::Distance(value)),
            ExprOrLiteral(_) => literal::scalar(&value).map(Self::Distance),
        }
    }
}

impl BoundArg {
    /// Makes the bound, which is counted in `direction` unless it has a direction of its own.
    fn resolve(
        self,
        units: WindowFrameUnits,
        direction: fn(ScalarValue) -> WindowFrameBound,
    ) -> PyResult<WindowFrameBound> {
        let ranged = units == WindowFrameUnits::Range;
        match self {
            Self::Bound(bound) => Ok(bound),
            Self::Unbounded => Ok(direction(ScalarValue::UInt64(None))),
            Self::Count(count) if ranged => Ok(direction(text(&ScalarValue::UInt64(Some(count))))),
            Self::Count(count) => Ok(direction(ScalarValue::UInt64(Some(count)))),
            Self::Distance(distance) if ranged => {
                interval(distance).map(|distance| direction(text(&distance)))
            }
            // DataFusion counts rows and groups in this type alone.
            Self::Distance(distance) => match distance.to_string().parse() {
                Ok(count) => Ok(direction(ScalarValue::UInt64(Some(count)))),
                Err(_) => Err(PyValueError::new_err(format!(
                    "{units} are counted by an integer, not by {}",
                    shown(distance)
                ))),
            },
        }
    }
}

/// The text of a number, as SQL has it in a range: DataFusion reads it as the type of what is
/// ordered by, and takes a number of another type for no bound at all.
fn text(distance: &ScalarValue) -> ScalarValue {
    if distance.data_type().is_numeric() {
        ScalarValue::Utf8(Some(distance.to_string()))
    } else {
        distance.clone()
    }
}

/// A duration as the interval by which DataFusion measures ranges of time.
fn interval(distance: ScalarValue) -> PyResult<ScalarValue> {
    if !matches!(distance.data_type(), DataType::Duration(_)) {
        return Ok(distance);
    }
    let interval = distance.cast_to(&DataType::Interval(IntervalUnit::MonthDayNano));
    interval.map_err(|error| PyValueError::new_err(error.to_string()))
}
