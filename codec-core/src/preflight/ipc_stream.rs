//! Arrow IPC streams from outside, looked through before arrow reads them.

use datafusion::arrow::ipc::convert::fb_to_schema;
use datafusion::arrow::ipc::{Message, MessageHeader, RecordBatch, root_as_message};

use crate::error::panics;
use crate::limits::{Limit, Limits};
use crate::preflight::types::{self, TypeFault};

/// What is wrong with the bytes of a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamFault {
    /// The bytes end before the stream does.
    #[error("truncated: the stream ends within a message")]
    Truncated,
    /// There are bytes where a message should begin.
    #[error("the stream holds something else than messages")]
    NotMessages,
    /// There are bytes after the message that ends the stream.
    #[error("bytes after the end of the stream")]
    Trailing,
    /// A batch is compressed.
    #[error("the stream is compressed")]
    Compressed,
    /// The header of a message cannot be read.
    #[error("{0}")]
    Header(String),
    /// A type of the schema is not one that can be held.
    #[error("{0}")]
    Type(&'static str),
    /// A batch has a length below zero.
    #[error("a length below zero")]
    Length,
    /// The stream claims more than a limit lets through.
    #[error("limit `{limit}` exceeded: {found} {}, the limit is {most}", limit.unit())]
    Excess {
        /// The limit.
        limit: Limit,
        /// The claim.
        found: usize,
        /// The value of the limit.
        most: usize,
    },
}

impl From<TypeFault> for StreamFault {
    fn from(fault: TypeFault) -> Self {
        match fault {
            TypeFault::Excess(excess) => {
                Self::Excess { limit: excess.limit, found: excess.found, most: excess.most }
            }
            TypeFault::Unsound(fault) => Self::Type(fault),
        }
    }
}

/// Checks the messages of a whole stream, and returns the number of rows that it claims without bytes
/// for them.
///
/// arrow allocates what a message says of its body, what a compressed buffer says of its own size and
/// what a type says of the size of its values, so that a few bytes could claim all memory, which ends the
/// process. Columns without bytes, such as those of type Null, can be of any length.
///
/// # Errors
///
/// A [`StreamFault`] if a message says that it is longer than it is, or is compressed, if a type of the
/// schema cannot be held, or if the claimed rows exceed [`Limit::Rows`].
pub fn check(mut stream: &[u8], limits: &Limits) -> Result<usize, StreamFault> {
    const CONTINUATION: [u8; 4] = [0xff; 4];
    let mut claimed = 0_usize;
    loop {
        let (marker, rest) = stream.split_first_chunk::<4>().ok_or(StreamFault::Truncated)?;
        if *marker != CONTINUATION {
            return Err(StreamFault::NotMessages);
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(StreamFault::Truncated)?;
        let length = u32::from_le_bytes(*length) as usize;
        if length == 0 {
            return if rest.is_empty() { Ok(claimed) } else { Err(StreamFault::Trailing) };
        }
        let (message, rest) = rest.split_at_checked(length).ok_or(StreamFault::Truncated)?;
        let message = root_as_message(message).map_err(|fault| StreamFault::Header(fault.to_string()))?;
        let body =
            usize::try_from(message.bodyLength()).map_err(|fault| StreamFault::Header(fault.to_string()))?;
        let (body, rest) = rest.split_at_checked(body).ok_or(StreamFault::Truncated)?;
        stream = rest;
        if let Some(schema) = message.header_as_schema() {
            // arrow panics over types that it does not know.
            let schema = panics::catch(|| fb_to_schema(schema))
                .map_err(|_| StreamFault::Type("a type that arrow does not read"))?;
            types::check_schema(&schema, limits)?;
        }
        if let Some(batch) = batch(&message) {
            if batch.compression().is_some() {
                return Err(StreamFault::Compressed);
            }
            claimed = claimed.saturating_add(lengths(&batch)?.claimed(body.len()));
            limits
                .check(Limit::Rows, claimed)
                .map_err(|excess| StreamFault::from(TypeFault::from(excess)))?;
        }
    }
}

/// The lengths that a literal's batch claims.
pub(crate) struct Lengths(usize);

impl Lengths {
    /// All rows and elements of the batch and its columns.
    pub(crate) const fn sum(&self) -> usize {
        self.0
    }

    /// Rows and elements beyond one per bit of a body of `body` bytes.
    pub(crate) const fn claimed(&self, body: usize) -> usize {
        self.0.saturating_sub(body.saturating_mul(8))
    }
}

/// The lengths in the header of a batch; `None` for any other bytes, which arrow refuses.
///
/// # Errors
///
/// A [`StreamFault`] if the batch is compressed, or has a length below zero.
pub(crate) fn batch_lengths(header: &[u8]) -> Result<Option<Lengths>, StreamFault> {
    let Ok(message) = root_as_message(header) else { return Ok(None) };
    let Some(batch) = batch(&message) else { return Ok(None) };
    if batch.compression().is_some() {
        return Err(StreamFault::Compressed);
    }
    lengths(&batch).map(Some)
}

fn batch<'m>(message: &Message<'m>) -> Option<RecordBatch<'m>> {
    match message.header_type() {
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch()?.data(),
        _ => message.header_as_record_batch(),
    }
}

fn lengths(batch: &RecordBatch<'_>) -> Result<Lengths, StreamFault> {
    let length = |length: i64| usize::try_from(length).map_err(|_| StreamFault::Length);
    let columns = batch.nodes().into_iter().flatten().map(|node| length(node.length()));
    let mut sum = 0_usize;
    for length in columns {
        sum = sum.saturating_add(length?);
    }
    // A batch without columns has rows as well.
    Ok(Lengths(sum.max(length(batch.length())?)))
}
