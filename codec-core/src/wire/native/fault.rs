//! The faults that a native frame can have.

use crate::wire::native::KINDS;

/// A fault in the bytes of a native frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NativeError {
    /// The bytes end inside the header.
    #[error("truncated: {found} bytes, the header alone takes {needed}")]
    Truncated {
        /// Bytes present.
        found: usize,
        /// The smallest number of bytes that the header takes.
        needed: usize,
    },
    /// The lengths in the header are not those of the bytes.
    #[error("it says that it has {told} bytes, and there are {found}")]
    Length {
        /// The number of bytes by the header.
        told: u64,
        /// Bytes present, without a signature.
        found: usize,
    },
    /// There is no kind of this number.
    #[error("it is of kind {0}, the kinds are 1 to {last}", last = KINDS.len())]
    Kind(u8),
    /// The text for the family's name is no name of a family.
    #[error("it does not name its family")]
    Family,
    /// The fields are not in ascending order, or end within one.
    #[error("its fields are out of order or cut short")]
    Fields,
    /// A reader has to know one of the fields, and this build does not.
    #[error("field {0} has to be understood, and this build does not know it")]
    Critical(u8),
    /// A field's content is not of the sort that its key names.
    #[error("field {0} does not hold what its key says")]
    Field(u8),
    /// A stored frame does not have the header of a native frame.
    #[error("it has no header of a native frame")]
    Unstored,
    /// There is no digest of the payload.
    #[error("it has no digest of its payload")]
    Undigested,
    /// The digest is not that of the payload.
    #[error("its digest is not that of its payload")]
    Digest,
}
