//! The gate: from bytes to an `AuthorizedFrame`, first by structure (`examine`), then by policy (`admit`).

mod seen;

use crate::error::WireError;
use crate::family::WireFamily;
use crate::family::authorized::AuthorizedFrame;
use crate::family::list::{FamilyList, Owner};
pub(crate) use crate::gate::seen::{Inside, NATIVE, Seen, Slot};
use crate::gate::seen::{Sound, examine_frame, examine_native};
use crate::plan::kind::Kind;
use crate::policy::floor::Floor;
use crate::policy::judge::{self, Release};
use crate::policy::modes::{Candidate, FamilyMode, Made, Policy};
use crate::wire::frame::Unlinked;
use crate::wire::native::Native;
use crate::wire::parts::Parts;
use crate::wire::trailer::{self, Trailer};

/// The families and the policy that a call checks frames with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate<'a> {
    pub(crate) families: &'a FamilyList,
    pub(crate) policy: &'a Policy,
}

/// The decoder of a buffer, as far as the gate can tell.
#[derive(Debug)]
pub(crate) enum Admission<'a, 'b> {
    /// Every codec that knows a function of the name: there are no bytes, and the registry was asked before.
    ByName,
    /// The family whose frame it is.
    Family(Owner<'a>, AuthorizedFrame<'b>),
    /// For a native frame whose header describes a function, nobody; else the terminal codec, which may know
    /// a family that is not linked here.
    Unknown(Unlinked, &'b [u8], Option<Native<'b>>),
    /// The terminal codec.
    Foreign(&'b [u8]),
}

impl<'a> Gate<'a> {
    /// Takes the content of a buffer through the policy.
    pub(crate) fn admit<'b>(
        &self,
        inside: Inside<'a, 'b>,
        slot: Slot<'_>,
    ) -> Result<Admission<'a, 'b>, WireError> {
        match inside {
            Inside::Nothing => Ok(Admission::ByName),
            Inside::Foreign(bytes) => Ok(Admission::Foreign(bytes)),
            Inside::Broken(error, _) => Err(error),
            Inside::Unknown(family, bytes, native) => {
                self.admit_unknown(&family, slot)?;
                Ok(Admission::Unknown(family, bytes, native))
            }
            Inside::Stored { owner, native, .. } => {
                self.admit_stored(owner, native, slot)?;
                // Who takes the payload from a store admits the whole frame.
                let (kind, name, reason) =
                    (slot.kind, slot.name.to_owned(), "this session has no store".to_owned());
                Err(WireError::Store { kind, name, reason })
            }
            Inside::Frame { owner, sound, .. } => {
                // Read first, because a floor that rises while the policy judges is not the floor that it
                // judged under.
                let floor = Floor::of_process().as_str();
                let mode = self.policy.mode(owner.family.name());
                let refuses = matches!(mode, FamilyMode::Refuse);
                let sound = sound
                    .and_then(|sound| sound.of_kind(slot))
                    .map_err(|error| if refuses { error.on_refusing_session() } else { error })?;
                let permit = judge::admit(&mode, &sound.candidate())?;
                let Sound { frame, seen } = sound;
                Ok(Admission::Family(owner, AuthorizedFrame::new(permit, floor, frame, seen)))
            }
        }
    }

    /// Takes a stored frame through the policy, by its header and signature.
    pub(crate) fn admit_stored(
        &self,
        owner: Owner<'_>,
        native: Native<'_>,
        slot: Slot<'_>,
    ) -> Result<(), WireError> {
        let mode = self.policy.mode(owner.family.name());
        let refuses = matches!(mode, FamilyMode::Refuse);
        let sound = examine_native(owner, native, slot.name)
            .and_then(|sound| sound.of_kind(slot))
            .map_err(|error| if refuses { error.on_refusing_session() } else { error })?;
        judge::admit(&mode, &sound.candidate()).map(drop)
    }

    /// Checks the structure only: the payload will not be decoded, so the mode of its family is not asked.
    pub(crate) fn overlook(&self, inside: Inside<'a, '_>, slot: Slot<'_>) -> Result<(), WireError> {
        match inside {
            Inside::Nothing => Ok(()),
            Inside::Foreign(bytes) => self.families.truncated_magic(bytes, slot).map_or(Ok(()), Err),
            Inside::Broken(error, _) => Err(error),
            Inside::Unknown(family, ..) => self.admit_unknown(&family, slot),
            Inside::Frame { sound, .. } => sound?.of_kind(slot).map(drop),
            Inside::Stored { owner, native, .. } => {
                examine_native(owner, native, slot.name)?.of_kind(slot).map(drop)
            }
        }
    }

    /// Signs a frame that a family wrote, if its mode signs, and asks the policy whether it may leave.
    ///
    /// An earlier signature is replaced. `None` is returned for a function that goes by name. The mode is
    /// read now, because the floor may have been raised while the family encoded.
    pub(crate) fn release(
        &self,
        owner: Owner<'_>,
        frame: Parts,
        slot: Slot<'_>,
    ) -> Result<Option<Parts>, WireError> {
        let family = owner.family.name();
        let strict = match self.policy.mode(family) {
            FamilyMode::Inline => return Ok(Some(frame)),
            FamilyMode::Refuse => return judge::by_name(family, slot.kind, slot.name).map(|()| None),
            FamilyMode::Guarded(strict) => strict,
        };
        // A guard may look at all of the payload.
        let mut bytes = frame.into_vec();
        let sound = examine_frame(owner, &bytes, slot.name)?;
        let made =
            strict.sign(&sound.candidate()).map_err(|reason| judge::refused_to_leave(&sound.seen, reason))?;
        let (release, signature) = match made {
            None => (judge::release(&*strict, &sound.candidate())?, None),
            Some(Made { trailer, maker }) => {
                let behind =
                    readable(&trailer).map_err(|reason| judge::refused_to_leave(&sound.seen, reason))?;
                let (signed, sound) = (sound.frame.unsigned(), sound.with_trailer(trailer));
                let candidate = Candidate { maker: Some(maker), ..sound.candidate() };
                (judge::release(&*strict, &candidate)?, Some((signed, behind)))
            }
        };
        if let Some((signed, behind)) = signature {
            bytes.truncate(signed);
            bytes.extend(behind);
        }
        Ok(match release {
            Release::Inline => Some(bytes.into()),
            Release::ByName => None,
        })
    }

    /// Asks the policy whether the bytes of a codec may leave; they may be a frame of a family that is linked
    /// here.
    pub(crate) fn release_foreign(&self, bytes: &[u8], slot: Slot<'_>) -> Result<Release, WireError> {
        let (owner, sound) = match self.families.examine(bytes, slot).inside {
            Inside::Frame { owner, sound, .. } => (owner, sound),
            Inside::Stored { owner, native, .. } => (owner, examine_native(owner, native, slot.name)),
            Inside::Broken(error, _) => return Err(error),
            Inside::Nothing | Inside::Unknown(..) | Inside::Foreign(_) => return Ok(Release::Inline),
        };
        match self.policy.mode(owner.family.name()) {
            FamilyMode::Inline => Ok(Release::Inline),
            FamilyMode::Refuse => {
                judge::by_name(owner.family.name(), slot.kind, slot.name).map(|()| Release::ByName)
            }
            FamilyMode::Guarded(strict) => judge::release(&*strict, &sound?.of_kind(slot)?.candidate()),
        }
    }

    /// Lets a frame of an unknown family through to a codec that may know it, unless the session is
    /// strict.
    fn admit_unknown(&self, family: &Unlinked, slot: Slot<'_>) -> Result<(), WireError> {
        if self.policy.refuses_unknown_families() {
            Err(self.families.unknown_family(family.clone(), slot))
        } else {
            Ok(())
        }
    }
}

/// Asks the floor of this process about an admitted frame whose payload is about to be opened, because the
/// floor may have risen since a session admitted it.
///
/// # Errors
///
/// An error with the reason if the floor does not let the frame be opened, or with the fault if the frame is
/// unsound.
pub fn reopen(family: &dyn WireFamily, kind: Kind, name: &str, frame: &[u8]) -> Result<(), WireError> {
    let (of, tag) = (family.name(), family.tag(kind));
    let Some(tag) = tag else {
        let fault = "its family does not carry that kind".to_owned();
        return Err(WireError::Malformed { family: of, kind, name: name.to_owned(), fault });
    };
    let sound = examine_frame(Owner { family, kind, tag, cache: None }, frame, name)?;
    let inline = Policy::default().with_mode(of, FamilyMode::Inline);
    judge::admit(&inline.mode(of), &sound.candidate()).map(drop)
}

/// The bytes of a trailer, if a reader can read them back: a mode may have put more into it than there is
/// room for.
fn readable(trailer: &Trailer) -> Result<Vec<u8>, String> {
    let bytes = trailer.to_bytes();
    match trailer::split(&bytes) {
        Ok(([], Some(found))) if found == *trailer => Ok(bytes),
        _ => Err("its signature is too long to be read again".to_owned()),
    }
}
