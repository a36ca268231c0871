//! Unparsing: SQL that means the same as an expression or a value.

use datafusion::arrow::array::Array;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::functions::core;
use datafusion::logical_expr::{Expr, WindowFunctionDefinition};
use datafusion::prelude::lit;
use datafusion::scalar::ScalarValue;
use datafusion::sql::unparser::expr_to_sql;

/// Checks that a session finds the functions of an expression by their names.
///
/// # Errors
///
/// A function is not registered, or another one is registered under its name.
fn check_functions(expr: &Expr, state: &SessionState) -> Result<()> {
    expr.apply(|expr| {
        let (name, same) = match expr {
            Expr::ScalarFunction(call) => {
                let name = call.func.name();
                (name, state.scalar_functions().get(name).map(|found| *found == call.func))
            }
            Expr::AggregateFunction(call) => {
                let name = call.func.name();
                (name, state.aggregate_functions().get(name).map(|found| *found == call.func))
            }
            Expr::WindowFunction(call) => match &call.fun {
                WindowFunctionDefinition::AggregateUDF(function) => {
                    let name = function.name();
                    (name, state.aggregate_functions().get(name).map(|found| found == function))
                }
                WindowFunctionDefinition::WindowUDF(function) => {
                    let name = function.name();
                    (name, state.window_functions().get(name).map(|found| found == function))
                }
            },
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        match same {
            Some(true) => Ok(TreeNodeRecursion::Continue),
            Some(false) => plan_err!("the session's function {name:?} is another one than the expression's"),
            None => plan_err!("the expression calls {name:?}, which is not registered with the session"),
        }
    })
    .map(|_| ())
}

/// Writes an expression; SQL has neither all types of Arrow nor literals of most, so a call of
/// `arrow_cast` stands for what it lacks.
///
/// # Errors
///
/// SQL has no words for something in the expression, or the session has not got a function of it.
pub(crate) fn expression(expr: &Expr, state: &SessionState) -> Result<String> {
    check_functions(expr, state)?;
    let (expr, name) = match expr {
        Expr::Alias(alias) => (&*alias.expr, Some(alias.name.replace('"', "\"\""))),
        _ => (expr, None),
    };
    let exact = expr.clone().transform_up(exact)?.data;
    let sql = match exact {
        Expr::Column(_) => expr_to_sql(&exact)?.to_string(),
        // In parentheses, because nothing is known of the operators around it.
        _ => format!("({})", expr_to_sql(&exact)?),
    };
    Ok(match name {
        Some(name) => format!("{sql} AS \"{name}\""),
        None => sql,
    })
}

/// Writes a value.
///
/// # Errors
///
/// SQL has no words for the value.
pub(crate) fn value(value: ScalarValue) -> Result<String> {
    let sql = expr_to_sql(&exact(Expr::Literal(value, None))?.data)?.to_string();
    // In parentheses, because after a minus another one would begin a comment.
    Ok(if sql.starts_with('-') { format!("({sql})") } else { sql })
}

/// Whether SQL has a literal for a value that is read as this very value.
pub(crate) fn has_literal(value: &ScalarValue) -> bool {
    match value {
        ScalarValue::Null
        | ScalarValue::Boolean(Some(_))
        | ScalarValue::Int64(Some(_))
        | ScalarValue::Utf8(Some(_))
        | ScalarValue::Binary(Some(_)) => true,
        ScalarValue::Float64(Some(number)) => number.is_finite(),
        ScalarValue::List(list) => {
            let items = list.value_type();
            matches!(items, DataType::Boolean | DataType::Int64 | DataType::Utf8) && !list.values().is_empty()
        }
        _ => false,
    }
}

fn exact(expr: Expr) -> Result<Transformed<Expr>> {
    Ok(Transformed::yes(match expr {
        Expr::Literal(_, Some(_)) => return plan_err!("SQL has no words for the metadata of {expr}"),
        Expr::Literal(value, None) if !has_literal(&value) => typed(&value)?,
        Expr::Cast(cast) if !has_name(cast.field.data_type()) => {
            core::arrow_cast().call(vec![*cast.expr, named(cast.field.data_type())?])
        }
        Expr::TryCast(cast) if !has_name(cast.field.data_type()) => {
            core::arrow_try_cast().call(vec![*cast.expr, named(cast.field.data_type())?])
        }
        other => return Ok(Transformed::no(other)),
    }))
}

/// Whether SQL has a name for a type that is read as this very type.
const fn has_name(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Boolean
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Float32
            | DataType::Float64
    )
}

/// The name of a type as `arrow_cast` takes it.
fn named(data_type: &DataType) -> Result<Expr> {
    let name = data_type.to_string();
    if name.parse().ok().as_ref() == Some(data_type) {
        return Ok(lit(name));
    }
    plan_err!("SQL has no words for the type {data_type}")
}

/// A cast that gives a value, from text or from a number.
fn typed(value: &ScalarValue) -> Result<Expr> {
    let data_type = value.data_type();
    let name = named(&data_type)?;
    for plain in [DataType::Utf8, DataType::Int64] {
        let Ok(plain) = value.cast_to(&plain) else { continue };
        if plain.cast_to(&data_type).is_ok_and(|again| again == *value) {
            return Ok(core::arrow_cast().call(vec![Expr::Literal(plain, None), name]));
        }
    }
    plan_err!("SQL has no words for the value {value} of type {data_type}: bind it by param_values")
}
