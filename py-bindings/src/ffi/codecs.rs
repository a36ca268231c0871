//! Codecs across libraries: those of a session handed out, and those of others installed into it.

use std::sync::Arc;

use datafusion::execution::TaskContextProvider;
use datafusion_ffi::execution::FFI_TaskContextProvider;
use datafusion_ffi::proto::logical_extension_codec::FFI_LogicalExtensionCodec;
use datafusion_ffi::proto::physical_extension_codec::FFI_PhysicalExtensionCodec;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::PhysicalExtensionCodec;
use planwire_registry::DuplicateCodec;
use planwire_registry::envelope::OWN_ID;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::codec::Border;
use super::getter::{self, Given};
use super::{capsule, id};
use crate::host::runtime;
use crate::session::PySessionContext;

impl PySessionContext {
    /// The provider by which another library looks up this session's functions, while the session lives.
    fn task_context_provider(&self) -> FFI_TaskContextProvider {
        FFI_TaskContextProvider::from(&(Arc::clone(self.ctx()) as Arc<dyn TaskContextProvider>))
    }
}

/// The session that is going to use a codec, else the one that hands it out.
fn user(own: &PySessionContext, session: Option<&Bound<'_, PyAny>>) -> PyResult<FFI_TaskContextProvider> {
    match session {
        Some(session) => getter::demand(session, Given::Nothing),
        None => Ok(own.task_context_provider()),
    }
}

fn taken(error: &DuplicateCodec) -> PyErr {
    PyValueError::new_err(format!("{error}: pass another one as codec_id"))
}

#[pymethods]
impl PySessionContext {
    /// The id of this session's codecs where another session installs them.
    #[classattr]
    fn __datafusion_codec_id__() -> &'static str {
        OWN_ID
    }

    /// Return a capsule with the codec that other libraries ask about logical plans.
    ///
    /// The codec acts as this session does: the session's modes apply to all callers.
    ///
    /// Args:
    ///     session: The session that is going to use the codec, in which functions are looked up;
    ///         without it, this one, as long as it lives.
    ///
    /// Raises:
    ///     TypeError: `session` has no `__datafusion_task_context_provider__`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().__datafusion_logical_extension_codec__()  # doctest: +ELLIPSIS
    ///     <capsule object "datafusion_logical_extension_codec" at ...>
    #[pyo3(signature = (session = None))]
    fn __datafusion_logical_extension_codec__<'py>(
        &self,
        py: Python<'py>,
        session: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let ours: Arc<dyn LogicalExtensionCodec> = Arc::new(self.codecs().logical().clone());
        let codec = Arc::new(Border::outward(ours));
        let runtime = runtime::of_process()?;
        capsule::seal(py, FFI_LogicalExtensionCodec::new(codec, Some(runtime), user(self, session)?))
    }

    /// Return a capsule with the codec that other libraries ask about physical plans.
    ///
    /// Args:
    ///     session: As for the logical codec.
    ///
    /// Raises:
    ///     TypeError: `session` has no `__datafusion_task_context_provider__`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().__datafusion_physical_extension_codec__()  # doctest: +ELLIPSIS
    ///     <capsule object "datafusion_physical_extension_codec" at ...>
    #[pyo3(signature = (session = None))]
    fn __datafusion_physical_extension_codec__<'py>(
        &self,
        py: Python<'py>,
        session: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let ours: Arc<dyn PhysicalExtensionCodec> = Arc::new(self.codecs().physical().clone());
        let codec = Arc::new(Border::outward(ours));
        let runtime = runtime::of_process()?;
        capsule::seal(py, FFI_PhysicalExtensionCodec::new(codec, Some(runtime), user(self, session)?))
    }

    /// Return a capsule by which other libraries look up this session's functions.
    ///
    /// It does not keep the session alive.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().__datafusion_task_context_provider__()  # doctest: +ELLIPSIS
    ///     <capsule object "datafusion_task_context_provider" at ...>
    fn __datafusion_task_context_provider__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::seal(py, self.task_context_provider())
    }

    /// Return a session that also asks a codec of another library about logical plans.
    ///
    /// What the codec writes travels in an envelope with the codec's id, and only a receiver with a
    /// codec of that id reads it. This session's modes hold for what is inside: a frame of a family
    /// that the session refuses does not reach the codec. Both sessions share tables, functions and
    /// configuration.
    ///
    /// Args:
    ///     codec: An object with `__datafusion_logical_extension_codec__`, e.g. a session of the
    ///         `datafusion` wheel, or the capsule which that returns.
    ///     codec_id: The id, the same on both sides; by default the object's
    ///         `__datafusion_codec_id__`, else the name of its class.
    ///
    /// Raises:
    ///     TypeError: `codec` is of another class.
    ///     ValueError: The capsule holds something else, or a codec of that id is installed already.
    ///     ImportError: The codec was built with another major version of DataFusion.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext().with_logical_extension_codec(SessionContext(), "example.codec")
    ///     >>> ctx.logical_extension_codec_ids()
    ///     ['example.codec']
    #[pyo3(signature = (codec, codec_id = None))]
    fn with_logical_extension_codec(
        slf: &Bound<'_, Self>,
        codec: &Bound<'_, PyAny>,
        codec_id: Option<String>,
    ) -> PyResult<Self> {
        let session = slf.get();
        let id = id::of_codec(codec_id, codec)?;
        let structure: FFI_LogicalExtensionCodec = getter::demand(codec, Given::Session(slf.as_any()))?;
        let theirs = <Arc<dyn LogicalExtensionCodec>>::from(&structure);
        let rebound = FFI_LogicalExtensionCodec::new(theirs, None, session.task_context_provider());
        let codec = Arc::new(Border::inward(<Arc<dyn LogicalExtensionCodec>>::from(&rebound)));
        let codecs = session.codecs().with_logical_codec(id, codec).map_err(|error| taken(&error))?;
        Ok(session.with_codecs(codecs))
    }

    /// Return a session that also asks a codec of another library about physical plans.
    ///
    /// Args:
    ///     codec: An object with `__datafusion_physical_extension_codec__`, or the capsule which that
    ///         returns.
    ///     codec_id: As for the logical codec.
    ///
    /// Raises:
    ///     TypeError: `codec` is of another class.
    ///     ValueError: The capsule holds something else, or a codec of that id is installed already.
    ///     ImportError: The codec was built with another major version of DataFusion.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext().with_physical_extension_codec(SessionContext())
    ///     >>> ctx.physical_extension_codec_ids()
    ///     ['planwire']
    #[pyo3(signature = (codec, codec_id = None))]
    fn with_physical_extension_codec(
        slf: &Bound<'_, Self>,
        codec: &Bound<'_, PyAny>,
        codec_id: Option<String>,
    ) -> PyResult<Self> {
        let session = slf.get();
        let id = id::of_codec(codec_id, codec)?;
        let structure: FFI_PhysicalExtensionCodec = getter::demand(codec, Given::Session(slf.as_any()))?;
        let theirs = <Arc<dyn PhysicalExtensionCodec>>::from(&structure);
        let rebound = FFI_PhysicalExtensionCodec::new(theirs, None, session.task_context_provider());
        let codec = Arc::new(Border::inward(<Arc<dyn PhysicalExtensionCodec>>::from(&rebound)));
        let codecs = session.codecs().with_physical_codec(id, codec).map_err(|error| taken(&error))?;
        Ok(session.with_codecs(codecs))
    }

    /// List the ids of the codecs installed for logical plans, in the order they are asked.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().logical_extension_codec_ids()
    ///     []
    fn logical_extension_codec_ids(&self) -> Vec<String> {
        self.codecs().logical().layer().installed_ids().map(str::to_owned).collect()
    }

    /// List the ids of the codecs installed for physical plans, in the order they are asked.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().physical_extension_codec_ids()
    ///     []
    fn physical_extension_codec_ids(&self) -> Vec<String> {
        self.codecs().physical().layer().installed_ids().map(str::to_owned).collect()
    }
}
