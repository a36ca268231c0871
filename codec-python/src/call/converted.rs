//! Conversions of returned arrays to the declared type, where no value changes.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Float64Array, new_null_array};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Fields, Float64Type};

/// Why an array is not converted.
pub(crate) enum Unlike {
    /// Its values are of another sort, e.g. numbers where texts are declared.
    Sort,
    /// At least one of its values would change.
    Value,
}

/// Converts an array.
///
/// # Errors
///
/// What keeps it from that.
pub(crate) fn converted(array: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, Unlike> {
    let found = array.data_type();
    if found == &DataType::Null {
        return Ok(new_null_array(wanted, array.len()));
    }
    if !of_one_sort(found, wanted) {
        return Err(Unlike::Sort);
    }
    exactly(array, wanted).ok_or(Unlike::Value)
}

/// Converts an array if converting it back gives the same again.
fn exactly(array: &ArrayRef, wanted: &DataType) -> Option<ArrayRef> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let array = match array.data_type() {
        float if float.is_floating() && wanted.is_integer() => {
            &positive_zeros(&cast_with_options(array, &DataType::Float64, &options).ok()?)
        }
        _ => array,
    };
    let made = cast_with_options(array, wanted, &options).ok()?;
    let back = cast_with_options(&made, array.data_type(), &options).ok()?;
    (back.as_ref() == array.as_ref()).then_some(made)
}

/// Floats with zeros of one sign, since integers have one zero.
fn positive_zeros(floats: &ArrayRef) -> ArrayRef {
    match floats.as_any().downcast_ref::<Float64Array>() {
        Some(floats) => Arc::new(floats.unary::<_, Float64Type>(|float| float + 0.0)),
        None => Arc::clone(floats),
    }
}

/// Whether the values of two types mean the same sort of thing, however they are stored.
pub(crate) fn of_one_sort(found: &DataType, wanted: &DataType) -> bool {
    use DataType::{
        Binary, BinaryView, Date32, Date64, Dictionary, Duration, FixedSizeBinary, FixedSizeList,
        LargeBinary, LargeList, LargeListView, LargeUtf8, List, ListView, Map, Struct, Time32, Time64,
        Timestamp, Utf8, Utf8View,
    };
    match (found, wanted) {
        (DataType::Null, _) => true,
        (Dictionary(_, found), wanted) => of_one_sort(found, wanted),
        (found, Dictionary(_, wanted)) => of_one_sort(found, wanted),
        (Utf8 | LargeUtf8 | Utf8View, Utf8 | LargeUtf8 | Utf8View)
        | (
            Binary | LargeBinary | BinaryView | FixedSizeBinary(_),
            Binary | LargeBinary | BinaryView | FixedSizeBinary(_),
        )
        | (Date32 | Date64, Date32 | Date64)
        | (Time32(_) | Time64(_), Time32(_) | Time64(_))
        | (Duration(_), Duration(_)) => true,
        // A time without a zone is another moment in each zone.
        (Timestamp(_, found), Timestamp(_, wanted)) => found.is_some() == wanted.is_some(),
        (
            List(found) | LargeList(found) | FixedSizeList(found, _) | ListView(found) | LargeListView(found),
            List(wanted)
            | LargeList(wanted)
            | FixedSizeList(wanted, _)
            | ListView(wanted)
            | LargeListView(wanted),
        ) => of_one_sort(found.data_type(), wanted.data_type()),
        (Map(found, _), Map(wanted, _)) => of_one_sort(found.data_type(), wanted.data_type()),
        (Struct(found), Struct(wanted)) => same_fields(found, wanted),
        _ => found == wanted || (found.is_numeric() && wanted.is_numeric()),
    }
}

fn same_fields(found: &Fields, wanted: &Fields) -> bool {
    found.len() == wanted.len()
        && found.iter().zip(wanted.iter()).all(|(found, wanted)| {
            found.name() == wanted.name() && of_one_sort(found.data_type(), wanted.data_type())
        })
}
