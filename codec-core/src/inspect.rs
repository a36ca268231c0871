//! Looking into messages: what they hold and what would become of it, with nothing decoded.

mod read;
mod show;

use std::fmt;

use crate::error::{CodecName, WireError};
use crate::plan::kind::Kind;
use crate::plan::message::Message;
use crate::wire::digest::Digest;
use crate::wire::family_name::FamilyName;
use crate::wire::frame::Unlinked;
use crate::wire::inspection::Stamp;
use crate::wire::trailer::Claims;

/// What bytes hold, as far as that can be told without decoding any of it.
///
/// Its text is the tree that `planwire inspect` prints.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Contents {
    /// How many bytes there are, without a seal.
    pub size: usize,
    /// The seal, if they are a sealed message; the readings are of its content.
    pub seal: Option<Seal>,
    /// What they can be read as: one reading, unless the bytes fit several sorts of message.
    pub readings: Vec<Reading>,
}

/// What is around the content of a sealed message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seal {
    /// How many bytes there are with it.
    pub size: usize,
    /// Who says to have signed it; nothing if nobody does. Nothing here has verified it.
    pub signer: Option<Claims>,
}

/// What bytes hold if they are one sort of message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reading {
    /// The sort of message; nothing for a frame that stands alone.
    pub what: Option<Message>,
    /// Whether there are fields that this build does not know, which decoding would pass over.
    pub unknown_fields: bool,
    /// What codecs would be asked about, in the order of the bytes.
    pub parts: Vec<Part>,
    /// The first plan in it that changes files, tables or the session, by the words of its statement.
    pub writes: Option<&'static str>,
    /// Why decoding it would fail as a whole: for what it claims, or for what it writes where this process
    /// decodes no plan that does.
    pub refused: Option<WireError>,
}

/// One thing that a codec would be asked about.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// What the plan says it is; nothing for a frame that stands alone and does not say it either.
    pub kind: Option<Kind>,
    /// The plan's own name for it, empty where plans give none. It comes from the sender: escape it
    /// before showing it.
    pub name: String,
    /// The ids of the codec envelopes around it, the outermost first.
    pub envelopes: Vec<String>,
    /// How it is carried.
    pub content: Content,
    /// The size of the payload in bytes, without a signature; of what is in no frame, of all its bytes.
    pub size: usize,
    /// The SHA-256 of the header and the payload, without a signature, which is what a frame is pinned by; of what
    /// is in no frame, of all its bytes. Nothing where there are no bytes.
    pub digest: Option<Digest>,
    /// What would become of it here.
    pub fate: Fate,
    /// What stands inside of it: in its payload, as far as its family tells, and in the plan, e.g. the
    /// arguments of a call.
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
        /// What the magic says it is, which should be what the plan says.
        kind: Kind,
        /// The version of the payload's layout; nothing if the frame ends before it.
        version: Option<u8>,
        /// The runtime that the payload needs, if it says so.
        stamp: Option<Stamp>,
        /// Who says to have signed it. Nothing but a guarded mode has verified that.
        signer: Option<Claims>,
    },
    /// In a frame of a family that nobody here knows.
    UnknownFamily(Unlinked),
    /// In a codec envelope or a native frame that cannot be read.
    Broken,
    /// In no frame: a codec's own bytes.
    Unframed,
}

/// What would become of something if its message was decoded here.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fate {
    /// It has passed the gate: its family would decode it, or a function of its name would be looked up. What
    /// the payload holds inside has parts of its own.
    Admitted,
    /// It has passed the gate, and this family does not tell what the payload holds inside: what that is, the
    /// gate would be asked only while the family decodes it.
    LeftToFamily(FamilyName),
    /// It would not be decoded, because a registered function of its name takes precedence.
    LeftAlone,
    /// It would be held as it came: planned with, shown and sent on, and never opened.
    Held,
    /// A codec would decode it, by rules of its own.
    Left(CodecName),
    /// It would not be decoded, for this reason.
    Refused(WireError),
}

impl Contents {
    /// Puts the readings of so many bytes together.
    #[must_use]
    pub const fn new(size: usize, readings: Vec<Reading>) -> Self {
        Self { size, seal: None, readings }
    }

    /// Says that this is the content of a sealed message of so many bytes.
    #[must_use]
    pub fn sealed(self, size: usize, signer: Option<Claims>) -> Self {
        Self { seal: Some(Seal { size, signer }), ..self }
    }

    /// Whether nothing that the bytes hold would be refused, whatever they are read as, no family of it is
    /// unknown, and each tells what its payloads hold inside.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        let refused = self.readings.iter().any(|reading| reading.refused.is_some());
        !refused && self.readings.iter().flat_map(Reading::iter).all(Part::is_admitted)
    }
}

impl Reading {
    /// Every part, each before those inside of it.
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
    /// Whether it is carried in the bytes, rather than meant by name.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        self.content != Content::Name
    }

    /// Whether it would not be refused, and is neither of an unknown family nor of one that does not tell what
    /// is inside. What is inside has a word of its own.
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
