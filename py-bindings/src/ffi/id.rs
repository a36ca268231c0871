//! Ids: what an installed codec is called in the envelopes around what it writes.

use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// The id of a codec: the one given, else the object's own, else the name of its class.
///
/// A capsule has neither, and gets an id that nothing else has. These are the rules of
/// datafusion-python 55, so that two sides that say nothing agree.
///
/// # Errors
///
/// A `TypeError` if the object's own id is not a string.
pub(super) fn of_codec(given: Option<String>, object: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Some(id) = given {
        return Ok(id);
    }
    if object.is_instance_of::<PyCapsule>() {
        let unique = object.py().import("uuid")?.call_method0("uuid4")?.getattr("hex")?;
        return Ok(format!("anon:{unique}"));
    }
    if let Some(id) = object.getattr_opt("__datafusion_codec_id__")? {
        return id.extract();
    }
    let class = object.get_type();
    Ok(format!("{}.{}", class.module()?, class.qualname()?))
}
