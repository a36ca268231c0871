//! Functions as bytes: a function alone is the expression that calls it without arguments.

use std::sync::Arc;

use datafusion::common::plan_datafusion_err;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{AggregateUDF, Expr, ScalarUDF, WindowFunctionDefinition, WindowUDF};
use planwire_registry::error::Message;
use planwire_registry::{Kind, SessionCodecs, WireError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use super::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};
use crate::policy::floor;
use crate::session::PySessionContext;
use crate::wire::message;

/// A function that a message can hold alone.
pub(crate) trait Function: Clone + Sized {
    /// What it is.
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
pub(crate) fn to_bytes<F: Function>(codecs: &SessionCodecs, function: &F) -> Result<Vec<u8>, WireError> {
    codecs.logical().expr_to_bytes(&function.clone().into_call())
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
macro_rules! crosses {
    ($class:ident, $function:ident, $to_bytes:literal, $from_bytes:literal) => {
        #[pymethods]
        impl $class {
            /// Encode the function: with what it needs to run, or by name alone.
            ///
            /// Args:
            ///     ctx: The session whose modes hold; without it the sender context of
            ///         `planwire.ipc`, and without that one a session in which Python functions
            ///         travel inline.
            ///
            /// Raises:
            ///     EncodeError: The function cannot be carried; the cause is the original exception.
            ///
            /// Example:
            #[doc = $to_bytes]
            #[pyo3(signature = (ctx = None))]
            fn to_bytes<'py>(
                &self,
                py: Python<'py>,
                ctx: Option<&Bound<'py, PySessionContext>>,
            ) -> PyResult<Bound<'py, PyBytes>> {
                message::encode(py, ctx, |codecs| to_bytes(codecs, self.udf()))
            }

            /// Decode a function, which runs code from the message unless it came by name.
            ///
            /// Args:
            ///     buf: The bytes, in any object that has the buffer protocol.
            ///     ctx: The session whose modes hold and whose functions are looked up; without it
            ///         the worker context of `planwire.ipc`, and without that one a session that
            ///         knows DataFusion's own functions and decodes Python functions.
            ///
            /// Raises:
            ///     MalformedFrame: The bytes are not a message, or were cut or changed on the way.
            ///     VersionMismatch: It was encoded for another Python version or frame version.
            ///     InlineRefused: The session refuses its family.
            ///     UnknownFunction: It came by name and the session has none of that name.
            ///     DecodeError: The message holds something else.
            ///     TypeError: `buf` is not a buffer.
            ///
            /// Example:
            #[doc = $from_bytes]
            #[classmethod]
            #[pyo3(signature = (buf, ctx = None))]
            fn from_bytes<'py>(
                cls: &Bound<'py, PyType>,
                buf: &Bound<'py, PyAny>,
                ctx: Option<&Bound<'py, PySessionContext>>,
            ) -> PyResult<Self> {
                message::decode(cls.py(), ctx, buf, from_bytes::<$function>)
                    .map(|udf| Self::from(Arc::new(udf)))
            }

            fn __reduce__<'py>(
                slf: &Bound<'py, Self>,
            ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
                floor::allow_pickling(slf.py(), "function")?;
                let bytes = slf.get().to_bytes(slf.py(), None)?;
                Ok((slf.get_type().getattr("from_bytes")?, (bytes,)))
            }

            // Functions never change, so a copy is the function itself, whatever the sender context
            // says.
            fn __copy__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
                slf
            }
        }
    };
}

crosses!(
    PyScalarUdf,
    ScalarUDF,
    r#"    >>> import pyarrow as pa
    >>> from planwire import udf
    >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
    >>> b"same" in same.to_bytes()
    True"#,
    r#"    >>> import pyarrow as pa
    >>> from planwire import ScalarUDF, udf
    >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
    >>> ScalarUDF.from_bytes(same.to_bytes())
    ScalarUDF("same")"#
);

crosses!(
    PyAggregateUdf,
    AggregateUDF,
    r#"    >>> import pyarrow as pa
    >>> from planwire import Accumulator, AggregateUDF
    >>> nothing = AggregateUDF("nothing", Accumulator, [], pa.int64(), [], "immutable")
    >>> b"nothing" in nothing.to_bytes()
    True"#,
    r#"    >>> import pyarrow as pa
    >>> from planwire import Accumulator, AggregateUDF
    >>> nothing = AggregateUDF("nothing", Accumulator, [], pa.int64(), [], "immutable")
    >>> AggregateUDF.from_bytes(nothing.to_bytes())
    AggregateUDF("nothing")"#
);

crosses!(
    PyWindowUdf,
    WindowUDF,
    r#"    >>> import pyarrow as pa
    >>> from planwire import WindowEvaluator, WindowUDF
    >>> nothing = WindowUDF("nothing", WindowEvaluator, [], pa.int64(), "immutable")
    >>> b"nothing" in nothing.to_bytes()
    True"#,
    r#"    >>> import pyarrow as pa
    >>> from planwire import WindowEvaluator, WindowUDF
    >>> nothing = WindowUDF("nothing", WindowEvaluator, [], pa.int64(), "immutable")
    >>> WindowUDF.from_bytes(nothing.to_bytes())
    WindowUDF("nothing")"#
);
