//! Stand-ins of expressions: calls of a function that carries the lost part, with the expression's parts as
//! arguments.
//!
//! An engine that decodes node by node, without the message around, runs the call itself. A stand-in for
//! metadata then gives the right values, and one for a subquery fails with a remedy.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Column, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{
    Alias, Exists, InSubquery, Like, Placeholder, ScalarFunction, SetComparison, SetQuantifier,
};
use datafusion::logical_expr::{
    Cast, ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Subquery, TryCast, Volatility,
};
use datafusion::scalar::ScalarValue;

use crate::fidelity::logical::column;
use crate::fidelity::logical::payload::{Comparison, KeptExpr, Literal, Metadata, Outer, Pattern, Relation};
use crate::fidelity::malformed_expr;

/// The name of the function that stands in for an expression.
pub(crate) const FUNCTION: &str = "planwire_kept";

/// A function that stands in for an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StandIn {
    pub(crate) kept: KeptExpr,
    signature: Signature,
}

impl StandIn {
    pub(crate) fn new(kept: KeptExpr) -> Self {
        Self { kept, signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

/// Whether DataFusion's protobuf loses something of an expression itself, regardless of its parts.
pub(crate) fn is_lost(expr: &Expr) -> bool {
    match expr {
        Expr::Alias(Alias { metadata, .. }) => metadata.as_ref().is_some_and(|metadata| !metadata.is_empty()),
        Expr::Literal(value, metadata) => Literal::of(value, metadata.as_ref()).is_some(),
        Expr::Cast(Cast { field, .. }) | Expr::TryCast(TryCast { field, .. }) => !field.name().is_empty(),
        Expr::Placeholder(Placeholder { field, .. }) => {
            field.as_ref().is_some_and(|field| !field.name().is_empty())
        }
        Expr::Like(like) => like.escape_char.is_some_and(|escape| !escape.is_ascii()),
        Expr::SimilarTo(like) => {
            like.case_insensitive || like.escape_char.is_some_and(|escape| !escape.is_ascii())
        }
        Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_) | Expr::OuterReferenceColumn(..) => {
            true
        }
        Expr::Column(column) => column::requoted(column).is_some(),
        _ => false,
    }
}

/// Replaces an expression of which something would be lost by a stand-in.
///
/// Its parts were replaced before.
pub(crate) fn stand_in(expr: Expr) -> Expr {
    match expr {
        Expr::Alias(Alias { expr, relation, name, metadata: Some(metadata) }) if !metadata.is_empty() => {
            let expr = call(KeptExpr::Alias(Metadata::of(&metadata)), vec![*expr]);
            Expr::Alias(Alias { expr: Box::new(expr), relation, name, metadata: None })
        }
        Expr::Literal(value, metadata) => match Literal::of(&value, metadata.as_ref()) {
            Some(kept) => {
                let value = match value {
                    ScalarValue::Float16(Some(half)) => ScalarValue::Float32(Some(half.to_f32())),
                    value => value,
                };
                call(KeptExpr::Literal(kept), vec![Expr::Literal(value, None)])
            }
            None => Expr::Literal(value, metadata),
        },
        Expr::Cast(Cast { ref field, .. }) | Expr::TryCast(TryCast { ref field, .. })
            if !field.name().is_empty() =>
        {
            call(KeptExpr::FieldName(field.name().clone()), vec![expr])
        }
        Expr::Placeholder(Placeholder { field: Some(ref field), .. }) if !field.name().is_empty() => {
            call(KeptExpr::FieldName(field.name().clone()), vec![expr])
        }
        Expr::Like(like) if like.escape_char.is_some_and(|escape| !escape.is_ascii()) => {
            let (kept, like) = pattern(like);
            // DataFusion has a message for each of these, so nothing of them is lost.
            call(kept, vec![Expr::Like(like)])
        }
        Expr::SimilarTo(like)
            if like.case_insensitive || like.escape_char.is_some_and(|escape| !escape.is_ascii()) =>
        {
            let (kept, like) = pattern(like);
            call(kept, vec![Expr::SimilarTo(like)])
        }
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            call(KeptExpr::In(negated), vec![*expr, Expr::ScalarSubquery(subquery)])
        }
        Expr::Exists(Exists { subquery, negated }) => {
            call(KeptExpr::Exists(negated), vec![Expr::ScalarSubquery(subquery)])
        }
        Expr::SetComparison(SetComparison { expr, subquery, op, quantifier }) => {
            let comparison =
                Comparison { operator: format!("{op:?}"), all: matches!(quantifier, SetQuantifier::All) };
            call(KeptExpr::Comparison(comparison), vec![*expr, Expr::ScalarSubquery(subquery)])
        }
        Expr::OuterReferenceColumn(field, column) => {
            let outer = Outer {
                relation: Relation::of(column.relation.as_ref()),
                column: column.name,
                field: field.name().clone(),
            };
            let unnamed = Arc::new(field.as_ref().clone().with_name(""));
            let typed = Placeholder::new_with_field("$outer".to_owned(), Some(unnamed));
            call(KeptExpr::Outer(outer), vec![Expr::Placeholder(typed)])
        }
        Expr::Column(column) => Expr::Column(column::requoted(&column).unwrap_or(column)),
        expr => expr,
    }
}

pub(crate) fn call(kept: KeptExpr, args: Vec<Expr>) -> Expr {
    let function = ScalarUDF::new_from_impl(StandIn::new(kept));
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), args))
}

fn pattern(like: Like) -> (KeptExpr, Like) {
    let escape = like.escape_char.map(String::from).unwrap_or_default();
    let kept = KeptExpr::Pattern(Pattern { escape, case_insensitive: like.case_insensitive });
    (kept, Like { escape_char: None, ..like })
}

/// The stand-in that an expression is a call of.
pub(crate) fn stand_in_of(expr: &Expr) -> Option<&KeptExpr> {
    let Expr::ScalarFunction(ScalarFunction { func, .. }) = expr else { return None };
    func.inner().downcast_ref::<StandIn>().map(|stand_in| &stand_in.kept)
}

/// Replaces a stand-in by its expression.
///
/// # Errors
///
/// If the arguments are not those of such an expression.
pub(crate) fn restored(expr: Expr) -> Result<Expr> {
    match expr {
        Expr::Alias(Alias { expr, relation, name, metadata }) => match stand_in_of(&expr) {
            Some(KeptExpr::Alias(kept)) => {
                let metadata = Some(kept.to_field_metadata());
                let expr = Box::new(only(args_of(*expr))?);
                Ok(Expr::Alias(Alias { expr, relation, name, metadata }))
            }
            _ => Ok(Expr::Alias(Alias { expr, relation, name, metadata })),
        },
        Expr::ScalarFunction(ScalarFunction { ref func, .. }) => {
            match func.inner().downcast_ref::<StandIn>().map(|stand_in| stand_in.kept.clone()) {
                Some(kept) => restore(kept, args_of(expr)),
                None => Ok(expr),
            }
        }
        expr => Ok(expr),
    }
}

fn args_of(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::ScalarFunction(ScalarFunction { args, .. }) => args,
        _ => Vec::new(),
    }
}

fn restore(kept: KeptExpr, args: Vec<Expr>) -> Result<Expr> {
    match kept {
        // The alias around it takes it.
        kept @ KeptExpr::Alias(_) => Ok(call(kept, args)),
        KeptExpr::Literal(kept) => match only(args)? {
            Expr::Literal(value, None) => {
                let value = match value {
                    value if !kept.half => value,
                    ScalarValue::Float32(Some(value)) => value_of_half(value)?,
                    _ => return malformed_expr("a number of 16 bits is none"),
                };
                let metadata = (!kept.metadata.is_empty()).then(|| kept.to_field_metadata());
                Ok(Expr::Literal(value, metadata))
            }
            _ => malformed_expr("what is kept of a literal stands at something else"),
        },
        KeptExpr::FieldName(name) => named(name, only(args)?),
        KeptExpr::Pattern(Pattern { escape, case_insensitive }) => {
            let mut escape = escape.chars();
            let (escape_char, None) = (escape.next(), escape.next()) else {
                return malformed_expr("more than one character escapes a pattern");
            };
            match only(args)? {
                Expr::Like(like) => Ok(Expr::Like(Like { escape_char, ..like })),
                Expr::SimilarTo(like) => Ok(Expr::SimilarTo(Like { escape_char, case_insensitive, ..like })),
                _ => malformed_expr("an escape character stands at something that is no pattern"),
            }
        }
        KeptExpr::In(negated) => {
            let (expr, subquery) = compared(args)?;
            Ok(Expr::InSubquery(InSubquery { expr, subquery, negated }))
        }
        KeptExpr::Exists(negated) => Ok(Expr::Exists(Exists { subquery: subquery(only(args)?)?, negated })),
        KeptExpr::Comparison(Comparison { operator, all }) => {
            let Some(op) = Operator::from_proto_name(&operator) else {
                return malformed_expr("rows of a subquery are compared by an unknown operator");
            };
            let (expr, subquery) = compared(args)?;
            let quantifier = if all { SetQuantifier::All } else { SetQuantifier::Any };
            Ok(Expr::SetComparison(SetComparison { expr, subquery, op, quantifier }))
        }
        KeptExpr::Unqualified(_) => match only(args)? {
            Expr::Column(column) => Ok(Expr::Column(Column::new_unqualified(column.name))),
            _ => malformed_expr("something goes without a table that is no column"),
        },
        KeptExpr::Outer(Outer { relation, column, field: name }) => match only(args)? {
            Expr::Placeholder(Placeholder { field: Some(field), .. }) => {
                if name.contains('\0') || column.contains('\0') {
                    return malformed_expr("a name holds a zero byte");
                }
                let field = Arc::new(field.as_ref().clone().with_name(name));
                Ok(Expr::OuterReferenceColumn(field, Column::new(relation.table()?, column)))
            }
            _ => malformed_expr("a column of the outer query has no type"),
        },
    }
}

fn value_of_half(value: f32) -> Result<ScalarValue> {
    ScalarValue::Float32(Some(value)).cast_to(&DataType::Float16)
}

fn named(name: String, expr: Expr) -> Result<Expr> {
    if name.contains('\0') {
        return malformed_expr("a name holds a zero byte");
    }
    let renamed = |field: FieldRef| Arc::new(field.as_ref().clone().with_name(name));
    match expr {
        Expr::Cast(Cast { expr, field }) => Ok(Expr::Cast(Cast::new_from_field(expr, renamed(field)))),
        Expr::TryCast(TryCast { expr, field }) => {
            Ok(Expr::TryCast(TryCast::new_from_field(expr, renamed(field))))
        }
        Expr::Placeholder(Placeholder { id, field: Some(field) }) => {
            Ok(Expr::Placeholder(Placeholder::new_with_field(id, Some(renamed(field)))))
        }
        _ => malformed_expr("the name of a field stands at something that has none"),
    }
}

fn only(args: Vec<Expr>) -> Result<Expr> {
    match <[Expr; 1]>::try_from(args) {
        Ok([arg]) => Ok(arg),
        Err(args) => malformed_expr(format!("{} arguments instead of one", args.len())),
    }
}

fn compared(args: Vec<Expr>) -> Result<(Box<Expr>, Subquery)> {
    match <[Expr; 2]>::try_from(args) {
        Ok([expr, rows]) => Ok((Box::new(expr), subquery(rows)?)),
        Err(args) => malformed_expr(format!("{} arguments instead of two", args.len())),
    }
}

fn subquery(expr: Expr) -> Result<Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery) => Ok(subquery),
        _ => malformed_expr("there is no subquery"),
    }
}

impl ScalarUDFImpl for StandIn {
    fn name(&self) -> &str {
        FUNCTION
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        match (&self.kept, args) {
            (KeptExpr::Alias(_), [arg]) => Ok(arg.schema_name().to_string()),
            (kept, args) => Ok(restore(kept.clone(), args.to_vec())?.schema_name().to_string()),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        exec_err!("the type of {FUNCTION} depends on its arguments")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let first = args.arg_fields.first();
        match &self.kept {
            KeptExpr::Alias(metadata) => match first {
                Some(field) => Ok(metadata.to_field_metadata().add_to_field_ref(Arc::clone(field))),
                None => malformed_expr("no arguments instead of one"),
            },
            KeptExpr::Literal(kept) => match first {
                Some(field) if kept.half => Ok(kept
                    .to_field_metadata()
                    .add_to_field_ref(Arc::new(field.as_ref().clone().with_data_type(DataType::Float16)))),
                Some(field) => Ok(kept.to_field_metadata().add_to_field_ref(Arc::clone(field))),
                None => malformed_expr("no arguments instead of one"),
            },
            KeptExpr::FieldName(_) | KeptExpr::Pattern(_) | KeptExpr::Outer(_) | KeptExpr::Unqualified(_) => {
                match first {
                    Some(field) => Ok(Arc::clone(field)),
                    None => malformed_expr("no arguments instead of one"),
                }
            }
            KeptExpr::Exists(_) => Ok(Arc::new(Field::new(FUNCTION, DataType::Boolean, false))),
            KeptExpr::In(_) | KeptExpr::Comparison(_) => {
                Ok(Arc::new(Field::new(FUNCTION, DataType::Boolean, true)))
            }
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match (&self.kept, args.args.into_iter().next()) {
            (KeptExpr::Literal(kept), Some(value)) if kept.half => value.cast_to(&DataType::Float16, None),
            (
                KeptExpr::Alias(_) | KeptExpr::Literal(_) | KeptExpr::FieldName(_) | KeptExpr::Unqualified(_),
                Some(value),
            ) => Ok(value),
            _ => exec_err!(
                "planwire carries a subquery or a pattern here that DataFusion's protobuf does not; \
                 decode the message with planwire's own `from_bytes` rather than node by node"
            ),
        }
    }
}
