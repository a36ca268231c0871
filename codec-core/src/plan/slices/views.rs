//! Views, without the bytes that none of them shows.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ByteView, GenericByteViewArray};
use datafusion::arrow::buffer::{Buffer, ScalarBuffer};
use datafusion::arrow::datatypes::ByteViewType;

use super::Result;

/// The longest value that a view holds itself.
const INLINE: u32 = 12;

/// A part of a buffer that views show, and where it goes.
struct Shown {
    buffer: u32,
    start: u32,
    end: u32,
    to: u32,
}

pub(super) fn views<T: ByteViewType + ?Sized>(array: &GenericByteViewArray<T>) -> Result<Option<ArrayRef>> {
    let hidden_inside = |(slot, view): (usize, &u128)| *view != 0 && array.is_null(slot);
    let shown = shown(array);
    let total: usize = array.data_buffers().iter().map(Buffer::len).sum();
    let used: usize = shown.iter().map(|part| (part.end - part.start) as usize).sum();
    if used == total && !array.views().iter().enumerate().any(hidden_inside) {
        return Ok(None);
    }
    let (parts, buffers) = copied(array, shown);
    let moved = |(slot, view): (usize, &u128)| match ByteView::from(*view) {
        _ if array.is_null(slot) => 0,
        inline if inline.length <= INLINE => *view,
        view => moved(view, &parts),
    };
    let views: ScalarBuffer<u128> = array.views().iter().enumerate().map(moved).collect();
    Ok(Some(Arc::new(GenericByteViewArray::<T>::try_new(views, buffers, array.nulls().cloned())?)))
}

/// The parts of the buffers that views show, in their order, and none twice.
fn shown<T: ByteViewType + ?Sized>(array: &GenericByteViewArray<T>) -> Vec<Shown> {
    let views = array.views().iter().enumerate().filter(|(slot, _)| array.is_valid(*slot));
    let views = views.map(|(_, view)| ByteView::from(*view)).filter(|view| view.length > INLINE);
    let mut ranges: Vec<_> =
        views.map(|view| (view.buffer_index, view.offset, view.offset.saturating_add(view.length))).collect();
    ranges.sort_unstable();
    let mut shown: Vec<Shown> = Vec::new();
    for (buffer, start, end) in ranges {
        match shown.last_mut() {
            Some(last) if last.buffer == buffer && start <= last.end => last.end = last.end.max(end),
            _ => shown.push(Shown { buffer, start, end, to: 0 }),
        }
    }
    shown
}

/// Copies the parts into buffers of their own, one for each that had any.
fn copied<T: ByteViewType + ?Sized>(
    array: &GenericByteViewArray<T>,
    mut parts: Vec<Shown>,
) -> (Vec<(u32, Shown)>, Vec<Buffer>) {
    let (mut placed, mut buffers) = (Vec::with_capacity(parts.len()), Vec::new());
    let mut bytes: Vec<u8> = Vec::new();
    let mut parts = parts.drain(..).peekable();
    while let Some(mut part) = parts.next() {
        let whole = array.data_buffers().get(part.buffer as usize).map_or(&[][..], Buffer::as_slice);
        part.to = bytes.len() as u32;
        bytes.extend_from_slice(whole.get(part.start as usize..part.end as usize).unwrap_or_default());
        let last = parts.peek().is_none_or(|next| next.buffer != part.buffer);
        placed.push((buffers.len() as u32, part));
        if last {
            buffers.push(Buffer::from(std::mem::take(&mut bytes)));
        }
    }
    (placed, buffers)
}

fn moved(view: ByteView, parts: &[(u32, Shown)]) -> u128 {
    let before = |(_, part): &(u32, Shown)| (part.buffer, part.start) <= (view.buffer_index, view.offset);
    let after = parts.partition_point(before);
    match after.checked_sub(1).and_then(|place| parts.get(place)) {
        Some((buffer, part)) => {
            let offset = part.to + (view.offset - part.start);
            ByteView { buffer_index: *buffer, offset, ..view }.into()
        }
        None => 0,
    }
}
