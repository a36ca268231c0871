//! The structure of a buffer, examined without asking a policy or decoding anything.

use crate::error::{WireError, panics};
use crate::family::StampError;
use crate::family::list::{FamilyList, Owner};
use crate::plan::kind::Kind;
use crate::policy::modes::Candidate;
use crate::wire::envelope::{self, Envelope, EnvelopeError};
use crate::wire::family_name::{FamilyName, OWN};
use crate::wire::frame::{self, Frame, FrameError, Unlinked};
use crate::wire::inspection::Inspection;
use crate::wire::native::{self, Native};
use crate::wire::trailer::Trailer;
use crate::wire::{self, Outside};

/// The place of a buffer in a plan: the kind and the name that the plan has there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: &'a str,
}

/// The content of a buffer.
#[derive(Debug)]
pub(crate) struct Seen<'a, 'b> {
    /// The codec envelopes around it, the outermost first.
    pub(crate) envelopes: Vec<Envelope<'b>>,
    pub(crate) inside: Inside<'a, 'b>,
}

/// The content of the innermost envelope, or of the buffer if there is no envelope.
#[derive(Debug)]
pub(crate) enum Inside<'a, 'b> {
    /// No bytes.
    Nothing,
    /// A frame of a family that is linked here, and its fault if it is not sound.
    Frame { owner: Owner<'a>, bytes: &'b [u8], sound: Result<Sound<'b>, WireError> },
    /// A stored frame of a family that is linked here, whose payload is not in it.
    Stored { owner: Owner<'a>, native: Native<'b>, bytes: &'b [u8] },
    /// A frame of a family that is not known here, and its parts if it is a native frame.
    Unknown(Unlinked, &'b [u8], Option<Native<'b>>),
    /// An envelope or a native frame that cannot be opened.
    Broken(WireError, &'b [u8]),
    /// Bytes of a codec.
    Foreign(&'b [u8]),
}

/// A frame without a fault.
#[derive(Debug)]
pub(crate) struct Sound<'b> {
    pub(crate) frame: Frame<'b>,
    pub(crate) seen: Inspection,
}

impl<'b> Sound<'b> {
    /// Checks that the frame has the kind that the plan has in this slot.
    pub(crate) fn of_kind(self, slot: Slot<'_>) -> Result<Self, WireError> {
        let Inspection { family, kind, .. } = self.seen;
        if kind == slot.kind {
            return Ok(self);
        }
        Err(WireError::WrongKind { family, name: slot.name.to_owned(), found: kind, wanted: slot.kind })
    }

    pub(crate) const fn candidate(&self) -> Candidate<'_> {
        Candidate { seen: &self.seen, frame: &self.frame, maker: None }
    }

    pub(in crate::gate) fn with_trailer(self, trailer: Trailer) -> Self {
        let signer = Some(trailer.claims.clone());
        Self { seen: Inspection { signer, ..self.seen }, frame: self.frame.with_trailer(trailer) }
    }
}

/// The limit of envelopes within each other; deeper ones are refused.
const DEEPEST_ENVELOPE: usize = 8;

/// The name of the envelope in error messages that would otherwise name a family.
const ENVELOPE: FamilyName = FamilyName::new("codec-envelope");

/// The name, in error messages, of a native frame whose family cannot be told.
pub(crate) const NATIVE: FamilyName = FamilyName::new("native");

impl FamilyList {
    /// Examines the structure of a buffer.
    pub(crate) fn examine<'b>(&self, bytes: &'b [u8], slot: Slot<'_>) -> Seen<'_, 'b> {
        let (mut envelopes, mut bytes) = (Vec::new(), bytes);
        let malformed = |fault| {
            let (kind, name) = (slot.kind, slot.name.to_owned());
            WireError::Malformed { family: ENVELOPE, kind, name, fault }
        };
        let inside = loop {
            let unreadable = |family, fault: &FrameError| {
                Inside::Broken(WireError::malformed(family, slot.kind, slot.name.to_owned(), fault), bytes)
            };
            let envelope = match wire::read(bytes) {
                Outside::Nothing => break Inside::Nothing,
                Outside::Foreign => break Inside::Foreign(bytes),
                Outside::Frame(magic) => {
                    let Some(owner) = self.owner(magic) else {
                        break Inside::Unknown(Unlinked::Magic(magic), bytes, None);
                    };
                    break Inside::Frame { owner, bytes, sound: examine_frame(owner, bytes, slot.name) };
                }
                Outside::Native(native) => break self.examine_read(native, bytes, slot),
                Outside::Reference => {
                    let fault = "it refers to a function that its message does not have".to_owned();
                    let (family, kind, name) = (NATIVE, slot.kind, slot.name.to_owned());
                    break Inside::Broken(WireError::Malformed { family, kind, name, fault }, bytes);
                }
                Outside::Envelope(envelope) => envelope,
            };
            let fault = match envelope {
                Ok(envelope) if envelopes.len() < DEEPEST_ENVELOPE => {
                    bytes = envelope.bytes;
                    envelopes.push(envelope);
                    continue;
                }
                Ok(_) => malformed(format!("more than {DEEPEST_ENVELOPE} envelopes within each other")),
                Err(EnvelopeError::Frame(fault)) => break unreadable(ENVELOPE, &fault),
                Err(fault) => malformed(fault.to_string()),
            };
            break Inside::Broken(fault, bytes);
        };
        Seen { envelopes, inside }
    }

    /// Examines a native frame that was read.
    pub(crate) fn examine_read<'b>(
        &self,
        native: Result<Native<'b>, FrameError>,
        bytes: &'b [u8],
        slot: Slot<'_>,
    ) -> Inside<'_, 'b> {
        let (kind, name) = (slot.kind, slot.name.to_owned());
        let native = match native {
            Ok(native) => native,
            Err(fault) => return Inside::Broken(WireError::malformed(NATIVE, kind, name, &fault), bytes),
        };
        let Some(owner) = self.owner_named(native.family, native.kind) else {
            if native.family == OWN.as_str() || self.get(native.family).is_ok() {
                let fault = format!("family `{}` carries no {}", native.family, native.kind);
                return Inside::Broken(WireError::Malformed { family: NATIVE, kind, name, fault }, bytes);
            }
            return Inside::Unknown(Unlinked::Name(native.family.to_owned()), bytes, Some(native));
        };
        if native.elsewhere.is_some() {
            return Inside::Stored { owner, native, bytes };
        }
        Inside::Frame { owner, bytes, sound: examine_native(owner, native, slot.name) }
    }

    /// The error for a frame of a family that is not known here.
    pub(crate) fn unknown_family(&self, family: Unlinked, slot: Slot<'_>) -> WireError {
        let (kind, name) = (slot.kind, slot.name.to_owned());
        WireError::UnknownFamily { family, kind, name, known: self.names() }
    }

    /// Reports a truncated magic; without this the terminal codec's own error would be confusing.
    pub(crate) fn truncated_magic(&self, bytes: &[u8], slot: Slot<'_>) -> Option<WireError> {
        let mut tags = self.iter().flat_map(|member| member.tags().map(|(_, tag)| (member.name(), tag)));
        let is_cut = |(_, tag): &(FamilyName, frame::Tag)| frame::is_cut_in_magic(*tag, bytes);
        let own = (ENVELOPE, envelope::TAG);
        let found = tags.find(is_cut).or_else(|| Some(own).filter(is_cut)).map(|(family, _)| family);
        let family = found.or_else(|| native::is_cut_in_start(bytes).then_some(NATIVE))?;
        let fault = FrameError::Truncated { found: bytes.len() };
        Some(WireError::malformed(family, slot.kind, slot.name.to_owned(), &fault))
    }
}

/// Reads a frame that was let in before or was written here, and has its family look at the outside of the
/// payload.
pub(crate) fn examine_frame<'b>(
    owner: Owner<'_>,
    bytes: &'b [u8],
    name: &str,
) -> Result<Sound<'b>, WireError> {
    let Owner { family, kind, tag, .. } = owner;
    if native::starts(bytes) {
        let native = native::read_checked(bytes)
            .map_err(|fault| WireError::malformed(family.name(), kind, name.to_owned(), &fault))?;
        return examine_native(owner, native, name);
    }
    let frame = frame::decode(tag, bytes)
        .map_err(|fault| WireError::malformed(family.name(), kind, name.to_owned(), &fault))?;
    stamped(owner, frame, name)
}

/// Checks the version of a native frame, and has its family look at its header.
pub(in crate::gate) fn examine_native<'b>(
    owner: Owner<'_>,
    native: Native<'b>,
    name: &str,
) -> Result<Sound<'b>, WireError> {
    let (found, (oldest, newest)) = (native.frame.version, owner.tag.native_versions());
    if found < oldest || found > newest {
        let fault = FrameError::Version { found, oldest, newest };
        return Err(WireError::malformed(owner.family.name(), owner.kind, name.to_owned(), &fault));
    }
    let elsewhere = native.elsewhere.and_then(|elsewhere| usize::try_from(elsewhere.size).ok());
    let mut sound = stamped(owner, native.frame, name)?;
    sound.seen.size = elsewhere.unwrap_or(sound.seen.size);
    Ok(sound)
}

/// Has the family look at the outside of a payload.
fn stamped<'b>(owner: Owner<'_>, frame: Frame<'b>, name: &str) -> Result<Sound<'b>, WireError> {
    let Owner { family, kind, .. } = owner;
    let seen = Inspection {
        family: family.name(),
        kind,
        name: name.to_owned(),
        version: frame.version,
        size: frame.payload.len(),
        stamp: None,
        signer: frame.trailer.as_ref().map(|trailer| trailer.claims.clone()),
    };
    let stamp = panics::catch(|| family.stamp(&frame)).map_err(|panic| {
        let (family, name, detail) = (family.name(), name.to_owned(), panics::text(&*panic));
        WireError::FamilyPanicked { family, kind, name, detail }
    })?;
    let stamp = stamp.map_err(|error| {
        let (family, name) = (family.name(), name.to_owned());
        match error {
            StampError::Malformed { fault } => WireError::Malformed { family, kind, name, fault },
            StampError::Mismatch { found, running } => {
                WireError::Stamp { kind, name, found, running, refuses: false }
            }
        }
    })?;
    Ok(Sound { frame, seen: Inspection { stamp, ..seen } })
}
