//! Snapshots in parcels.

use std::path::PathBuf;

use planwire_registry::parcel;

use crate::session::pickle::snapshot::{Functions, Snapshot, Table};

/// The options as a parcel has them.
pub(crate) fn options(options: Vec<(String, String)>) -> parcel::Options {
    parcel::Options { entries: pairs(options) }
}

/// The options that a parcel has.
pub(crate) fn options_of(options: parcel::Options) -> Vec<(String, String)> {
    options.entries.into_iter().map(|parcel::Pair { name, value }| (name, value)).collect()
}

fn pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Vec<parcel::Pair> {
    pairs.into_iter().map(|(name, value)| parcel::Pair { name, value }).collect()
}

impl Snapshot {
    /// Writes the snapshot.
    ///
    /// # Errors
    ///
    /// A directory whose name is not a text.
    pub(crate) fn into_parcel(self) -> Result<parcel::Session, PathBuf> {
        let (pool, size, disk, directories) = self.runtime;
        let text = |path: PathBuf| path.into_os_string().into_string().map_err(PathBuf::from);
        let functions = |Functions { messages, without }| Some(parcel::Functions { messages, without });
        let catalog = |(name, schemas)| parcel::Catalog { name, schemas };
        let table = |Table { catalog, schema, name, view, definition, message }| parcel::Table {
            catalog,
            schema,
            name,
            view,
            definition,
            message,
        };
        Ok(parcel::Session {
            options: Some(options(self.options)),
            pool,
            pool_size: size as u64,
            disk,
            directories: directories.into_iter().map(text).collect::<Result<_, _>>()?,
            url_table: self.url_table,
            modes: pairs(self.modes),
            precedence: self.precedence,
            without_rules: self.without_rules,
            scalar_functions: functions(self.scalar_functions),
            aggregate_functions: functions(self.aggregate_functions),
            window_functions: functions(self.window_functions),
            catalogs: self.catalogs.into_iter().map(catalog).collect(),
            tables: self.tables.into_iter().map(table).collect(),
        })
    }

    /// Reads the result of [`Self::into_parcel`].
    pub(crate) fn of_parcel(session: parcel::Session) -> Self {
        let functions = |functions: Option<parcel::Functions>| {
            let parcel::Functions { messages, without } = functions.unwrap_or_default();
            Functions { messages, without }
        };
        let directories = session.directories.into_iter().map(PathBuf::from).collect();
        let size = usize::try_from(session.pool_size).unwrap_or(usize::MAX);
        let table = |parcel::Table { catalog, schema, name, view, definition, message }| Table {
            catalog,
            schema,
            name,
            view,
            definition,
            message,
        };
        Self {
            options: options_of(session.options.unwrap_or_default()),
            runtime: (session.pool, size, session.disk, directories),
            url_table: session.url_table,
            modes: session.modes.into_iter().map(|parcel::Pair { name, value }| (name, value)).collect(),
            precedence: session.precedence,
            without_rules: session.without_rules,
            scalar_functions: functions(session.scalar_functions),
            aggregate_functions: functions(session.aggregate_functions),
            window_functions: functions(session.window_functions),
            catalogs: session.catalogs.into_iter().map(|catalog| (catalog.name, catalog.schemas)).collect(),
            tables: session.tables.into_iter().map(table).collect(),
        }
    }
}
