//! The version of the interpreter this process is linked to.

use std::ffi::CStr;
use std::sync::OnceLock;

use planwire_registry::Stamp;

/// The runtime's name in the stamps of payloads.
pub(crate) const RUNTIME: &str = "CPython";

/// The running interpreter's stamp; 0.0 if its version cannot be read.
pub(crate) fn running() -> Stamp {
    static RUNNING: OnceLock<Stamp> = OnceLock::new();
    *RUNNING.get_or_init(|| {
        // SAFETY: the function returns a NUL-terminated string that is never freed, and CPython
        // documents that it may be called before the interpreter is initialised and without
        // attaching to it. Asking through `Python` would need the GIL, which a refusal must not take.
        let version = unsafe { CStr::from_ptr(pyo3::ffi::Py_GetVersion()) };
        let (major, minor) = version.to_str().ok().and_then(major_minor).unwrap_or_default();
        Stamp { runtime: RUNTIME, major, minor }
    })
}

/// Reads `3.11` off `3.11.7 (main, ...) [GCC ...]`.
fn major_minor(version: &str) -> Option<(u8, u8)> {
    let (major, rest) = version.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}
