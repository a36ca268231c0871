//! Slices are cut down to what they show, and whole arrays are left as they are.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, ListArray, RunArray, StringArray,
    StringViewArray, StructArray, UnionArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, UnionFields};
use planwire_registry::slices;

const ROWS: usize = 100;

fn texts() -> Vec<String> {
    (0..ROWS).map(|row| format!("a text too long for a view, of row {row:04}")).collect()
}

fn views() -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(texts()))
}

fn list() -> ArrayRef {
    let field = Arc::new(Field::new("item", DataType::Utf8View, true));
    Arc::new(ListArray::new(field, OffsetBuffer::from_lengths([1; ROWS]), views(), None))
}

fn union() -> ArrayRef {
    let fields = UnionFields::from_fields([Field::new("text", DataType::Utf8View, true)]);
    let offsets = (0..ROWS as i32).collect();
    Arc::new(UnionArray::try_new(fields, vec![0; ROWS].into(), Some(offsets), vec![views()]).unwrap())
}

fn layouts() -> Vec<ArrayRef> {
    let rows = Int32Array::from_iter_values(0..ROWS as i32);
    let ends = Int32Array::from_iter_values(1..=ROWS as i32);
    let field = Arc::new(Field::new("text", DataType::Utf8View, true));
    vec![
        Arc::new(BooleanArray::from_iter((0..ROWS).map(|row| Some(row % 3 == 0)))),
        Arc::new(StringArray::from_iter_values(texts())),
        views(),
        list(),
        Arc::new(DictionaryArray::new(rows, views())),
        Arc::new(StructArray::from(vec![(field, views())])),
        Arc::new(RunArray::<Int32Type>::try_new(&ends, &views()).unwrap()),
        union(),
    ]
}

#[test]
fn an_array_that_shows_all_it_holds_is_not_copied() {
    for whole in layouts() {
        assert!(slices::array(&whole).unwrap().is_none(), "{:?}", whole.data_type());
    }
}

#[test]
fn a_slice_keeps_its_rows_and_nothing_else() {
    for whole in layouts() {
        for (offset, length) in [(0, 1), (57, 1), (ROWS - 1, 1), (13, 0), (20, 5)] {
            let slice = whole.slice(offset, length);
            let shown = slices::array(&slice).unwrap().unwrap_or_else(|| slice.clone());
            assert_eq!(&shown, &slice);
            assert_eq!(shown.data_type(), whole.data_type());
            shown.to_data().validate_full().unwrap();
            // The values of strings are cut at their beginning here, and at their end by the writer.
            if !matches!(whole.data_type(), DataType::Utf8 | DataType::Boolean) {
                assert!(shown.get_buffer_memory_size() < 1024, "{:?}", whole.data_type());
            }
        }
    }
}
