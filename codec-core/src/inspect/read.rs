//! Reading bytes into [`Contents`]: found by their place, told by their tag, asked of the gate.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;

use super::{Content, Digest, Fate, Part, Reading};
use crate::call::chain::CodecChain;
use crate::call::decode::Route;
use crate::error::{CodecName, Message, WireError};
use crate::family::Nested;
use crate::family::list::Owner;
use crate::gate::{self, Arrival};
use crate::message::{panics, stack};
use crate::plan::kind::Kind;
use crate::policy::writes;
use crate::preflight::budget;
use crate::preflight::limits::Excess;
use crate::preflight::shape::{self, Buffer, Buffers, Fault, Shape};
use crate::wire::envelope::{self, Envelope};
use crate::wire::frame::{Frame, HEADER_LEN, Magic};
use crate::wire::trailer;

impl<C: ?Sized> CodecChain<C> {
    /// Tells what bytes hold if they are a message of this sort.
    ///
    /// Functions that go before payloads of their names are looked up in `task`. Nothing is decoded: the
    /// bytes are walked, the families look at the outsides of their frames, and
    /// the policy is asked as it would be by a decode. Of what a payload holds inside, the messages are walked
    /// that its family [tells of](crate::WireFamily::nested).
    ///
    /// # Errors
    ///
    /// [`WireError::NotAMessage`] if the bytes are none, [`WireError::LimitExceeded`] if they are more, nest
    /// deeper or hold more messages than this chain takes. A message that claims more than a limit lets through
    /// is read, and [refused](Reading::refused).
    pub fn inspect(&self, what: Message, bytes: &[u8], task: &TaskContext) -> Result<Reading, WireError> {
        // For one call, so that limits of a whole message hold for what it adds up to.
        let (_spent, (chain, _)) = (budget::begin(), self.checking(task));
        let Buffers { found, unknown, shape } = chain.buffers(what, bytes)?;
        let writes = shape.as_ref().ok().and_then(|shape| shape.writes);
        let refused =
            chain.counted_whole(what, shape).and_then(|()| writes::check(what, || writes.map(str::to_owned)));
        Ok(Reading {
            what: Some(what),
            unknown_fields: unknown,
            parts: chain.parts(found),
            writes,
            refused: refused.err(),
        })
    }

    /// Finds what codecs would be asked about.
    fn buffers<'b>(&self, what: Message, bytes: &'b [u8]) -> Result<Buffers<'b>, WireError> {
        shape::buffers(bytes, what, self.limits()).map_err(|fault| not_decoded(what, fault))
    }

    /// Counts a message against what is left.
    fn counted_whole(&self, what: Message, shape: Result<Shape, Fault>) -> Result<(), WireError> {
        let counted = shape.and_then(|shape| Ok(budget::spend(&shape, self.limits())?));
        counted.map_err(|fault| not_decoded(what, fault))
    }

    fn parts(&self, found: Vec<Buffer<'_>>) -> Vec<Part> {
        tree(found.into_iter().map(|buffer| (buffer.level, self.part(buffer))).collect())
    }

    /// Tells what a frame or a codec envelope holds that stands alone, in no message.
    ///
    /// Nothing is decoded.
    #[must_use]
    pub fn inspect_frame(&self, bytes: &[u8]) -> Reading {
        let (_, inside) = opened(bytes);
        let kind = match self.gate().sort(inside) {
            Arrival::Frame(owner) => Some(owner.kind),
            _ => None,
        };
        let buffer = Buffer { kind: kind.unwrap_or(Kind::ScalarUdf), name: String::new(), bytes, level: 0 };
        let (_spent, (chain, _)) = (budget::begin(), self.recording());
        let part = Part { kind, ..chain.part(buffer) };
        Reading { what: None, unknown_fields: false, parts: vec![part], writes: None, refused: None }
    }

    fn part(&self, buffer: Buffer<'_>) -> Part {
        let Buffer { kind, name, bytes, .. } = buffer;
        let (mut fate, mut children) = (self.fate(bytes, kind, &name), Vec::new());
        let (envelopes, inside) = opened(bytes);
        let (signed, trailer) = trailer::split(inside).unwrap_or((inside, None));
        let after_header = signed.get(HEADER_LEN..).unwrap_or_default();
        let (content, digested, size) = match self.gate().sort(inside) {
            Arrival::ByName if envelopes.is_empty() => (Content::Name, inside, 0),
            Arrival::ByName | Arrival::Unframed => (Content::Unframed, inside, inside.len()),
            Arrival::Envelope => (Content::Envelope, inside, inside.len()),
            Arrival::UnknownFamily(magic) => (Content::UnknownFamily(magic), signed, after_header.len()),
            Arrival::Frame(owner) => {
                // Also of a frame that the plan has in the wrong place, and of one for another runtime.
                let stamp = match gate::inspect(owner, inside, owner.kind, &name) {
                    Ok(sound) => {
                        (fate, children) = self.within(owner, &sound.frame, &name, fate);
                        sound.seen.stamp
                    }
                    Err(WireError::Stamp { found, .. }) => Some(found),
                    Err(_) => None,
                };
                let version = inside.get(Magic::LEN).copied();
                let signer = trailer.map(|trailer| trailer.claims);
                let (family, kind) = (owner.family.name(), owner.kind);
                let content = Content::Frame { family, kind, version, stamp, signer };
                (content, signed, after_header.len())
            }
        };
        let digest = (!digested.is_empty()).then(|| Digest::of(digested));
        Part { kind: Some(kind), name, envelopes, content, size, digest, fate, children }
    }

    /// What the family of a sound frame tells of its inside, and what that means for the frame.
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

    /// Looks into the messages of a payload as a decode of it would: each counts, and they end with the limits.
    fn nested(&self, parts: &[(Message, &[u8])], children: &mut Vec<Part>) -> Result<(), WireError> {
        for (what, bytes) in parts {
            let look = || -> Result<Vec<Part>, WireError> {
                let _spent = budget::read_inside();
                let Buffers { found, shape, .. } = self.buffers(*what, bytes)?;
                self.counted_whole(*what, shape)?;
                Ok(self.parts(found))
            };
            children.extend(stack::inside_frame(self.limits(), look).map_err(Excess::on_decode)??);
        }
        Ok(())
    }

    /// What decoding would do with bytes, asked of the code that does it.
    fn fate(&self, bytes: &[u8], kind: Kind, name: &str) -> Fate {
        match self.route(bytes, kind, name) {
            Ok(Route::Family(..)) => Fate::Admitted,
            Ok(Route::Preferred(_)) => Fate::LeftAlone,
            Ok(Route::Registry) if kind.is_function() => Fate::Admitted,
            Ok(Route::Installed(installed, _)) => Fate::Left(CodecName::Installed(installed.id.clone())),
            Ok(Route::Terminal(bytes)) => match self.gate().truncated_magic(bytes, kind, name) {
                Some(truncated) => Fate::Refused(truncated),
                None => Fate::Left(CodecName::Terminal),
            },
            Ok(Route::Registry | Route::Unknown(..)) => Fate::Left(CodecName::Terminal),
            Err(error) => Fate::Refused(error),
        }
    }
}

/// The error of a decode that does not begin.
fn not_decoded(what: Message, fault: Fault) -> WireError {
    match fault {
        Fault::Excess(excess) => excess.on_decode(),
        Fault::Malformed(fault) => {
            WireError::NotAMessage { what, source: Arc::new(DataFusionError::Execution(fault.to_owned())) }
        }
    }
}

/// Opens envelopes as far as anyone would, and returns their ids and what is inside.
fn opened(mut bytes: &[u8]) -> (Vec<String>, &[u8]) {
    let mut ids = Vec::new();
    while ids.len() < gate::DEEPEST_ENVELOPE
        && let Ok(Envelope { id, bytes: inside }) = envelope::decode(bytes)
    {
        ids.push(id.to_owned());
        bytes = inside;
    }
    (ids, bytes)
}

/// Puts each part into the one that it stands inside of: the last before it of a lower level.
fn tree(parts: Vec<(usize, Part)>) -> Vec<Part> {
    // The innermost first, so that what is pushed is complete.
    let mut pending: Vec<(usize, Part)> = Vec::new();
    for (level, mut part) in parts.into_iter().rev() {
        while let Some((_, child)) = pending.pop_if(|(inner, _)| *inner > level) {
            part.children.push(child);
        }
        pending.push((level, part));
    }
    pending.into_iter().rev().map(|(_, part)| part).collect()
}
