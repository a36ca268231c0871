//! Plans as bytes: encoding, decoding, pickling and copying, on both layers.

use std::ffi::CStr;
use std::sync::Arc;

use datafusion::execution::TaskContext;
use planwire_registry::{SessionCodecs, WireError};
use pyo3::exceptions::PyDeprecationWarning;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use super::{PyExecutionPlan, PyLogicalPlan};
use crate::host::call::Call;
use crate::policy::floor;
use crate::session::PySessionContext;
use crate::session::pickle::meaning::{self, Meaning, Options};
use crate::wire::ambient::{self, Role};
use crate::wire::message;

/// What pickle calls to decode: a class method, and its arguments.
type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyBytes>, Option<Options>));

#[pymethods]
impl PyLogicalPlan {
    /// Encode the plan, with the Python functions it needs.
    ///
    /// Args:
    ///     ctx: The session whose modes hold; without it the sender context of `planwire.ipc`,
    ///         and without that one a session in which Python functions travel inline.
    ///
    /// Raises:
    ///     EncodeError: Something in the plan cannot be carried, e.g. a function that closes over a
    ///         lock, or a table that neither DataFusion nor a family can describe.
    ///
    /// Example:
    ///     >>> from planwire import LogicalPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").logical_plan()
    ///     >>> LogicalPlan.from_bytes(plan.to_bytes(ctx), ctx) == plan
    ///     True
    #[pyo3(signature = (ctx = None))]
    fn to_bytes<'py>(
        &self,
        py: Python<'py>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        message::encode(py, ctx, |codecs| {
            Meaning::asking(self.meaning.as_ref(), codecs.logical()).logical_plan_to_bytes(&self.plan)
        })
    }

    /// Decode a plan.
    ///
    /// Decoding a Python function runs code from the message: a session that is to decode messages
    /// from senders it does not trust refuses the family, see `SessionContext.with_family`.
    ///
    /// Args:
    ///     data: The bytes, in any object that has the buffer protocol.
    ///     ctx: The session whose modes hold and whose functions are looked up; without it the worker
    ///         context of `planwire.ipc`, and without that one a session that knows DataFusion's own
    ///         functions and decodes Python functions. The session may also stand first, as in the
    ///         `datafusion` package.
    ///
    /// Raises:
    ///     MalformedFrame: The bytes are not a plan, or were cut or changed on the way.
    ///     VersionMismatch: A function was encoded for another Python version or frame version.
    ///     InlineRefused: The session refuses the family of a function.
    ///     UnknownFunction: A function came by name and the session has none of that name.
    ///     TypeError: `data` is not a buffer.
    ///
    /// Example:
    ///     >>> from planwire import LogicalPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> message = ctx.sql("select 1 as one").logical_plan().to_bytes()
    ///     >>> plan = LogicalPlan.from_bytes(memoryview(message), ctx)
    ///     >>> ctx.create_dataframe_from_logical_plan(plan).to_pydict()
    ///     {'one': [1]}
    // A class method rather than a static one, because pickle finds the former by reference.
    #[classmethod]
    #[pyo3(signature = (data, ctx = None))]
    fn from_bytes<'py>(
        cls: &Bound<'py, PyType>,
        data: &Bound<'py, PyAny>,
        ctx: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let (data, ctx) = message::in_order(data, ctx)?;
        message::decode(cls.py(), ctx, data, |codecs, task, bytes| {
            codecs.logical().logical_plan_from_bytes(bytes, task)
        })
        .map(Self::from)
    }

    /// Encode the plan; the former name of `to_bytes`.
    ///
    /// Raises:
    ///     EncodeError: Something in the plan cannot be carried.
    ///
    /// Example:
    ///     >>> import warnings
    ///     >>> from planwire import SessionContext
    ///     >>> plan = SessionContext().sql("select 1 as one").logical_plan()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     plan.to_proto() == plan.to_bytes()
    ///     True
    fn to_proto<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        deprecated(py, c"LogicalPlan.to_proto is deprecated, use to_bytes")?;
        self.to_bytes(py, None)
    }

    /// Decode a plan; the former name of `from_bytes`.
    ///
    /// Args:
    ///     ctx: The session whose modes hold and whose functions are looked up.
    ///     data: The bytes, in any object that has the buffer protocol.
    ///
    /// Raises:
    ///     DecodeError: What `from_bytes` raises.
    ///
    /// Example:
    ///     >>> import warnings
    ///     >>> from planwire import LogicalPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").logical_plan()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     LogicalPlan.from_proto(ctx, plan.to_bytes()) == plan
    ///     True
    #[classmethod]
    fn from_proto<'py>(
        cls: &Bound<'py, PyType>,
        ctx: Option<&Bound<'py, PyAny>>,
        data: &Bound<'py, PyAny>,
    ) -> PyResult<Self> {
        deprecated(cls.py(), c"LogicalPlan.from_proto is deprecated, use from_bytes")?;
        Self::from_bytes(cls, data, ctx)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let plan = slf.get();
        reduced(slf, plan.meaning.as_ref(), |py| plan.to_bytes(py, None))
    }

    /// Makes a plan of what `__reduce__` returned, under the options that it was made under.
    #[classmethod]
    #[pyo3(name = "_restore")]
    fn restore(cls: &Bound<'_, PyType>, data: &Bound<'_, PyAny>, options: Option<Options>) -> PyResult<Self> {
        let Some(options) = options else { return Self::from_bytes(cls, data, None) };
        let plan = meant(data, &options, |codecs, task, bytes| {
            codecs.logical().logical_plan_from_bytes(bytes, task)
        })?;
        Ok(Self::made_under(plan, Some(Meaning::Came(Arc::new(options)))))
    }

    // Plans never change, so a copy is the plan itself, whatever the sender context says.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

#[pymethods]
impl PyExecutionPlan {
    /// Encode the plan, with the Python functions it needs.
    ///
    /// Args:
    ///     ctx: The session whose modes hold; without it the sender context of `planwire.ipc`,
    ///         and without that one a session in which Python functions travel inline.
    ///
    /// Raises:
    ///     EncodeError: Something in the plan cannot be carried.
    ///
    /// Example:
    ///     >>> from planwire import ExecutionPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").execution_plan()
    ///     >>> ExecutionPlan.from_bytes(plan.to_bytes(ctx), ctx)
    ///     ProjectionExec: expr=[1 as one]
    ///       PlaceholderRowExec
    #[pyo3(signature = (ctx = None))]
    fn to_bytes<'py>(
        &self,
        py: Python<'py>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        message::encode(py, ctx, |codecs| {
            Meaning::asking(self.meaning.as_ref(), codecs.physical()).physical_plan_to_bytes(&self.plan)
        })
    }

    /// Decode a plan.
    ///
    /// Args:
    ///     data: The bytes, in any object that has the buffer protocol.
    ///     ctx: The session whose modes hold and whose functions are looked up; without it the worker
    ///         context of `planwire.ipc`, and without that one a session that knows DataFusion's own
    ///         functions and decodes Python functions. The session may also stand first, as in the
    ///         `datafusion` package.
    ///
    /// Raises:
    ///     MalformedFrame: The bytes are not a plan, or were cut or changed on the way.
    ///     VersionMismatch: A function was encoded for another Python version or frame version.
    ///     InlineRefused: The session refuses the family of a function.
    ///     UnknownFunction: A function came by name and the session has none of that name.
    ///     TypeError: `data` is not a buffer.
    ///
    /// Example:
    ///     >>> from planwire import ExecutionPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> message = ctx.sql("select 1 as one").execution_plan().to_bytes()
    ///     >>> ExecutionPlan.from_bytes(ctx, memoryview(message)).partition_count
    ///     1
    #[classmethod]
    #[pyo3(signature = (data, ctx = None))]
    fn from_bytes<'py>(
        cls: &Bound<'py, PyType>,
        data: &Bound<'py, PyAny>,
        ctx: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let (data, ctx) = message::in_order(data, ctx)?;
        message::decode(cls.py(), ctx, data, |codecs, task, bytes| {
            codecs.physical().physical_plan_from_bytes(bytes, task)
        })
        .map(Self::from)
    }

    /// Encode the plan; the former name of `to_bytes`.
    ///
    /// Raises:
    ///     EncodeError: Something in the plan cannot be carried.
    ///
    /// Example:
    ///     >>> import warnings
    ///     >>> from planwire import SessionContext
    ///     >>> plan = SessionContext().sql("select 1 as one").execution_plan()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     plan.to_proto() == plan.to_bytes()
    ///     True
    fn to_proto<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        deprecated(py, c"ExecutionPlan.to_proto is deprecated, use to_bytes")?;
        self.to_bytes(py, None)
    }

    /// Decode a plan; the former name of `from_bytes`.
    ///
    /// Args:
    ///     ctx: The session whose modes hold and whose functions are looked up.
    ///     data: The bytes, in any object that has the buffer protocol.
    ///
    /// Raises:
    ///     DecodeError: What `from_bytes` raises.
    ///
    /// Example:
    ///     >>> import warnings
    ///     >>> from planwire import ExecutionPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> message = ctx.sql("select 1 as one").execution_plan().to_bytes()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     ExecutionPlan.from_proto(ctx, message).partition_count
    ///     1
    #[classmethod]
    fn from_proto<'py>(
        cls: &Bound<'py, PyType>,
        ctx: Option<&Bound<'py, PyAny>>,
        data: &Bound<'py, PyAny>,
    ) -> PyResult<Self> {
        deprecated(cls.py(), c"ExecutionPlan.from_proto is deprecated, use from_bytes")?;
        Self::from_bytes(cls, data, ctx)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let plan = slf.get();
        reduced(slf, plan.meaning.as_ref(), |py| plan.to_bytes(py, None))
    }

    /// Makes a plan of what `__reduce__` returned, under the options that it was made under.
    #[classmethod]
    #[pyo3(name = "_restore")]
    fn restore(cls: &Bound<'_, PyType>, data: &Bound<'_, PyAny>, options: Option<Options>) -> PyResult<Self> {
        let Some(options) = options else { return Self::from_bytes(cls, data, None) };
        let plan = meant(data, &options, |codecs, task, bytes| {
            codecs.physical().physical_plan_from_bytes(bytes, task)
        })?;
        Ok(Self::made_under(plan, Some(Meaning::Came(Arc::new(options)))))
    }

    // What a plan measured stays with the plan, so a copy is the plan itself.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

/// What pickle keeps of a plan: its bytes, and the options that it was made under, as far as they are known.
fn reduced<'py>(
    plan: &Bound<'py, PyAny>,
    meaning: Option<&Meaning>,
    encode: impl FnOnce(Python<'py>) -> PyResult<Bound<'py, PyBytes>>,
) -> PyResult<Reduced<'py>> {
    let py = plan.py();
    floor::allow_pickling(py, "plan")?;
    let options = meaning.map(|meaning| meaning.options(py)).transpose()?;
    Ok((plan.get_type().getattr("_restore")?, (encode(py)?, options.map(Arc::unwrap_or_clone))))
}

/// Decodes under the worker context, as far as that decides nothing about rows.
fn meant<T: Send>(
    data: &Bound<'_, PyAny>,
    options: &Options,
    decode: impl FnOnce(&SessionCodecs, &TaskContext, &[u8]) -> Result<T, WireError> + Send,
) -> PyResult<T> {
    let receiver = ambient::session(data.py(), None, Role::Worker)?;
    let bytes = message::contiguous(data)?;
    meant_by(data.py(), receiver.get(), bytes.as_bytes(), Some(options), decode)
}

/// Decodes a message under a session, but for what the options say that came with it.
///
/// # Errors
///
/// A `DecodeError`.
pub(crate) fn meant_by<T: Send>(
    py: Python<'_>,
    receiver: &PySessionContext,
    bytes: &[u8],
    options: Option<&Options>,
    decode: impl FnOnce(&SessionCodecs, &TaskContext, &[u8]) -> Result<T, WireError> + Send,
) -> PyResult<T> {
    let task = match options {
        Some(options) => meaning::meant(py, receiver.ctx().state(), options)?.task_ctx(),
        None => receiver.ctx().task_ctx(),
    };
    message::decoded(&Call::begin(py)?, receiver.codecs(), |codecs| decode(codecs, &task, bytes))
}

/// Warns the caller about the name it used.
fn deprecated(py: Python<'_>, message: &CStr) -> PyResult<()> {
    PyErr::warn(py, &py.get_type::<PyDeprecationWarning>(), message, 1)
}
