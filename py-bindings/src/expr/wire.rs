//! Expressions as bytes: encoding and decoding.

use datafusion::execution::TaskContext;
use datafusion::logical_expr::Expr;
use planwire_registry::error::Message;
use planwire_registry::{Parts, SessionCodecs, WireError};
use pyo3::prelude::*;

use super::PyExpr;
use crate::session::PySessionContext;
use crate::session::pickle::meaning::Meaning;
use crate::wire::crossing::{Crosses, Encodes, crosses};

impl Encodes for PyExpr {
    fn encode(&self, codecs: &SessionCodecs) -> Result<Parts, WireError> {
        codecs.logical().expr_to_parts(self.expr())
    }
}

impl Crosses for PyExpr {
    const NOUN: &'static str = "expression";
    const MESSAGE: Message = Message::Expr;

    type Inner = Expr;

    fn decode(codecs: &SessionCodecs, task: &TaskContext, bytes: &[u8]) -> Result<Expr, WireError> {
        codecs.logical().expr_from_bytes(bytes, task)
    }

    fn made(expr: Expr, _came: Option<Meaning>) -> Self {
        expr.into()
    }
}

crosses! {
    PyExpr;
    /// Encode the expression, with the Python functions it needs.
    to_bytes;
    ///     EncodeError: Something in the expression cannot be carried, e.g. a function that closes
    ///         over a lock; the cause is the original exception.
    raises;
    ///     >>> from planwire import Expr, col
    ///     >>> Expr.from_bytes((col("a") + 1).to_bytes())
    ///     Expr(a + Int64(1))
    example;

    /// Decode an expression.
    ///
    /// Decoding a Python function runs code from the message: a session that is to decode messages
    /// from senders it does not trust refuses the family, see `SessionContext.with_family`.
    from_bytes(buf, ctx: PySessionContext) by from_bytes;
    ///     MalformedFrame: The bytes are not an expression, or were cut or changed on the way.
    ///     VersionMismatch: A function was encoded for another Python version or frame version.
    ///     InlineRefused: The session refuses the family of a function.
    ///     PolicyRefused: A guard turned a payload down, or a plan inside of the expression writes and the process is
    ///         hardened.
    ///     UnknownFunction: A function came by name and the session has none of that name.
    raises;
    ///     >>> from planwire import Expr, col
    ///     >>> Expr.from_bytes(memoryview(col("a").is_null().to_bytes()))
    ///     Expr(a IS NULL)
    example;
}
