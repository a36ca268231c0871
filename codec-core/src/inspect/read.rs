//! Reading bytes into [`Contents`]: found by their place, told by their tag, asked of the gate.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use sha2::{Digest as _, Sha256};

use super::{Content, Digest, Fate, Part, Reading};
use crate::decode::Route;
use crate::envelope::{self, Envelope};
use crate::error::{CodecName, Message};
use crate::frame::HEADER_LEN;
use crate::gate::{self, Arrival};
use crate::limits::Excess;
use crate::shape::{self, Buffer, Fault};
use crate::trailer;
use crate::{CodecChain, Kind, Magic, WireError, writes};

impl<C: ?Sized> CodecChain<C> {
    /// Tells what bytes hold if they are a message of this sort.
    ///
    /// Functions that go before payloads of their names are looked up in `task`. Nothing is decoded: the
    /// bytes are walked, the families look at the outsides of their frames, and
    /// the policy is asked as it would be by a decode. What a payload holds inside is not looked at.
    ///
    /// # Errors
    ///
    /// [`WireError::NotAMessage`] if the bytes are none, [`WireError::LimitExceeded`] if they are more than
    /// this chain takes.
    pub fn inspect(&self, what: Message, bytes: &[u8], task: &TaskContext) -> Result<Reading, WireError> {
        let buffers = shape::buffers(bytes, what, self.limits()).map_err(|fault| match fault {
            Fault::Excess(excess) => Excess::on_decode(excess),
            Fault::Malformed(fault) => WireError::NotAMessage {
                what,
                source: Arc::new(DataFusionError::Execution(fault.to_owned())),
            },
        })?;
        // For one call, so that limits of a whole message hold for what it adds up to.
        let (chain, _) = self.checking(task);
        let parts = buffers.found.into_iter().map(|buffer| (buffer.level, chain.part(buffer))).collect();
        Ok(Reading {
            what: Some(what),
            unknown_fields: buffers.unknown,
            parts: tree(parts),
            writes: buffers.writes,
            refused: writes::check(what, || buffers.writes.map(str::to_owned)).err(),
        })
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
        let (chain, _) = self.recording();
        let part = Part { kind, ..chain.part(buffer) };
        Reading { what: None, unknown_fields: false, parts: vec![part], writes: None, refused: None }
    }

    fn part(&self, buffer: Buffer<'_>) -> Part {
        let Buffer { kind, name, bytes, .. } = buffer;
        let fate = self.fate(bytes, kind, &name);
        let (envelopes, inside) = opened(bytes);
        let after_header = inside.get(HEADER_LEN..).unwrap_or_default();
        let (content, payload) = match self.gate().sort(inside) {
            Arrival::ByName if envelopes.is_empty() => (Content::Name, inside),
            Arrival::ByName | Arrival::Unframed => (Content::Unframed, inside),
            Arrival::Envelope => (Content::Envelope, inside),
            Arrival::UnknownFamily(magic) => (Content::UnknownFamily(magic), after_header),
            Arrival::Frame(owner) => {
                // Also of a frame that the plan has in the wrong place, and of one for another runtime.
                let stamp = match gate::inspect(owner, inside, owner.kind, &name) {
                    Ok(sound) => sound.seen.stamp,
                    Err(WireError::Stamp { found, .. }) => Some(found),
                    Err(_) => None,
                };
                let version = inside.get(Magic::LEN).copied();
                let (signed, trailer) = trailer::split(inside).unwrap_or((inside, None));
                let signer = trailer.map(|trailer| trailer.claims);
                let (family, kind) = (owner.family.name(), owner.kind);
                let content = Content::Frame { family, kind, version, stamp, signer };
                (content, signed.get(HEADER_LEN..).unwrap_or_default())
            }
        };
        let digest = (!payload.is_empty()).then(|| Digest(Sha256::digest(payload).into()));
        let size = payload.len();
        Part { kind: Some(kind), name, envelopes, content, size, digest, fate, children: Vec::new() }
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
