//! Parts: bytes in order, of which large ones stay where they are until the whole is written.

use std::{fmt, iter, mem};

use bytes::Bytes;

/// Bytes in order, in one piece or in several: a large part may be memory of somebody else, which is copied
/// once, to where the whole leaves from.
#[derive(Clone, Default)]
pub struct Parts {
    /// The parts before the last one.
    closed: Vec<Bytes>,
    /// The last part, to which bytes are appended.
    last: Vec<u8>,
}

impl Parts {
    /// The size, in bytes, from which a part is lent rather than copied.
    pub const LARGE: usize = 64 * 1024;

    /// The number of bytes in all parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().map(<[u8]>::len).sum()
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parts in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.closed.iter().map(Bytes::as_ref).chain(iter::once(&*self.last))
    }

    /// The bytes in one piece. Nothing is copied if they are in one already.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        if self.closed.is_empty() {
            return self.last;
        }
        let mut whole = Vec::with_capacity(self.len());
        self.iter().for_each(|part| whole.extend_from_slice(part));
        whole
    }

    /// The parts in their order, none of which is copied.
    pub(crate) fn into_bytes(self) -> impl Iterator<Item = Bytes> {
        self.closed.into_iter().chain(iter::once(self.last.into()))
    }

    /// The first part, if there is more than one; else all bytes.
    pub(crate) fn first(&self) -> &[u8] {
        self.closed.first().map_or(&self.last, Bytes::as_ref)
    }

    /// All bytes, if they are in one piece.
    pub(crate) fn in_one_piece(&self) -> Option<&[u8]> {
        match &*self.closed {
            [] => Some(&self.last),
            [only] if self.last.is_empty() => Some(only),
            _ => None,
        }
    }

    pub(crate) fn ends_with(&self, mut suffix: &[u8]) -> bool {
        for part in self.iter().rev() {
            let tail = part.len().min(suffix.len());
            let (rest, wanted) = suffix.split_at(suffix.len() - tail);
            if !part.ends_with(wanted) {
                return false;
            }
            suffix = rest;
        }
        suffix.is_empty()
    }

    /// Makes room for so many bytes to be appended.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.last.reserve_exact(bytes);
    }

    /// Appends bytes.
    pub(crate) fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.last.extend_from_slice(bytes);
    }

    /// Appends bytes without a copy, unless they are few.
    pub(crate) fn lend(&mut self, part: Bytes) {
        if part.len() < Self::LARGE {
            return self.extend_from_slice(&part);
        }
        if !self.last.is_empty() {
            self.closed.push(mem::take(&mut self.last).into());
        }
        self.closed.push(part);
    }

    /// Appends all parts of another.
    pub(crate) fn append(&mut self, other: Self) {
        other.into_bytes().for_each(|part| self.lend(part));
    }

    /// The same without the first bytes, all of which are in the first part.
    pub(crate) fn skip(mut self, bytes: usize) -> Self {
        match self.closed.first_mut() {
            Some(first) => *first = first.slice(bytes.min(first.len())..),
            None if self.last.len() < Self::LARGE => drop(self.last.drain(..bytes.min(self.last.len()))),
            None => {
                let whole = Bytes::from(mem::take(&mut self.last));
                self.closed.push(whole.slice(bytes..));
            }
        }
        self
    }
}

impl From<Vec<u8>> for Parts {
    fn from(bytes: Vec<u8>) -> Self {
        Self { closed: Vec::new(), last: bytes }
    }
}

impl From<Bytes> for Parts {
    fn from(bytes: Bytes) -> Self {
        let mut parts = Self::default();
        parts.lend(bytes);
        parts
    }
}

impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().flatten().eq(other.iter().flatten())
    }
}

impl Eq for Parts {}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content may be secret, so only the size is shown.
        write!(f, "Parts({} bytes)", self.len())
    }
}
