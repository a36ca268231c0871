//! Scans: the parts of a table scan that DataFusion's protobuf loses.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::TableReference;
use datafusion::datasource::listing::ListingTable;
use datafusion::datasource::{MemTable, ViewTable, provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::{TableScan, TableScanBuilder};
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::fidelity::logical::payload::{Indices, Relation, Scan};
use crate::fidelity::logical::table::{self as table, Table};
use crate::fidelity::malformed_node;

/// The payload for a scan, its expressions, and the scan that DataFusion carries.
pub(crate) fn kept(scan: &TableScan) -> Result<Option<(Scan, Vec<Expr>, LogicalPlan)>> {
    let Ok(provider) = source_as_provider(&scan.source) else { return Ok(None) };
    let name = Relation::of(Some(&scan.table_name));
    let fetch = scan.fetch.map(|fetch| fetch as u64);
    if let Some(work) = provider.downcast_ref::<CteWorkTable>() {
        // DataFusion carries only the table of its scan, under a name that it reads as SQL.
        let named = TableReference::from(work.name()) == scan.table_name;
        if named && scan.projection.is_none() && scan.filters.is_empty() && fetch.is_none() {
            return Ok(None);
        }
        let projection = scan.projection.as_ref().map(|columns| Indices::of(columns));
        let kept = Scan { table: name, fetch, projection, ..Scan::default() };
        return Ok(Some((kept, scan.filters.clone(), plain(scan, None, None, Vec::new())?)));
    }
    if provider.is::<ViewTable>() {
        if scan.filters.is_empty() && fetch.is_none() {
            return Ok(None);
        }
        let kept = Scan { table: name, fetch, ..Scan::default() };
        let carried = plain(scan, None, scan.projection.clone(), Vec::new())?;
        return Ok(Some((kept, scan.filters.clone(), carried)));
    }
    let Some(Table { globs, constraints, defaults, orders, exprs }) = Table::of(&provider) else {
        return Ok(None);
    };
    let kept = Scan { table: name, fetch, projection: None, globs, constraints, defaults, orders };
    let bare = table::bare(&provider)?;
    Ok(Some((kept, exprs, plain(scan, bare, scan.projection.clone(), scan.filters.clone())?)))
}

/// Reduces a scan to the part that DataFusion carries.
fn plain(
    scan: &TableScan,
    table: Option<Arc<dyn TableProvider>>,
    projection: Option<Vec<usize>>,
    filters: Vec<Expr>,
) -> Result<LogicalPlan> {
    let source = table.map_or_else(|| Arc::clone(&scan.source), provider_as_source);
    let builder = TableScanBuilder::new(scan.table_name.clone(), source);
    Ok(LogicalPlan::TableScan(builder.with_projection(projection).with_filters(filters).build()?))
}

/// Restores the scan from its payload.
pub(crate) fn restored(kept: &Scan, mut exprs: Vec<Expr>, carried: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::TableScan(scan) = carried else {
        return malformed_node("there is no scan that it belongs to");
    };
    let Some(name) = kept.table.table()? else { return malformed_node("a scan of no table") };
    let provider = source_as_provider(&scan.source)?;
    let source = if provider.is::<ListingTable>() || provider.is::<MemTable>() {
        provider_as_source(table::restored(kept, std::mem::take(&mut exprs), &provider)?)
    } else {
        Arc::clone(&scan.source)
    };
    let projection = match &kept.projection {
        Some(indices) => Some(indices.within(source.schema().fields().len())?),
        None => scan.projection,
    };
    let filters = scan.filters.into_iter().chain(exprs).collect();
    let fetch = kept.fetch.and_then(|fetch| usize::try_from(fetch).ok());
    let builder = TableScanBuilder::new(name, source).with_projection(projection).with_filters(filters);
    Ok(LogicalPlan::TableScan(builder.with_fetch(fetch).build()?))
}

/// The view that a scan reads.
pub(crate) fn view(scan: &TableScan) -> Option<Arc<dyn TableProvider>> {
    source_as_provider(&scan.source).ok().filter(|provider| provider.is::<ViewTable>())
}

/// The scan with another plan of its view.
pub(crate) fn with_view(scan: TableScan, plan: LogicalPlan, definition: Option<String>) -> Result<TableScan> {
    let source = provider_as_source(Arc::new(ViewTable::new(plan, definition)));
    let builder = TableScanBuilder::new(scan.table_name, source).with_projection(scan.projection);
    builder.with_filters(scan.filters).with_fetch(scan.fetch).build()
}

impl Indices {
    pub(crate) fn of(columns: &[usize]) -> Self {
        Self { columns: columns.iter().map(|column| *column as u64).collect() }
    }

    /// The columns, checked to be so many.
    pub(crate) fn within(&self, columns: usize) -> Result<Vec<usize>> {
        let index = |index: &u64| usize::try_from(*index).ok().filter(|index| *index < columns);
        match self.columns.iter().map(index).collect() {
            Some(indices) => Ok(indices),
            None => malformed_node("a column that its table does not have"),
        }
    }
}
