//! Columns whose tables DataFusion would read under another name, or add to the columns' names.

use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::common::{Column, DFSchema, TableReference};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;

use crate::fidelity::logical::expr;
use crate::fidelity::logical::payload::{KeptExpr, Nothing};

/// Renames the table of a column to a text that a receiver reads as its name.
///
/// DataFusion writes the parts of the name without quotes, and reads them as SQL.
pub(crate) fn requoted(column: &Column) -> Option<Column> {
    let relation = column.relation.as_ref()?;
    // Most names are plain words, which need no check.
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|first: char| first.is_ascii_digit())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let parts = [relation.catalog(), relation.schema(), Some(relation.table())];
    if parts.into_iter().flatten().all(plain) {
        return None;
    }
    if TableReference::parse_str_normalized(&relation.to_string(), true) == *relation {
        return None;
    }
    let quoted: Vec<String> =
        parts.into_iter().flatten().map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
    Some(Column { relation: Some(TableReference::bare(quoted.join("."))), ..column.clone() })
}

/// Whether DataFusion would qualify a column by its table, which changes the names of the expressions above it.
pub(crate) fn is_qualified_by(column: &Column, input: &DFSchema) -> bool {
    column.relation.is_none()
        && input.iter().any(|(relation, field)| relation.is_some() && *field.name() == column.name)
        && !input.iter().any(|(relation, field)| relation.is_none() && *field.name() == column.name)
}

/// Replaces each column that DataFusion would qualify by its table by a stand-in.
pub(crate) fn with_unqualified(expr: Expr, input: &DFSchema) -> Result<Expr> {
    let kept = expr.transform_up(|expr| match expr {
        Expr::Column(column) if is_qualified_by(&column, input) => {
            let column = vec![Expr::Column(column)];
            Ok(Transformed::yes(expr::call(KeptExpr::Unqualified(Nothing {}), column)))
        }
        expr => Ok(Transformed::no(expr)),
    })?;
    Ok(kept.data)
}
