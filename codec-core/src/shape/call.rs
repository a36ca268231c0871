//! Calls of functions that cost more than others while a plan is made.

use datafusion::arrow::datatypes::DataType;

use super::Fault;
use super::field::{Value, field};
use crate::limits::{Limit, Limits};
use crate::types;

/// The functions whose second argument is a type, written as arrow shows it.
const CASTS: [&[u8]; 2] = [b"arrow_cast", b"arrow_try_cast"];

/// The functions that are written out as a `CASE` with two copies of an argument.
const COPYING: [&[u8]; 4] = [b"coalesce", b"ifnull", b"nvl", b"nvl2"];

/// The numbers of a call's fields, of the literal in an expression, and of the texts in a literal.
const NAME: u32 = 1;
const ARGUMENT: u32 = 2;
const LITERAL: u32 = 3;
const TEXTS: [u32; 3] = [2, 3, 23];

/// Types within each other in a text, of which arrow's parser takes any number and recurses for each.
const DEEPEST: usize = 64;

/// Checks a call of a scalar function, and returns how often its arguments are visited wherever it is
/// visited once.
///
/// # Errors
///
/// If it casts to a type that is not written out, nests too deep or cannot be held.
pub(super) fn check(call: &[u8], limits: &Limits) -> Result<u8, Fault> {
    let (mut rest, mut is_cast, mut times, mut arguments) = (call, false, 1, 0);
    while !rest.is_empty() {
        let (number, value, after) = field(rest)?;
        rest = after;
        match (number, value) {
            (NAME, Value::Bytes(name)) => {
                is_cast = CASTS.contains(&name);
                times = if COPYING.contains(&name) { 2 } else { 1 };
            }
            (ARGUMENT, Value::Bytes(_)) => arguments += 1,
            _ => {}
        }
    }
    if !is_cast || arguments != 2 {
        return Ok(times);
    }
    let data_type = last(call, &[ARGUMENT])?
        .and_then(|argument| last(argument, &[LITERAL]).transpose())
        .transpose()?
        .and_then(|literal| last(literal, &TEXTS).transpose())
        .transpose()?;
    match data_type {
        Some(data_type) => check_type(data_type, limits).map(|()| times),
        // DataFusion refuses it as well, but where it simplifies the argument first.
        None => Err(Fault::Malformed("a cast to a type that is not written out")),
    }
}

/// The bytes of the last field with one of these numbers.
fn last<'a>(bytes: &'a [u8], numbers: &[u32]) -> Result<Option<&'a [u8]>, Fault> {
    let (mut rest, mut found) = (bytes, None);
    while !rest.is_empty() {
        let (number, value, after) = field(rest)?;
        rest = after;
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
