//! Unions, without the values of a member that no row selects.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanBufferBuilder, UInt64Array, UnionArray, new_null_array,
};
use datafusion::arrow::buffer::ScalarBuffer;
use datafusion::arrow::compute::take;

use super::{Result, children};

pub(super) fn union(array: &UnionArray) -> Result<Option<ArrayRef>> {
    match array.offsets() {
        Some(offsets) => dense(array, offsets),
        None => sparse(array),
    }
}

/// A value of each row's own.
fn dense(array: &UnionArray, offsets: &ScalarBuffer<i32>) -> Result<Option<ArrayRef>> {
    let mut moved: Vec<i32> = offsets.to_vec();
    let (mut members, mut changed) = (Vec::new(), false);
    for (id, _) in array.fields().iter() {
        let member = array.child(id);
        let mut used = BooleanBufferBuilder::new(member.len());
        used.append_n(member.len(), false);
        for (_, offset) in array.type_ids().iter().zip(offsets).filter(|(found, _)| **found == id) {
            if let Ok(place) = usize::try_from(*offset)
                && place < member.len()
            {
                used.set_bit(place, true);
            }
        }
        let Some((kept, places)) = children::marked(member, used.finish())? else {
            members.push(Arc::clone(member));
            continue;
        };
        changed = true;
        members.push(kept);
        let Some(places) = places else { continue };
        for (offset, _) in moved.iter_mut().zip(array.type_ids()).filter(|(_, found)| **found == id) {
            let place = usize::try_from(*offset).ok().and_then(|place| places.get(place));
            *offset = place.and_then(|place| i32::try_from(*place).ok()).unwrap_or(0);
        }
    }
    if !changed {
        return Ok(None);
    }
    let (fields, ids) = (array.fields().clone(), array.type_ids().clone());
    Ok(Some(Arc::new(UnionArray::try_new(fields, ids, Some(moved.into()), members)?)))
}

/// A value of each row in every member: those that are not selected get a value that is.
fn sparse(array: &UnionArray) -> Result<Option<ArrayRef>> {
    let (mut members, mut changed) = (Vec::new(), false);
    for (id, _) in array.fields().iter() {
        let member = array.child(id);
        let selected = |row: &usize| array.type_ids().get(*row) == Some(&id);
        let kept = match (0..array.len()).find(selected) {
            _ if (0..array.len()).all(|row| selected(&row)) => None,
            None => Some(new_null_array(member.data_type(), array.len())),
            Some(some) => {
                let rows = (0..array.len()).map(|row| if selected(&row) { row } else { some } as u64);
                Some(take(member, &UInt64Array::from_iter_values(rows), None)?)
            }
        };
        let shown = super::array(kept.as_ref().unwrap_or(member))?.or(kept);
        changed |= shown.is_some();
        members.push(shown.unwrap_or_else(|| Arc::clone(member)));
    }
    if !changed {
        return Ok(None);
    }
    let (fields, ids) = (array.fields().clone(), array.type_ids().clone());
    Ok(Some(Arc::new(UnionArray::try_new(fields, ids, None, members)?)))
}
