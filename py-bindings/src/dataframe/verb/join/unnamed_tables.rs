//! Joins of tables without names: the right one gets a name, so that columns can be told apart.

use std::collections::HashSet;

use datafusion::common::TableReference;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::UNNAMED_TABLE;

/// The right query. If both are over tables without a name, it gets a name that no table on the left has.
///
/// DataFusion calls all such tables the same, so that columns of one name could not be told apart.
///
/// # Errors
///
/// DataFusion's, if two of the query's columns would have the same name.
pub(super) fn distinct_from(left: &DataFrame, right: &DataFrame) -> Result<DataFrame> {
    let clash = right.schema().iter().any(|(table, field)| {
        table.is_some_and(|table| left.schema().has_column_with_qualified_name(table, field.name()))
    });
    let unnamed = TableReference::bare(UNNAMED_TABLE);
    let nameless = right.schema().iter().all(|(table, _)| table.is_none_or(|table| *table == unnamed));
    if !(clash && nameless) {
        return Ok(right.clone());
    }
    let taken: HashSet<&str> =
        left.schema().iter().filter_map(|(table, _)| table).map(TableReference::table).collect();
    let mut number = 2;
    let mut name = format!("{UNNAMED_TABLE}{number}");
    while taken.contains(name.as_str()) {
        number += 1;
        name = format!("{UNNAMED_TABLE}{number}");
    }
    right.clone().alias(&name)
}
