//! Judging: what the mode of a family says about a sound frame.

use crate::error::WireError;
use crate::policy::floor::Floor;
use crate::policy::modes::{Candidate, Crossing, FamilyMode, Verdict};
use crate::wire::inspection::Inspection;

/// How something leaves.
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

/// Asks whether a sound frame may leave.
pub(crate) fn release(mode: &FamilyMode, candidate: &Candidate<'_>) -> Result<Release, WireError> {
    let verdict = match mode {
        FamilyMode::Inline => Verdict::Inline,
        FamilyMode::Refuse => Verdict::ByName,
        FamilyMode::Guarded(strict) => strict.verdict(Crossing::Encode, candidate),
    };
    let kind = candidate.seen.kind;
    match verdict {
        Verdict::Inline => Ok(Release::Inline),
        Verdict::ByName if kind.is_function() => Ok(Release::ByName),
        Verdict::ByName => Err(refused_to_leave(candidate.seen, format!("a {kind} cannot go by name"))),
        Verdict::Refuse(reason) => Err(refused_to_leave(candidate.seen, reason)),
    }
}

/// The error for a frame that a mode does not let leave.
pub(crate) fn refused_to_leave(seen: &Inspection, reason: String) -> WireError {
    let Inspection { family, kind, ref name, .. } = *seen;
    WireError::EncodeRefused { family, kind, name: name.clone(), reason }
}
