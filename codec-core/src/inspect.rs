//! Inspection: the contents of a message, and the verdict on each part, with nothing decoded.

mod read;
mod show;

use std::fmt;

use crate::error::{CodecName, WireError};
use crate::plan::kind::Kind;
use crate::plan::message_sort::Message;
use crate::wire::digest::Digest;
use crate::wire::family_name::FamilyName;
use crate::wire::frame::Unlinked;
use crate::wire::inspection::Stamp;
use crate::wire::trailer::Claims;

/// The contents of some bytes, as far as they can be told without decoding.
///
/// Its text is the tree that `planwire inspect` prints.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Contents {
    /// The size in bytes, without a seal.
    pub size: usize,
    /// The seal of a sealed message; the readings are of its content.
    pub seal: Option<Seal>,
    /// The readings of the bytes: one, unless they fit several sorts of message.
    pub readings: Vec<Reading>,
}

/// The seal around a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seal {
    /// The size in bytes, with the seal.
    pub size: usize,
    /// The claimed signer, which nothing here has verified; `None` without a signature.
    pub signer: Option<Claims>,
}

/// The contents of bytes read as one sort of message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reading {
    /// The sort of message; `None` for a frame that stands alone.
    pub what: Option<Message>,
    /// Whether there are fields that this build does not know, which a decode would skip.
    pub unknown_fields: bool,
    /// The things that codecs would be asked to decode, in the order of the bytes.
    pub parts: Vec<Part>,
    /// The first plan in it that changes files, tables or the session, by the words of its statement.
    pub writes: Option<&'static str>,
    /// Why a decode would refuse it as a whole: a claim exceeds a limit, or it writes, and this process decodes
    /// no plan that writes.
    pub refused: Option<WireError>,
}

/// One thing that a codec would be asked to decode.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// Its kind, by the plan; for a frame that stands alone by the frame, or `None` if that does not say it.
    pub kind: Option<Kind>,
    /// The plan's own name for it, empty where plans give none. It comes from the sender: escape it
    /// before showing it.
    pub name: String,
    /// The ids of the codec envelopes around it, the outermost first.
    pub envelopes: Vec<String>,
    /// How it is carried.
    pub content: Content,
    /// The size in bytes: of a frame's payload without a signature, or of all bytes where there is no frame.
    pub size: usize,
    /// The SHA-256 of a frame's header and payload without a signature, by which a frame is pinned, or of all
    /// bytes where there is no frame. `None` if there are no bytes.
    pub digest: Option<Digest>,
    /// The verdict of a decode here.
    pub fate: Fate,
    /// The parts inside of it: in its payload, as far as its family tells, and in the plan, e.g. the arguments
    /// of a call.
    pub children: Vec<Part>,
}

/// How something is carried, by the tag of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// By name: there are no bytes.
    Name,
    /// In a frame of a family that is linked here.
    Frame {
        /// The family that the magic names.
        family: FamilyName,
        /// The kind that the magic names, which should be the plan's.
        kind: Kind,
        /// The version of the payload's layout; `None` if the frame ends before it.
        version: Option<u8>,
        /// The runtime that the payload needs, if it names one.
        stamp: Option<Stamp>,
        /// The claimed signer. Only a guarded mode has verified it.
        signer: Option<Claims>,
    },
    /// In a frame of a family that is not linked here.
    UnknownFamily(Unlinked),
    /// In a codec envelope or a native frame that cannot be read.
    Broken,
    /// In no frame: a codec's own bytes.
    Unframed,
}

/// The verdict on a part if its message was decoded here.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fate {
    /// It has passed the gate: its family would decode it, or a function of its name would be looked up. The
    /// things inside the payload are parts of their own.
    Admitted,
    /// It has passed the gate, and its family does not tell what is inside the payload: the gate would judge
    /// that only while the family decodes it.
    LeftToFamily(FamilyName),
    /// It would not be decoded: a registered function of its name takes precedence.
    LeftAlone,
    /// It would be held as it came: planned with, shown and sent on, and never opened.
    Held,
    /// A codec would decode it, by its own rules.
    Left(CodecName),
    /// It would not be decoded, for this reason.
    Refused(WireError),
}

impl Contents {
    /// Makes the contents of so many bytes from their readings.
    #[must_use]
    pub const fn new(size: usize, readings: Vec<Reading>) -> Self {
        Self { size, seal: None, readings }
    }

    /// Marks this as the content of a sealed message of so many bytes.
    #[must_use]
    pub fn sealed(self, size: usize, signer: Option<Claims>) -> Self {
        Self { seal: Some(Seal { size, signer }), ..self }
    }

    /// Whether no part of any reading would be refused, every family is known here, and every family tells what
    /// its payloads hold inside.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        let refused = self.readings.iter().any(|reading| reading.refused.is_some());
        !refused && self.readings.iter().flat_map(Reading::iter).all(Part::is_admitted)
    }
}

impl Reading {
    /// All parts, each before the parts inside of it.
    pub fn iter(&self) -> impl Iterator<Item = &Part> {
        let mut pending: Vec<&Part> = self.parts.iter().rev().collect();
        std::iter::from_fn(move || {
            let part = pending.pop()?;
            pending.extend(part.children.iter().rev());
            Some(part)
        })
    }
}

impl Part {
    /// Whether the bytes carry it, rather than name it.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        self.content != Content::Name
    }

    /// Whether it would not be refused, and its family is known here and tells what is inside. The parts inside
    /// are judged on their own.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        !matches!(self.fate, Fate::Refused(_) | Fate::LeftToFamily(_))
            && !matches!(self.content, Content::UnknownFamily(_))
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admitted => f.write_str("admitted"),
            Self::LeftToFamily(family) => {
                write!(f, "left to family `{family}`, which does not tell what is inside")
            }
            Self::LeftAlone => f.write_str("left alone, the registered function of that name is taken"),
            Self::Held => f.write_str("held as it came, and not opened"),
            Self::Left(codec) => write!(f, "left to {codec}"),
            Self::Refused(error) => write!(f, "refused ({}): {error}", error.code()),
        }
    }
}
