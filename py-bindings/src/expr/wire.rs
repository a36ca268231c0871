//! Expressions as bytes: encoding, decoding, pickling and copying.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple, PyType};

use super::PyExpr;
use crate::policy::floor;
use crate::session::PySessionContext;
use crate::wire::message;

#[pymethods]
impl PyExpr {
    /// Encode the expression, with the Python functions it needs.
    ///
    /// Args:
    ///     ctx: The session whose modes hold; without it the sender context of `planwire.ipc`,
    ///         and without that one a session in which Python functions travel inline.
    ///
    /// Raises:
    ///     EncodeError: Something in the expression cannot be carried, e.g. a function that closes
    ///         over a lock; the cause is the original exception.
    ///
    /// Example:
    ///     >>> from planwire import Expr, col
    ///     >>> Expr.from_bytes((col("a") + 1).to_bytes())
    ///     Expr(a + Int64(1))
    #[pyo3(signature = (ctx = None))]
    fn to_bytes<'py>(
        &self,
        py: Python<'py>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        message::encode(py, ctx, |codecs| codecs.logical().expr_to_bytes(&self.expr))
    }

    /// Decode an expression.
    ///
    /// Decoding a Python function runs code from the message: a session that is to decode messages
    /// from senders it does not trust refuses the family, see `SessionContext.with_family`.
    ///
    /// Args:
    ///     buf: The bytes, in any object that has the buffer protocol.
    ///     ctx: The session whose modes hold and whose functions are looked up; without it the worker
    ///         context of `planwire.ipc`, and without that one a session that knows DataFusion's own
    ///         functions and decodes Python functions.
    ///
    /// Raises:
    ///     MalformedFrame: The bytes are not an expression, or were cut or changed on the way.
    ///     VersionMismatch: A function was encoded for another Python version or frame version.
    ///     InlineRefused: The session refuses the family of a function.
    ///     PolicyRefused: A guard turned a payload down, or a plan inside of the expression writes and the process is
    ///         hardened.
    ///     UnknownFunction: A function came by name and the session has none of that name.
    ///     TypeError: `buf` is not a buffer.
    ///
    /// Example:
    ///     >>> from planwire import Expr, col
    ///     >>> Expr.from_bytes(memoryview(col("a").is_null().to_bytes()))
    ///     Expr(a IS NULL)
    // A class method rather than a static one, because pickle finds the former by reference.
    #[classmethod]
    #[pyo3(signature = (buf, ctx = None))]
    fn from_bytes<'py>(
        cls: &Bound<'py, PyType>,
        buf: &Bound<'py, PyAny>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Self> {
        message::decode(cls.py(), ctx, buf, |codecs, task, bytes| {
            codecs.logical().expr_from_bytes(bytes, task)
        })
        .map(Self::from)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        floor::allow_pickling(py, "expression")?;
        let bytes = slf.get().to_bytes(py, None)?;
        Ok((slf.get_type().getattr("from_bytes")?, PyTuple::new(py, [bytes])?))
    }

    // Expressions never change, so a copy is the expression itself, whatever the sender context says.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}
