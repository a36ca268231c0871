//! One node across the wire and back, through the codec method that DataFusion calls for its kind.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::Schema;
use datafusion::common::{TableReference, internal_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::prelude::SessionContext;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::from_proto::parse_physical_expr;
use datafusion_proto::physical_plan::to_proto::serialize_physical_expr;
use datafusion_proto::physical_plan::{DefaultPhysicalProtoConverter, PhysicalExtensionCodec};
use datafusion_proto::protobuf::{PhysicalExprNode, PhysicalExtensionExprNode, physical_expr_node};
use planwire_registry::{Node, SessionCodecs};

/// Which of DataFusion's codec traits carries a node; functions go through either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// `LogicalExtensionCodec`.
    Logical,
    /// `PhysicalExtensionCodec`.
    Physical,
}

/// Encodes a node behind whatever `buf` holds already.
///
/// # Errors
///
/// What the codec returns.
pub fn encode(
    codecs: &SessionCodecs,
    layer: Layer,
    name: &str,
    node: &Node,
    buf: &mut Vec<u8>,
) -> Result<()> {
    let (logical, physical) = (codecs.logical(), codecs.physical());
    match (node, layer) {
        (Node::ScalarUdf(udf), Layer::Logical) => LogicalExtensionCodec::try_encode_udf(logical, udf, buf),
        (Node::ScalarUdf(udf), Layer::Physical) => PhysicalExtensionCodec::try_encode_udf(physical, udf, buf),
        (Node::AggregateUdf(udf), Layer::Logical) => {
            LogicalExtensionCodec::try_encode_udaf(logical, udf, buf)
        }
        (Node::AggregateUdf(udf), Layer::Physical) => {
            PhysicalExtensionCodec::try_encode_udaf(physical, udf, buf)
        }
        (Node::WindowUdf(udf), Layer::Logical) => LogicalExtensionCodec::try_encode_udwf(logical, udf, buf),
        (Node::WindowUdf(udf), Layer::Physical) => {
            PhysicalExtensionCodec::try_encode_udwf(physical, udf, buf)
        }
        (Node::HigherOrderUdf(udf), Layer::Logical) => {
            LogicalExtensionCodec::try_encode_higher_order_function(logical, udf, buf)
        }
        (Node::HigherOrderUdf(udf), Layer::Physical) => {
            PhysicalExtensionCodec::try_encode_higher_order_function(physical, udf, buf)
        }
        (Node::TableProvider(table), _) => {
            logical.try_encode_table_provider(&TableReference::bare(name), Arc::clone(table), buf)
        }
        (Node::FileFormat(format), _) => logical.try_encode_file_format(buf, Arc::clone(format)),
        (Node::LogicalNode(node), _) => logical.try_encode(node, buf),
        (Node::PhysicalNode(plan), _) => {
            physical.try_encode(Arc::clone(plan), buf, &DefaultPhysicalProtoConverter {})
        }
        (Node::PhysicalExpr(expr), _) => {
            let node = serialize_physical_expr(expr, physical)?;
            let Some(physical_expr_node::ExprType::Extension(extension)) = node.expr_type else {
                return internal_err!("DataFusion serialises this expression itself");
            };
            buf.extend_from_slice(&extension.expr);
            Ok(())
        }
        (other, _) => internal_err!("no codec method for a {}", other.kind()),
    }
}

/// What a session knows that nobody has registered anything with.
static BUILT_IN: LazyLock<Arc<TaskContext>> = LazyLock::new(|| SessionContext::new().task_ctx());

/// Decodes bytes where a plan has a node like `like`, under the name `name`.
///
/// # Errors
///
/// What the codec returns.
pub fn decode(codecs: &SessionCodecs, layer: Layer, name: &str, like: &Node, bytes: &[u8]) -> Result<Node> {
    let (logical, physical) = (codecs.logical(), codecs.physical());
    let task = &**BUILT_IN;
    match (like, layer) {
        (Node::ScalarUdf(_), Layer::Logical) => {
            LogicalExtensionCodec::try_decode_udf(logical, name, bytes).map(Node::ScalarUdf)
        }
        (Node::ScalarUdf(_), Layer::Physical) => {
            PhysicalExtensionCodec::try_decode_udf(physical, name, bytes).map(Node::ScalarUdf)
        }
        (Node::AggregateUdf(_), Layer::Logical) => {
            LogicalExtensionCodec::try_decode_udaf(logical, name, bytes).map(Node::AggregateUdf)
        }
        (Node::AggregateUdf(_), Layer::Physical) => {
            PhysicalExtensionCodec::try_decode_udaf(physical, name, bytes).map(Node::AggregateUdf)
        }
        (Node::WindowUdf(_), Layer::Logical) => {
            LogicalExtensionCodec::try_decode_udwf(logical, name, bytes).map(Node::WindowUdf)
        }
        (Node::WindowUdf(_), Layer::Physical) => {
            PhysicalExtensionCodec::try_decode_udwf(physical, name, bytes).map(Node::WindowUdf)
        }
        (Node::HigherOrderUdf(_), Layer::Logical) => {
            LogicalExtensionCodec::try_decode_higher_order_function(logical, name, bytes)
                .map(Node::HigherOrderUdf)
        }
        (Node::HigherOrderUdf(_), Layer::Physical) => {
            PhysicalExtensionCodec::try_decode_higher_order_function(physical, name, bytes)
                .map(Node::HigherOrderUdf)
        }
        (Node::TableProvider(table), _) => logical
            .try_decode_table_provider(bytes, &TableReference::bare(name), table.schema(), task)
            .map(Node::TableProvider),
        (Node::FileFormat(_), _) => logical.try_decode_file_format(bytes, task).map(Node::FileFormat),
        (Node::LogicalNode(node), _) => {
            let inputs: Vec<_> = node.node.inputs().into_iter().cloned().collect();
            logical.try_decode(bytes, &inputs, task).map(Node::LogicalNode)
        }
        (Node::PhysicalNode(plan), _) => {
            let inputs: Vec<_> = plan.children().into_iter().map(Arc::clone).collect();
            physical
                .try_decode(bytes, &inputs, task, &DefaultPhysicalProtoConverter {})
                .map(Node::PhysicalNode)
        }
        (Node::PhysicalExpr(_), _) => {
            let extension = PhysicalExtensionExprNode { expr: bytes.to_vec(), inputs: vec![] };
            let node = PhysicalExprNode {
                expr_id: None,
                expr_type: Some(physical_expr_node::ExprType::Extension(extension)),
            };
            parse_physical_expr(&node, task, &Schema::empty(), physical).map(Node::PhysicalExpr)
        }
        (other, _) => internal_err!("no codec method for a {}", other.kind()),
    }
}
