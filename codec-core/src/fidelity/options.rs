//! Options of the session that decide what a plan gives: those that the plan depends on, and that are not
//! DataFusion's defaults, travel at its head, and a session that has others does not decode it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::config::ConfigOptions;
use datafusion::datasource::file_format::csv::{CsvFormat, CsvFormatFactory};
use datafusion::datasource::file_format::file_type_to_format;
use datafusion::datasource::file_format::parquet::ParquetFormatFactory;
use datafusion::datasource::listing::{ListingTable, ListingTableUrl};
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::dml::CopyTo;
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};

use crate::error::WireError;
use crate::fidelity::deciding::{
    EXPLAIN, FOLDERS, HEADER, LINE_BREAKS, PARQUET, PARTITION_COLUMNS, VIEWS, WRITTEN, ZONE,
};

/// The options at the head of a plan.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub(crate) struct Options {
    #[prost(message, repeated, tag = "1")]
    entries: Vec<Entry>,
}

#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
struct Entry {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

/// Functions that read the time zone when they run or are simplified, rather than when the session is told it.
const READ_ZONE: [&str; 3] = ["current_date", "current_time", "to_unixtime"];

static DEFAULTS: LazyLock<ConfigOptions> = LazyLock::new(ConfigOptions::default);

/// Whether what a function gives depends on the options of the session.
pub(crate) fn reads_zone(function: &ScalarUDF) -> bool {
    READ_ZONE.contains(&function.name()) || function.inner().with_updated_config(&DEFAULTS).is_some()
}

/// The options that a plan depends on: names, and groups that end with a dot.
#[derive(Debug, Default)]
pub(crate) struct Needed(BTreeSet<&'static str>);

impl Needed {
    pub(crate) fn zone(&mut self) {
        self.0.insert(ZONE);
    }

    /// Looks at a node, but not at its expressions.
    pub(crate) fn look_at_node(&mut self, node: &LogicalPlan) -> Result<()> {
        match node {
            LogicalPlan::TableScan(scan) => {
                if let Ok(provider) = source_as_provider(&scan.source) {
                    self.look_at_table(&provider);
                }
            }
            LogicalPlan::Dml(insert) => {
                let target = source_as_provider(&insert.target);
                if let Ok(table) = &target
                    && let Some(table) = table.downcast_ref::<ListingTable>()
                    && !table.options().table_partition_cols.is_empty()
                {
                    self.0.insert(PARTITION_COLUMNS);
                }
            }
            LogicalPlan::Copy(copy) => self.look_at_copy(copy)?,
            LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => {
                self.0.insert(EXPLAIN);
            }
            _ => {}
        }
        Ok(())
    }

    /// Looks at the columns that a whole plan gives.
    pub(crate) fn look_at_output(&mut self, plan: &LogicalPlan) {
        let is_view = |of: &DataType| matches!(of, DataType::Utf8View | DataType::BinaryView);
        if plan.schema().fields().iter().any(|field| is_view(field.data_type())) {
            self.0.insert(VIEWS);
        }
    }

    fn look_at_table(&mut self, table: &Arc<dyn TableProvider>) {
        let Some(table) = table.downcast_ref::<ListingTable>() else { return };
        if table.table_paths().iter().any(ListingTableUrl::is_collection) {
            self.0.insert(FOLDERS);
        }
        if let Some(csv) = table.options().format.downcast_ref::<CsvFormat>() {
            self.0.extend(csv.has_header().is_none().then_some(HEADER));
            self.0.extend(csv.options().newlines_in_values.is_none().then_some(LINE_BREAKS));
        }
    }

    fn look_at_copy(&mut self, copy: &CopyTo) -> Result<()> {
        let given = |name: &str| copy.options.contains_key(name);
        if !copy.partition_by.is_empty() && !given("execution.keep_partition_by_columns") {
            self.0.insert(PARTITION_COLUMNS);
        }
        let factory = file_type_to_format(&copy.file_type)?;
        if let Some(csv) = factory.downcast_ref::<CsvFormatFactory>() {
            let own = csv.options.as_ref().and_then(|options| options.has_header);
            self.0.extend((own.is_none() && !given("format.has_header")).then_some(HEADER));
        }
        if let Some(parquet) = factory.downcast_ref::<ParquetFormatFactory>()
            && parquet.options.is_none()
        {
            let option = |name: &&str| format!("format.{}", name.trim_start_matches(PARQUET));
            self.0.extend(WRITTEN.iter().filter(|name| !given(&option(name))));
        }
        Ok(())
    }

    /// The options among them that are not DataFusion's; nothing if all are.
    ///
    /// # Errors
    ///
    /// An option that has lost its value, which no text tells.
    pub(crate) fn of(&self, options: &ConfigOptions) -> Result<Option<Options>> {
        let mut entries = Vec::new();
        let mut all = None;
        for name in &self.0 {
            match single(options, name) {
                Some(value) if Some(&value) == single(&DEFAULTS, name).as_ref() => {}
                Some(value) => entries.push(((*name).to_owned(), value)),
                None => {
                    // There are hundreds, each of which is written out.
                    let all: &Vec<_> = all.get_or_insert_with(|| differing(options));
                    let named = |(key, _): &&(String, _)| {
                        key == name || (name.ends_with('.') && key.starts_with(name))
                    };
                    entries.extend(all.iter().filter(named).cloned());
                }
            }
        }
        let entry = |(name, value): (String, Option<String>)| match value {
            Some(value) => Ok(Entry { name, value }),
            None => Err(super::lost(format!(
                "the plan depends on the option {name}, which has no value any more: set it, or make the plan in a \
                 session that has a value for it"
            ))),
        };
        let entries = entries.into_iter().map(entry).collect::<Result<Vec<_>>>()?;
        Ok((!entries.is_empty()).then_some(Options { entries }))
    }
}

/// The value of one of the options that nearly every plan depends on.
fn single(options: &ConfigOptions, name: &str) -> Option<Option<String>> {
    let ConfigOptions { execution, catalog, optimizer, .. } = options;
    let flag = match name {
        ZONE => return Some(execution.time_zone.clone()),
        FOLDERS => execution.listing_table_ignore_subdirectory,
        HEADER => catalog.has_header,
        LINE_BREAKS => catalog.newlines_in_values,
        PARTITION_COLUMNS => execution.keep_partition_by_columns,
        VIEWS => optimizer.expand_views_at_output,
        _ => return None,
    };
    Some(Some(flag.to_string()))
}

fn differing(options: &ConfigOptions) -> Vec<(String, Option<String>)> {
    let defaults: HashMap<_, _> =
        DEFAULTS.entries().into_iter().map(|entry| (entry.key, entry.value)).collect();
    let own = options.entries().into_iter().map(|entry| (entry.key, entry.value));
    own.filter(|(key, value)| defaults.get(key) != Some(value)).collect()
}

impl Options {
    /// Checks that the session that decodes the plan has the same.
    ///
    /// # Errors
    ///
    /// [`WireError::OtherOption`].
    pub(crate) fn check(&self, task: &TaskContext) -> std::result::Result<(), WireError> {
        let own: HashMap<_, _> = task
            .session_config()
            .options()
            .entries()
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect();
        for Entry { name, value } in &self.entries {
            let here = own.get(name).cloned().flatten();
            if here.as_ref() != Some(value) {
                return Err(WireError::OtherOption { name: name.clone(), sent: value.clone(), here });
            }
        }
        Ok(())
    }

    /// Each with its value.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.entries.iter().map(|Entry { name, value }| (name.clone(), value.clone()))
    }
}
