//! Snapshots: what of a session travels, as plain values that pickle writes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use planwire_registry::error::Message;
use planwire_registry::{Parts, SessionCodecs, WireError};
use pyo3::prelude::*;

use crate::config::runtime_env::RuntimeParts;
use crate::config::session_config;
use crate::udf::wire::{self, Function};

/// Everything about a session that another process can make again.
#[derive(IntoPyObject, FromPyObject)]
pub(crate) struct Snapshot {
    /// The options that are not as a session starts, by name.
    #[pyo3(item)]
    pub(crate) options: Vec<(String, String)>,
    #[pyo3(item)]
    pub(crate) runtime: RuntimeParts,
    #[pyo3(item)]
    pub(crate) url_table: bool,
    /// The mode of each family.
    #[pyo3(item)]
    pub(crate) modes: BTreeMap<String, String>,
    /// Who wins where a payload comes under the name of a registered function.
    #[pyo3(item)]
    pub(crate) precedence: String,
    /// The optimizer's rules that were taken out.
    #[pyo3(item)]
    pub(crate) without_rules: Vec<String>,
    #[pyo3(item)]
    pub(crate) scalar_functions: Functions,
    #[pyo3(item)]
    pub(crate) aggregate_functions: Functions,
    #[pyo3(item)]
    pub(crate) window_functions: Functions,
    /// The names of the schemas by the names of their catalogs.
    #[pyo3(item)]
    pub(crate) catalogs: BTreeMap<String, Vec<String>>,
    #[pyo3(item)]
    pub(crate) tables: Vec<Table>,
}

/// The functions of a kind that are not DataFusion's own.
#[derive(IntoPyObject, FromPyObject)]
pub(crate) struct Functions {
    /// Each as a message.
    #[pyo3(item)]
    pub(crate) messages: Vec<Vec<u8>>,
    /// The names of DataFusion's own that were taken out.
    #[pyo3(item)]
    pub(crate) without: Vec<String>,
}

/// A table or view.
#[derive(IntoPyObject, FromPyObject)]
pub(crate) struct Table {
    #[pyo3(item)]
    pub(crate) catalog: String,
    #[pyo3(item)]
    pub(crate) schema: String,
    #[pyo3(item)]
    pub(crate) name: String,
    /// Whether the plan is that of a view, rather than one that reads the table.
    #[pyo3(item)]
    pub(crate) view: bool,
    /// The statement that made it.
    #[pyo3(item)]
    pub(crate) definition: Option<String>,
    #[pyo3(item)]
    pub(crate) message: Vec<u8>,
}

/// A table where it is registered.
pub(crate) struct Registered {
    pub(crate) catalog: String,
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) provider: Arc<dyn TableProvider>,
}

/// A session as it starts under the options of another one, to compare that with: some functions keep
/// options of their own, e.g. the time zone.
pub(crate) fn untouched(state: &SessionState) -> SessionState {
    SessionStateBuilder::new_with_default_features().with_config(state.config().clone()).build()
}

/// The options that are not as a session starts.
///
/// # Errors
///
/// The name of an option that has lost its value, which no text sets again.
pub(crate) fn options(state: &SessionState) -> std::result::Result<Vec<(String, String)>, String> {
    let starting: HashMap<_, _> = session_config::starting()
        .options()
        .entries()
        .into_iter()
        .map(|entry| (entry.key, entry.value))
        .collect();
    let mut options = Vec::new();
    for entry in state.config_options().entries() {
        if starting.get(&entry.key) == Some(&entry.value) {
            continue;
        }
        match entry.value {
            Some(value) => options.push((entry.key, value)),
            None => return Err(entry.key),
        }
    }
    Ok(options)
}

/// The optimizer's rules that are no longer there.
pub(crate) fn without_rules(state: &SessionState, untouched: &SessionState) -> Vec<String> {
    let kept: Vec<_> = state.optimizers().iter().map(|rule| rule.name()).collect();
    let names = untouched.optimizers().iter().map(|rule| rule.name());
    names.filter(|name| !kept.contains(name)).map(str::to_owned).collect()
}

/// Encodes the functions of a kind.
///
/// # Errors
///
/// A function cannot be carried.
pub(crate) fn functions<F: Function + PartialEq>(
    registered: &HashMap<String, Arc<F>>,
    untouched: &HashMap<String, Arc<F>>,
    name: impl Fn(&F) -> &str,
    codecs: &SessionCodecs,
) -> std::result::Result<Functions, WireError> {
    // By name, so that one that has aliases is encoded once, and in an order of its own.
    let own: BTreeMap<_, _> = registered
        .iter()
        .filter(|(key, function)| untouched.get(*key) != Some(function))
        .map(|(_, function)| (name(function), function))
        .collect();
    let messages = own
        .into_values()
        .map(|function| wire::to_parts(codecs, &**function).map(Parts::into_vec))
        .collect::<std::result::Result<_, _>>()?;
    let mut without: Vec<_> =
        untouched.keys().filter(|name| !registered.contains_key(*name)).cloned().collect();
    without.sort_unstable();
    Ok(Functions { messages, without })
}

/// The names of the schemas by the names of their catalogs.
pub(crate) fn catalogs(state: &SessionState) -> BTreeMap<String, Vec<String>> {
    let list = state.catalog_list();
    let schemas =
        |catalog: &String| list.catalog(catalog).map(|found| found.schema_names()).unwrap_or_default();
    list.catalog_names().into_iter().map(|catalog| (catalog.clone(), schemas(&catalog))).collect()
}

/// Finds all tables of a session.
///
/// # Errors
///
/// Whatever a catalog reports.
pub(crate) async fn registered(state: &SessionState) -> Result<Vec<Registered>> {
    let mut registered = Vec::new();
    for (catalog, schemas) in catalogs(state) {
        for schema in schemas {
            let found = state.catalog_list().catalog(&catalog).and_then(|catalog| catalog.schema(&schema));
            let Some(found) = found else { continue };
            let mut names = found.table_names();
            names.sort_unstable();
            for name in names {
                let Some(provider) = found.table(&name).await? else { continue };
                let (catalog, schema) = (catalog.clone(), schema.clone());
                registered.push(Registered { catalog, schema, name, provider });
            }
        }
    }
    Ok(registered)
}

impl Registered {
    /// Encodes the table as a plan.
    ///
    /// # Errors
    ///
    /// The table cannot be carried, or not all of it.
    pub(crate) fn encode(self, codecs: &SessionCodecs) -> std::result::Result<Table, WireError> {
        let Self { catalog, schema, name, provider } = self;
        let view = provider.get_logical_plan().map(|plan| LogicalPlan::clone(&plan));
        let definition = provider.get_table_definition().map(str::to_owned);
        let (view, plan) = match view {
            Some(plan) => (true, Ok(plan)),
            None => (false, scan(&name, provider)),
        };
        let plan = plan.map_err(|source| WireError::EncodeMessage {
            what: Message::LogicalPlan,
            source: Arc::new(source),
        })?;
        let message = codecs.logical().logical_plan_to_bytes(&plan)?;
        Ok(Table { catalog, schema, name, view, definition, message })
    }
}

/// The plan that reads a table.
fn scan(name: &str, provider: Arc<dyn TableProvider>) -> Result<LogicalPlan> {
    LogicalPlanBuilder::scan(name, provider_as_source(provider), None)?.build()
}
