//! The modes of a session: its treatment of each family.

use planwire_registry::{FamilyMode, SessionCodecs};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{PYTHON, PySessionContext};
use crate::policy::families::{self, PyFamilyStatus};
use crate::policy::guard;
use crate::wire::audit;

#[pymethods]
impl PySessionContext {
    /// Returns a session that is restricted by all of the others.
    fn _narrowed_by(&self, others: Vec<PyRef<'_, Self>>) -> Self {
        let narrow = |codecs: SessionCodecs, other: PyRef<'_, Self>| codecs.narrowed_by(&other.codecs);
        let narrowed = others.into_iter().fold(self.codecs.clone(), narrow);
        self.with_codecs(narrowed)
    }

    /// Return a session that lets Python functions travel inline, or refuses them.
    ///
    /// A session that refuses them is strict: it encodes them by name, and never unpickles what a
    /// message brings. Both sessions share tables, functions and configuration; this one keeps its
    /// mode.
    ///
    /// Args:
    ///     enabled: Whether Python functions travel inline.
    ///
    /// Raises:
    ///     TypeError: `enabled` is not given by keyword, or is not a bool.
    ///
    /// Example:
    ///     >>> import pyarrow as pa, pyarrow.compute as pc
    ///     >>> from planwire import Expr, InlineRefused, SessionContext, col, udf
    ///     >>> double = udf(lambda a: pc.multiply(a, 2), pa.int64(), pa.int64(), "immutable", "double")
    ///     >>> message = double(col("a")).to_bytes()
    ///     >>> strict = SessionContext().with_python_udf_inlining(enabled=False)
    ///     >>> try:
    ///     ...     Expr.from_bytes(message, strict)
    ///     ... except InlineRefused as refusal:
    ///     ...     print(refusal)  # doctest: +ELLIPSIS
    ///     refused the inline scalar UDF 'double' of family `python`: ...
    ///
    ///     The same session decodes the function by its name:
    ///
    ///     >>> strict.register_udf(double)
    ///     >>> Expr.from_bytes(double(col("a")).to_bytes(strict), strict)
    ///     Expr(double(a))
    #[pyo3(signature = (*, enabled))]
    fn with_python_udf_inlining(&self, py: Python<'_>, enabled: bool) -> PyResult<Self> {
        self.with_mode(py, PYTHON, if enabled { FamilyMode::Inline } else { FamilyMode::Refuse })
    }

    /// Return a session with another mode for one family.
    ///
    /// Args:
    ///     name: The family, one of `families()`.
    ///     mode: `"inline"`: what the family carries travels inside messages, and decoding one may
    ///         run its code. `"refuse"`: functions are encoded by name, and nothing is decoded.
    ///         A guard, made by `planwire.guard`: it decides about each payload.
    ///
    /// Raises:
    ///     ValueError: There is no such family or mode; the message lists the known ones.
    ///     TypeError: `mode` is neither a text nor a guard.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().with_family("python", "refuse")
    ///     SessionContext(arrow=inline, python=refuse)
    fn with_family(&self, py: Python<'_>, name: &str, mode: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.with_mode(py, name, guard::mode(mode)?)
    }

    /// Return a session whose payloads of one family leave in other frames. Every session reads both.
    ///
    /// Args:
    ///     name: The family, one of `families()`.
    ///     frames: `"v1"`: as the `datafusion` wheel reads them, as in a new session. `"native"`: only planwire
    ///         reads them. They say outside of the payload what a plan needs of a function, so that the
    ///         receiver unpickles it when it first runs, and never where the plan is only shown, optimized,
    ///         inspected or sent on.
    ///
    /// Raises:
    ///     ValueError: There is no such family or sort of frames; the message lists those there are.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext().with_frames("python", "native")
    ///     >>> [(family.name, family.frames) for family in ctx.families()]
    ///     [('arrow', 'v1'), ('python', 'native')]
    fn with_frames(&self, name: &str, frames: &str) -> PyResult<Self> {
        let codecs = self
            .codecs
            .with_frames(name, families::frames(frames)?)
            .map_err(|unknown| PyValueError::new_err(unknown.to_string()))?;
        Ok(self.with_codecs(codecs))
    }

    /// Return a session with another precedence: who wins where a payload comes under the name of a
    /// function that is registered with the session.
    ///
    /// Args:
    ///     precedence: `"payload"`: the payload is decoded, if the mode of its family lets it in, as in a
    ///         new session. `"registered"`: the registered function is taken, and the payload is never
    ///         decoded, whatever the mode; a warning says so.
    ///
    /// Raises:
    ///     ValueError: There is no such precedence; the message lists the known ones.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().with_precedence("registered").precedence()
    ///     'registered'
    fn with_precedence(&self, py: Python<'_>, precedence: &str) -> PyResult<Self> {
        let found = families::precedence(precedence)?;
        audit::policy(py, "precedence", precedence)?;
        Ok(self.with_codecs(self.codecs.with_precedence(found)))
    }

    /// Return who wins where a payload comes under the name of a registered function.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().precedence()
    ///     'payload'
    fn precedence(&self) -> &'static str {
        self.codecs.precedence().as_str()
    }

    /// List the families that are linked, with what this session does with each.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> [family.name for family in SessionContext().families()]
    ///     ['arrow', 'python']
    fn families(&self) -> Vec<PyFamilyStatus> {
        self.codecs.families().map(PyFamilyStatus::from).collect()
    }
}

impl PySessionContext {
    fn with_mode(&self, py: Python<'_>, name: &str, mode: FamilyMode) -> PyResult<Self> {
        let text = mode.as_str();
        let codecs = self
            .codecs
            .with_mode(name, mode)
            .map_err(|unknown| PyValueError::new_err(unknown.to_string()))?;
        audit::policy(py, name, text)?;
        Ok(self.with_codecs(codecs))
    }
}
