//! Keyrings for Python; their keys never leave Rust.

use std::path::PathBuf;
use std::sync::Arc;

use planwire_guard::{Algorithm, Keyring, generate};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::error;
use crate::host::call::Call;

/// The keys of one trust domain: one that signs, if any, and any number that verify.
///
/// The text of a keyring has one key in a line, `sign|verify hmac-sha256|ed25519 ID BASE64`, of which at most one
/// signs; blank lines and those that begin with `#` do not count. `generate_key` and the command `planwire keygen` make lines.
///
/// Keys are not shown, not pickled, and wiped from memory with the keyring; a text that Python code held is beyond
/// its reach.
///
/// Example:
///     >>> from planwire import guard
///     >>> key, _ = guard.generate_key("hmac-sha256", "2026-11")
///     >>> guard.Keyring.from_text(key)
///     Keyring(keys=["2026-11"], signing="2026-11")
#[pyclass(module = "planwire.guard", name = "Keyring", frozen, skip_from_py_object)]
pub(crate) struct PyKeyring(Arc<Keyring>);

impl From<Arc<Keyring>> for PyKeyring {
    fn from(keyring: Arc<Keyring>) -> Self {
        Self(keyring)
    }
}

impl PyKeyring {
    pub(super) fn shared(&self) -> Arc<Keyring> {
        Arc::clone(&self.0)
    }
}

#[pymethods]
impl PyKeyring {
    /// Read a keyring from its text.
    ///
    /// Args:
    ///     text: The lines.
    ///
    /// Raises:
    ///     GuardError: A line is not a key, or there is no key.
    ///
    /// Example:
    ///     >>> from planwire import guard
    ///     >>> guard.Keyring.from_text("verify hmac-sha256 2026-11 c2hvcnQ=")
    ///     Traceback (most recent call last):
    ///         ...
    ///     planwire.errors.GuardError: the keyring given as text is unsound in line 1: the secret has 5 bytes, ...
    #[staticmethod]
    fn from_text(py: Python<'_>, text: &str) -> PyResult<Self> {
        made(py, Keyring::parse(text))
    }

    /// Read a keyring from a file.
    ///
    /// The file has to be a regular one that nobody but its owner can write; one with a key that signs, and every key of
    /// HMAC does, must not be readable by everybody either.
    ///
    /// Args:
    ///     path: The file.
    ///
    /// Raises:
    ///     GuardError: The file cannot be read or has other permissions, a line is not a key, or there is no key.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import guard
    ///     >>> key, _ = guard.generate_key("ed25519", "driver")
    ///     >>> with tempfile.TemporaryDirectory() as folder:
    ///     ...     path = pathlib.Path(folder) / "keys"
    ///     ...     path.touch(mode=0o600)
    ///     ...     _ = path.write_text(key)
    ///     ...     guard.Keyring.from_file(path)
    ///     Keyring(keys=["driver"], signing="driver")
    #[staticmethod]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        made(py, py.detach(|| Keyring::from_file(path)))
    }

    /// Read a keyring from an environment variable.
    ///
    /// Args:
    ///     variable: Its name.
    ///
    /// Raises:
    ///     GuardError: The variable is not set, a line is not a key, or there is no key.
    ///
    /// Example:
    ///     >>> import os
    ///     >>> from planwire import guard
    ///     >>> os.environ["MY_KEYS"], _ = guard.generate_key("hmac-sha256", "2026-11")
    ///     >>> guard.Keyring.from_env("MY_KEYS")
    ///     Keyring(keys=["2026-11"], signing="2026-11")
    ///     >>> del os.environ["MY_KEYS"]
    #[staticmethod]
    fn from_env(py: Python<'_>, variable: &str) -> PyResult<Self> {
        made(py, Keyring::from_env(variable))
    }

    /// Read a keyring from the text that a function returns, e.g. a client of a secret store.
    ///
    /// Args:
    ///     fetch: Called without arguments, now and by `reload`; returns the text.
    ///
    /// Raises:
    ///     GuardError: The function raised, a line of its text is not a key, or there is no key.
    ///
    /// Example:
    ///     >>> from planwire import guard
    ///     >>> guard.Keyring.from_callback(lambda: guard.generate_key("hmac-sha256", "2026-11")[0])
    ///     Keyring(keys=["2026-11"], signing="2026-11")
    #[staticmethod]
    fn from_callback(py: Python<'_>, fetch: Py<PyAny>) -> PyResult<Self> {
        if !fetch.bind(py).is_callable() {
            return Err(PyTypeError::new_err("a keyring is fetched by a callable"));
        }
        let fetch = move || {
            let text = Python::attach(|py| {
                Call::python(py, || {
                    Ok(fetch.bind(py).call0()?.cast_into::<PyString>()?.to_cow()?.into_owned())
                })
            });
            text.map(Into::into).map_err(Into::into)
        };
        made(py, Keyring::from_callback(fetch))
    }

    /// Read the file, the variable or the callback again; a keyring from a text stays as it is.
    ///
    /// Sessions and guards with this keyring then use the new keys, in all threads.
    ///
    /// Raises:
    ///     GuardError: As when the keyring was made; it then keeps its old keys.
    ///
    /// Example:
    ///     >>> from planwire import guard
    ///     >>> names = iter(["2026-11", "2026-12"])
    ///     >>> keyring = guard.Keyring.from_callback(lambda: guard.generate_key("hmac-sha256", next(names))[0])
    ///     >>> keyring.reload()
    ///     >>> keyring.key_ids
    ///     ['2026-12']
    fn reload(&self, py: Python<'_>) -> PyResult<()> {
        self.0.reload().map_err(|failure| error::keyring(py, failure))
    }

    /// The ids of the keys that verify, in the order of the lines.
    #[getter]
    fn key_ids(&self) -> Vec<String> {
        self.0.key_ids()
    }

    /// The id of the key that signs, if there is one.
    #[getter]
    fn signing_key_id(&self) -> Option<String> {
        self.0.signing_key_id()
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a keyring is not pickled: read it where it is used"))
    }

    fn __repr__(&self) -> String {
        let signing = match self.0.signing_key_id() {
            Some(id) => format!("{id:?}"),
            None => "None".to_owned(),
        };
        format!("Keyring(keys={:?}, signing={signing})", self.0.key_ids())
    }
}

fn made(py: Python<'_>, keyring: Result<Keyring, planwire_guard::KeyringError>) -> PyResult<PyKeyring> {
    keyring.map(|keyring| PyKeyring(Arc::new(keyring))).map_err(|failure| error::keyring(py, failure))
}

/// Make a new key: the line of the keyring that signs, and the line of those that only verify.
///
/// Args:
///     algorithm: `"hmac-sha256"`, whose key both signs and verifies; or `"ed25519"`, with which receivers hold a
///         key that only verifies.
///     key_id: The key's name, which travels with each signature: 1 to 64 letters, digits, `.`, `_` and `-`.
///
/// Raises:
///     ValueError: The algorithm is unknown, or the id is invalid.
///
/// Example:
///     >>> from planwire import guard
///     >>> sender, receiver = guard.generate_key("ed25519", "driver")
///     >>> sender.split()[:3], receiver.split()[:3]
///     (['sign', 'ed25519', 'driver'], ['verify', 'ed25519', 'driver'])
#[pyfunction]
pub(crate) fn generate_key(algorithm: &str, key_id: &str) -> PyResult<(String, String)> {
    let known =
        Algorithm::ALL.iter().copied().find(|known| known.as_str() == algorithm).ok_or_else(|| {
            PyValueError::new_err(format!(
                "no algorithm is named {algorithm:?}, known are \"hmac-sha256\" and \"ed25519\""
            ))
        })?;
    let [signs, verifies] =
        generate(known, key_id).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok((signs.to_string(), verifies.to_string()))
}
