//! The limits of a session, by their names.

use planwire_registry::Limit;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::session::PySessionContext;

#[pymethods]
impl PySessionContext {
    /// Return a session with other limits for the messages that it encodes and decodes.
    ///
    /// Both sessions share tables, functions and configuration; this one keeps its limits.
    ///
    /// Args:
    ///     limits: New values, by the names that `limits` returns; others stay as they are.
    ///
    /// Raises:
    ///     TypeError: There is no limit of a name; the text lists the known ones.
    ///     ValueError: A limit is not a number, or negative.
    ///
    /// Example:
    ///     >>> from planwire import Expr, LimitExceeded, SessionContext, col
    ///     >>> small = SessionContext().with_limits(message=100)
    ///     >>> try:
    ///     ...     Expr.from_bytes(bytes(101), small)
    ///     ... except LimitExceeded as error:
    ///     ...     print(error.code)
    ///     PW-D017
    #[pyo3(signature = (**limits))]
    fn with_limits(&self, limits: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut changed = *self.codecs.limits();
        for (name, most) in limits.into_iter().flatten() {
            let name: String = name.extract()?;
            let most = most.extract().map_err(|_| {
                PyValueError::new_err(format!("the limit {name} is a number of 0 or more, not {most}"))
            })?;
            changed = changed.with(limit(&name)?, most);
        }
        Ok(self.with_codecs(self.codecs.with_limits(changed)))
    }

    /// Return the limits of this session, by name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().limits()["depth"]
    ///     4096
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let limits = PyDict::new(py);
        for &limit in Limit::ALL {
            limits.set_item(limit.as_str(), self.codecs.limits().get(limit))?;
        }
        Ok(limits)
    }
}

fn limit(name: &str) -> PyResult<Limit> {
    Limit::ALL.iter().copied().find(|limit| limit.as_str() == name).ok_or_else(|| {
        let known = Limit::ALL.iter().map(|limit| limit.as_str()).collect::<Vec<_>>().join(", ");
        PyTypeError::new_err(format!("no limit is named {name:?}, known are {known}"))
    })
}
