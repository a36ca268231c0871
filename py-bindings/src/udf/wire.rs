//! Functions as bytes: a function alone is the expression that calls it without arguments.

use std::sync::Arc;

use datafusion::common::plan_datafusion_err;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{AggregateUDF, Expr, ScalarUDF, WindowFunctionDefinition, WindowUDF};
use planwire_registry::error::Message;
use planwire_registry::{Kind, Parts, SessionCodecs, WireError};
use pyo3::prelude::*;

use super::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};
use crate::session::PySessionContext;
use crate::session::pickle::meaning::Meaning;
use crate::wire::crossing::{Crosses, Encodes, crosses};

/// A function that a message can hold alone.
pub(crate) trait Function: Clone + Sized {
    /// Its kind.
    const KIND: Kind;

    /// The call without arguments.
    fn into_call(self) -> Expr;

    /// The function of such a call; of anything else, nothing.
    fn from_call(expr: Expr) -> Option<Self>;
}

impl Function for ScalarUDF {
    const KIND: Kind = Kind::ScalarUdf;

    fn into_call(self) -> Expr {
        Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(self), Vec::new()))
    }

    fn from_call(expr: Expr) -> Option<Self> {
        match expr {
            Expr::ScalarFunction(call) if call.args.is_empty() => Some(Arc::unwrap_or_clone(call.func)),
            _ => None,
        }
    }
}

impl Function for AggregateUDF {
    const KIND: Kind = Kind::AggregateUdf;

    fn into_call(self) -> Expr {
        let call = AggregateFunction::new_udf(Arc::new(self), Vec::new(), false, None, Vec::new(), None);
        Expr::AggregateFunction(call)
    }

    fn from_call(expr: Expr) -> Option<Self> {
        match expr {
            Expr::AggregateFunction(call) if call.params.args.is_empty() => {
                Some(Arc::unwrap_or_clone(call.func))
            }
            _ => None,
        }
    }
}

impl Function for WindowUDF {
    const KIND: Kind = Kind::WindowUdf;

    fn into_call(self) -> Expr {
        WindowFunction::new(Arc::new(self), Vec::new()).into()
    }

    fn from_call(expr: Expr) -> Option<Self> {
        match expr {
            Expr::WindowFunction(call) if call.params.args.is_empty() => match call.fun {
                WindowFunctionDefinition::WindowUDF(udwf) => Some(Arc::unwrap_or_clone(udwf)),
                WindowFunctionDefinition::AggregateUDF(_) => None,
            },
            _ => None,
        }
    }
}

/// Encodes a function: with its payload, or by name alone.
///
/// # Errors
///
/// A [`WireError`] with a `PW-E` code.
pub(crate) fn to_parts<F: Function>(codecs: &SessionCodecs, function: &F) -> Result<Parts, WireError> {
    codecs.logical().expr_to_parts(&function.clone().into_call())
}

/// Decodes a function; one that came by name is looked up in `task`.
///
/// # Errors
///
/// A [`WireError`] with a `PW-D` code, also if the bytes are another expression.
pub(crate) fn from_bytes<F: Function>(
    codecs: &SessionCodecs,
    task: &TaskContext,
    bytes: &[u8],
) -> Result<F, WireError> {
    F::from_call(codecs.logical().expr_from_bytes(bytes, task)?).ok_or_else(|| {
        let fault = plan_datafusion_err!("expected a {} alone, got another expression", F::KIND);
        WireError::DecodeMessage { what: Message::Expr, source: Arc::new(fault) }
    })
}

/// Gives a class of functions its way to bytes and back.
macro_rules! function_crosses {
    (
        $class:ident, $function:ident;
        $(#[$to_bytes:meta])+ to_bytes;
        $(#[$from_bytes:meta])+ from_bytes;
    ) => {
        impl Encodes for $class {
            fn encode(&self, codecs: &SessionCodecs) -> Result<Parts, WireError> {
                to_parts(codecs, self.udf())
            }
        }

        impl Crosses for $class {
            const NOUN: &'static str = "function";
            const MESSAGE: Message = Message::Expr;

            type Inner = $function;

            fn decode(
                codecs: &SessionCodecs,
                task: &TaskContext,
                bytes: &[u8],
            ) -> Result<$function, WireError> {
                from_bytes(codecs, task, bytes)
            }

            fn made(function: $function, _came: Option<Meaning>) -> Self {
                Arc::new(function).into()
            }
        }

        crosses! {
            $class;
            /// Encode the function: with what it needs to run, or by name alone.
            to_bytes;
            ///     EncodeError: The function cannot be carried; the cause is the original exception.
            raises;
            $(#[$to_bytes])+ example;
            /// Decode a function, which runs code from the message unless it came by name.
            from_bytes(buf, ctx: PySessionContext) by from_bytes;
            ///     MalformedFrame: The bytes are not a message, or were cut or changed on the way.
            ///     VersionMismatch: It was encoded for another Python version or frame version.
            ///     InlineRefused: The session refuses its family.
            ///     UnknownFunction: It came by name and the session has none of that name.
            ///     DecodeError: The message holds something else.
            raises;
            $(#[$from_bytes])+ example;
        }
    };
}

function_crosses! {
    PyScalarUdf, ScalarUDF;
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import udf
    ///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
    ///     >>> b"same" in same.to_bytes()
    ///     True
    to_bytes;
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import ScalarUDF, udf
    ///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
    ///     >>> ScalarUDF.from_bytes(same.to_bytes())
    ///     ScalarUDF("same")
    from_bytes;
}

function_crosses! {
    PyAggregateUdf, AggregateUDF;
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import Accumulator, AggregateUDF
    ///     >>> nothing = AggregateUDF("nothing", Accumulator, [], pa.int64(), [], "immutable")
    ///     >>> b"nothing" in nothing.to_bytes()
    ///     True
    to_bytes;
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import Accumulator, AggregateUDF
    ///     >>> nothing = AggregateUDF("nothing", Accumulator, [], pa.int64(), [], "immutable")
    ///     >>> AggregateUDF.from_bytes(nothing.to_bytes())
    ///     AggregateUDF("nothing")
    from_bytes;
}

function_crosses! {
    PyWindowUdf, WindowUDF;
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import WindowEvaluator, WindowUDF
    ///     >>> nothing = WindowUDF("nothing", WindowEvaluator, [], pa.int64(), "immutable")
    ///     >>> b"nothing" in nothing.to_bytes()
    ///     True
    to_bytes;
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import WindowEvaluator, WindowUDF
    ///     >>> nothing = WindowUDF("nothing", WindowEvaluator, [], pa.int64(), "immutable")
    ///     >>> WindowUDF.from_bytes(nothing.to_bytes())
    ///     WindowUDF("nothing")
    from_bytes;
}
