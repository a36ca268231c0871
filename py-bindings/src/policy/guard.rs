//! Guarded modes and sealed messages: the Rust half of `planwire.guard`.

mod error;
mod keyring;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use planwire_guard::{Pinned, SealedError, Signed};
use planwire_registry::trailer::Claims;
use planwire_registry::{AllOf, FamilyMode, StrictMode};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

pub(crate) use self::error::{keyring as keyring_error, process_is_hardened};
pub(crate) use self::keyring::{PyKeyring, generate_key};
use crate::host::shown::shown;
use crate::policy::families;
use crate::wire::{audit, message};

/// A guard decides about each payload of a family. `signed` and `pinned` make one, and `a & b` asks both.
///
/// It is the mode of a family in a session, or the floor of a process: see `SessionContext.with_family` and
/// `planwire.harden`.
///
/// Example:
///     >>> from planwire import guard
///     >>> guard.pinned([]) & guard.pinned(["frame-sha256:" + "00" * 32])
///     Guard(pinned: 0 & pinned: 1)
#[pyclass(module = "planwire.guard", name = "Guard", frozen, skip_from_py_object)]
pub(crate) struct PyGuard {
    mode: Arc<dyn StrictMode>,
    /// A description for users.
    text: String,
}

impl PyGuard {
    /// The strict mode behind it.
    pub(crate) fn strict_mode(&self) -> Arc<dyn StrictMode> {
        Arc::clone(&self.mode)
    }
}

#[pymethods]
impl PyGuard {
    fn __and__(&self, other: &Bound<'_, Self>) -> Self {
        let other = other.get();
        Self {
            mode: Arc::new(AllOf(vec![self.strict_mode(), other.strict_mode()])),
            text: format!("{} & {}", self.text, other.text),
        }
    }

    fn __repr__(&self) -> String {
        format!("Guard({})", shown(&self.text))
    }
}

/// Admit only payloads that a key of a keyring has signed for an audience.
///
/// A session whose keyring holds a signing key signs each payload that it sends. A session without one sends on
/// payloads that it received signed, and refuses to send others inline. Both decode payloads that any key of the
/// keyring has signed for the audience, until the signature expires.
///
/// A signature says who made a function. It does not make the function harmless.
///
/// Args:
///     keyring: The keys.
///     audience: The audience for signatures made here, and the one that received payloads must name.
///     valid_for: How long the signatures made here are valid, in whole seconds by the receiver's clock; without
///         it they do not expire.
///
/// Raises:
///     ValueError: The audience is empty, or longer than 255 bytes; `valid_for` is negative.
///     TypeError: `valid_for` is not a `timedelta`.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import Expr, SessionContext, col, guard, udf
///     >>> sender, receiver = guard.generate_key("ed25519", "driver")
///     >>> driver = SessionContext().with_family(
///     ...     "python", guard.signed(guard.Keyring.from_text(sender), audience="workers"))
///     >>> worker = SessionContext().with_family(
///     ...     "python", guard.signed(guard.Keyring.from_text(receiver), audience="workers"))
///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
///     >>> Expr.from_bytes(same(col("a")).to_bytes(driver), worker)
///     Expr(same(a))
///     >>> try:
///     ...     Expr.from_bytes(same(col("a")).to_bytes(), worker)
///     ... except planwire.PolicyRefused as refusal:
///     ...     print(refusal)  # doctest: +ELLIPSIS
///     policy refused the inline scalar UDF 'same' of family `python`: it is not signed ...
#[pyfunction]
#[pyo3(signature = (keyring, *, audience, valid_for = None))]
pub(crate) fn signed(
    keyring: &Bound<'_, PyKeyring>,
    audience: &str,
    valid_for: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyGuard> {
    let signed = Signed::new(keyring.get().shared(), audience)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let signed = match valid_for.map(time).transpose()? {
        Some(time) => signed.valid_for(time),
        None => signed,
    };
    Ok(PyGuard { mode: Arc::new(signed), text: format!("signed for {audience:?}") })
}

/// Admit only the frames that are pinned on a list.
///
/// A pin is the SHA-256 of a frame in a message: of the payload and of the header, which names the family, kind and
/// version, so that the payload is admitted as nothing else. `inspect` shows it. Pickling a function again can give
/// other bytes, so a list is made from a message, and the pinned frames are sent on as they were received.
///
/// Args:
///     pins: The pins, each the `pin` of a part that `inspect` found; or the path of a file that has one at the
///         beginning of each line, as `planwire pin` writes it.
///
/// Raises:
///     GuardError: The file cannot be read, is not a regular one, or lets others than its owner write it; or a line or
///         text does not begin with a pin.
///     TypeError: `pins` is neither a path nor a list of texts.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import Expr, SessionContext, col, guard, inspect, udf
///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
///     >>> message = same(col("a")).to_bytes()
///     >>> [part] = inspect(message).readings[0].parts
///     >>> Expr.from_bytes(message, SessionContext().with_family("python", guard.pinned([part.pin])))
///     Expr(same(a))
#[pyfunction]
pub(crate) fn pinned(py: Python<'_>, pins: &Bound<'_, PyAny>) -> PyResult<PyGuard> {
    let pins = match pins.extract::<PathBuf>() {
        Ok(path) => py.detach(|| Pinned::from_file(path)),
        Err(_) => Pinned::parse(&digests(pins)?.join("\n")),
    };
    let pins = pins.map_err(|failure| error::pins(py, failure))?;
    Ok(PyGuard { text: format!("pinned: {}", pins.len()), mode: Arc::new(pins) })
}

fn digests(pins: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let digests = || pins.try_iter()?.map(|digest| digest?.extract()).collect::<PyResult<_>>();
    digests().map_err(|_| PyTypeError::new_err("pins are a path, or texts in a list"))
}

/// Sign a whole message for an audience; `open` returns it for that audience only.
///
/// Anybody can read the content, but without the key nobody can make, change or recombine a message that opens.
///
/// Args:
///     data: The bytes, e.g. an expression's or a plan's, in any object that has the buffer protocol.
///     keyring: The keys, one of which signs.
///     audience: The audience of the message.
///     valid_for: How long it is valid, in whole seconds by the receiver's clock; without it, it does not expire.
///
/// Raises:
///     EncodeError: The keyring holds no key that signs.
///     ValueError: The audience is empty, or longer than 255 bytes; `valid_for` is negative.
///     TypeError: `data` is not a buffer, or `valid_for` no `timedelta`.
///
/// Example:
///     >>> from planwire import col, guard
///     >>> key, _ = guard.generate_key("hmac-sha256", "2026-11")
///     >>> keyring = guard.Keyring.from_text(key)
///     >>> sealed = guard.seal(col("a").to_bytes(), keyring, audience="workers")
///     >>> guard.open(sealed, keyring, audience="workers") == col("a").to_bytes()
///     True
#[pyfunction]
#[pyo3(signature = (data, keyring, *, audience, valid_for = None))]
pub(crate) fn seal<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    keyring: &Bound<'py, PyKeyring>,
    audience: &str,
    valid_for: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let valid_for = valid_for.map(time).transpose()?;
    let content = message::contiguous(data)?;
    let (content, keyring) = (content.as_bytes(), keyring.get().shared());
    let sealed = py.detach(|| planwire_guard::seal(content, keyring, audience, valid_for));
    let sealed = sealed.map_err(|failure| error::seal(py, &failure))?;
    Ok(PyBytes::new(py, &sealed))
}

/// Return the content of a sealed message, once its signature is verified.
///
/// Nothing in the message is parsed before that, and nothing in it decides how it is verified.
///
/// Args:
///     sealed: The result of `seal`, in any object that has the buffer protocol.
///     keyring: The keys, one of which has to have signed it.
///     audience: The audience that it must name.
///
/// Raises:
///     PolicyRefused: It is not signed by one of the keys, is for another audience, or has expired.
///     MalformedFrame: The bytes are not a sealed message.
///     VersionMismatch: It was sealed by a release that writes another version.
///     ValueError: The audience is empty, or longer than 255 bytes.
///     TypeError: `sealed` is not a buffer.
///
/// Example:
///     >>> from planwire import guard
///     >>> key, _ = guard.generate_key("hmac-sha256", "2026-11")
///     >>> keyring = guard.Keyring.from_text(key)
///     >>> sealed = guard.seal(b"data", keyring, audience="workers")
///     >>> try:
///     ...     guard.open(sealed, keyring, audience="drivers")
///     ... except planwire.PolicyRefused as refusal:
///     ...     print(refusal)  # doctest: +ELLIPSIS
///     policy refused the sealed message: it is signed for the audience 'workers', not for 'drivers' ...
#[pyfunction]
#[pyo3(signature = (sealed, keyring, *, audience))]
pub(crate) fn open<'py>(
    py: Python<'py>,
    sealed: &Bound<'py, PyAny>,
    keyring: &Bound<'py, PyKeyring>,
    audience: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let sealed = message::contiguous(sealed)?;
    let (sealed, keyring) = (sealed.as_bytes(), keyring.get().shared());
    match py.detach(|| planwire_guard::open(sealed, keyring, audience)) {
        Ok(content) => Ok(PyBytes::new(py, content)),
        Err(failure) => {
            let exception = error::sealed(py, &failure);
            if matches!(failure, SealedError::Distrusted(_)) {
                audit::turned_down(py, "sealed", &exception)?;
            }
            Err(exception)
        }
    }
}

/// The content of a sealed message and the claims of its signature, all unverified; `None` for other bytes.
///
/// # Errors
///
/// If the bytes begin as a sealed message and are not one.
pub(crate) fn unverified<'b>(
    py: Python<'_>,
    bytes: &'b [u8],
) -> PyResult<Option<(&'b [u8], Option<Claims>)>> {
    if !planwire_guard::is_sealed(bytes) {
        return Ok(None);
    }
    planwire_guard::unverified(bytes).map(Some).map_err(|failure| error::sealed(py, &failure))
}

/// How long a signature is valid.
fn time(time: &Bound<'_, PyAny>) -> PyResult<Duration> {
    time.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyValueError>(time.py()) {
            PyValueError::new_err("a signature that counts for less than no time is of no use")
        } else {
            error
        }
    })
}

/// Reads the mode of a family from a Python argument.
///
/// # Errors
///
/// A `ValueError` that lists the modes, or a `TypeError` for any other object.
pub(crate) fn mode(mode: &Bound<'_, PyAny>) -> PyResult<FamilyMode> {
    match mode.cast::<PyGuard>() {
        Ok(guard) => Ok(FamilyMode::Guarded(guard.get().strict_mode())),
        Err(_) => match mode.extract::<String>() {
            Ok(name) => families::mode(&name),
            Err(_) => Err(PyTypeError::new_err("a mode is a text or a guard")),
        },
    }
}
