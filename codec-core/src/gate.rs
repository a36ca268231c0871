//! The gate: the one way from bytes to a family's decoder.

use crate::error::WireError;
use crate::family::list::{FamilyList, Owner};
use crate::family::{FamilyName, Inspection};
use crate::message::panics;
use crate::plan::kind::Kind;
use crate::policy::floor::Floor;
use crate::policy::strict::{Candidate, Crossing, FamilyMode, Policy, Verdict};
use crate::wire::envelope::{self, EnvelopeError};
use crate::wire::frame::{self, Frame, FrameError, HEADER_LEN, Magic};
use crate::wire::trailer::{self, Trailer};

/// A frame that has passed the gate. Only the gate makes one, so holding one is the permission.
///
/// ```compile_fail
/// # fn forge(frame: planwire_core::frame::Frame<'_>, seen: planwire_core::Inspection) {
/// let forged = planwire_core::AuthorizedFrame { frame, received: frame.payload, seen };
/// # }
/// ```
#[derive(Debug)]
pub struct AuthorizedFrame<'a> {
    frame: Frame<'a>,
    /// The payload, and the trailer that may stand behind it.
    received: &'a [u8],
    seen: Inspection,
}

impl<'a> AuthorizedFrame<'a> {
    /// The version of the payload's layout.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.frame.version
    }

    /// The bytes that may be turned into running code.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.frame.payload
    }

    /// The payload with the signature that it came with, if it did.
    ///
    /// A family that keeps it, and returns it by [`Payload::received`](crate::Payload::received) when it
    /// encodes what it decoded, forwards what others signed or pinned.
    #[must_use]
    pub const fn received(&self) -> &'a [u8] {
        self.received
    }

    /// What the gate knows of the payload.
    #[must_use]
    pub const fn inspection(&self) -> &Inspection {
        &self.seen
    }

    /// The error for a payload that does not have the layout its tag promises.
    #[must_use]
    pub fn malformed(&self, fault: impl Into<String>) -> WireError {
        let Inspection { family, kind, ref name, .. } = self.seen;
        WireError::Malformed { family, kind, name: name.clone(), fault: fault.into() }
    }

    /// The error for a payload that something below could not decode.
    ///
    /// A cause that is a [`WireError`] already, e.g. of a function inside the node, stays what it is.
    #[must_use]
    pub fn undecodable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WireError {
        let Inspection { family, kind, ref name, .. } = self.seen;
        let source = source.into();
        match WireError::find(&*source) {
            Some(found) => found.clone(),
            None => WireError::Payload { family, kind, name: name.clone(), source: source.into() },
        }
    }
}

/// What bytes in a plan turn out to be.
#[derive(Debug)]
pub(crate) enum Arrival<'a> {
    /// Nothing: the function is meant by name.
    ByName,
    /// A frame of a family that is linked here.
    Frame(Owner<'a>),
    /// What an installed codec wrote.
    Envelope,
    /// A frame of a family that nobody here knows.
    UnknownFamily(Magic),
    /// Bytes of the terminal codec.
    Unframed,
}

/// How a node leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    Inline,
    ByName,
}

/// The families and the policy that a call checks frames with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate<'a> {
    pub(crate) families: &'a FamilyList,
    pub(crate) policy: &'a Policy,
}

/// Envelopes within envelopes that are looked into; deeper ones are refused.
pub(crate) const DEEPEST_ENVELOPE: usize = 8;

impl<'a> Gate<'a> {
    /// Tells what bytes are, by their tag alone.
    pub(crate) fn sort(&self, bytes: &[u8]) -> Arrival<'a> {
        if bytes.is_empty() {
            return Arrival::ByName;
        }
        match Magic::sniff(bytes) {
            None => Arrival::Unframed,
            Some(magic) if magic == envelope::TAG.magic => Arrival::Envelope,
            Some(magic) => match self.families.owner(magic) {
                Some(owner) => Arrival::Frame(owner),
                None => Arrival::UnknownFamily(magic),
            },
        }
    }

    /// Takes a frame through structure and policy.
    pub(crate) fn admit<'b>(
        &self,
        owner: Owner<'_>,
        bytes: &'b [u8],
        wanted: Kind,
        name: &str,
    ) -> Result<AuthorizedFrame<'b>, WireError> {
        let family = owner.family.name();
        let mode = self.policy.mode(family);
        let refuses = matches!(mode, FamilyMode::Refuse);
        let Sound { frame, seen, signed, trailer } = inspect(owner, bytes, wanted, name)
            .map_err(|error| if refuses { error.on_refusing_session() } else { error })?;
        let received = bytes.get(HEADER_LEN..).unwrap_or_default();
        let reason = match mode {
            FamilyMode::Inline => return Ok(AuthorizedFrame { frame, received, seen }),
            FamilyMode::Refuse => {
                let Inspection { kind, name, .. } = seen;
                return Err(match Floor::of_process() {
                    Floor::Refuse => WireError::RefusedByFloor { family, kind, name },
                    _ => WireError::Refused { family, kind, name },
                });
            }
            FamilyMode::Guarded(strict) => {
                let candidate = Candidate { seen: &seen, frame: signed, trailer: trailer.as_ref() };
                match strict.verdict(Crossing::Decode, &candidate) {
                    Verdict::Inline => return Ok(AuthorizedFrame { frame, received, seen }),
                    Verdict::ByName => "it is taken by name only".to_owned(),
                    Verdict::Refuse(reason) => reason,
                }
            }
        };
        Err(WireError::PolicyRefused { family, kind: seen.kind, name: seen.name, reason })
    }

    /// Lets through what nobody is to decode, whatever its mode, if it is sound as far as can be told.
    pub(crate) fn overlook(&self, bytes: &[u8], wanted: Kind, name: &str) -> Result<(), WireError> {
        let bytes = self.innermost(bytes, wanted, name)?;
        match self.sort(bytes) {
            Arrival::Frame(owner) => inspect(owner, bytes, wanted, name).map(drop),
            Arrival::UnknownFamily(magic) => self.admit_unknown(magic, wanted, name),
            Arrival::Unframed => self.truncated_magic(bytes, wanted, name).map_or(Ok(()), Err),
            Arrival::ByName | Arrival::Envelope => Ok(()),
        }
    }

    /// Applies the policy to what an installed codec is about to read, so that an envelope cannot
    /// carry in what a bare frame could not.
    pub(crate) fn screen(&self, bytes: &[u8], wanted: Kind, name: &str) -> Result<(), WireError> {
        let bytes = self.innermost(bytes, wanted, name)?;
        match self.sort(bytes) {
            Arrival::Frame(owner) => self.admit(owner, bytes, wanted, name).map(drop),
            Arrival::UnknownFamily(magic) => self.admit_unknown(magic, wanted, name),
            Arrival::ByName | Arrival::Unframed | Arrival::Envelope => Ok(()),
        }
    }

    /// The mirror of [`Self::admit`] and [`Self::screen`]: asks the policy about what is to leave,
    /// whether a family or a codec wrote it.
    pub(crate) fn release(&self, bytes: &[u8], kind: Kind, name: &str) -> Result<Release, WireError> {
        let bytes = self.innermost(bytes, kind, name)?;
        let Arrival::Frame(owner) = self.sort(bytes) else { return Ok(Release::Inline) };
        let family = owner.family.name();
        let verdict = match self.policy.mode(family) {
            FamilyMode::Inline => Verdict::Inline,
            FamilyMode::Refuse => Verdict::ByName,
            FamilyMode::Guarded(strict) => {
                let Sound { seen, signed, trailer, .. } = inspect(owner, bytes, kind, name)?;
                let candidate = Candidate { seen: &seen, frame: signed, trailer: trailer.as_ref() };
                strict.verdict(Crossing::Encode, &candidate)
            }
        };
        let reason = match verdict {
            Verdict::Inline => return Ok(Release::Inline),
            Verdict::ByName if kind.is_function() => return Ok(Release::ByName),
            Verdict::ByName => format!("a {kind} cannot go by name"),
            Verdict::Refuse(reason) => reason,
        };
        Err(WireError::EncodeRefused { family, kind, name: name.to_owned(), reason })
    }

    /// Signs a frame by the mode of its family. A signature that it had before is replaced.
    pub(crate) fn sign(
        &self,
        owner: Owner<'_>,
        mut bytes: Vec<u8>,
        name: &str,
    ) -> Result<Vec<u8>, WireError> {
        let FamilyMode::Guarded(strict) = self.policy.mode(owner.family.name()) else { return Ok(bytes) };
        let Sound { seen, signed, trailer, .. } = inspect(owner, &bytes, owner.kind, name)?;
        let candidate = Candidate { seen: &seen, frame: signed, trailer: trailer.as_ref() };
        match strict.sign(&candidate) {
            Ok(None) => Ok(bytes),
            Ok(Some(trailer)) => {
                bytes.truncate(signed.len());
                bytes.extend(trailer);
                Ok(bytes)
            }
            Err(reason) => {
                let Inspection { family, kind, name, .. } = seen;
                Err(WireError::EncodeRefused { family, kind, name, reason })
            }
        }
    }

    /// Opens envelopes until there is none.
    fn innermost<'b>(&self, mut bytes: &'b [u8], kind: Kind, name: &str) -> Result<&'b [u8], WireError> {
        for _ in 0..DEEPEST_ENVELOPE {
            match self.sort(bytes) {
                Arrival::Envelope => bytes = self.open(bytes, kind, name)?.bytes,
                _ => return Ok(bytes),
            }
        }
        Err(WireError::Malformed {
            family: ENVELOPE,
            kind,
            name: name.to_owned(),
            fault: format!("more than {DEEPEST_ENVELOPE} envelopes within each other"),
        })
    }

    /// Lets a frame of an unknown family through to a codec that may know it, unless the session is
    /// strict.
    pub(crate) fn admit_unknown(&self, magic: Magic, kind: Kind, name: &str) -> Result<(), WireError> {
        if self.policy.refuses_unknown_families() {
            Err(self.unknown_family(magic, kind, name))
        } else {
            Ok(())
        }
    }

    pub(crate) fn unknown_family(&self, magic: Magic, kind: Kind, name: &str) -> WireError {
        WireError::UnknownFamily { magic, kind, name: name.to_owned(), known: self.families.names() }
    }

    pub(crate) fn open<'b>(
        &self,
        bytes: &'b [u8],
        kind: Kind,
        name: &str,
    ) -> Result<envelope::Envelope<'b>, WireError> {
        envelope::decode(bytes).map_err(|fault| {
            let name = name.to_owned();
            match fault {
                EnvelopeError::Frame(fault) => WireError::malformed(ENVELOPE, kind, name, &fault),
                fault => WireError::Malformed { family: ENVELOPE, kind, name, fault: fault.to_string() },
            }
        })
    }

    /// The error for bytes that end inside a magic, which nobody could tell from a frame of theirs.
    pub(crate) fn truncated_magic(&self, bytes: &[u8], kind: Kind, name: &str) -> Option<WireError> {
        let cut = |magic: &Magic| bytes.len() < Magic::LEN && magic.as_bytes().starts_with(bytes);
        let cut_here = |member: &&crate::Member| member.tags().any(|(_, tag)| cut(&tag.magic));
        let family = match self.families.iter().find(cut_here) {
            Some(member) => member.family.name(),
            None if cut(&envelope::TAG.magic) => ENVELOPE,
            None => return None,
        };
        let fault = FrameError::Truncated { found: bytes.len() };
        Some(WireError::malformed(family, kind, name.to_owned(), &fault))
    }
}

/// What messages call the envelope where they would name a family.
const ENVELOPE: FamilyName = FamilyName::new("codec-envelope");

/// A frame without a fault.
pub(crate) struct Sound<'b> {
    pub(crate) frame: Frame<'b>,
    pub(crate) seen: Inspection,
    /// The header and the payload.
    signed: &'b [u8],
    trailer: Option<Trailer<'b>>,
}

/// Checks the outside of a frame, and tells what is known of its payload.
pub(crate) fn inspect<'b>(
    owner: Owner<'_>,
    bytes: &'b [u8],
    wanted: Kind,
    name: &str,
) -> Result<Sound<'b>, WireError> {
    let family = owner.family.name();
    let (signed, trailer) = trailer::split(bytes).map_err(|fault| WireError::Malformed {
        family,
        kind: owner.kind,
        name: name.to_owned(),
        fault: fault.to_string(),
    })?;
    let frame = frame::decode(owner.tag, signed)
        .map_err(|fault| WireError::malformed(family, owner.kind, name.to_owned(), &fault))?;
    let seen = Inspection {
        family,
        kind: owner.kind,
        name: name.to_owned(),
        version: frame.version,
        size: frame.payload.len(),
        stamp: None,
        signer: trailer.as_ref().map(|trailer| trailer.claims.clone()),
    };
    let inspect = || owner.family.inspect(&frame, seen.clone());
    let inspected = panics::catch(inspect).map_err(|panic| WireError::FamilyPanicked {
        family,
        kind: owner.kind,
        name: name.to_owned(),
        detail: panics::text(&*panic),
    })?;
    let stamp = inspected?.stamp;
    // A family adds what only it knows. Who owns the frame is not for it to say.
    let seen = Inspection { stamp, ..seen };
    if owner.kind != wanted {
        return Err(WireError::WrongKind { family, name: name.to_owned(), found: owner.kind, wanted });
    }
    Ok(Sound { frame, seen, signed, trailer })
}
