//! Rules of a session: what it optimizes queries by.

use pyo3::prelude::*;

use super::PySessionContext;

#[pymethods]
impl PySessionContext {
    /// Take a rule out of the optimizer.
    ///
    /// Args:
    ///     name: The rule's name, as `EXPLAIN VERBOSE` shows it.
    ///
    /// Returns:
    ///     Whether there was such a rule.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.remove_optimizer_rule("eliminate_filter"), ctx.remove_optimizer_rule("no rule")
    ///     (True, False)
    fn remove_optimizer_rule(&self, py: Python<'_>, name: &str) -> bool {
        py.detach(|| self.ctx.remove_optimizer_rule(name))
    }
}
