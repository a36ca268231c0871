//! Physical expressions of which DataFusion's protobuf loses metadata: literals, casts and calls.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::exec_err;
use datafusion::common::metadata::FieldMetadata;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::{CastExpr, Literal, TryCastExpr};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::scalar::ScalarValue;
use datafusion_proto::protobuf::physical_expr_node::ExprType;
use datafusion_proto::protobuf::{PhysicalExprNode, PhysicalExtensionExprNode};
use prost::Message as _;

use crate::wire::frame::{self, Payload, Tag};

/// The first bytes of an extension that carries the lost part of an expression.
pub(crate) const TAG: Tag = Tag::new(b"DFKEEPX", 1);

/// The payload of such a frame.
#[derive(Clone, PartialEq, prost::Message)]
struct Kept {
    #[prost(oneof = "What", tags = "1, 2, 3")]
    what: Option<What>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum What {
    #[prost(message, tag = "1")]
    Literal(Metadata),
    #[prost(message, tag = "2")]
    Cast(Target),
    #[prost(message, tag = "3")]
    Call(Metadata),
}

/// Metadata of a literal, and its type; or of a function's result.
#[derive(Clone, PartialEq, prost::Message)]
struct Metadata {
    #[prost(btree_map = "string, string", tag = "1")]
    entries: BTreeMap<String, String>,
    /// Whether the number of a literal has 16 bits, which the message widens to 32.
    #[prost(bool, tag = "2")]
    half: bool,
}

/// The target of a cast that says more than its type. Other casts are as nullable as their operand.
#[derive(Clone, PartialEq, prost::Message)]
struct Target {
    #[prost(bool, tag = "1")]
    nullable: bool,
    #[prost(btree_map = "string, string", tag = "2")]
    metadata: BTreeMap<String, String>,
}

/// Keeps the part of an expression that DataFusion's message has lost.
pub(crate) fn keep(expr: &Arc<dyn PhysicalExpr>, node: PhysicalExprNode) -> Result<PhysicalExprNode> {
    let Some(what) = lost(expr)? else { return Ok(node) };
    let payload = Payload::from(&*Kept { what: Some(what) }.encode_to_vec());
    let extension = PhysicalExtensionExprNode { expr: frame::encode(TAG, payload), inputs: vec![node] };
    Ok(PhysicalExprNode { expr_id: None, expr_type: Some(ExprType::Extension(extension)) })
}

fn lost(expr: &Arc<dyn PhysicalExpr>) -> Result<Option<What>> {
    if let Some(literal) = expr.downcast_ref::<Literal>() {
        let entries = sorted(literal.return_field(&Schema::empty())?.metadata());
        let lost = Metadata { entries, half: matches!(literal.value(), ScalarValue::Float16(_)) };
        return Ok((lost != Metadata::default()).then_some(What::Literal(lost)));
    }
    if let Some(cast) = expr.downcast_ref::<CastExpr>() {
        let explicit = cast.has_explicit_metadata() || cast.has_explicit_nullability();
        return Ok(explicit.then(|| What::Cast(Target::of(cast.target_field()))));
    }
    if let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>() {
        let entries = sorted(call.return_field(&Schema::empty())?.metadata());
        let lost = Metadata { entries, half: false };
        return Ok((lost != Metadata::default()).then_some(What::Call(lost)));
    }
    let target = expr.downcast_ref::<TryCastExpr>().map(|cast| Target::of(cast.target_field()));
    Ok(target.filter(|target| !target.metadata.is_empty()).map(What::Cast))
}

fn sorted(metadata: &HashMap<String, String>) -> BTreeMap<String, String> {
    metadata.clone().into_iter().collect()
}

impl Target {
    fn of(field: &FieldRef) -> Self {
        Self { nullable: field.is_nullable(), metadata: sorted(field.metadata()) }
    }
}

/// Restores the part of an expression that its message has lost.
///
/// # Errors
///
/// If the payload is damaged or belongs to another expression.
pub(crate) fn restore(payload: &[u8], inputs: &[Arc<dyn PhysicalExpr>]) -> Result<Arc<dyn PhysicalExpr>> {
    let (Ok(Kept { what: Some(what) }), [expr]) = (Kept::decode(payload), inputs) else {
        return exec_err!("what was kept of an expression cannot be read");
    };
    let restored: Option<Arc<dyn PhysicalExpr>> = match what {
        What::Literal(kept) => match expr.downcast_ref::<Literal>() {
            Some(literal) => Some(Arc::new(restored_literal(kept, literal.value())?)),
            None => None,
        },
        What::Cast(target) => restored_cast(target, expr),
        What::Call(kept) => restored_call(kept, expr)?,
    };
    match restored {
        Some(expr) => Ok(expr),
        None => exec_err!("what was kept is of another expression than {expr}"),
    }
}

fn restored_literal(kept: Metadata, value: &ScalarValue) -> Result<Literal> {
    let value = if kept.half { value.cast_to(&DataType::Float16)? } else { value.clone() };
    let metadata = (!kept.entries.is_empty()).then(|| FieldMetadata::from(kept.entries));
    Ok(Literal::new_with_metadata(value, metadata))
}

fn restored_cast(target: Target, expr: &Arc<dyn PhysicalExpr>) -> Option<Arc<dyn PhysicalExpr>> {
    let field = |of: &FieldRef| -> FieldRef {
        let field = Field::new("", of.data_type().clone(), target.nullable);
        Arc::new(field.with_metadata(target.metadata.into_iter().collect()))
    };
    if let Some(cast) = expr.downcast_ref::<CastExpr>() {
        let (inner, field) = (Arc::clone(cast.expr()), field(cast.target_field()));
        return Some(Arc::new(CastExpr::new_with_target_field(inner, field, None)));
    }
    let cast = expr.downcast_ref::<TryCastExpr>()?;
    let (inner, field) = (Arc::clone(cast.expr()), field(cast.target_field()));
    Some(Arc::new(TryCastExpr::new_with_target_field(inner, field)))
}

fn restored_call(kept: Metadata, expr: &Arc<dyn PhysicalExpr>) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>() else { return Ok(None) };
    let field = call.return_field(&Schema::empty())?;
    let field = field.as_ref().clone().with_metadata(kept.entries.into_iter().collect());
    let (name, function, args) = (call.name(), Arc::new(call.fun().clone()), call.args().to_vec());
    let options = Arc::new(call.config_options().clone());
    Ok(Some(Arc::new(ScalarFunctionExpr::new(name, function, args, Arc::new(field), options))))
}
