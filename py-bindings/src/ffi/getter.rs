//! Getters: the methods by which Python objects hand out capsules.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyType};

use super::capsule::{self, Structure};

/// The argument of a getter.
#[derive(Clone, Copy)]
pub(super) enum Given<'a, 'py> {
    /// Nothing, as the getters of functions take nothing.
    Nothing,
    /// The session that is going to use the structure, unless the getter is one from before
    /// DataFusion 55, which takes nothing.
    Session(&'a Bound<'py, PyAny>),
}

/// Takes a structure from a capsule, or from an object with a getter for one; `None` for other objects.
///
/// # Errors
///
/// Whatever the getter raises; a `TypeError` if it returns no capsule, and what is wrong with it if
/// it does.
pub(super) fn take<T: Structure>(object: &Bound<'_, PyAny>, given: Given<'_, '_>) -> PyResult<Option<T>> {
    if let Ok(capsule) = object.cast::<PyCapsule>() {
        return capsule::open(capsule).map(Some);
    }
    let name = getter::<T>();
    // A class has the getter of its instances, which hands out nothing without one.
    if object.is_instance_of::<PyType>() {
        return Ok(None);
    }
    let Some(getter) = object.getattr_opt(name.as_str())? else { return Ok(None) };
    let answer = match given {
        Given::Session(session) if takes(&getter, session)? => getter.call1((session,))?,
        Given::Session(_) | Given::Nothing => getter.call0()?,
    };
    match answer.cast::<PyCapsule>() {
        Ok(capsule) => capsule::open(capsule).map(Some),
        Err(_) => Err(PyTypeError::new_err(format!(
            "{name} of {} returned {}, wanted is a capsule",
            class(object)?,
            class(&answer)?
        ))),
    }
}

/// The same, from an object that has to have the structure.
///
/// # Errors
///
/// Those of [`take`], and a `TypeError` if the object has neither.
pub(super) fn demand<T: Structure>(object: &Bound<'_, PyAny>, given: Given<'_, '_>) -> PyResult<T> {
    match take(object, given)? {
        Some(structure) => Ok(structure),
        None => Err(PyTypeError::new_err(format!(
            "{} is no capsule and has no method {}",
            class(object)?,
            getter::<T>()
        ))),
    }
}

fn getter<T: Structure>() -> String {
    format!("__{}__", T::NAME.to_string_lossy())
}

fn class(object: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(object.get_type().name()?.to_string())
}

/// Whether a getter takes the session, asked before the call: a `TypeError` raised by calling it
/// would not say whether the argument or something inside was wrong.
fn takes(getter: &Bound<'_, PyAny>, session: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = getter.py();
    let inspect = py.import("inspect")?;
    let bound = inspect
        .call_method1("signature", (getter,))
        .map(|signature| signature.call_method1("bind", (session,)).is_ok());
    match bound {
        Ok(takes) => Ok(takes),
        // Not every compiled method says what it takes; those of DataFusion 55 take it.
        Err(error) if error.is_instance_of::<pyo3::exceptions::PyValueError>(py) => Ok(true),
        Err(error) => Err(error),
    }
}
