//! From a node to bytes: the order in which families and codecs are asked, and the handling of a failure.

use std::iter;
use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};

use crate::call::Call;
use crate::call::chain::CodecChain;
use crate::call::codec::AsCodec;
use crate::call::opaque::Opaque;
use crate::call::report::{Carried, Carrier};
use crate::error::{CodecName, Shown, WireError, panics};
use crate::family::context::{CodecRef, EncodeContext};
use crate::family::list::{Member, Owner};
use crate::family::{WireFamily, own};
use crate::gate::Slot;
use crate::limits::{Excess, Limit};
use crate::message::stack;
use crate::plan::node::NodeRef;
use crate::policy::judge::Release;
use crate::policy::modes::FamilyMode;
use crate::wire::envelope::{self, Envelope};
use crate::wire::family_name::OWN;
use crate::wire::frame::{self, Payload, Tag};
use crate::wire::parts::Parts;
use crate::wire::{native, reference, trailer};

/// Payloads above this size log a warning: every message carries them again, so a table in a file would be
/// cheaper.
const LARGE: usize = 1024 * 1024;

impl<C: ?Sized> CodecChain<C> {
    /// Encodes one node that an engine asks about by itself.
    pub(crate) fn encode_node(
        &self,
        node: NodeRef<'_>,
        codec: AsCodec<C>,
        buf: &mut Vec<u8>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let call = self.call();
        let encoded = call.encode_node(node, codec, buf, ask);
        // DataFusion drops the errors of the parts inside a node.
        call.take_fault()?;
        encoded
    }
}

impl<C: ?Sized> Call<C> {
    /// Appends the bytes of a node, all at once and only on success.
    pub(crate) fn encode_node(
        &self,
        node: NodeRef<'_>,
        codec: AsCodec<C>,
        buf: &mut Vec<u8>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let bytes = self.carry(node, codec(self), ask).inspect_err(|error| self.state.record(error))?;
        if buf.is_empty() {
            *buf = bytes;
        } else {
            buf.extend_from_slice(&bytes);
        }
        Ok(())
    }

    /// Encodes a node with the first family or codec that can carry it.
    fn carry(
        &self,
        node: NodeRef<'_>,
        codec: CodecRef<'_>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<Vec<u8>, WireError> {
        let (state, kind, name) = (&self.state, node.kind(), node.name());
        let slot = Slot { kind, name: &name };
        let written = state.written.frame(node).filter(|(_, frame)| state.shared.can_hold(frame));
        let is_new = written.is_none();
        let (bytes, carrier) = match written {
            Some((family, frame)) => (frame.to_vec().into(), Carrier::Family(family)),
            None => match self.carry_held(node, slot)? {
                Some(carried) => carried,
                None => match self.carry_by_family(node, slot, codec)? {
                    Some(carried) => carried,
                    None => self.carry_by_codec(node, slot, ask)?,
                },
            },
        };
        if reference::starts(bytes.first()) {
            state.limits().check(Limit::Name, name.len()).map_err(Excess::on_encode)?;
            return Ok(bytes.into_vec());
        }
        let key = if kind.is_function() { state.shared.key(&bytes) } else { None };
        let is_known = key.is_some_and(|key| state.shared.has(key));
        if !is_known {
            let size = bytes.len();
            state.within_limits(size, &name).map_err(Excess::on_encode)?;
            if size > LARGE {
                tracing::warn!(%kind, name = %Shown(&name), size, "a large payload");
            }
            tracing::debug!(%kind, name = %Shown(&name), size, %carrier, "encoded");
            if let Carrier::Family(family) = carrier
                && let Some(counters) = state.settings.families().counters(family)
            {
                counters.count_encoded();
            }
            // A stand-in for a part of the plan itself is not something that the plan needs.
            if let Some(report) = &state.report
                && !matches!(carrier, Carrier::Family(OWN))
            {
                let name = name.clone();
                report.carry(Carried { kind, name, carrier: carrier.clone(), size });
            }
        }
        let bytes = if is_known { bytes } else { self.put_away(bytes, slot)? };
        let bytes = match key {
            Some(key) => state.shared.add(key, bytes),
            None => bytes.into_vec(),
        };
        if let Carrier::Family(family) = carrier
            && (is_new || key.is_some())
        {
            state.written.keep(node, family, &bytes);
        }
        Ok(bytes)
    }

    /// Forwards a held function as it came; no family is asked about it.
    fn carry_held(&self, node: NodeRef<'_>, slot: Slot<'_>) -> Result<Option<(Parts, Carrier)>, WireError> {
        let Some((family, frame)) = Opaque::received(node) else { return Ok(None) };
        let (gate, by_name) = (self.state.settings.gate(), || Ok(Some((Parts::default(), Carrier::Name))));
        // A session that accepts no frames of unknown families sends none either.
        if gate.policy.refuses_unknown_families() {
            return by_name();
        }
        match gate.release_foreign(frame, slot)? {
            Release::Inline => Ok(Some((frame.clone().into(), Carrier::Held(family.to_owned())))),
            Release::ByName => by_name(),
        }
    }

    fn carry_by_family(
        &self,
        node: NodeRef<'_>,
        slot: Slot<'_>,
        codec: CodecRef<'_>,
    ) -> Result<Option<(Parts, Carrier)>, WireError> {
        let (state, kind) = (&self.state, slot.kind);
        let own: &dyn WireFamily = &own::Fidelity;
        let linked = state.settings.families().iter().map(|member| (member.family(), member.tag(kind)));
        for (family, tag) in iter::once((own, own.tag(kind))).chain(linked) {
            let (name, Some(tag)) = (family.name(), tag) else { continue };
            if matches!(state.settings.policy().mode(name), FamilyMode::Refuse) {
                continue;
            }
            let native = state.settings.writes_native(name);
            let engine = state.settings.policy().has_engine();
            let cx = EncodeContext { codec, call: state, family: name, node, native, engine };
            let encode = || panics::catch(|| family.encode(node, &cx));
            // Planwire's own payloads are opened with the message; that of another family may go on without it.
            let encode = || if name == OWN { encode() } else { state.shared.whole(encode) };
            let encoded = stack::inside_frame(state.limits(), encode).map_err(Excess::on_encode)?;
            let encoded = encoded.map_err(|panic| WireError::EncodeFamilyPanicked {
                family: name,
                kind,
                name: slot.name.to_owned(),
                detail: panics::text(&*panic),
            })?;
            let Some(payload) = encoded.map_err(|error| on_encode(error, &cx))? else { continue };
            let bytes = framed(&cx, tag, payload)?;
            let released =
                state.settings.gate().release(Owner { family, kind, tag, cache: None }, bytes, slot)?;
            return Ok(released.map(|bytes| (bytes, Carrier::Family(name))));
        }
        Ok(None)
    }

    fn carry_by_codec(
        &self,
        node: NodeRef<'_>,
        slot: Slot<'_>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<(Parts, Carrier), WireError> {
        let failure = |codec, error| self.encode_failure(codec, node, error);
        let mut failed = None;
        for installed in self.layer.installed.iter() {
            let mut bytes = Vec::new();
            match ask(&installed.codec, &mut bytes) {
                Ok(()) if bytes.is_empty() => {}
                Ok(()) => {
                    let bytes = envelope::encode(Envelope { id: &installed.id, bytes: &bytes });
                    return self.release_foreign(slot, bytes, CodecName::Installed(installed.id.clone()));
                }
                // Codecs return this error for a node that belongs to someone else.
                Err(DataFusionError::NotImplemented(_)) => {}
                Err(error) => {
                    let codec = CodecName::Installed(installed.id.clone());
                    failed.get_or_insert_with(|| failure(codec, error));
                }
            }
        }
        let mut bytes = Vec::new();
        match ask(&self.layer.terminal, &mut bytes) {
            // A codec that failed over the node owns it, so its user did not mean it to go by name.
            Ok(()) if bytes.is_empty() => failed.map_or(Ok((Parts::default(), Carrier::Name)), Err),
            Ok(()) => self.release_foreign(slot, bytes, CodecName::Terminal),
            Err(error) => Err(failed.unwrap_or_else(|| failure(CodecName::Terminal, error))),
        }
    }

    /// Lets the bytes of a codec leave, or no bytes if the policy wants the function to go by name.
    fn release_foreign(
        &self,
        slot: Slot<'_>,
        bytes: Vec<u8>,
        codec: CodecName,
    ) -> Result<(Parts, Carrier), WireError> {
        match self.state.settings.gate().release_foreign(&bytes, slot)? {
            Release::Inline => Ok((bytes.into(), Carrier::Codec(codec))),
            Release::ByName => Ok((Parts::default(), Carrier::Name)),
        }
    }

    fn encode_failure(&self, codec: CodecName, node: NodeRef<'_>, error: DataFusionError) -> WireError {
        if let Some(found) = WireError::find(&error) {
            return found.clone();
        }
        let (kind, name) = (node.kind(), node.name());
        let carries = self.state.settings.families().iter().filter(|member| member.tag(kind).is_some());
        let refused = carries
            .map(Member::name)
            .filter(|family| matches!(self.state.settings.policy().mode(*family), FamilyMode::Refuse))
            .collect();
        // This error says only that the node does not belong to the codec.
        if matches!((&codec, &error), (CodecName::Terminal, DataFusionError::NotImplemented(_))) {
            return WireError::NotCarried { kind, name, made: node.made(), refused };
        }
        WireError::EncodeCodec { codec, kind, name, refused, source: Arc::new(error) }
    }
}

/// Returns the frame of a payload; a forwarded payload is a frame already and stays as it came.
fn framed(cx: &EncodeContext<'_>, tag: Tag, payload: Payload) -> Result<Parts, WireError> {
    let payload = match payload.into_received() {
        Ok(frame) => return Ok(frame),
        Err(payload) => payload,
    };
    trailer::reject_trailing_magic(&payload).map_err(|fault| cx.cannot_carry(fault))?;
    if cx.native {
        native::encode(cx.family, cx.node.kind(), tag, payload).map_err(|fault| cx.cannot_carry(fault))
    } else {
        Ok(frame::encode(tag, payload).into())
    }
}

/// Turns an error of a family into one of encoding, because callers tell by its code which step has failed.
fn on_encode(error: WireError, cx: &EncodeContext<'_>) -> WireError {
    if error.is_of_encoding() {
        return error;
    }
    let (family, kind, name) = (cx.family, cx.node.kind(), cx.node.name());
    WireError::Encode { family, kind, name, source: Arc::new(error) }
}
