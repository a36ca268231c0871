//! Nodes and expressions that neither DataFusion's protobuf nor a stand-in carries: the encoder refuses them.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::listing::ListingTable;
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::CreateExternalTable;
use datafusion::logical_expr::{DdlStatement, Expr, LogicalPlan, Statement, TableSource};
use datafusion::scalar::ScalarValue;

use url::Url;

use crate::error::Escaped;
use crate::fidelity::logical::expr;

/// Refuses a node that no message carries, regardless of its inputs.
pub(super) fn check_node(node: &LogicalPlan) -> Result<()> {
    let statement = match node {
        LogicalPlan::TableScan(scan) => return check_table(&scan.source),
        LogicalPlan::Dml(dml) => return check_table(&dml.target),
        LogicalPlan::Copy(copy) => {
            check_options(&copy.options)?;
            return check_url(&copy.output_url);
        }
        LogicalPlan::Ddl(DdlStatement::CreateExternalTable(create)) => {
            check_options(&create.options)?;
            create.locations.iter().try_for_each(|location| check_url(location))?;
            return check_external(create);
        }
        LogicalPlan::Ddl(DdlStatement::CreateMemoryTable(_)) => "CREATE TABLE",
        LogicalPlan::Ddl(DdlStatement::CreateIndex(_)) => "CREATE INDEX",
        LogicalPlan::Ddl(DdlStatement::CreateFunction(_)) => "CREATE FUNCTION",
        LogicalPlan::Ddl(DdlStatement::DropTable(_)) => "DROP TABLE",
        LogicalPlan::Ddl(DdlStatement::DropCatalogSchema(_)) => "DROP SCHEMA",
        LogicalPlan::Ddl(DdlStatement::DropFunction(_)) => "DROP FUNCTION",
        LogicalPlan::Statement(Statement::Prepare(_)) => return Ok(()),
        LogicalPlan::Statement(Statement::SetVariable(_)) => "SET",
        LogicalPlan::Statement(Statement::ResetVariable(_)) => "RESET",
        LogicalPlan::Statement(Statement::Execute(_)) => "EXECUTE",
        LogicalPlan::Statement(Statement::Deallocate(_)) => "DEALLOCATE",
        LogicalPlan::Statement(_) => "a transaction statement",
        _ => return Ok(()),
    };
    Err(super::lost(format!(
        "{statement} is not carried: it changes a session; run its SQL in the session of the receiver"
    )))
}

/// Refuses a table of files whose URLs hold credentials.
fn check_table(table: &Arc<dyn TableSource>) -> Result<()> {
    let Ok(provider) = source_as_provider(table) else { return Ok(()) };
    let Some(listing) = provider.downcast_ref::<ListingTable>() else { return Ok(()) };
    listing.table_paths().iter().try_for_each(|path| check_url(path.as_str()))
}

/// Refuses a URL with credentials in it, which everybody could read who sees the message.
pub(super) fn check_url(url: &str) -> Result<()> {
    // What is no URL is a path.
    let Ok(url) = Url::parse(url) else { return Ok(()) };
    // There, the name before the host is that of a container.
    let is_container = matches!(url.scheme(), "abfs" | "abfss" | "adl" | "az" | "azure");
    let is_signed = matches!(url.scheme(), "http" | "https") && url.query().is_some();
    if url.password().is_none() && (url.username().is_empty() || is_container) && !is_signed {
        return Ok(());
    }
    Err(super::lost(
        "a URL with a user name, a password or a signature in it is not carried; give the credentials to the store \
         of its files, in each process that reads them",
    ))
}

/// Refuses a text with a URL in it that has a password, such as the plan that `EXPLAIN` shows.
pub(super) fn check_text(text: &str) -> Result<()> {
    let is_around = |around: char| around.is_whitespace() || "\"'=,()[]{}".contains(around);
    let has_password = |word: &&str| Url::parse(word).is_ok_and(|url| url.password().is_some());
    text.split(is_around).find(has_password).map_or(Ok(()), check_url)
}

/// Refuses options with which a statement would bring credentials.
fn check_options(options: &HashMap<String, String>) -> Result<()> {
    let is_of_store = |name: &&String| {
        let name = name.to_ascii_lowercase();
        ["aws.", "azure.", "gcp.", "google."]
            .iter()
            .any(|prefix| name.trim_start_matches("format.").starts_with(prefix))
    };
    match options.keys().find(is_of_store) {
        Some(name) => Err(super::lost(format!(
            "the option {} is not carried: it may be a credential; give it to the store, in each process that uses it",
            Escaped(name)
        ))),
        None => Ok(()),
    }
}

/// Refuses a table definition with an expression that needs a stand-in, because none is put in there.
fn check_external(create: &CreateExternalTable) -> Result<()> {
    let orders = create.order_exprs.iter().flatten().map(|order| ("an order", &order.expr));
    let defaults = create.column_defaults.iter().map(|(column, expr)| (column.as_str(), expr));
    for (of, expr) in orders.chain(defaults) {
        let mut is_lost = false;
        expr.apply(|expr| {
            is_lost |= expr::is_lost(expr);
            Ok(TreeNodeRecursion::Continue)
        })?;
        if is_lost {
            return Err(super::lost(format!(
                "CREATE EXTERNAL TABLE with {expr} in {of} is not carried; run its SQL in the session of the \
                 receiver"
            )));
        }
    }
    Ok(())
}

/// Refuses an expression that no message carries, regardless of its parts.
pub(super) fn check_expr(expr: &Expr) -> Result<()> {
    match expr {
        Expr::ScalarVariable(_, names) => Err(super::lost(format!(
            "the variable {} is not carried: its value is the session's; put a literal in its place",
            names.join(".")
        ))),
        Expr::Literal(value, _) if holds_half(value) => Err(super::lost(format!(
            "a literal of 16 bits inside of {} is not carried: DataFusion's protobuf makes one of 32 of it; \
             cast a literal of 32 bits",
            value.data_type()
        ))),
        #[expect(deprecated, reason = "plans that were made by hand still have it")]
        Expr::Wildcard { options, .. } if **options != Default::default() => Err(super::lost(
            "the options of `*` (EXCLUDE, EXCEPT, REPLACE, RENAME, ILIKE) are not carried; name the columns",
        )),
        _ => Ok(()),
    }
}

/// Whether a value holds a number of 16 bits.
fn holds_half(value: &ScalarValue) -> bool {
    let inner = match value {
        ScalarValue::Dictionary(_, inner) | ScalarValue::RunEndEncoded(_, _, inner) => inner,
        ScalarValue::Union(Some((_, inner)), ..) => inner,
        _ => return false,
    };
    matches!(**inner, ScalarValue::Float16(Some(_))) || holds_half(inner)
}
