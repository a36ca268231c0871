//! What a query means besides its plan: the options of its session that decide about rows.
//!
//! Everything else, such as batch sizes, partitions, memory and caches, is the receiver's to decide.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use datafusion::common::config::{ConfigEntry, ConfigField, ConfigOptions};
use datafusion::execution::{FunctionRegistry, SessionState, TaskContext};
use planwire_registry::{CodecChain, option_decides};
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
        Some(default) => option_decides(&entry.key) && *default != entry.value,
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
        .filter(|key| option_decides(key) && !options.iter().any(|(name, _)| name == key))
        .collect();
    let mut changed = !surplus.is_empty();
    let set = state.config_mut().options_mut();
    for key in surplus {
        set.reset(&key).map_err(|fault| error::option(py, &key, &fault.strip_backtrace()))?;
    }
    for (key, value) in options {
        match own.get(key) {
            None => return Err(error::option(py, key, &"there is no such option here")),
            Some(_) if !option_decides(key) => {
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
