//! Arrow IPC streams from outside, looked through before arrow reads them.

use datafusion::arrow::ipc::{Message, MessageHeader, root_as_message};

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
}

/// Looks through the messages of a whole stream.
///
/// arrow allocates what a message says of its body, and what a compressed buffer says of its own size,
/// so that a few bytes could claim all memory, which ends the process.
///
/// # Errors
///
/// A [`StreamFault`] if a message says that it is longer than it is, or is compressed.
pub fn check(mut stream: &[u8]) -> Result<(), StreamFault> {
    const CONTINUATION: [u8; 4] = [0xff; 4];
    loop {
        let (marker, rest) = stream.split_first_chunk::<4>().ok_or(StreamFault::Truncated)?;
        if *marker != CONTINUATION {
            return Err(StreamFault::NotMessages);
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(StreamFault::Truncated)?;
        let length = u32::from_le_bytes(*length) as usize;
        if length == 0 {
            return if rest.is_empty() { Ok(()) } else { Err(StreamFault::Trailing) };
        }
        let (message, rest) = rest.split_at_checked(length).ok_or(StreamFault::Truncated)?;
        let message = root_as_message(message).map_err(|fault| StreamFault::Header(fault.to_string()))?;
        if has_compression(&message) {
            return Err(StreamFault::Compressed);
        }
        let body =
            usize::try_from(message.bodyLength()).map_err(|fault| StreamFault::Header(fault.to_string()))?;
        (_, stream) = rest.split_at_checked(body).ok_or(StreamFault::Truncated)?;
    }
}

/// Whether a header is of a compressed batch; bytes that are no header are of none.
pub(crate) fn is_compressed(header: &[u8]) -> bool {
    root_as_message(header).is_ok_and(|message| has_compression(&message))
}

fn has_compression(message: &Message<'_>) -> bool {
    let batch = match message.header_type() {
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|found| found.data()),
        _ => message.header_as_record_batch(),
    };
    batch.is_some_and(|batch| batch.compression().is_some())
}
