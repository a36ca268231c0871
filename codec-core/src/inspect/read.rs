//! Reads bytes into [`Contents`]: finds each part by its place and its tag, and asks the gate about it.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;

use super::{Content, Fate, Part, Reading};
use crate::call::Call;
use crate::call::chain::CodecChain;
use crate::call::route::Route;
use crate::error::{CodecName, WireError, panics};
use crate::family::Nested;
use crate::family::list::Owner;
use crate::gate::{Admission, Inside, Seen, Slot};
use crate::limits::{Excess, Limit};
use crate::message::stack;
use crate::plan::kind::Kind;
use crate::plan::message_sort::Message;
use crate::policy::writes;
use crate::preflight::budget;
use crate::preflight::shape::{self, Buffer, Buffers, Fault, Shape};
use crate::wire::digest::Digest;
use crate::wire::frame::{self, Frame, Glimpse};
use crate::wire::{self, Outside};

impl<C: ?Sized> CodecChain<C> {
    /// Reads bytes as a message of this sort.
    ///
    /// Registered functions that take precedence over payloads are looked up in `task`. Nothing is decoded: the
    /// bytes are walked, the families look at the outsides of their frames, and the policy is asked as a decode
    /// would ask it. Inside a payload, the messages are walked that its family
    /// [tells of](crate::WireFamily::nested).
    ///
    /// # Errors
    ///
    /// [`WireError::NotAMessage`] if the bytes are not such a message, [`WireError::LimitExceeded`] if their size,
    /// nesting or number of messages exceeds a limit. A message that only claims more than a limit allows is read,
    /// and [refused](Reading::refused).
    pub fn inspect(&self, what: Message, bytes: &[u8], task: &TaskContext) -> Result<Reading, WireError> {
        // For one call, so that limits of a whole message hold for what it adds up to.
        let (_spent, call) = (budget::begin(), self.call_checked(task));
        let (Buffers { found, unknown }, shape) = call.buffers(what, bytes)?;
        let writes = shape.as_ref().ok().and_then(|shape| shape.writes);
        call.keep_table(what, bytes, |_, _| Ok(()))?;
        let refused =
            call.counted_whole(what, shape).and_then(|()| writes::check(what, || writes.map(str::to_owned)));
        let mut parts = call.parts(found);
        // Nothing refers to these, so nothing decodes them.
        parts.extend(call.state.shared.unmet().map(|function| {
            let name = function.name().unwrap_or_default().to_owned();
            call.part(Buffer { kind: function.kind, name, bytes: &function.frame, level: 0 })
        }));
        Ok(Reading { what: Some(what), unknown_fields: unknown, parts, writes, refused: refused.err() })
    }

    /// Reads a frame or a codec envelope that stands alone, in no message; `None` if the bytes begin with no
    /// magic.
    ///
    /// Nothing is decoded.
    #[must_use]
    pub fn inspect_frame(&self, bytes: &[u8]) -> Option<Reading> {
        if matches!(wire::read(bytes), Outside::Nothing | Outside::Foreign) {
            return None;
        }
        let (_spent, call) = (budget::begin(), self.call());
        // The frame itself says what it holds, if its family is linked here.
        let unsaid = Slot { kind: Kind::ScalarUdf, name: "" };
        let kind = match self.settings.families().examine(bytes, unsaid).inside {
            Inside::Frame { owner, .. } | Inside::Stored { owner, .. } => Some(owner.kind),
            _ => None,
        };
        let (name, level) = (String::new(), 0);
        let part = call.part(Buffer { kind: kind.unwrap_or(unsaid.kind), name, bytes, level });
        let parts = vec![Part { kind, ..part }];
        Some(Reading { what: None, unknown_fields: false, parts, writes: None, refused: None })
    }
}

impl<C: ?Sized> Call<C> {
    /// Finds the parts that codecs would be asked to decode.
    fn buffers<'b>(
        &self,
        what: Message,
        bytes: &'b [u8],
    ) -> Result<(Buffers<'b>, Result<Shape, Fault>), WireError> {
        shape::buffers(bytes, what, self.state.limits()).map_err(|fault| not_decoded(what, fault))
    }

    /// Counts a message against what is left.
    fn counted_whole(&self, what: Message, shape: Result<Shape, Fault>) -> Result<(), WireError> {
        let counted = shape.and_then(|shape| Ok(budget::spend(&shape, self.state.limits())?));
        counted.map_err(|fault| not_decoded(what, fault))
    }

    fn parts(&self, found: Vec<Buffer<'_>>) -> Vec<Part> {
        tree(found.into_iter().map(|buffer| (buffer.level, self.part(buffer))).collect())
    }

    fn part(&self, buffer: Buffer<'_>) -> Part {
        let Buffer { kind, name, bytes, .. } = buffer;
        let slot = Slot { kind, name: &name };
        let (families, shared) = (self.state.settings.families(), self.state.shared.function(bytes, kind));
        let (seen, within_limits) = match shared {
            Some(function) => {
                let inside = families.examine_read(function.read(), &function.frame, slot);
                // A function that the message has once counts once.
                let within_limits = match function.is_met_first() {
                    true => self.state.within_limits(function.frame.len(), &name),
                    false => self.state.limits().check(Limit::Name, name.len()),
                };
                (Seen { envelopes: Vec::new(), inside }, within_limits)
            }
            None => (families.examine(bytes, slot), self.state.within_limits(bytes.len(), &name)),
        };
        let fetched = within_limits.map_err(Excess::on_decode).and_then(|()| self.fetched(&seen, slot));
        let seen = self.with_fetched(seen, fetched.as_ref().ok().and_then(Option::as_ref), slot);
        let envelopes: Vec<_> = seen.envelopes.iter().map(|envelope| envelope.id.to_owned()).collect();
        let (content, digest, size) = content(&seen);
        let frame = match &seen.inside {
            Inside::Frame { owner, sound: Ok(sound), .. } => Some((*owner, sound.frame.clone())),
            _ => None,
        };
        let routed = fetched.as_ref().map_err(WireError::clone).and_then(|_| self.route(seen, slot));
        let mut fate = self.fate(routed, slot);
        let mut children = Vec::new();
        if let Some((owner, frame)) = frame {
            (fate, children) = self.within(owner, &frame, &name, fate);
        }
        Part { kind: Some(kind), name, envelopes, content, size, digest, fate, children }
    }

    /// The messages that the family of a sound frame finds inside it, and the verdict on the frame after them.
    fn within(&self, owner: Owner<'_>, frame: &Frame<'_>, name: &str, fate: Fate) -> (Fate, Vec<Part>) {
        // A decode would not even open it.
        if matches!(fate, Fate::LeftAlone) {
            return (fate, Vec::new());
        }
        let (family, kind) = (owner.family.name(), owner.kind);
        let (told, mut children) = (panics::catch(|| owner.family.nested(kind, frame)), Vec::new());
        let would_be = match told {
            Ok(Nested::Nothing) => None,
            Ok(Nested::Unknown) => Some(Fate::LeftToFamily(family)),
            Ok(Nested::Parts(parts)) => self.nested(&parts, &mut children).err().map(Fate::Refused),
            Err(panic) => {
                let (name, detail) = (name.to_owned(), panics::text(&*panic));
                Some(Fate::Refused(WireError::FamilyPanicked { family, kind, name, detail }))
            }
        };
        match (fate, would_be) {
            (Fate::Admitted, Some(fate)) => (fate, children),
            (fate, _) => (fate, children),
        }
    }

    /// Reads the messages inside a payload, each counted against the limits as in a decode.
    fn nested(&self, parts: &[(Message, &[u8])], children: &mut Vec<Part>) -> Result<(), WireError> {
        for (what, bytes) in parts {
            let look = || -> Result<Vec<Part>, WireError> {
                let _spent = budget::read_inside();
                let (Buffers { found, .. }, shape) = self.buffers(*what, bytes)?;
                self.counted_whole(*what, shape)?;
                Ok(self.parts(found))
            };
            children.extend(stack::inside_frame(self.state.limits(), look).map_err(Excess::on_decode)??);
        }
        Ok(())
    }

    /// The verdict on a buffer on this route.
    fn fate(&self, route: Result<Route<'_, '_, C>, WireError>, slot: Slot<'_>) -> Fate {
        match route {
            Ok(Route::Admitted(Admission::Family(..))) => Fate::Admitted,
            Ok(Route::Registered(_)) => Fate::LeftAlone,
            Ok(Route::Admitted(Admission::ByName)) if slot.kind.is_function() => Fate::Admitted,
            Ok(Route::Installed(installed, _)) => Fate::Left(CodecName::Installed(installed.id.clone())),
            Ok(Route::Admitted(Admission::Foreign(bytes))) => {
                match self.state.settings.families().truncated_magic(bytes, slot) {
                    Some(truncated) => Fate::Refused(truncated),
                    None => Fate::Left(CodecName::Terminal),
                }
            }
            Ok(Route::Admitted(Admission::Unknown(_, _, Some(native)))) if native.is_held(slot.kind) => {
                Fate::Held
            }
            Ok(Route::Admitted(Admission::ByName | Admission::Unknown(..))) => {
                Fate::Left(CodecName::Terminal)
            }
            Err(error) => Fate::Refused(error),
        }
    }
}

/// How something is carried, the digest of its bytes, and the size of the payload.
fn content(seen: &Seen<'_, '_>) -> (Content, Option<Digest>, usize) {
    let whole = |bytes: &[u8]| (!bytes.is_empty()).then(|| Digest::of(bytes));
    match &seen.inside {
        Inside::Nothing if seen.envelopes.is_empty() => (Content::Name, None, 0),
        Inside::Nothing => (Content::Unframed, None, 0),
        Inside::Foreign(bytes) => (Content::Unframed, whole(bytes), bytes.len()),
        Inside::Broken(_, bytes) => (Content::Broken, whole(bytes), bytes.len()),
        Inside::Unknown(family, bytes, _) => {
            let Glimpse { digest, size, .. } = frame::glimpse(bytes);
            (Content::UnknownFamily(family.clone()), Some(digest), size)
        }
        Inside::Stored { owner, native, bytes } => {
            let Glimpse { digest, signer, .. } = frame::glimpse(bytes);
            let size = native.elsewhere.map_or(0, |elsewhere| elsewhere.size);
            let (family, kind, version) = (owner.family.name(), owner.kind, Some(native.frame.version));
            let content = Content::Frame { family, kind, version, stamp: None, signer };
            (content, Some(digest), usize::try_from(size).unwrap_or(usize::MAX))
        }
        Inside::Frame { owner, bytes, sound } => {
            let Glimpse { version, digest, size, signer } = frame::glimpse(bytes);
            // Also of a frame for another runtime.
            let stamp = match sound {
                Ok(sound) => sound.seen.stamp,
                Err(WireError::Stamp { found, .. }) => Some(*found),
                Err(_) => None,
            };
            let (family, kind) = (owner.family.name(), owner.kind);
            (Content::Frame { family, kind, version, stamp, signer }, Some(digest), size)
        }
    }
}

/// The error of a decode that the checks before it refuse.
fn not_decoded(what: Message, fault: Fault) -> WireError {
    match fault {
        Fault::Excess(excess) => excess.on_decode(),
        Fault::Malformed(fault) => {
            WireError::NotAMessage { what, source: Arc::new(DataFusionError::Execution(fault.to_owned())) }
        }
    }
}

/// Puts each part into its parent: the last part before it with a lower level.
fn tree(parts: Vec<(usize, Part)>) -> Vec<Part> {
    // The innermost first, so that each part is complete when it is moved.
    let mut pending: Vec<(usize, Part)> = Vec::new();
    for (level, mut part) in parts.into_iter().rev() {
        while let Some((_, child)) = pending.pop_if(|(inner, _)| *inner > level) {
            part.children.push(child);
        }
        pending.push((level, part));
    }
    pending.into_iter().rev().map(|(_, part)| part).collect()
}
