//! Judging: what the mode of a family says about a sound frame.

use crate::error::WireError;
use crate::plan::kind::Kind;
use crate::policy::floor::Floor;
use crate::policy::modes::{Candidate, Crossing, FamilyMode, StrictMode, Verdict};
use crate::wire::family_name::FamilyName;
use crate::wire::inspection::Inspection;

/// How a node is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    Inline,
    ByName,
}

/// The policy's word that a frame may be decoded. Only [`admit`] makes one.
#[derive(Debug)]
pub(crate) struct Permit(());

/// Asks whether a sound frame may be decoded.
pub(crate) fn admit(mode: &FamilyMode, candidate: &Candidate<'_>) -> Result<Permit, WireError> {
    let Inspection { family, kind, name, .. } = candidate.seen;
    let (family, kind, name) = (*family, *kind, || name.clone());
    let reason = match mode {
        FamilyMode::Inline => return Ok(Permit(())),
        FamilyMode::Refuse => {
            return Err(match Floor::of_process() {
                Floor::Refuse => WireError::RefusedByFloor { family, kind, name: name() },
                _ => WireError::Refused { family, kind, name: name() },
            });
        }
        FamilyMode::Guarded(strict) => match strict.verdict(Crossing::Decode, candidate) {
            Verdict::Inline => return Ok(Permit(())),
            Verdict::ByName => "it is taken by name only".to_owned(),
            Verdict::Refuse(reason) => reason,
        },
    };
    Err(WireError::PolicyRefused { family, kind, name: name(), reason })
}

/// Asks a guard whether a sound frame may leave.
pub(crate) fn release(strict: &dyn StrictMode, candidate: &Candidate<'_>) -> Result<Release, WireError> {
    let Inspection { family, kind, name, .. } = candidate.seen;
    match strict.verdict(Crossing::Encode, candidate) {
        Verdict::Inline => Ok(Release::Inline),
        Verdict::ByName => by_name(*family, *kind, name).map(|()| Release::ByName),
        Verdict::Refuse(reason) => Err(refused_to_leave(candidate.seen, reason)),
    }
}

/// Checks that a payload can be left out, so that the receiver looks the function up.
pub(crate) fn by_name(family: FamilyName, kind: Kind, name: &str) -> Result<(), WireError> {
    if kind.is_function() {
        return Ok(());
    }
    let (name, reason) = (name.to_owned(), format!("a {kind} cannot go by name"));
    Err(WireError::EncodeRefused { family, kind, name, reason })
}

/// The error for a frame that a mode does not let leave.
pub(crate) fn refused_to_leave(seen: &Inspection, reason: String) -> WireError {
    let Inspection { family, kind, ref name, .. } = *seen;
    WireError::EncodeRefused { family, kind, name: name.clone(), reason }
}
