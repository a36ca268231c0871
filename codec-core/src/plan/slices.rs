//! Slices: arrays cut down to the rows that they show, so that no others leave with them.
//!
//! Arrow's arrays share buffers: a slice holds all of the array that it was cut from, a dictionary
//! every value that any row ever had, and a view the text of its neighbours. Neither Arrow's IPC nor
//! pyarrow's pickles leave all of that behind.

mod children;
mod dictionaries;
mod runs;
pub(crate) mod scan;
mod unions;
mod views;

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeListArray, GenericByteArray, GenericListArray,
    GenericListViewArray, MapArray, OffsetSizeTrait, RecordBatch, RecordBatchOptions, StructArray,
};
use datafusion::arrow::buffer::{BooleanBuffer, Buffer, ScalarBuffer};
use datafusion::arrow::datatypes::{
    BinaryType, BinaryViewType, ByteArrayType, DataType, LargeBinaryType, LargeUtf8Type, StringViewType,
    Utf8Type,
};
use datafusion::arrow::error::ArrowError;

type Result<T> = std::result::Result<T, ArrowError>;

/// Reduces batches of one schema to their slices; `None` if they hold nothing else.
///
/// A dictionary that several batches share stays one that they share.
///
/// # Errors
///
/// An array that Arrow cannot cut.
pub fn batches(batches: &[RecordBatch]) -> Result<Option<Vec<RecordBatch>>> {
    let columns = batches.first().map_or(0, RecordBatch::num_columns);
    let mut cut: Vec<Vec<ArrayRef>> = batches.iter().map(|batch| batch.columns().to_vec()).collect();
    let mut changed = false;
    for position in 0..columns {
        let column: Vec<ArrayRef> =
            batches.iter().filter_map(|batch| batch.columns().get(position).cloned()).collect();
        let Some(shown) = columns_of_one(&column)? else { continue };
        changed = true;
        for (batch, shown) in cut.iter_mut().zip(shown) {
            if let Some(slot) = batch.get_mut(position) {
                *slot = shown;
            }
        }
    }
    if !changed {
        return Ok(None);
    }
    batches
        .iter()
        .zip(cut)
        .map(|(batch, columns)| with_columns(batch, columns))
        .collect::<Result<_>>()
        .map(Some)
}

fn with_columns(batch: &RecordBatch, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options)
}

/// The parts of one column, or nothing if each shows all that it holds.
fn columns_of_one(column: &[ArrayRef]) -> Result<Option<Vec<ArrayRef>>> {
    if let Some(shown) = dictionaries::shared(column)? {
        return Ok(shown);
    }
    let shown = column.iter().map(array).collect::<Result<Vec<_>>>()?;
    if shown.iter().all(Option::is_none) {
        return Ok(None);
    }
    Ok(Some(
        shown.into_iter().zip(column).map(|(shown, whole)| shown.unwrap_or_else(|| whole.clone())).collect(),
    ))
}

/// Reduces an array to its slice; `None` if it holds nothing else.
///
/// # Errors
///
/// An array that Arrow cannot cut.
pub fn array(array: &ArrayRef) -> Result<Option<ArrayRef>> {
    match array.data_type() {
        DataType::Boolean => Ok(bits(array.as_boolean())),
        DataType::Utf8 => bytes::<Utf8Type>(array.as_bytes()),
        DataType::LargeUtf8 => bytes::<LargeUtf8Type>(array.as_bytes()),
        DataType::Binary => bytes::<BinaryType>(array.as_bytes()),
        DataType::LargeBinary => bytes::<LargeBinaryType>(array.as_bytes()),
        DataType::Utf8View => views::views::<StringViewType>(array.as_byte_view()),
        DataType::BinaryView => views::views::<BinaryViewType>(array.as_byte_view()),
        DataType::List(_) => list::<i32>(array.as_list()),
        DataType::LargeList(_) => list::<i64>(array.as_list()),
        DataType::ListView(_) => list_view::<i32>(array.as_list_view()),
        DataType::LargeListView(_) => list_view::<i64>(array.as_list_view()),
        DataType::FixedSizeList(_, _) => fixed_size_list(array.as_fixed_size_list()),
        DataType::Struct(_) => structs(array.as_struct()),
        DataType::Map(_, _) => map(array.as_map()),
        DataType::Dictionary(_, _) => dictionaries::one(array),
        DataType::Union(_, _) => unions::union(array.as_union()),
        DataType::RunEndEncoded(_, _) => runs::runs(array),
        // The buffers of all others are as long as they are.
        _ => Ok(None),
    }
}

fn bits(array: &BooleanArray) -> Option<ArrayRef> {
    if array.values().offset() == 0 {
        return None;
    }
    let values = array.values().iter().collect::<BooleanBuffer>();
    Some(Arc::new(BooleanArray::new(values, array.nulls().cloned())))
}

fn bytes<T: ByteArrayType>(array: &GenericByteArray<T>) -> Result<Option<ArrayRef>> {
    let (first, last) = children::bounds(array.offsets());
    if first == 0 && last == array.values().len() {
        return Ok(None);
    }
    // Without any rows, the offsets may point to values that are not there.
    let values = match last.saturating_sub(first) {
        0 => Buffer::default(),
        length => array.values().slice_with_length(first, length),
    };
    let offsets = children::from_zero(array.offsets());
    Ok(Some(Arc::new(GenericByteArray::<T>::try_new(offsets, values, array.nulls().cloned())?)))
}

fn list<O: OffsetSizeTrait>(array: &GenericListArray<O>) -> Result<Option<ArrayRef>> {
    let (DataType::List(field) | DataType::LargeList(field)) = array.data_type() else { return Ok(None) };
    let Some((offsets, values)) = children::behind(array.offsets(), array.values(), array.nulls())? else {
        return Ok(None);
    };
    let nulls = array.nulls().cloned();
    Ok(Some(Arc::new(GenericListArray::try_new(Arc::clone(field), offsets, values, nulls)?)))
}

fn map(array: &MapArray) -> Result<Option<ArrayRef>> {
    let DataType::Map(field, ordered) = array.data_type() else { return Ok(None) };
    let entries: ArrayRef = Arc::new(array.entries().clone());
    let Some((offsets, entries)) = children::behind(array.offsets(), &entries, array.nulls())? else {
        return Ok(None);
    };
    let (entries, nulls) = (entries.as_struct().clone(), array.nulls().cloned());
    Ok(Some(Arc::new(MapArray::try_new(Arc::clone(field), offsets, entries, nulls, *ordered)?)))
}

fn list_view<O: OffsetSizeTrait>(array: &GenericListViewArray<O>) -> Result<Option<ArrayRef>> {
    let (DataType::ListView(field) | DataType::LargeListView(field)) = array.data_type() else {
        return Ok(None);
    };
    let ranges = || {
        let starts = array.offsets().iter().zip(array.sizes());
        starts.enumerate().map(|(slot, (offset, size))| match array.is_valid(slot) {
            true => (offset.as_usize(), size.as_usize()),
            false => (0, 0),
        })
    };
    let Some((values, places)) = children::in_ranges(array.values(), ranges())? else { return Ok(None) };
    let at = |start: usize| places.as_ref().map_or(start, |places| places.get(start).copied().unwrap_or(0));
    let offsets = ranges().map(|(start, size)| O::usize_as(if size == 0 { 0 } else { at(start) }));
    let sizes = ranges().map(|(_, size)| O::usize_as(size));
    let (offsets, sizes) = (offsets.collect::<ScalarBuffer<O>>(), sizes.collect::<ScalarBuffer<O>>());
    let nulls = array.nulls().cloned();
    let field = Arc::clone(field);
    Ok(Some(Arc::new(GenericListViewArray::try_new(field, offsets, sizes, values, nulls)?)))
}

fn fixed_size_list(list: &FixedSizeListArray) -> Result<Option<ArrayRef>> {
    let DataType::FixedSizeList(field, size) = list.data_type() else { return Ok(None) };
    let Some(values) = array(list.values())? else { return Ok(None) };
    let nulls = list.nulls().cloned();
    Ok(Some(Arc::new(FixedSizeListArray::try_new(Arc::clone(field), *size, values, nulls)?)))
}

fn structs(whole: &StructArray) -> Result<Option<ArrayRef>> {
    let columns = whole.columns().iter().map(array).collect::<Result<Vec<_>>>()?;
    if columns.iter().all(Option::is_none) {
        return Ok(None);
    }
    let columns = columns.into_iter().zip(whole.columns());
    let columns = columns.map(|(shown, whole)| shown.unwrap_or_else(|| Arc::clone(whole))).collect();
    let (fields, nulls) = (whole.fields().clone(), whole.nulls().cloned());
    Ok(Some(Arc::new(StructArray::try_new_with_length(fields, columns, nulls, whole.len())?)))
}
