//! Scans: what DataFusion's protobuf loses of how a table is read.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::TableReference;
use datafusion::datasource::listing::{ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::{ViewTable, provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::{TableScan, TableScanBuilder};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::logical_family::malformed_node;
use super::logical_payload::{Indices, Relation, Scan};

/// What is kept of a scan: its payload, its filters, and what DataFusion carries of it.
pub(super) fn kept(scan: &TableScan) -> Result<Option<(Scan, Vec<Expr>, LogicalPlan)>> {
    let Ok(provider) = source_as_provider(&scan.source) else { return Ok(None) };
    let plain = |projection: Option<Vec<usize>>, filters: Vec<Expr>| -> Result<LogicalPlan> {
        let builder = TableScanBuilder::new(scan.table_name.clone(), Arc::clone(&scan.source));
        let scan = builder.with_projection(projection).with_filters(filters).build()?;
        Ok(LogicalPlan::TableScan(scan))
    };
    let table = Relation::of(Some(&scan.table_name));
    let fetch = scan.fetch.map(|fetch| fetch as u64);
    if let Some(work) = provider.downcast_ref::<CteWorkTable>() {
        // Of its scan DataFusion carries the table alone, and by a name that it reads as SQL.
        let named = TableReference::from(work.name()) == scan.table_name;
        if named && scan.projection.is_none() && scan.filters.is_empty() && fetch.is_none() {
            return Ok(None);
        }
        let projection = scan
            .projection
            .as_ref()
            .map(|columns| Indices { columns: columns.iter().map(|column| *column as u64).collect() });
        let kept = Scan { table, fetch, projection, globs: Vec::new() };
        return Ok(Some((kept, scan.filters.clone(), plain(None, Vec::new())?)));
    }
    if provider.is::<ViewTable>() {
        if scan.filters.is_empty() && fetch.is_none() {
            return Ok(None);
        }
        let kept = Scan { table, fetch, projection: None, globs: Vec::new() };
        return Ok(Some((kept, scan.filters.clone(), plain(scan.projection.clone(), Vec::new())?)));
    }
    let Some(listing) = provider.downcast_ref::<ListingTable>() else { return Ok(None) };
    let globs = listing
        .table_paths()
        .iter()
        .map(|path| path.get_glob().as_ref().map(|glob| glob.as_str().to_owned()).unwrap_or_default());
    let globs: Vec<String> = globs.collect();
    if globs.iter().all(String::is_empty) {
        return Ok(None);
    }
    let kept = Scan { table, fetch, projection: None, globs };
    Ok(Some((kept, Vec::new(), plain(scan.projection.clone(), scan.filters.clone())?)))
}

/// The scan with what was kept of it.
pub(super) fn restored(kept: &Scan, filters: Vec<Expr>, carried: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::TableScan(scan) = carried else {
        return malformed_node("there is no scan that it belongs to");
    };
    let Some(table) = kept.table.table()? else { return malformed_node("a scan of no table") };
    let provider = source_as_provider(&scan.source)?;
    let source = match provider.downcast_ref::<ListingTable>() {
        Some(listing) if !kept.globs.is_empty() => {
            provider_as_source(Arc::new(with_globs(listing, &kept.globs)?))
        }
        _ => Arc::clone(&scan.source),
    };
    let columns = source.schema().fields().len();
    let projection = match &kept.projection {
        Some(Indices { columns: kept }) => {
            let indices =
                kept.iter().map(|index| usize::try_from(*index).ok().filter(|index| *index < columns));
            match indices.collect::<Option<Vec<usize>>>() {
                Some(indices) => Some(indices),
                None => return malformed_node("a scan of columns that its table does not have"),
            }
        }
        None => scan.projection,
    };
    let filters = scan.filters.into_iter().chain(filters).collect();
    let fetch = kept.fetch.and_then(|fetch| usize::try_from(fetch).ok());
    let builder = TableScanBuilder::new(table, source).with_projection(projection).with_filters(filters);
    Ok(LogicalPlan::TableScan(builder.with_fetch(fetch).build()?))
}

/// A listing table that reads of each path what the pattern lets through.
fn with_globs(listing: &ListingTable, globs: &[String]) -> Result<ListingTable> {
    let paths = listing.table_paths();
    if paths.len() != globs.len() {
        return malformed_node(format!("{} patterns of {} paths", globs.len(), paths.len()));
    }
    let paths = paths.iter().zip(globs).map(|(path, glob)| match glob.as_str() {
        "" => Ok(path.clone()),
        glob => path.clone().with_glob(glob),
    });
    let paths = paths.collect::<Result<Vec<ListingTableUrl>>>()?;
    let options = listing.options();
    let is_partition =
        |name: &String| options.table_partition_cols.iter().any(|(partition, _)| partition == name);
    let schema = listing.schema();
    let fields: Vec<_> =
        schema.fields().iter().filter(|field| !is_partition(field.name())).cloned().collect();
    let schema = datafusion::arrow::datatypes::Schema::new_with_metadata(fields, schema.metadata().clone());
    let config = ListingTableConfig::new_with_multi_paths(paths)
        .with_listing_options(options.clone())
        .with_schema(Arc::new(schema));
    ListingTable::try_new(config)
}

/// The view that a scan reads.
pub(super) fn view(scan: &TableScan) -> Option<Arc<dyn TableProvider>> {
    source_as_provider(&scan.source).ok().filter(|provider| provider.is::<ViewTable>())
}

/// The scan with another plan of its view.
pub(super) fn with_view(scan: TableScan, plan: LogicalPlan, definition: Option<String>) -> Result<TableScan> {
    let source = provider_as_source(Arc::new(ViewTable::new(plan, definition)));
    let builder = TableScanBuilder::new(scan.table_name, source).with_projection(scan.projection);
    builder.with_filters(scan.filters).with_fetch(scan.fetch).build()
}
