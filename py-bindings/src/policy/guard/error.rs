//! Errors of keyrings, pins and sealed messages, as the exceptions of `planwire.errors`.

use std::io;

use planwire_guard::{KeyringError, PinsError, SealError, SealedError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::host::error::Raise;

/// The exception for a keyring that cannot be used; its cause is the exception of a callback.
pub(crate) fn keyring(py: Python<'_>, error: KeyringError) -> PyErr {
    let message = error.to_string();
    let cause = match error {
        KeyringError::Unreadable { source, .. } => match source.downcast::<PyErr>() {
            Ok(raised) => Some(*raised),
            Err(source) => source.downcast::<io::Error>().ok().map(|failed| PyErr::from(*failed)),
        },
        _ => None,
    };
    Raise {
        class: "GuardError",
        code: "PW-G001",
        message: &message,
        help: "give the keyring the lines it needs, in a regular file that its owner alone writes and, where it holds \
               a secret, not everybody reads (`chmod 600`); nothing else is used in its place",
        cause,
    }
    .raise(py)
}

/// The exception for a list of pins that cannot be used.
pub(super) fn pins(py: Python<'_>, error: PinsError) -> PyErr {
    let message = error.to_string();
    let cause = match error {
        PinsError::Unreadable { source, .. } => Some(PyErr::from(source)),
        _ => None,
    };
    Raise {
        class: "GuardError",
        code: "PW-G002",
        message: &message,
        help: "a list is a regular file that its owner alone writes, with a pin at the beginning of each line; \
               `planwire pin` writes it",
        cause,
    }
    .raise(py)
}

/// The exception for a message that is not sealed.
pub(super) fn seal(py: Python<'_>, error: &SealError) -> PyErr {
    match error {
        SealError::Audience(fault) => PyValueError::new_err(fault.to_string()),
        _ => Raise {
            class: "EncodeError",
            code: "PW-E008",
            message: error,
            help: "seal where the keyring holds a key that signs; it is a line that begins with `sign`",
            cause: None,
        }
        .raise(py),
    }
}

/// The exception for a sealed message that is not opened.
pub(super) fn sealed(py: Python<'_>, error: &SealedError) -> PyErr {
    let (class, code, help) = match error {
        SealedError::Audience(fault) => return PyValueError::new_err(fault.to_string()),
        SealedError::Distrusted(_) => (
            "PolicyRefused",
            "PW-G003",
            "have it sealed again by someone whose key is held here, for this audience",
        ),
        SealedError::Version { .. } => (
            "VersionMismatch",
            "PW-D002",
            "use releases on both sides that share a version of sealed messages",
        ),
        _ => (
            "MalformedFrame",
            "PW-G004",
            "open what `seal` returned, whole; bytes that are not sealed are refused here",
        ),
    };
    Raise { class, code, message: error, help, cause: None }.raise(py)
}

/// The exception for pickling `what` in a process that is hardened.
pub(crate) fn process_is_hardened(py: Python<'_>, what: &str) -> PyErr {
    Raise {
        class: "EncodeError",
        code: "PW-E009",
        message: &format_args!("the {what} is not pickled: this process is hardened"),
        help: "send `planwire.guard.seal(message, keyring, audience=...)` of its `to_bytes()`, and let the \
               receiver open and decode it explicitly",
        cause: None,
    }
    .raise(py)
}
