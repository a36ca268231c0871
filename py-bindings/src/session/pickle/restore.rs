//! Restoring: a session made again from what travelled of it.

use std::sync::Arc;

use datafusion::catalog::view::ViewTable;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, TableProvider};
use datafusion::common::{TableReference, plan_datafusion_err};
use datafusion::datasource::listing::ListingTable;
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use planwire_registry::error::Message;
use planwire_registry::{FamilyMode, Precedence, SessionCodecs, WireError};
use pyo3::PyResult;

use crate::config::runtime_env::RuntimeSpec;
use crate::config::runtime_env::limits::{self, RuntimeLimits};
use crate::config::session_config;
use crate::host::call::Call;
use crate::host::error;
use crate::session::pickle::snapshot::{Snapshot, Table};
use crate::udf::wire;

/// The option that a directory for temporary files is told by.
const TEMPORARY_FILES: &str = "datafusion.runtime.temp_directory";

type Decoded<T> = std::result::Result<T, WireError>;

/// The options that a session starts with, and those of the snapshot.
///
/// # Errors
///
/// A `ValueError` for an option that is not known here.
pub(crate) fn config(snapshot: &Snapshot) -> PyResult<SessionConfig> {
    let mut config = session_config::starting();
    for (key, value) in snapshot.options.iter().filter(|(key, _)| !key.starts_with(limits::PREFIX)) {
        session_config::set(&mut config, key, value)?;
    }
    Ok(config)
}

/// The runtime of the snapshot, within that of the receiver.
///
/// # Errors
///
/// A `DecodeError` that names an option.
pub(crate) fn runtime(call: &Call<'_>, snapshot: &Snapshot, receiver: &RuntimeEnv) -> PyResult<RuntimeEnv> {
    let py = call.py();
    let mut limits = RuntimeLimits::default();
    for (key, value) in snapshot.options.iter().filter(|(key, _)| key.starts_with(limits::PREFIX)) {
        limits.set(key, value).map_err(|fault| error::session_option(py, key, &fault.strip_backtrace()))?;
    }
    let spec = RuntimeSpec::of_parts(snapshot.runtime.clone(), limits);
    let built = spec.build_within(receiver);
    built.map_err(|fault| error::session_option(py, TEMPORARY_FILES, &fault.strip_backtrace()))
}

/// Narrows the modes that a session starts with to those of the snapshot and of the receiver. Payloads go
/// before registered functions only where they do for both.
pub(crate) fn narrowed(
    starting: &SessionCodecs,
    snapshot: &Snapshot,
    receiver: &SessionCodecs,
) -> SessionCodecs {
    let registered = snapshot.precedence != Precedence::Payload.as_str();
    let precedence = if registered { Precedence::Registered } else { receiver.precedence() };
    receiver.families().fold(starting.with_precedence(precedence), |codecs, family| {
        let name = family.name.to_string();
        let refused = snapshot.modes.get(&name).is_none_or(|mode| mode == FamilyMode::Refuse.as_str());
        let mode = if refused { FamilyMode::Refuse } else { family.mode };
        // Every family of the receiver is linked here, so there is none that is unknown.
        codecs.with_mode(&name, mode).unwrap_or(codecs)
    })
}

/// Gives a new session the functions of a snapshot, which the receiver decodes.
///
/// # Errors
///
/// The receiver refuses a function, cannot decode it, or does not know it by its name.
pub(crate) fn functions(
    ctx: &SessionContext,
    snapshot: &Snapshot,
    receiver: &SessionCodecs,
    task: &TaskContext,
) -> Decoded<()> {
    for name in &snapshot.scalar_functions.without {
        ctx.deregister_udf(name);
    }
    for name in &snapshot.aggregate_functions.without {
        ctx.deregister_udaf(name);
    }
    for name in &snapshot.window_functions.without {
        ctx.deregister_udwf(name);
    }
    for message in &snapshot.scalar_functions.messages {
        ctx.register_udf(wire::from_bytes(receiver, task, message)?);
    }
    for message in &snapshot.aggregate_functions.messages {
        ctx.register_udaf(wire::from_bytes(receiver, task, message)?);
    }
    for message in &snapshot.window_functions.messages {
        ctx.register_udwf(wire::from_bytes(receiver, task, message)?);
    }
    Ok(())
}

/// Gives a new session the catalogs and schemas of a snapshot, and no others.
///
/// # Errors
///
/// A catalog keeps its schemas.
pub(crate) fn catalogs(ctx: &SessionContext, snapshot: &Snapshot) -> Result<()> {
    for (name, schemas) in &snapshot.catalogs {
        let catalog = catalog(ctx, name);
        for surplus in catalog.schema_names().iter().filter(|name| !schemas.contains(name)) {
            catalog.deregister_schema(surplus, true)?;
        }
        for missing in schemas.iter().filter(|name| catalog.schema(name).is_none()) {
            catalog.register_schema(missing, Arc::new(MemorySchemaProvider::new()))?;
        }
    }
    Ok(())
}

/// The catalog of a name, which is made if it is not there.
fn catalog(ctx: &SessionContext, name: &str) -> Arc<dyn CatalogProvider> {
    ctx.catalog(name).unwrap_or_else(|| {
        let catalog: Arc<dyn CatalogProvider> = Arc::new(MemoryCatalogProvider::new());
        ctx.register_catalog(name, Arc::clone(&catalog));
        catalog
    })
}

/// The functions that tables may name: those of the new session, else those of the receiver.
pub(crate) fn known_to_tables(ctx: &SessionContext, receiver: &TaskContext) -> TaskContext {
    let own = ctx.task_ctx();
    let mut scalar = receiver.scalar_functions().clone();
    scalar.extend(own.scalar_functions().clone());
    let mut aggregate = receiver.aggregate_functions().clone();
    aggregate.extend(own.aggregate_functions().clone());
    let mut window = receiver.window_functions().clone();
    window.extend(own.window_functions().clone());
    TaskContext::new(
        None,
        own.session_id(),
        own.session_config().clone(),
        scalar,
        own.higher_order_functions().clone(),
        aggregate,
        window,
        own.runtime_env(),
    )
}

impl Table {
    /// The table's name in full.
    pub(crate) fn reference(&self) -> TableReference {
        TableReference::full(self.catalog.as_str(), self.schema.as_str(), self.name.as_str())
    }

    /// Decodes the table.
    ///
    /// # Errors
    ///
    /// The receiver refuses a part of the plan, or cannot decode it.
    pub(crate) fn decode(
        &self,
        receiver: &SessionCodecs,
        task: &TaskContext,
    ) -> Decoded<Arc<dyn TableProvider>> {
        let plan = receiver.logical().logical_plan_from_bytes(&self.message, task)?;
        let definition = self.definition.clone();
        if self.view {
            return Ok(Arc::new(ViewTable::new(plan, definition)));
        }
        let provider = scanned(&plan).map_err(|source| WireError::DecodeMessage {
            what: Message::LogicalPlan,
            source: Arc::new(source),
        })?;
        Ok(match provider.downcast_ref::<ListingTable>() {
            // The plan says nothing of the statement that made the table.
            Some(listing) => Arc::new(listing.clone().with_definition(definition)),
            None => provider,
        })
    }
}

/// The table that a plan reads.
fn scanned(plan: &LogicalPlan) -> Result<Arc<dyn TableProvider>> {
    match plan {
        LogicalPlan::TableScan(scan) => source_as_provider(&scan.source),
        other => Err(plan_datafusion_err!("expected the scan of a table, got {}", other.display())),
    }
}
