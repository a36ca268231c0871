//! What a query means besides its plan: the options of its session that decide about rows.
//!
//! Everything else, such as batch sizes, partitions, memory and caches, is the receiver's to decide.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use datafusion::common::config::{ConfigEntry, ConfigField, ConfigOptions};
use datafusion::execution::{FunctionRegistry, SessionState, TaskContext};
use planwire_registry::CodecChain;
use pyo3::prelude::*;

use crate::host::error;

/// Options by name, as `SET` spells both.
pub(crate) type Options = Vec<(String, String)>;

/// Where a plan has its options from.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// From the session that made it, as it was then.
    Made(Arc<TaskContext>),
    /// From the pickle that it came in: those that are not DataFusion's defaults.
    Came(Arc<Options>),
}

/// The options that decide about rows, their types or the files that are written, by name or, with a dot at the end, by group.
const DECIDING: [&str; 35] = [
    "datafusion.catalog.has_header",
    "datafusion.catalog.newlines_in_values",
    "datafusion.execution.enable_ansi_mode",
    "datafusion.execution.keep_partition_by_columns",
    "datafusion.execution.listing_table_factory_infer_partitions",
    "datafusion.execution.listing_table_ignore_subdirectory",
    "datafusion.execution.parquet.binary_as_string",
    "datafusion.execution.parquet.bloom_filter_fpp",
    "datafusion.execution.parquet.bloom_filter_ndv",
    "datafusion.execution.parquet.bloom_filter_on_write",
    "datafusion.execution.parquet.coerce_int96",
    "datafusion.execution.parquet.coerce_int96_tz",
    "datafusion.execution.parquet.column_index_truncate_length",
    "datafusion.execution.parquet.compression",
    "datafusion.execution.parquet.created_by",
    "datafusion.execution.parquet.data_page_row_count_limit",
    "datafusion.execution.parquet.data_pagesize_limit",
    "datafusion.execution.parquet.dictionary_enabled",
    "datafusion.execution.parquet.dictionary_page_size_limit",
    "datafusion.execution.parquet.encoding",
    "datafusion.execution.parquet.max_row_group_size",
    "datafusion.execution.parquet.schema_force_view_types",
    "datafusion.execution.parquet.skip_arrow_metadata",
    "datafusion.execution.parquet.skip_metadata",
    "datafusion.execution.parquet.statistics_enabled",
    "datafusion.execution.parquet.statistics_truncate_length",
    "datafusion.execution.parquet.write_batch_size",
    "datafusion.execution.parquet.writer_version",
    "datafusion.execution.skip_physical_aggregate_schema_check",
    "datafusion.execution.time_zone",
    "datafusion.explain.",
    "datafusion.format.",
    "datafusion.optimizer.expand_views_at_output",
    "datafusion.spark.",
    "datafusion.sql_parser.",
];

/// The options in those groups that protect the receiver.
const PROTECTING: [&str; 1] = ["datafusion.sql_parser.recursion_limit"];

fn decides(option: &str) -> bool {
    let named = |name: &&str| option == *name || (name.ends_with('.') && option.starts_with(*name));
    DECIDING.iter().any(named) && !PROTECTING.contains(&option)
}

/// DataFusion's own values.
fn defaults() -> &'static HashMap<String, Option<String>> {
    static DEFAULTS: OnceLock<HashMap<String, Option<String>>> = OnceLock::new();
    DEFAULTS.get_or_init(|| {
        ConfigOptions::default().entries().into_iter().map(|entry| (entry.key, entry.value)).collect()
    })
}

/// The options that travel with a query: those that decide, or that DataFusion does not know, and are
/// not its defaults.
fn travelling(options: &ConfigOptions) -> impl Iterator<Item = ConfigEntry> {
    let travels = |entry: &ConfigEntry| match defaults().get(&entry.key) {
        Some(default) => decides(&entry.key) && *default != entry.value,
        None => true,
    };
    options.entries().into_iter().filter(travels)
}

impl Meaning {
    /// The chain for a plan of that meaning, which asks the session that made it.
    pub(crate) fn asking<C: ?Sized>(meaning: Option<&Self>, chain: &CodecChain<C>) -> CodecChain<C> {
        match meaning {
            Some(Self::Made(session)) => chain.asking(Arc::clone(session)),
            Some(Self::Came(options)) if !options.is_empty() => {
                let mut under = ConfigOptions::default();
                for (name, value) in options.iter() {
                    // Each was set, or compared, where the plan was decoded.
                    let _ = under.set(name, value);
                }
                chain.made_under(under.into())
            }
            _ => chain.clone(),
        }
    }

    /// The options that a pickle carries.
    ///
    /// # Errors
    ///
    /// An `EncodeError` that names an option that has lost its value, which no text sets again.
    pub(crate) fn options(&self, py: Python<'_>) -> PyResult<Arc<Options>> {
        match self {
            Self::Came(options) => Ok(Arc::clone(options)),
            Self::Made(session) => {
                let options = session.session_config().options();
                let text = |ConfigEntry { key, value, .. }| match value {
                    Some(value) => Ok((key, value)),
                    None => {
                        Err(error::query_stays(py, &format_args!("the option {key} has no value any more")))
                    }
                };
                travelling(options).map(text).collect::<PyResult<_>>().map(Arc::new)
            }
        }
    }
}

/// The session that runs what came in a pickle: the receiver's, but for the options that travelled, and
/// DataFusion's defaults where others decide about rows.
///
/// # Errors
///
/// A `DecodeError` that names an option that is unknown here, the receiver's to set, or of no such value.
pub(crate) fn meant(py: Python<'_>, mut state: SessionState, options: &Options) -> PyResult<SessionState> {
    let own: HashMap<_, _> =
        state.config_options().entries().into_iter().map(|entry| (entry.key, entry.value)).collect();
    let surplus: Vec<_> = travelling(state.config_options())
        .map(|entry| entry.key)
        .filter(|key| decides(key) && !options.iter().any(|(name, _)| name == key))
        .collect();
    let mut changed = !surplus.is_empty();
    let set = state.config_mut().options_mut();
    for key in surplus {
        set.reset(&key).map_err(|fault| error::option(py, &key, &fault.strip_backtrace()))?;
    }
    for (key, value) in options {
        match own.get(key) {
            None => return Err(error::option(py, key, &"there is no such option here")),
            Some(_) if !decides(key) => {
                return Err(error::option(py, key, &"it is for the receiver to set"));
            }
            Some(own) if own.as_ref() == Some(value) => continue,
            Some(_) => {
                set.set(key, value).map_err(|fault| error::option(py, key, &fault.strip_backtrace()))?;
                changed = true;
            }
        }
    }
    if changed {
        refresh(&mut state).map_err(|fault| error::option(py, "of a function", &fault.strip_backtrace()))?;
    }
    Ok(state)
}

/// Lets functions that keep options of their own, e.g. the time zone, know of the new ones.
fn refresh(state: &mut SessionState) -> datafusion::error::Result<()> {
    let options = Arc::clone(state.config_options());
    let functions = state.scalar_functions().values();
    let renewed: Vec<_> = functions
        .filter_map(|function| function.inner().with_updated_config(&options))
        .map(Arc::new)
        .collect();
    for function in renewed {
        state.register_udf(function)?;
    }
    Ok(())
}
