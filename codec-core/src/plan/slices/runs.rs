//! Run-end encodings, without the runs outside of a slice.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayData, ArrayRef, AsArray, PrimitiveArray, make_array};
use datafusion::arrow::datatypes::{
    ArrowNativeType, DataType, Int16Type, Int32Type, Int64Type, RunEndIndexType,
};

use super::Result;

pub(super) fn runs(array: &ArrayRef) -> Result<Option<ArrayRef>> {
    match array.data_type() {
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => runs_to::<Int16Type>(array),
            DataType::Int32 => runs_to::<Int32Type>(array),
            DataType::Int64 => runs_to::<Int64Type>(array),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn runs_to<R: RunEndIndexType>(array: &ArrayRef) -> Result<Option<ArrayRef>> {
    let Some(runs) = array.as_run_opt::<R>() else { return Ok(None) };
    let ends = runs.run_ends();
    let whole = ends.offset() == 0 && ends.values().last().map_or(0, |end| end.as_usize()) == runs.len();
    let values = if whole { Arc::clone(runs.values()) } else { runs.values_slice() };
    let shown = super::array(&values)?;
    if whole && shown.is_none() {
        return Ok(None);
    }
    let sliced = PrimitiveArray::<R>::from_iter_values(ends.sliced_values());
    let data = ArrayData::builder(array.data_type().clone())
        .len(runs.len())
        .add_child_data(sliced.to_data())
        .add_child_data(shown.unwrap_or(values).to_data());
    Ok(Some(make_array(data.build()?)))
}
