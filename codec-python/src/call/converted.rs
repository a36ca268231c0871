//! Conversions of returned arrays to the declared type, where no value changes.

use datafusion::arrow::array::{Array, ArrayData, ArrayRef, AsArray, make_array, new_null_array};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Fields, Float32Type, Float64Type};

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
    let array = match array.data_type() {
        // What the codes of a dictionary stand for may have nulls of its own.
        DataType::Dictionary(_, values) => &cast(array, values)?,
        float if float.is_floating() && wanted.is_integer() => &cast(array, &DataType::Float64)?,
        _ => array,
    };
    let made = cast(array, wanted)?;
    if has_only_nulls(array.data_type()) {
        return Some(made);
    }
    let back = cast(&made, array.data_type())?;
    (positive_zeros(back.to_data())? == positive_zeros(array.to_data())?).then_some(made)
}

/// Whether a type has no values that could change, as that of empty lists.
fn has_only_nulls(data_type: &DataType) -> bool {
    match data_type {
        DataType::Null => true,
        DataType::List(item) | DataType::LargeList(item) => has_only_nulls(item.data_type()),
        _ => false,
    }
}

/// Rounds Python's floats to a narrower type of floats, which the literals of Python have none of.
///
/// None if they are not floats, or if one is too large for that type.
pub(crate) fn rounded(floats: &ArrayRef, wanted: &DataType) -> Option<ArrayRef> {
    if floats.data_type() != &DataType::Float64 || !wanted.is_floating() {
        return None;
    }
    let made = cast(floats, wanted)?;
    let back = cast(&made, &DataType::Float64)?;
    let (floats, back) = (floats.as_primitive::<Float64Type>(), back.as_primitive::<Float64Type>());
    let fit = floats.iter().zip(back).all(|(float, back)| {
        float.is_none_or(f64::is_infinite) || back.is_none_or(|back| !back.is_infinite())
    });
    fit.then_some(made)
}

fn cast(array: &ArrayRef, wanted: &DataType) -> Option<ArrayRef> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, wanted, &options).ok()
}

/// Values, also in nested ones, with zeros of one sign, since integers and decimals have one zero.
fn positive_zeros(values: ArrayData) -> Option<ArrayData> {
    let array = make_array(values.clone());
    if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
        return Some(floats.unary::<_, Float64Type>(|float| float + 0.0).into_data());
    }
    if let Some(floats) = array.as_primitive_opt::<Float32Type>() {
        return Some(floats.unary::<_, Float32Type>(|float| float + 0.0).into_data());
    }
    if values.child_data().is_empty() {
        return Some(values);
    }
    let parts = values.child_data().iter().cloned().map(positive_zeros).collect::<Option<Vec<_>>>()?;
    values.into_builder().child_data(parts).build().ok()
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
