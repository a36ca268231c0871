//! One node of every kind, which stand for what a plan has where bytes came in.

use std::fmt;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::Schema;
use datafusion::common::{DFSchema, DFSchemaRef};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::csv::CsvFormatFactory;
use datafusion::error::Result;
use datafusion::functions_nested::all_default_higher_order_functions;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::empty::EmptyExec;
use planwire_registry::{Kind, Node};

/// One node of every kind, in the order of [`Kind::ALL`].
pub fn one_of_each() -> Vec<Node> {
    Kind::ALL.iter().copied().filter_map(node).collect()
}

/// A node of a kind, if there is such a kind.
pub(super) fn node(kind: Kind) -> Option<Node> {
    let schema = Arc::new(Schema::empty());
    Some(match kind {
        Kind::ScalarUdf => Node::ScalarUdf(datafusion::functions::math::abs()),
        Kind::AggregateUdf => Node::AggregateUdf(datafusion::functions_aggregate::sum::sum_udaf()),
        Kind::WindowUdf => Node::WindowUdf(datafusion::functions_window::row_number::row_number_udwf()),
        Kind::HigherOrderUdf => {
            Node::HigherOrderUdf(all_default_higher_order_functions().into_iter().next()?)
        }
        Kind::TableProvider => Node::TableProvider(Arc::new(EmptyTable::new(schema))),
        Kind::FileFormat => Node::FileFormat(Arc::new(CsvFormatFactory::new())),
        Kind::LogicalNode => Node::LogicalNode(Extension { node: Arc::new(Leaf) }),
        Kind::PhysicalNode => Node::PhysicalNode(Arc::new(EmptyExec::new(schema))),
        Kind::PhysicalExpr => Node::PhysicalExpr(Arc::new(Column::new("a", 0))),
        _ => return None,
    })
}

/// A logical node that DataFusion cannot serialise.
#[derive(Debug, PartialEq, Eq, PartialOrd, Hash)]
struct Leaf;

impl UserDefinedLogicalNodeCore for Leaf {
    fn name(&self) -> &str {
        "Leaf"
    }
    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![]
    }
    fn schema(&self) -> &DFSchemaRef {
        static SCHEMA: LazyLock<DFSchemaRef> = LazyLock::new(|| Arc::new(DFSchema::empty()));
        &SCHEMA
    }
    fn expressions(&self) -> Vec<Expr> {
        vec![]
    }
    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leaf")
    }
    fn with_exprs_and_inputs(&self, _: Vec<Expr>, _: Vec<LogicalPlan>) -> Result<Self> {
        Ok(Self)
    }
}
