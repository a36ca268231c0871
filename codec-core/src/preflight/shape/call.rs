//! Calls of functions that are expensive at planning time.

use datafusion::arrow::datatypes::DataType;

use super::Fault;
use super::field::{Value, field, fields, signed};
use crate::limits::{Limit, Limits};
use crate::preflight::types;

/// The functions whose second argument is a type, written as arrow shows it.
const CASTS: [&[u8]; 2] = [b"arrow_cast", b"arrow_try_cast"];

/// The functions that are written out as a `CASE` with two copies of an argument.
const COPYING: [&[u8]; 4] = [b"coalesce", b"ifnull", b"nvl", b"nvl2"];

/// The functions whose value grows with a number or a text among the arguments. DataFusion computes it while
/// it plans, if all arguments are constants.
const GROWING: [&[u8]; 12] = [
    b"repeat",
    b"lpad",
    b"rpad",
    b"range",
    b"generate_series",
    b"array_repeat",
    b"list_repeat",
    b"array_resize",
    b"list_resize",
    b"replace",
    b"regexp_replace",
    b"translate",
];

/// Visits of each operand per visit of an operator that coerces them: DataFusion asks the cast around an
/// operand for its type and for its field.
pub(super) const COERCED: u8 = 3;

/// The operators whose operands keep their type, or take one of a few.
const PLAIN: [&[u8]; 12] = [
    b"And",
    b"Or",
    b"Plus",
    b"Minus",
    b"Multiply",
    b"Divide",
    b"Modulo",
    b"BitwiseAnd",
    b"BitwiseOr",
    b"BitwiseXor",
    b"BitwiseShiftLeft",
    b"BitwiseShiftRight",
];

/// Whether DataFusion may put a cast around the operands of an operator at each level of it.
pub(super) fn coerces(operator: &[u8]) -> bool {
    !PLAIN.contains(&operator)
}

/// The cost of a message beyond its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    /// Visits of it per visit of the message around it.
    pub(super) times: u8,
    /// The size of its value relative to the values of its parts.
    pub(super) growth: usize,
}

/// The numbers of a call's fields, of the literal in an expression, and of the texts in a literal.
const NAME: u32 = 1;
const ARGUMENT: u32 = 2;
const LITERAL: u32 = 3;
const TEXTS: [u32; 3] = [2, 3, 23];

/// The depth limit for a type written as text: arrow's parser has none, and recurses for each level.
const DEEPEST: usize = 64;

/// Checks a call of a scalar function, and returns its cost.
///
/// # Errors
///
/// If it casts to a type that is not written out, nests too deep or cannot be held.
pub(super) fn check(call: &[u8], limits: &Limits) -> Result<Cost, Fault> {
    let (mut is_cast, mut arguments) = (false, 0);
    let (mut cost, mut grows, mut largest) = (Cost { times: 1, growth: 1 }, false, 1);
    for field in fields(call) {
        match field? {
            (NAME, Value::Bytes(name)) => {
                is_cast = CASTS.contains(&name);
                grows = GROWING.contains(&name);
                cost.times = if COPYING.contains(&name) { 3 } else { 1 };
            }
            (ARGUMENT, Value::Bytes(argument)) => {
                arguments += 1;
                largest = largest.max(magnitude(argument, 0)?);
            }
            _ => {}
        }
    }
    if !is_cast || arguments != 2 {
        let growth = if grows { largest } else { 1 };
        return Ok(Cost { growth, ..cost });
    }
    let data_type = last(call, &[ARGUMENT])?
        .and_then(|argument| last(argument, &[LITERAL]).transpose())
        .transpose()?
        .and_then(|literal| last(literal, &TEXTS).transpose())
        .transpose()?;
    match data_type {
        Some(data_type) => check_type(data_type, limits).map(|()| cost),
        // DataFusion refuses it too, unless it can simplify the argument first.
        None => Err(Fault::Malformed("a cast to a type that is not written out")),
    }
}

/// The value of a number, or the length of a text; 1 for any other argument.
fn magnitude(expr: &[u8], depth: usize) -> Result<usize, Fault> {
    const BINARY: u32 = 4;
    const CAST: u32 = 11;
    const NEGATIVE: u32 = 13;
    const DEEPEST: usize = 8;
    let (number, value, _) = match expr {
        [] => return Ok(1),
        expr => field(expr)?,
    };
    let Value::Bytes(inner) = value else { return Ok(1) };
    match number {
        LITERAL => {
            let mut found = 1;
            for field in fields(inner) {
                let (number, value) = field?;
                found = match value {
                    // Those of 8 to 64 bits, with a sign and without one.
                    Value::Number(value) if (4..=11).contains(&number) => {
                        usize::try_from(signed(value).unsigned_abs()).unwrap_or(usize::MAX)
                    }
                    Value::Bytes(text) if TEXTS.contains(&number) => text.len(),
                    _ => found,
                };
            }
            Ok(found)
        }
        CAST | NEGATIVE if depth < DEEPEST => match last(inner, &[1])? {
            Some(inner) => magnitude(inner, depth + 1),
            None => Ok(1),
        },
        BINARY if depth < DEEPEST => {
            let mut product = 1_usize;
            for field in fields(inner) {
                if let (1, Value::Bytes(operand)) = field? {
                    product = product.saturating_mul(magnitude(operand, depth + 1)?.max(1));
                }
            }
            Ok(product)
        }
        _ => Ok(1),
    }
}

/// The bytes of the last field with one of these numbers.
fn last<'a>(bytes: &'a [u8], numbers: &[u32]) -> Result<Option<&'a [u8]>, Fault> {
    let mut found = None;
    for field in fields(bytes) {
        let (number, value) = field?;
        if let Value::Bytes(inner) = value
            && numbers.contains(&number)
        {
            found = Some(inner);
        }
    }
    Ok(found)
}

fn check_type(text: &[u8], limits: &Limits) -> Result<(), Fault> {
    limits.check(Limit::Schema, text.len())?;
    let mut depth = 0_usize;
    for byte in text {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(Fault::Malformed("a cast to a type that nests too deep"));
        }
    }
    match std::str::from_utf8(text).map(str::parse::<DataType>) {
        Ok(Ok(data_type)) => Ok(types::check(&data_type, limits)?),
        // DataFusion refuses it, and says why.
        _ => Ok(()),
    }
}
