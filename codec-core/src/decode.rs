//! From bytes to a node: dispatch by tag, through the gate, to the one who wrote them.

use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};

use crate::chain::Installed;
use crate::context::{CodecRef, DecodeContext, Place};
use crate::envelope::{Envelope, OWN_ID};
use crate::error::{CodecName, Shown};
use crate::gate::Arrival;
use crate::limits::Excess;
use crate::node::FromNode;
use crate::{CodecChain, FamilyMode, FamilyName, Kind, Magic, Node, WireError, stand_in};

impl<C: ?Sized> CodecChain<C> {
    /// Turns bytes in a plan back into what stood there.
    pub(crate) fn decode<T: FromNode>(
        &self,
        bytes: &[u8],
        place: Place<'_>,
        codec: CodecRef<'_>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T> {
        let stand_in = || stand_in::of(place.kind()).and_then(T::from_node);
        // Nothing more of a message that has failed is decoded.
        if self.stands_in()
            && let Some(stand_in) = stand_in()
        {
            return Ok(stand_in);
        }
        let outcome = self.decoded(bytes, &DecodeContext { place, codec }, ask);
        if let Err(error) = &outcome {
            self.observe(error);
        }
        let decoded = self.recorded(outcome);
        match (decoded, self.stands_in()) {
            (Err(error), true) => stand_in().ok_or(error),
            (decoded, _) => decoded,
        }
    }

    fn decoded<T: FromNode>(
        &self,
        bytes: &[u8],
        cx: &DecodeContext<'_>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        let (kind, name) = (cx.place.kind(), cx.place.name());
        self.within_limits(bytes, &name).map_err(Excess::on_decode)?;
        let gate = self.gate();
        if let Some(registered) = self.registered(kind, &name)
            && !bytes.is_empty()
        {
            gate.overlook(bytes, kind, &name)?;
            return self.preferred(registered, kind, name);
        }
        match gate.sort(bytes) {
            Arrival::ByName => self.decoded_by_name(kind, name, ask),
            Arrival::Frame(owner) => {
                let frame = gate.admit(owner, bytes, kind, &name)?;
                let family = owner.family.name();
                let node = owner.family.decode(frame, cx)?;
                self.check_name(&node, family, &name)?;
                if let Some(counters) = self.families().counters(family) {
                    counters.count_decoded();
                }
                tracing::debug!(%family, %kind, name = %Shown(&name), size = bytes.len(), "decoded");
                let found = node.kind();
                T::from_node(node).ok_or(WireError::WrongKind { family, name, found, wanted: kind })
            }
            Arrival::Envelope => {
                let Envelope { id, bytes } = gate.open(bytes, kind, &name)?;
                match self.installed.iter().find(|installed| installed.id == id) {
                    Some(installed) => self.decoded_by_installed(installed, bytes, kind, name, ask),
                    None if id == OWN_ID => {
                        // Also bounds how many envelopes are opened one after the other.
                        gate.screen(bytes, kind, &name)?;
                        self.decoded(bytes, cx, ask)
                    }
                    None => {
                        let known = self.installed_ids().map(str::to_owned).collect();
                        Err(WireError::UnknownCodec { id: id.to_owned(), kind, name, known })
                    }
                }
            }
            Arrival::UnknownFamily(magic) => self.decoded_unknown(bytes, magic, kind, &name, ask),
            Arrival::Unframed => ask(self.terminal(), bytes).map_err(|error| {
                gate.truncated_magic(bytes, kind, &name)
                    .unwrap_or_else(|| decode_failure(CodecName::Terminal, kind, name, error))
            }),
        }
    }

    /// Takes the registered function of a name under which a payload came too.
    fn preferred<T: FromNode>(&self, node: Node, kind: Kind, name: String) -> Result<T, WireError> {
        let remark = WireError::Preferred { kind, name };
        tracing::info!(code = remark.code(), "{remark}");
        if let Some(report) = self.report() {
            report.remark(remark.clone());
        }
        T::from_node(node).ok_or(remark)
    }

    /// Asks every layer for a function of this name; the registry, which has none, was asked before.
    fn decoded_by_name<T>(
        &self,
        kind: Kind,
        name: String,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        if !kind.is_function() {
            return ask(self.terminal(), &[])
                .map_err(|error| decode_failure(CodecName::Terminal, kind, name, error));
        }
        let mut failed = None;
        for codec in self.installed.iter().map(|installed| &installed.codec).chain([self.terminal()]) {
            match ask(codec, &[]) {
                Ok(function) => return Ok(function),
                // The word codecs have for a function they do not know.
                Err(DataFusionError::NotImplemented(_)) => {}
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        let source = failed.map(|error| Arc::new(error) as _);
        Err(WireError::UnknownFunction { kind, name, similar: Vec::new(), source })
    }

    fn decoded_by_installed<T>(
        &self,
        installed: &Installed<C>,
        bytes: &[u8],
        kind: Kind,
        name: String,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        self.gate().screen(bytes, kind, &name)?;
        ask(&installed.codec, bytes)
            .map_err(|error| decode_failure(CodecName::Installed(installed.id.clone()), kind, name, error))
    }

    fn decoded_unknown<T>(
        &self,
        bytes: &[u8],
        magic: Magic,
        kind: Kind,
        name: &str,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        self.gate().admit_unknown(magic, kind, name)?;
        ask(self.terminal(), bytes).map_err(|error| match WireError::find(&error) {
            Some(found) => found.clone(),
            None => self.gate().unknown_family(magic, kind, name),
        })
    }

    /// Tells the log and the counters that something was not decoded.
    fn observe(&self, error: &WireError) {
        let Some(family) = error.refused_family() else {
            tracing::debug!(code = error.code(), "{error}");
            return;
        };
        if let Some(counters) = self.families().counters(family) {
            counters.count_refused();
        }
        tracing::info!(%family, code = error.code(), "{error}");
    }

    /// Compares the name outside the payload with the one inside.
    fn check_name(&self, node: &Node, family: FamilyName, outer: &str) -> Result<(), WireError> {
        let inner = match node {
            Node::ScalarUdf(udf) => udf.name(),
            Node::AggregateUdf(udf) => udf.name(),
            Node::WindowUdf(udf) => udf.name(),
            Node::HigherOrderUdf(udf) => udf.name(),
            _ => return Ok(()),
        };
        if inner == outer {
            return Ok(());
        }
        let mismatch = WireError::NameMismatch {
            family,
            kind: node.kind(),
            outer: outer.to_owned(),
            inner: inner.to_owned(),
        };
        if matches!(self.policy().mode(family), FamilyMode::Guarded(_)) {
            return Err(mismatch);
        }
        tracing::warn!(code = mismatch.code(), "{mismatch}");
        if let Some(report) = self.report() {
            report.remark(mismatch);
        }
        Ok(())
    }
}

fn decode_failure(codec: CodecName, kind: Kind, name: String, error: DataFusionError) -> WireError {
    match WireError::find(&error) {
        Some(found) => found.clone(),
        None => WireError::DecodeCodec { codec, kind, name, source: Arc::new(error) },
    }
}
