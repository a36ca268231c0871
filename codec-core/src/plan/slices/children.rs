//! The values behind lists: which of them any list shows.

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, BooleanBufferBuilder, OffsetSizeTrait};
use datafusion::arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::filter;

use super::Result;

/// Where the values begin and end.
pub(super) fn bounds<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>) -> (usize, usize) {
    let at = |offset: Option<&O>| offset.map_or(0, |offset| offset.as_usize());
    (at(offsets.first()), at(offsets.last()))
}

/// The same lengths, counted from the start.
pub(super) fn from_zero<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>) -> OffsetBuffer<O> {
    OffsetBuffer::from_lengths(offsets.lengths())
}

/// The values that lists use, with new offsets; `None` if they use all.
pub(super) fn behind<O: OffsetSizeTrait>(
    offsets: &OffsetBuffer<O>,
    values: &ArrayRef,
    nulls: Option<&NullBuffer>,
) -> Result<Option<(OffsetBuffer<O>, ArrayRef)>> {
    let is_null = |slot| nulls.is_some_and(|nulls| nulls.is_null(slot));
    if offsets.lengths().enumerate().any(|(slot, length)| length > 0 && is_null(slot)) {
        let lengths = offsets.lengths().enumerate();
        let lengths = lengths.map(|(slot, length)| if is_null(slot) { 0 } else { length });
        let mut used = BooleanBufferBuilder::new(values.len());
        used.append_n(bounds(offsets).0, false);
        for (slot, length) in offsets.lengths().enumerate() {
            used.append_n(length, !is_null(slot));
        }
        used.append_n(values.len().saturating_sub(used.len()), false);
        let kept = filter(values, &BooleanArray::new(used.finish(), None))?;
        let kept = super::array(&kept)?.unwrap_or(kept);
        return Ok(Some((OffsetBuffer::from_lengths(lengths), kept)));
    }
    let (first, last) = bounds(offsets);
    if first == 0 && last == values.len() {
        return Ok(super::array(values)?.map(|values| (offsets.clone(), values)));
    }
    let values = match last.saturating_sub(first) {
        0 => values.slice(0, 0),
        length => values.slice(first, length),
    };
    let values = super::array(&values)?.unwrap_or(values);
    Ok(Some((from_zero(offsets), values)))
}

/// The values in some ranges, and the new place of each value, if the ranges leave some out.
type Shown = (ArrayRef, Option<Vec<usize>>);

/// The values in ranges of any order; `None` if they cover all.
pub(super) fn in_ranges(
    values: &ArrayRef,
    ranges: impl Iterator<Item = (usize, usize)>,
) -> Result<Option<Shown>> {
    let mut used = BooleanBufferBuilder::new(values.len());
    used.append_n(values.len(), false);
    for (start, size) in ranges {
        for place in start..start.saturating_add(size).min(values.len()) {
            used.set_bit(place, true);
        }
    }
    marked(values, used.finish())
}

/// The values that are marked; nothing, if those are all.
pub(super) fn marked(values: &ArrayRef, used: BooleanBuffer) -> Result<Option<Shown>> {
    if used.count_set_bits() == used.len() {
        return Ok(super::array(values)?.map(|values| (values, None)));
    }
    let mut next = 0;
    let place = |used: bool| {
        let place = next;
        next += usize::from(used);
        place
    };
    let places = used.iter().map(place).collect();
    let kept = filter(values, &BooleanArray::new(used, None))?;
    let kept = super::array(&kept)?.unwrap_or(kept);
    Ok(Some((kept, Some(places))))
}
