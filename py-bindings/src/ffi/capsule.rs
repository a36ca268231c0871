//! Capsules: a structure of `datafusion-ffi` behind a name, put in and taken out.

use std::ffi::CStr;

use datafusion_ffi::execution::FFI_TaskContextProvider;
use datafusion_ffi::proto::logical_extension_codec::FFI_LogicalExtensionCodec;
use datafusion_ffi::proto::physical_extension_codec::FFI_PhysicalExtensionCodec;
use datafusion_ffi::table_provider::FFI_TableProvider;
use datafusion_ffi::udaf::FFI_AggregateUDF;
use datafusion_ffi::udf::FFI_ScalarUDF;
use datafusion_ffi::udwf::FFI_WindowUDF;
use pyo3::exceptions::{PyImportError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// A structure that has a capsule of its own.
///
/// # Safety
///
/// `NAME` is the name that DataFusion's libraries give to capsules of this structure, and to no other.
pub(super) unsafe trait Structure: Clone + Send + 'static {
    /// The capsule's name; the method that hands it out has it between double underscores.
    const NAME: &'static CStr;

    /// The major version of the DataFusion behind it, for the structures that know.
    fn major(&self) -> Option<u64>;
}

/// Gives structures the names of their capsules, and those that have it their version.
macro_rules! structures {
    ($($structure:ty = $name:literal $(, $version:ident)?;)+) => {$(
        // SAFETY: the names are those that datafusion-python 55 documents for each structure.
        unsafe impl Structure for $structure {
            const NAME: &'static CStr = $name;

            fn major(&self) -> Option<u64> {
                // SAFETY: every library fills in this field with a function that takes nothing and
                // returns a constant.
                [$(unsafe { (self.$version)() })?].first().copied()
            }
        }
    )+};
}

structures! {
    FFI_ScalarUDF = c"datafusion_scalar_udf";
    FFI_AggregateUDF = c"datafusion_aggregate_udf";
    FFI_WindowUDF = c"datafusion_window_udf";
    FFI_TableProvider = c"datafusion_table_provider", version;
    FFI_LogicalExtensionCodec = c"datafusion_logical_extension_codec", version;
    FFI_PhysicalExtensionCodec = c"datafusion_physical_extension_codec", version;
    FFI_TaskContextProvider = c"datafusion_task_context_provider";
}

/// Puts a structure into a capsule.
pub(super) fn seal<T: Structure>(py: Python<'_>, structure: T) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, structure, T::NAME)
}

/// Takes a structure out of a capsule, which keeps its own.
///
/// # Errors
///
/// A `ValueError` if the capsule has another name, an `ImportError` if what is in it was built with
/// another major version of DataFusion.
pub(super) fn open<T: Structure>(capsule: &Bound<'_, PyCapsule>) -> PyResult<T> {
    if !capsule.is_valid_checked(Some(T::NAME)) {
        return Err(PyValueError::new_err(format!(
            "the capsule is named '{}', wanted is '{}'",
            name(capsule)?,
            T::NAME.to_string_lossy()
        )));
    }
    let pointer = capsule.pointer_checked(Some(T::NAME))?.cast::<T>();
    // SAFETY: capsules of this name hold this structure, by the contract of `Structure`; the capsule
    // keeps it while the reference is used, during which no Python code runs.
    let structure = unsafe { pointer.as_ref() };
    let ours = datafusion_ffi::version();
    match structure.major() {
        Some(theirs) if theirs != ours => Err(PyImportError::new_err(format!(
            "the {} was built with DataFusion {theirs}, planwire with DataFusion {ours}: \
             use releases that share a major version",
            T::NAME.to_string_lossy()
        ))),
        _ => Ok(structure.clone()),
    }
}

fn name(capsule: &Bound<'_, PyCapsule>) -> PyResult<String> {
    let name = capsule.name()?;
    // SAFETY: a capsule keeps its name as long as itself, and the reference ends with this line.
    Ok(name.map(|name| unsafe { name.as_cstr() }.to_string_lossy().into_owned()).unwrap_or_default())
}
