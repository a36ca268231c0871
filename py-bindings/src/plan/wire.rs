//! Plans as bytes: encoding and decoding, on both layers.

use std::ffi::CString;
use std::sync::Arc;

use datafusion::execution::TaskContext;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use planwire_registry::error::Message;
use planwire_registry::{Parts, SessionCodecs, WireError};
use pyo3::PyTypeInfo;
use pyo3::exceptions::PyDeprecationWarning;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple, PyType};

use super::{PyExecutionPlan, PyLogicalPlan};
use crate::session::pickle::meaning::{Meaning, Options};
use crate::wire::crossing::{self, Crosses, Encodes, crosses};
use crate::wire::current_session::{self, Role};
use crate::wire::message::shared;
use crate::wire::unopened::or_unopened;

/// Gives a class of plans its way to bytes and back: `crosses!`, and the former names.
macro_rules! plan_crosses {
    (
        $class:ident, $plan:ty, $message:ident, $layer:ident.$to_parts:ident, $from_bytes:ident;
        $(#[$cannot:meta])+ raises;
        $(#[$to_bytes_example:meta])+ example;
        $(#[$decode:meta])+ from_bytes;
        $(#[$from_bytes_example:meta])+ example;
        $(#[$to_proto_example:meta])+ to_proto;
        $(#[$from_proto_example:meta])+ from_proto;
    ) => {
        impl Encodes for $class {
            fn encode(&self, codecs: &SessionCodecs) -> Result<Parts, WireError> {
                Meaning::asking(self.meaning(), codecs.$layer()).$to_parts(&self.plan)
            }

            fn meaning(&self) -> Option<&Meaning> {
                self.meaning.as_ref()
            }
        }

        impl Crosses for $class {
            const NOUN: &'static str = "plan";
            const MESSAGE: Message = Message::$message;
            const RESTORE: &'static str = "_restore";

            type Inner = $plan;

            fn decode(codecs: &SessionCodecs, task: &TaskContext, bytes: &[u8]) -> Result<$plan, WireError> {
                codecs.$layer().$from_bytes(bytes, task)
            }

            fn made(plan: $plan, came: Option<Meaning>) -> Self {
                Self::made_under(plan, came)
            }

            fn kept<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
                let options = self.meaning().map(|meaning| meaning.options(py)).transpose()?;
                (crossing::to_bytes(self, py, None)?, options.map(Arc::unwrap_or_clone)).into_pyobject(py)
            }
        }

        crosses! {
            $class;
            /// Encode the plan, with the Python functions it needs.
            to_bytes;
            $(#[$cannot])+ raises;
            $(#[$to_bytes_example])+ example;
            $(#[$decode])+ from_bytes(data, ctx: PyAny) by from_either,
                "The session may also stand first, as in the `datafusion` package.";
            ///     MalformedFrame: The bytes are not a plan, or were cut or changed on the way.
            ///     VersionMismatch: A function was encoded for another Python version or frame version.
            ///     InlineRefused: The session refuses the family of a function.
            ///     UnknownFunction: A function came by name and the session has none of that name.
            ///     DecodeError: An option that the plan depends on cannot have its value here.
            raises;
            $(#[$from_bytes_example])+ example;
        }

        #[pymethods]
        impl $class {
            /// Encode the plan; the former name of `to_bytes`.
            ///
            /// Raises:
            ///     EncodeError: Something in the plan cannot be carried.
            ///
            /// Example:
            $(#[$to_proto_example])+
            fn to_proto<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
                deprecated::<Self>(py, "to_proto", "to_bytes")?;
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
            $(#[$from_proto_example])+
            #[classmethod]
            fn from_proto<'py>(
                cls: &Bound<'py, PyType>,
                ctx: Option<&Bound<'py, PyAny>>,
                data: &Bound<'py, PyAny>,
            ) -> PyResult<Self> {
                deprecated::<Self>(cls.py(), "from_proto", "from_bytes")?;
                crossing::from_either(cls.py(), data, ctx)
            }

            /// Makes a plan of what `__reduce__` returned, under the options that it was made under.
            #[classmethod]
            fn _restore<'py>(
                cls: &Bound<'py, PyType>,
                data: &Bound<'py, PyAny>,
                options: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let py = cls.py();
                let made = || -> PyResult<Self> {
                    let receiver = current_session::session(py, None, Role::Worker)?;
                    let known: Option<Options> = options.extract()?;
                    crossing::decoded(py, receiver.get(), &shared(data)?, known)
                };
                or_unopened(made(), cls, "_restore", (data, options))
            }
        }
    };
}

plan_crosses! {
    PyLogicalPlan, LogicalPlan, LogicalPlan, logical.logical_plan_to_parts, logical_plan_from_bytes;
    ///     EncodeError: Something in the plan cannot be carried, e.g. a function that closes over a
    ///         lock, or a table that neither DataFusion nor a family can describe.
    raises;
    ///     >>> from planwire import LogicalPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").logical_plan()
    ///     >>> LogicalPlan.from_bytes(plan.to_bytes(ctx), ctx) == plan
    ///     True
    example;
    /// Decode a plan.
    ///
    /// Decoding a Python function runs code from the message: a session that is to decode messages
    /// from senders it does not trust refuses the family, see `SessionContext.with_family`.
    from_bytes;
    ///     >>> from planwire import LogicalPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> message = ctx.sql("select 1 as one").logical_plan().to_bytes()
    ///     >>> plan = LogicalPlan.from_bytes(memoryview(message), ctx)
    ///     >>> ctx.create_dataframe_from_logical_plan(plan).to_pydict()
    ///     {'one': [1]}
    example;
    ///     >>> import warnings
    ///     >>> from planwire import SessionContext
    ///     >>> plan = SessionContext().sql("select 1 as one").logical_plan()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     plan.to_proto() == plan.to_bytes()
    ///     True
    to_proto;
    ///     >>> import warnings
    ///     >>> from planwire import LogicalPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").logical_plan()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     LogicalPlan.from_proto(ctx, plan.to_bytes()) == plan
    ///     True
    from_proto;
}

plan_crosses! {
    PyExecutionPlan, Arc<dyn ExecutionPlan>, PhysicalPlan, physical.physical_plan_to_parts, physical_plan_from_bytes;
    ///     EncodeError: Something in the plan cannot be carried.
    raises;
    ///     >>> from planwire import ExecutionPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").execution_plan()
    ///     >>> ExecutionPlan.from_bytes(plan.to_bytes(ctx), ctx)
    ///     ProjectionExec: expr=[1 as one]
    ///       PlaceholderRowExec
    example;
    /// Decode a plan.
    from_bytes;
    ///     >>> from planwire import ExecutionPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> message = ctx.sql("select 1 as one").execution_plan().to_bytes()
    ///     >>> ExecutionPlan.from_bytes(ctx, memoryview(message)).partition_count
    ///     1
    example;
    ///     >>> import warnings
    ///     >>> from planwire import SessionContext
    ///     >>> plan = SessionContext().sql("select 1 as one").execution_plan()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     plan.to_proto() == plan.to_bytes()
    ///     True
    to_proto;
    ///     >>> import warnings
    ///     >>> from planwire import ExecutionPlan, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> message = ctx.sql("select 1 as one").execution_plan().to_bytes()
    ///     >>> with warnings.catch_warnings():
    ///     ...     warnings.simplefilter("ignore")
    ///     ...     ExecutionPlan.from_proto(ctx, message).partition_count
    ///     1
    from_proto;
}

/// Warns the caller about the name it used.
fn deprecated<T: PyTypeInfo>(py: Python<'_>, former: &str, name: &str) -> PyResult<()> {
    let class = py.get_type::<T>().name()?;
    let message = CString::new(format!("{class}.{former} is deprecated, use {name}"))?;
    PyErr::warn(py, &py.get_type::<PyDeprecationWarning>(), &message, 1)
}
