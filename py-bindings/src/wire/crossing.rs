//! Classes whose objects have messages of their own: their differences, and their common methods.

use bytes::Bytes;
use datafusion::execution::TaskContext;
use planwire_registry::error::Message;
use planwire_registry::{Parts, SessionCodecs, WireError};
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::types::{PyBytes, PyTuple};

use crate::host::call::Call;
use crate::host::error;
use crate::policy::floor;
use crate::session::PySessionContext;
use crate::session::pickle::meaning::{self, Meaning, Options};
use crate::wire::current_session::{self, Role};
use crate::wire::message;

/// An object that has a message of its own.
pub(crate) trait Encodes: Sync {
    /// Writes the message.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-E` code.
    fn encode(&self, codecs: &SessionCodecs) -> Result<Parts, WireError>;

    /// The source of its options, if known; only plans have one.
    fn meaning(&self) -> Option<&Meaning> {
        None
    }
}

/// A class of such objects.
pub(crate) trait Crosses: Encodes + PyClass<Frozen = True> {
    /// The word for one of them.
    const NOUN: &'static str;

    /// The sort of their messages.
    const MESSAGE: Message;

    /// The class method that pickle calls to decode.
    const RESTORE: &'static str = "from_bytes";

    /// The object without its class.
    type Inner: Send;

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-D` code.
    fn decode(codecs: &SessionCodecs, task: &TaskContext, bytes: &[u8]) -> Result<Self::Inner, WireError>;

    /// The object in its class, with the options that came with it.
    fn made(inner: Self::Inner, came: Option<Meaning>) -> Self;

    /// The arguments that pickle passes to the class method.
    ///
    /// # Errors
    ///
    /// An `EncodeError`.
    fn kept<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, [to_bytes(self, py, None)?])
    }
}

/// Encodes under the session named, else under the sender context.
///
/// # Errors
///
/// An `EncodeError`, or what an audit hook raises.
pub(crate) fn to_bytes<'py>(
    value: &impl Encodes,
    py: Python<'py>,
    ctx: Option<&Bound<'py, PySessionContext>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let session = current_session::session(py, ctx, Role::Sender)?;
    // It lasts until the message is copied.
    let call = Call::begin(py)?;
    let message = message::encoded(&call, session.get().codecs(), |codecs| value.encode(codecs))?;
    message::written(py, &message)
}

/// [`from_bytes`] with the buffer and the session in either order: the `datafusion` package has the session
/// first.
///
/// # Errors
///
/// As [`from_bytes`], or a `TypeError` if the session is not a session.
pub(crate) fn from_either<'py, T: Crosses>(
    py: Python<'py>,
    first: &Bound<'py, PyAny>,
    second: Option<&Bound<'py, PyAny>>,
) -> PyResult<T> {
    let is_first = first.is_none() || first.is_instance_of::<PySessionContext>();
    let (data, ctx) = match second {
        Some(second) if is_first => (second, Some(first)),
        second => (first, second),
    };
    let ctx = ctx.filter(|ctx| !ctx.is_none()).map(|ctx| ctx.cast::<PySessionContext>()).transpose()?;
    from_bytes(py, data, ctx)
}

/// Decodes a buffer under the session named, else under the worker context.
///
/// # Errors
///
/// A `DecodeError`, or a `TypeError` if the object is not a buffer.
pub(crate) fn from_bytes<'py, T: Crosses>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    ctx: Option<&Bound<'py, PySessionContext>>,
) -> PyResult<T> {
    let receiver = current_session::session(py, ctx, Role::Worker)?;
    decoded(py, receiver.get(), &message::shared(data)?, None)
}

/// Decodes a message under a session, with the options that came with it.
///
/// Options that the message itself names hold for it too, whatever the session has.
///
/// # Errors
///
/// A `DecodeError`.
pub(crate) fn decoded<T: Crosses>(
    py: Python<'_>,
    receiver: &PySessionContext,
    bytes: &Bytes,
    options: Option<Options>,
) -> PyResult<T> {
    let (mut outcome, mut told) = decoded_once::<T>(py, receiver, bytes, options.as_ref())?;
    // The message names them one plan at a time, where plans are within each other.
    let mut under = Options::new();
    while options.is_none()
        && matches!(outcome, Err(WireError::OtherOption { .. }))
        && told.len() > under.len()
    {
        under = told;
        (outcome, told) = decoded_once::<T>(py, receiver, bytes, Some(&under))?;
    }
    let inner = outcome.map_err(|failure| error::from_wire(py, &failure))?;
    // They go along where this is sent on or run elsewhere.
    let came = options.or_else(|| Some(told).filter(|told| !told.is_empty()));
    Ok(T::made(inner, came.map(|options| Meaning::Came(options.into()))))
}

fn decoded_once<T: Crosses>(
    py: Python<'_>,
    receiver: &PySessionContext,
    bytes: &Bytes,
    options: Option<&Options>,
) -> PyResult<(Result<T::Inner, WireError>, Options)> {
    let meant = |options| meaning::meant(py, receiver.ctx().state(), options);
    let state = options.map(meant).transpose()?;
    let codecs = receiver.codecs();
    // A short message has no function that would keep a part of it.
    let codecs = if bytes.len() < Parts::LARGE { codecs } else { &codecs.over(bytes.clone()) };
    message::decoded_under(&Call::begin(py)?, codecs, |codecs| {
        let ctx = receiver.ctx();
        let task = state.map_or_else(|| codecs.task_ctx(T::MESSAGE, bytes, ctx), |state| state.task_ctx());
        T::decode(codecs, &task, bytes).map_err(|error| match error {
            WireError::UnknownFunction { .. } => error.with_similar(&ctx.task_ctx()),
            _ => error,
        })
    })
}

/// The result for pickle: a class method and its arguments.
///
/// # Errors
///
/// An `EncodeError`.
pub(crate) fn reduced<'py, T: Crosses>(
    value: &Bound<'py, T>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
    floor::allow_pickling(value.py(), T::NOUN)?;
    Ok((value.as_any().get_type().getattr(T::RESTORE)?, value.get().kept(value.py())?))
}

/// Gives a class `to_bytes`, `from_bytes`, pickling and copies. Each argument of the macro is a text of the
/// documentation that differs between classes.
macro_rules! crosses {
    (
        $class:ident;
        $(#[$encode:meta])+ to_bytes;
        $(#[$cannot:meta])+ raises;
        $(#[$to_bytes:meta])+ example;
        $(#[$decode:meta])+ from_bytes($data:ident, ctx: $ctx:ty) by $from_bytes:ident $(, $order:literal)?;
        $(#[$refuses:meta])+ raises;
        $(#[$from_bytes_example:meta])+ example;
    ) => {
        #[pymethods]
        impl $class {
            $(#[$encode])+
            ///
            /// Args:
            ///     ctx: The session whose modes hold; without it the sender context of `planwire.ipc`,
            ///         and without that one a session in which Python functions travel inline.
            ///
            /// Raises:
            $(#[$cannot])+
            ///
            /// Example:
            $(#[$to_bytes])+
            #[pyo3(signature = (ctx = None))]
            fn to_bytes<'py>(
                &self,
                py: Python<'py>,
                ctx: Option<&Bound<'py, crate::session::PySessionContext>>,
            ) -> PyResult<Bound<'py, pyo3::types::PyBytes>> {
                crate::wire::crossing::to_bytes(self, py, ctx)
            }

            $(#[$decode])+
            ///
            /// Args:
            #[doc = concat!(
                "    ", stringify!($data), ": The bytes, in any object that has the buffer protocol."
            )]
            ///     ctx: The session whose modes hold and whose functions are looked up; without it the worker
            ///         context of `planwire.ipc`, and without that one a session that knows DataFusion's own
            ///         functions and decodes Python functions.
            $(#[doc = concat!("        ", $order)])?
            ///
            /// Raises:
            $(#[$refuses])+
            #[doc = concat!("    TypeError: `", stringify!($data), "` is not a buffer.")]
            ///
            /// Example:
            $(#[$from_bytes_example])+
            // A class method rather than a static one, because pickle finds the former by reference.
            #[classmethod]
            #[pyo3(signature = ($data, ctx = None))]
            fn from_bytes<'py>(
                cls: &Bound<'py, pyo3::types::PyType>,
                $data: &Bound<'py, PyAny>,
                ctx: Option<&Bound<'py, $ctx>>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let made = crate::wire::crossing::$from_bytes::<Self>(cls.py(), $data, ctx);
                crate::wire::unopened::or_unopened(made, cls, "from_bytes", ($data,))
            }

            fn __reduce__<'py>(
                slf: &Bound<'py, Self>,
            ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, pyo3::types::PyTuple>)> {
                crate::wire::crossing::reduced(slf)
            }

            // None of them ever changes, and what a plan measured stays with it, so a copy is the thing
            // itself, whatever the sender context says.
            fn __copy__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
                slf
            }
        }
    };
}

pub(crate) use crosses;
