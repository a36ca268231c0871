//! Types from outside: which of them fit in memory and are known to every Arrow library.

use std::sync::Arc;

use datafusion::arrow::array::timezone::Tz;
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use crate::limits::{Excess, Limit, Limits};

/// Why a type is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeFault {
    Excess(Excess),
    /// No library that knows Arrow makes such a type.
    Unsound(&'static str),
}

impl From<Excess> for TypeFault {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}

/// Checks every field of a schema.
pub(crate) fn check_schema(schema: &Schema, limits: &Limits) -> Result<(), TypeFault> {
    schema.fields().iter().try_for_each(|field| {
        check_name(field.name())?;
        check(field.data_type(), limits)
    })
}

/// Checks a type, which the reader before it has bounded in depth.
///
/// arrow allocates a value of any type, with as many bytes as a fixed size says, and a failed allocation
/// ends the process.
pub(crate) fn check(data_type: &DataType, limits: &Limits) -> Result<(), TypeFault> {
    Ok(limits.check(Limit::Width, width(data_type)?)?)
}

/// Checks a name, which becomes a zero-terminated text in the C interface of Arrow.
pub(crate) fn check_name(name: &str) -> Result<(), TypeFault> {
    if name.as_bytes().contains(&0) { unsound("a name holds a zero byte") } else { Ok(()) }
}

/// Checks a time zone.
pub(crate) fn check_zone(zone: &str) -> Result<(), TypeFault> {
    match zone.parse::<Tz>() {
        Ok(_) => Ok(()),
        Err(_) => unsound("an unknown time zone"),
    }
}

/// Checks the precision and the scale of a decimal whose precision may be up to `largest`.
pub(crate) fn check_decimal(precision: u8, scale: i8, largest: u8) -> Result<(), TypeFault> {
    let scale = i16::from(scale);
    if !(1..=largest).contains(&precision) {
        unsound("a decimal has a precision that its type cannot hold")
    } else if scale > i16::from(precision) || scale < -i16::from(largest) {
        unsound("a decimal has a scale that its precision cannot hold")
    } else {
        Ok(())
    }
}

const fn unsound<T>(fault: &'static str) -> Result<T, TypeFault> {
    Err(TypeFault::Unsound(fault))
}

/// Bytes of a value whose size does not depend on a number in its type.
const PLAIN: usize = 16;

/// The bytes that one value of a type takes at least, with one element of each list.
fn width(data_type: &DataType) -> Result<usize, TypeFault> {
    match data_type {
        DataType::FixedSizeBinary(size) => size_of_fixed(*size),
        DataType::FixedSizeList(field, size) => Ok(width_of(field)?.saturating_mul(size_of_fixed(*size)?)),
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field) => width_of(field),
        DataType::Map(field, _) => match field.data_type() {
            DataType::Struct(entries) if entries.len() == 2 => width_of(field),
            _ => unsound("a map whose entries are no pairs"),
        },
        DataType::Struct(fields) => sum(fields.iter()),
        DataType::Union(fields, _) => sum(fields.iter().map(|(_, field)| field)),
        DataType::Dictionary(key, value) => {
            if !key.is_dictionary_key_type() {
                return unsound("a dictionary whose keys are no integers");
            }
            if matches!(**value, DataType::Dictionary(..) | DataType::RunEndEncoded(..)) {
                return unsound("a dictionary of dictionaries or of run ends");
            }
            width(value)
        }
        DataType::RunEndEncoded(ends, values) => {
            if matches!(values.data_type(), DataType::RunEndEncoded(..)) {
                return unsound("run ends of run ends");
            }
            if !ends.data_type().is_run_ends_type() {
                return unsound("run ends that are no signed integers");
            }
            width_of(values)
        }
        DataType::Timestamp(_, Some(zone)) => check_zone(zone).map(|()| PLAIN),
        DataType::Time32(unit) if !matches!(unit, TimeUnit::Second | TimeUnit::Millisecond) => {
            unsound("a time of 32 bits in a unit of 64")
        }
        DataType::Time64(unit) if !matches!(unit, TimeUnit::Microsecond | TimeUnit::Nanosecond) => {
            unsound("a time of 64 bits in a unit of 32")
        }
        DataType::Decimal32(precision, scale) => check_decimal(*precision, *scale, 9).map(|()| PLAIN),
        DataType::Decimal64(precision, scale) => check_decimal(*precision, *scale, 18).map(|()| PLAIN),
        DataType::Decimal128(precision, scale) => check_decimal(*precision, *scale, 38).map(|()| PLAIN),
        DataType::Decimal256(precision, scale) => check_decimal(*precision, *scale, 76).map(|()| PLAIN),
        _ => Ok(PLAIN),
    }
}

fn width_of(field: &Field) -> Result<usize, TypeFault> {
    check_name(field.name())?;
    width(field.data_type())
}

fn sum<'f>(mut fields: impl Iterator<Item = &'f Arc<Field>>) -> Result<usize, TypeFault> {
    fields.try_fold(PLAIN, |sum, field| Ok(sum.saturating_add(width_of(field)?)))
}

fn size_of_fixed(size: i32) -> Result<usize, TypeFault> {
    usize::try_from(size).or_else(|_| unsound("a fixed size below zero"))
}
