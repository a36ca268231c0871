//! Sessions as pickles, and their copies.

pub(crate) mod meaning;
pub(crate) mod parcel;
pub(crate) mod restore;
pub(crate) mod snapshot;

use std::sync::Arc;

use planwire_registry::{FamilyMode, SessionCodecs, WireError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use super::{Origin, PySessionContext};
use crate::config::runtime_env::RuntimeSpec;
use crate::host::call::Call;
use crate::host::{error, runtime};
use crate::policy::floor;
use crate::session::pickle::snapshot::{Registered, Snapshot};
use crate::wire::current_session::{self, Role};
use crate::wire::unopened::or_unopened;
use crate::wire::{self, message};

#[pymethods]
impl PySessionContext {
    /// Encodes the session under the sender context, with all that a new session has to be given.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Snapshot,))> {
        let py = slf.py();
        floor::allow_pickling(py, "session")?;
        let session = slf.get();
        let sender = current_session::session(py, None, Role::Sender)?;
        let snapshot = session.snapshot(&Call::begin(py)?, sender.get().codecs())?;
        Ok((slf.get_type().getattr("_restore")?, (snapshot,)))
    }

    /// Makes a session from the result of `__reduce__`, decoded under the worker context.
    #[classmethod]
    #[pyo3(name = "_restore")]
    fn restore<'py>(cls: &Bound<'py, PyType>, snapshot: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = cls.py();
        let made = || {
            let snapshot: Snapshot = snapshot.extract().map_err(|cause| error::not_a_session(py, cause))?;
            let receiver = current_session::session(py, None, Role::Worker)?;
            Self::of_snapshot(&Call::begin(py)?, &snapshot, receiver.get())
        };
        or_unopened(made(), cls, "_restore", (snapshot,))
    }

    /// Encode the session as a parcel: its options, tables, views and functions.
    ///
    /// Args:
    ///     ctx: The session whose modes hold, as for `planwire.pack`.
    ///
    /// Raises:
    ///     EncodeError: Something of it cannot travel, by its name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1, 2]}, name="t")
    ///     >>> SessionContext.from_bytes(ctx.to_bytes()).table("t").to_pydict()
    ///     {'a': [1, 2]}
    #[pyo3(signature = (ctx = None))]
    fn to_bytes<'py>(
        slf: &Bound<'py, Self>,
        ctx: Option<&Bound<'py, Self>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        wire::parcel::packed(slf.as_any(), ctx)
    }

    /// Decode a session. The new session admits no more than the one that decodes it.
    ///
    /// Args:
    ///     data: The result of `to_bytes`, in any object that has the buffer protocol.
    ///     ctx: The session whose modes hold; without it the worker context of `planwire.ipc`.
    ///
    /// Raises:
    ///     MalformedFrame: The bytes are not a session.
    ///     DecodeError: A table, a view or a function in it cannot be decoded here.
    ///     TypeError: `data` is not a buffer.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext.from_bytes(SessionContext().to_bytes()).sql("select 1 as one").to_pydict()
    ///     {'one': [1]}
    #[classmethod]
    #[pyo3(signature = (data, ctx = None))]
    fn from_bytes<'py>(
        cls: &Bound<'py, PyType>,
        data: &Bound<'py, PyAny>,
        ctx: Option<&Bound<'py, Self>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        wire::parcel::opened_as(cls, "session", data, ctx)
    }

    // A session is the way to what is registered, so a copy is another way to the same.
    fn __copy__(&self) -> Self {
        self.with_codecs(self.codecs.clone())
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Self {
        self.__copy__()
    }
}

impl PySessionContext {
    /// The parts of the session that can be sent, encoded under the codecs of another one.
    ///
    /// # Errors
    ///
    /// An `EncodeError` that names a part that cannot be sent.
    pub(crate) fn snapshot(&self, call: &Call<'_>, sender: &SessionCodecs) -> PyResult<Snapshot> {
        let stays = |what: &std::fmt::Arguments<'_>| Err(error::session_stays(call.py(), what));
        let (logical, physical) = (self.codecs.logical(), self.codecs.physical());
        if let Some(id) = logical.layer().installed_ids().chain(physical.layer().installed_ids()).next() {
            return stays(&format_args!("the codec {id:?} is installed in this process only"));
        }
        let guarded = |mode: &FamilyMode| matches!(mode, FamilyMode::Guarded(_));
        if let Some(family) = self.codecs.families().find(|family| guarded(&family.mode)) {
            return stays(&format_args!("the mode of the family {} is code of this process", family.name));
        }
        let state = call.plan(|| Ok(self.ctx.state()))?;
        if let Some(name) = self.origin.prepared.first() {
            return stays(&format_args!(
                "the statement {name:?} is prepared in it; `DEALLOCATE` it, or prepare it where it is used"
            ));
        }
        if self.origin.cluster.is_some() {
            return stays(&format_args!(
                "its queries run on a cluster; make a session with `SessionContext.cluster` where it is used"
            ));
        }
        let mut options = match snapshot::options(&state) {
            Ok(options) => options,
            Err(option) => return stays(&format_args!("the option {option} has no value any more")),
        };
        let spec = RuntimeSpec::of(state.runtime_env());
        options.extend(spec.limits.options());
        let gathered = state.clone();
        let tables = runtime::run(call, async move { snapshot::registered(&gathered).await })?;
        let modes = self.codecs.families().map(|family| (family.name.to_string(), family.mode.to_string()));
        let modes = modes.collect();
        message::encoded(call, sender, |sender| {
            let Origin { url_table, .. } = &self.origin;
            let untouched = snapshot::untouched(&state);
            Ok(Snapshot {
                options,
                runtime: spec.parts(),
                url_table: *url_table,
                modes,
                precedence: self.codecs.precedence().to_string(),
                without_rules: snapshot::without_rules(&state, &untouched),
                scalar_functions: snapshot::functions(
                    state.scalar_functions(),
                    untouched.scalar_functions(),
                    |function| function.name(),
                    sender,
                )?,
                aggregate_functions: snapshot::functions(
                    state.aggregate_functions(),
                    untouched.aggregate_functions(),
                    |function| function.name(),
                    sender,
                )?,
                window_functions: snapshot::functions(
                    state.window_functions(),
                    untouched.window_functions(),
                    |function| function.name(),
                    sender,
                )?,
                catalogs: snapshot::catalogs(&state),
                tables: tables.into_iter().map(|table: Registered| table.encode(sender)).collect::<Result<
                    _,
                    WireError,
                >>(
                )?,
            })
        })
    }

    /// A session rebuilt from the decoded parts.
    ///
    /// # Errors
    ///
    /// A `DecodeError`.
    pub(crate) fn of_snapshot(call: &Call<'_>, snapshot: &Snapshot, receiver: &Self) -> PyResult<Self> {
        let config = restore::config(snapshot)?;
        let runtime = restore::runtime(call, snapshot, &receiver.ctx.runtime_env())?;
        let origin = Origin { url_table: snapshot.url_table, ..Origin::default() };
        let session = Self::build(call, config, Arc::new(runtime), origin)?;
        let ctx = &session.ctx;
        let tables = message::decoded(call, &receiver.codecs, |codecs| {
            let task = receiver.ctx.task_ctx();
            restore::functions(ctx, snapshot, codecs, &task)?;
            let task = restore::known_to_tables(ctx, &task);
            let decode = |table: &snapshot::Table| table.decode(codecs, &task);
            snapshot.tables.iter().map(decode).collect::<Result<Vec<_>, WireError>>()
        })?;
        call.plan(|| {
            for rule in &snapshot.without_rules {
                ctx.remove_optimizer_rule(rule);
            }
            restore::catalogs(ctx, snapshot)?;
            for (table, provider) in snapshot.tables.iter().zip(tables) {
                ctx.register_table(table.reference(), provider)?;
            }
            Ok(())
        })?;
        let codecs = restore::narrowed(&session.codecs, snapshot, &receiver.codecs);
        Ok(session.with_codecs(codecs.with_limits(*receiver.codecs.limits())))
    }
}
