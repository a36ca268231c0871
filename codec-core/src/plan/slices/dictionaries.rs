//! Dictionaries, without the values that no row has.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanBufferBuilder, DictionaryArray, PrimitiveArray, downcast_integer,
};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::datatypes::{ArrowDictionaryKeyType, ArrowNativeType, DataType};

use super::{Result, children};

/// A dictionary of its own; nothing, if each of its values is in a row.
pub(super) fn one(array: &ArrayRef) -> Result<Option<ArrayRef>> {
    Ok(cut(std::slice::from_ref(array))?.and_then(|mut cut| cut.pop()))
}

/// The parts of a column that share one dictionary; the outer nothing, if they do not.
#[allow(clippy::option_option)]
pub(super) fn shared(column: &[ArrayRef]) -> Result<Option<Option<Vec<ArrayRef>>>> {
    let values = |array: &ArrayRef| array.as_any_dictionary_opt().map(|array| array.values().to_data());
    let Some(first) = column.first().and_then(values) else { return Ok(None) };
    let alike = |array: &ArrayRef| values(array).is_some_and(|values| values.ptr_eq(&first));
    if column.iter().all(alike) { cut(column).map(Some) } else { Ok(None) }
}

fn cut(arrays: &[ArrayRef]) -> Result<Option<Vec<ArrayRef>>> {
    let Some(DataType::Dictionary(key, _)) = arrays.first().map(Array::data_type) else {
        return Ok(None);
    };
    macro_rules! of_keys {
        ($key:ty) => {
            cut_of_keys::<$key>(arrays)
        };
    }
    downcast_integer! { key.as_ref() => (of_keys), _ => Ok(None) }
}

/// Cuts arrays that share one dictionary.
fn cut_of_keys<K: ArrowDictionaryKeyType>(arrays: &[ArrayRef]) -> Result<Option<Vec<ArrayRef>>> {
    let arrays: Vec<&DictionaryArray<K>> = arrays.iter().map(AsArray::as_dictionary::<K>).collect();
    let Some(values) = arrays.first().map(|array| array.values()) else { return Ok(None) };
    let Some((kept, places)) = children::marked(values, used(&arrays, values.len()))? else {
        return Ok(None);
    };
    let again = |array: &&DictionaryArray<K>| -> Result<ArrayRef> {
        let keys = match &places {
            None => array.keys().clone(),
            Some(places) => moved(array.keys(), places),
        };
        Ok(Arc::new(DictionaryArray::try_new(keys, Arc::clone(&kept))?))
    };
    arrays.iter().map(again).collect::<Result<Vec<_>>>().map(Some)
}

/// Which of the values any row has.
fn used<K: ArrowDictionaryKeyType>(arrays: &[&DictionaryArray<K>], values: usize) -> BooleanBuffer {
    let mut used = BooleanBufferBuilder::new(values);
    used.append_n(values, false);
    for key in arrays.iter().flat_map(|array| array.keys().iter().flatten()) {
        if key.as_usize() < values {
            used.set_bit(key.as_usize(), true);
        }
    }
    used.finish()
}

fn moved<K: ArrowDictionaryKeyType>(keys: &PrimitiveArray<K>, places: &[usize]) -> PrimitiveArray<K> {
    let place = |key: K::Native| places.get(key.as_usize()).copied().unwrap_or(0);
    keys.iter().map(|key| key.map(|key| K::Native::usize_as(place(key)))).collect()
}
