//! From a node to bytes: who is asked, in which order, and what becomes of a failure.

use std::iter;
use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};

use crate::call::chain::CodecChain;
use crate::call::report::{Carried, Carrier};
use crate::error::{CodecName, Shown, WireError};
use crate::family::WireFamily;
use crate::family::list::Owner;
use crate::fidelity;
use crate::gate::Release;
use crate::message::{panics, stack};
use crate::plan::context::{AsCodec, CodecRef, EncodeContext};
use crate::plan::node::NodeRef;
use crate::policy::strict::FamilyMode;
use crate::preflight::limits::Excess;
use crate::wire::envelope::{self, Envelope};
use crate::wire::{frame, trailer};

/// Bytes from which a payload is worth a warning: every message carries it again, so a table in a file would
/// be cheaper.
const LARGE: usize = 1024 * 1024;

impl<C: ?Sized> CodecChain<C> {
    /// Appends what the chain makes of a node, all at once and only on success.
    pub(crate) fn encode(
        &self,
        node: NodeRef<'_>,
        codec: AsCodec<C>,
        buf: &mut Vec<u8>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        if !self.is_for_a_call() {
            // An engine asks node by node; what a node holds inside has errors that DataFusion drops.
            let (chain, faults) = self.recording();
            let outcome = chain.encode(node, codec, buf, ask);
            faults.check()?;
            return outcome;
        }
        let bytes = self.recorded(self.encoded(node, codec(self), ask))?;
        if buf.is_empty() {
            *buf = bytes;
        } else {
            buf.extend_from_slice(&bytes);
        }
        Ok(())
    }

    fn encoded(
        &self,
        node: NodeRef<'_>,
        codec: CodecRef<'_>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<Vec<u8>, WireError> {
        let (bytes, carrier) = match self.encoded_by_family(node, codec)? {
            Some(carried) => carried,
            None => self.encoded_by_codec(node, ask)?,
        };
        let (kind, name, size) = (node.kind(), node.name(), bytes.len());
        self.within_limits(&bytes, &name).map_err(Excess::on_encode)?;
        if size > LARGE {
            tracing::warn!(%kind, name = %Shown(&name), size, "a large payload");
        }
        tracing::debug!(%kind, name = %Shown(&name), size, %carrier, "encoded");
        if let Carrier::Family(family) = carrier
            && let Some(counters) = self.families().counters(family)
        {
            counters.count_encoded();
        }
        // What stands in for a part of the plan itself is nothing that the plan needs.
        if let Some(report) = self.report()
            && !matches!(carrier, Carrier::Family(fidelity::NAME))
        {
            report.carry(Carried { kind, name, carrier, size });
        }
        Ok(bytes)
    }

    fn encoded_by_family(
        &self,
        node: NodeRef<'_>,
        codec: CodecRef<'_>,
    ) -> Result<Option<(Vec<u8>, Carrier)>, WireError> {
        let kind = node.kind();
        let own: &dyn WireFamily = &fidelity::Fidelity;
        for family in iter::once(own).chain(self.families().iter().map(|member| &*member.family)) {
            let Some(tag) = family.tag(kind) else { continue };
            if matches!(self.policy().mode(family.name()), FamilyMode::Refuse) {
                continue;
            }
            let cx = EncodeContext { codec, chain: self, family: family.name(), node };
            let encode = || panics::catch(|| family.encode(node, &cx));
            let encoded = stack::inside_frame(self.limits(), encode).map_err(Excess::on_encode)?;
            let encoded = encoded.map_err(|panic| WireError::EncodeFamilyPanicked {
                family: family.name(),
                kind,
                name: node.name(),
                detail: panics::text(&*panic),
            })?;
            let Some(payload) = encoded.map_err(|error| on_encode(error, &cx))? else { continue };
            if !payload.is_received() {
                trailer::is_none(payload.as_bytes()).map_err(|fault| cx.cannot_carry(fault))?;
            }
            let (gate, owner) = (self.gate(), Owner { family, kind, tag });
            let bytes = gate.sign(owner, frame::encode(tag, payload), &node.name())?;
            return match gate.release(&bytes, kind, &node.name())? {
                Release::Inline => Ok(Some((bytes, Carrier::Family(family.name())))),
                Release::ByName => Ok(None),
            };
        }
        Ok(None)
    }

    fn encoded_by_codec(
        &self,
        node: NodeRef<'_>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<(Vec<u8>, Carrier), WireError> {
        let failure = |codec, error| self.encode_failure(codec, node, error);
        let mut failed = None;
        for installed in self.installed.iter() {
            let mut bytes = Vec::new();
            match ask(&installed.codec, &mut bytes) {
                Ok(()) if bytes.is_empty() => {}
                Ok(()) => {
                    let bytes = envelope::encode(Envelope { id: &installed.id, bytes: &bytes });
                    return self.released(node, bytes, CodecName::Installed(installed.id.clone()));
                }
                // The word codecs have for a node of someone else's.
                Err(DataFusionError::NotImplemented(_)) => {}
                Err(error) => {
                    let codec = CodecName::Installed(installed.id.clone());
                    failed.get_or_insert_with(|| failure(codec, error));
                }
            }
        }
        let mut bytes = Vec::new();
        match ask(self.terminal(), &mut bytes) {
            // A codec that failed over the node owns it, so by name would not be what its user meant.
            Ok(()) if bytes.is_empty() => failed.map_or(Ok((bytes, Carrier::Name)), Err),
            Ok(()) => self.released(node, bytes, CodecName::Terminal),
            Err(error) => Err(failed.unwrap_or_else(|| failure(CodecName::Terminal, error))),
        }
    }

    /// Lets what a codec wrote leave, or nothing where the policy wants the function by name.
    fn released(
        &self,
        node: NodeRef<'_>,
        bytes: Vec<u8>,
        codec: CodecName,
    ) -> Result<(Vec<u8>, Carrier), WireError> {
        match self.gate().release(&bytes, node.kind(), &node.name())? {
            Release::Inline => Ok((bytes, Carrier::Codec(codec))),
            Release::ByName => Ok((Vec::new(), Carrier::Name)),
        }
    }

    fn encode_failure(&self, codec: CodecName, node: NodeRef<'_>, error: DataFusionError) -> WireError {
        if let Some(found) = WireError::find(&error) {
            return found.clone();
        }
        let (kind, name) = (node.kind(), node.name());
        let carries = self.families().iter().filter(|member| member.family.tag(kind).is_some());
        let refused = carries
            .map(|member| member.family.name())
            .filter(|family| matches!(self.policy().mode(*family), FamilyMode::Refuse))
            .collect();
        // All that codecs say of a node that is not theirs is that they are not the one for it.
        if matches!((&codec, &error), (CodecName::Terminal, DataFusionError::NotImplemented(_))) {
            return WireError::NotCarried { kind, name, made: node.made(), refused };
        }
        WireError::EncodeCodec { codec, kind, name, refused, source: Arc::new(error) }
    }
}

/// Holds a family to errors of encoding, by whose codes callers tell what has failed.
fn on_encode(error: WireError, cx: &EncodeContext<'_>) -> WireError {
    if error.is_of_encoding() {
        return error;
    }
    let (family, kind, name) = (cx.family, cx.node.kind(), cx.node.name());
    WireError::Encode { family, kind, name, source: Arc::new(error) }
}
