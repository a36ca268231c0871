//! Tables: the patterns of their files, their constraints, the defaults of their columns and their orders.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::catalog::TableProvider;
use datafusion::common::{Constraint, Constraints};
use datafusion::datasource::MemTable;
use datafusion::datasource::listing::{ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, SortExpr};

use crate::fidelity::logical::payload::{Direction, Indices, Key, Order, Scan};
use crate::fidelity::malformed_node;

/// The lost part of a table.
pub(crate) struct Table {
    pub(crate) globs: Vec<String>,
    pub(crate) constraints: Vec<Key>,
    pub(crate) defaults: Vec<String>,
    pub(crate) orders: Vec<Order>,
    /// The defaults, followed by the expressions of the orders.
    pub(crate) exprs: Vec<Expr>,
}

impl Table {
    /// The lost part of one of DataFusion's tables, if any.
    pub(crate) fn of(provider: &Arc<dyn TableProvider>) -> Option<Self> {
        let (mut globs, mut orders, mut of_orders) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(listing) = provider.downcast_ref::<ListingTable>() {
            let patterns = || listing.table_paths().iter().map(|path| path.get_glob().as_ref());
            if patterns().any(|glob| glob.is_some()) {
                globs.extend(patterns().map(|glob| glob.map(ToString::to_string).unwrap_or_default()));
            }
        } else if let Some(table) = provider.downcast_ref::<MemTable>() {
            for order in table.sort_order.lock().iter() {
                let direction = |sort: &SortExpr| Direction { asc: sort.asc, nulls_first: sort.nulls_first };
                orders.push(Order { directions: order.iter().map(direction).collect() });
                of_orders.extend(order.iter().map(|sort| sort.expr.clone()));
            }
        } else {
            return None;
        }
        let constraints: Vec<Key> =
            provider.constraints().into_iter().flat_map(|all| all.iter()).map(Key::of).collect();
        let (mut defaults, mut exprs) = (Vec::new(), Vec::new());
        for field in provider.schema().fields() {
            if let Some(default) = provider.get_column_default(field.name()) {
                defaults.push(field.name().clone());
                exprs.push(default.clone());
            }
        }
        exprs.extend(of_orders);
        let nothing = globs.is_empty() && constraints.is_empty() && defaults.is_empty() && orders.is_empty();
        (!nothing).then_some(Self { globs, constraints, defaults, orders, exprs })
    }
}

/// Reduces a table in memory to its rows.
pub(crate) fn bare(provider: &Arc<dyn TableProvider>) -> Result<Option<Arc<dyn TableProvider>>> {
    let Some(table) = provider.downcast_ref::<MemTable>() else { return Ok(None) };
    Ok(Some(Arc::new(sharing_rows(table)?)))
}

fn sharing_rows(table: &MemTable) -> Result<MemTable> {
    let mut bare = MemTable::try_new(table.schema(), vec![vec![]])?;
    bare.batches.clone_from(&table.batches);
    Ok(bare)
}

/// Restores the table from its payload.
pub(crate) fn restored(
    kept: &Scan,
    exprs: Vec<Expr>,
    provider: &Arc<dyn TableProvider>,
) -> Result<Arc<dyn TableProvider>> {
    let of_orders: usize = kept.orders.iter().map(|order| order.directions.len()).sum();
    if exprs.len() != kept.defaults.len().saturating_add(of_orders) {
        return malformed_node(format!("{} expressions of a table that are not all named", exprs.len()));
    }
    let mut exprs = exprs.into_iter();
    let defaults: HashMap<String, Expr> = kept.defaults.iter().cloned().zip(exprs.by_ref()).collect();
    let columns = provider.schema().fields().len();
    let keys = kept.constraints.iter().map(|key| key.constraint(columns)).collect::<Result<Vec<_>>>()?;
    let constraints = Constraints::new_unverified(keys);
    if let Some(listing) = provider.downcast_ref::<ListingTable>() {
        let listing = with_globs(listing, &kept.globs)?;
        return Ok(Arc::new(listing.with_constraints(constraints).with_column_defaults(defaults)));
    }
    let Some(table) = provider.downcast_ref::<MemTable>() else {
        return malformed_node("there is no table that it belongs to");
    };
    let sort = |direction: &Direction| {
        let expr = exprs.next()?;
        Some(SortExpr::new(expr, direction.asc, direction.nulls_first))
    };
    let mut sort = sort;
    let orders = kept.orders.iter().map(|order| order.directions.iter().filter_map(&mut sort).collect());
    let orders: Vec<Vec<SortExpr>> = orders.collect();
    let table = sharing_rows(table)?.with_constraints(constraints).with_column_defaults(defaults);
    Ok(Arc::new(table.with_sort_order(orders)))
}

/// A listing table that reads the files of each path that match its pattern.
fn with_globs(listing: &ListingTable, globs: &[String]) -> Result<ListingTable> {
    if globs.is_empty() {
        return Ok(listing.clone());
    }
    let paths = listing.table_paths();
    if paths.len() != globs.len() {
        return malformed_node(format!("{} patterns of {} paths", globs.len(), paths.len()));
    }
    let paths = paths.iter().zip(globs).map(|(path, glob)| match glob.as_str() {
        "" => Ok(path.clone()),
        glob => path.clone().with_glob(glob),
    });
    let options = listing.options();
    let is_partition =
        |name: &String| options.table_partition_cols.iter().any(|(partition, _)| partition == name);
    let schema = listing.schema();
    let fields: Vec<_> =
        schema.fields().iter().filter(|field| !is_partition(field.name())).cloned().collect();
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    let config = ListingTableConfig::new_with_multi_paths(paths.collect::<Result<Vec<ListingTableUrl>>>()?)
        .with_listing_options(options.clone())
        .with_schema(Arc::new(schema));
    ListingTable::try_new(config)
}

impl Key {
    fn of(constraint: &Constraint) -> Self {
        match constraint {
            Constraint::PrimaryKey(columns) => Self { primary: true, columns: Indices::of(columns).columns },
            Constraint::Unique(columns) => Self { primary: false, columns: Indices::of(columns).columns },
        }
    }

    fn constraint(&self, columns: usize) -> Result<Constraint> {
        let indices = Indices { columns: self.columns.clone() }.within(columns)?;
        Ok(if self.primary { Constraint::PrimaryKey(indices) } else { Constraint::Unique(indices) })
    }
}
