//! From bytes to a node: dispatch by tag, through the gate, to the one who wrote them.

use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};

use crate::call::chain::{CodecChain, Installed};
use crate::error::{CodecName, Shown, WireError};
use crate::family::FamilyName;
use crate::family::list::Owner;
use crate::fidelity;
use crate::gate::{Arrival, AuthorizedFrame};
use crate::message::{panics, stack};
use crate::plan::context::{AsCodec, DecodeContext, Place};
use crate::plan::kind::Kind;
use crate::plan::node::{FromNode, Node};
use crate::plan::stand_in;
use crate::policy::strict::FamilyMode;
use crate::preflight::limits::Excess;
use crate::wire::envelope::{Envelope, OWN_ID};
use crate::wire::frame::Magic;

/// Who is to decode bytes that the gate has let through.
pub(crate) enum Route<'a, 'b, C: ?Sized> {
    /// Whoever knows a function of the name.
    Registry,
    /// Nobody: this registered function takes precedence.
    Preferred(Node),
    /// The family whose frame it is.
    Family(Owner<'a>, AuthorizedFrame<'b>),
    /// The installed codec that wrote them.
    Installed(&'a Installed<C>, &'b [u8]),
    /// The terminal codec, which may know a family that is not linked here.
    Unknown(Magic, &'b [u8]),
    /// The terminal codec.
    Terminal(&'b [u8]),
}

impl<C: ?Sized> CodecChain<C> {
    /// Turns bytes in a plan back into what stood there.
    pub(crate) fn decode<T: FromNode>(
        &self,
        bytes: &[u8],
        place: Place<'_>,
        codec: AsCodec<C>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T> {
        if !self.is_for_a_call() {
            // An engine asks node by node; what a node holds inside adds up, and has errors that get lost.
            let (chain, faults) = self.recording();
            let decoded = chain.decode(bytes, place, codec, ask);
            faults.check()?;
            return decoded;
        }
        let stand_in = || stand_in::of(place.kind()).and_then(T::from_node);
        // Nothing more of a message that has failed is decoded.
        if self.stands_in()
            && let Some(stand_in) = stand_in()
        {
            return Ok(stand_in);
        }
        let outcome = self.decoded(bytes, &DecodeContext { place, codec: codec(self), chain: self }, ask);
        // An error that was kept before comes from inside of this one, and was told there.
        if let (Err(error), None) = (&outcome, self.fault()) {
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
        match self.route(bytes, kind, &name)? {
            Route::Registry => self.decoded_by_name(kind, name, ask),
            Route::Preferred(registered) => self.preferred(registered, kind, name),
            Route::Family(owner, frame) => {
                let family = owner.family.name();
                let node = self.decoded_by_family(owner, frame, cx)?;
                self.check_name(&node, family, &name)?;
                if let Some(counters) = self.families().counters(family) {
                    counters.count_decoded();
                }
                tracing::debug!(%family, %kind, name = %Shown(&name), size = bytes.len(), "decoded");
                let found = node.kind();
                T::from_node(node).ok_or(WireError::OtherKind { family, name, found, wanted: kind })
            }
            Route::Installed(Installed { id, codec }, bytes) => ask(codec, bytes)
                .map_err(|error| decode_failure(CodecName::Installed(id.clone()), kind, name, error)),
            Route::Unknown(magic, bytes) => {
                ask(self.terminal(), bytes).map_err(|error| match WireError::find(&error) {
                    Some(found) => found.clone(),
                    None => self.gate().unknown_family(magic, kind, &name),
                })
            }
            Route::Terminal(bytes) => ask(self.terminal(), bytes).map_err(|error| {
                self.gate()
                    .truncated_magic(bytes, kind, &name)
                    .unwrap_or_else(|| decode_failure(CodecName::Terminal, kind, name, error))
            }),
        }
    }

    /// Has a family decode its frame, and holds it to an error of decoding if it does not.
    fn decoded_by_family(
        &self,
        owner: Owner<'_>,
        frame: AuthorizedFrame<'_>,
        cx: &DecodeContext<'_>,
    ) -> Result<Node, WireError> {
        let (family, kind, name) = (owner.family.name(), cx.place.kind(), || cx.place.name());
        let decode = || panics::catch(|| owner.family.decode(frame, cx));
        let decoded = stack::inside_frame(self.limits(), decode).map_err(Excess::on_decode)?;
        let node = match decoded {
            Ok(Ok(node)) => node,
            Ok(Err(error)) if error.is_of_decoding() => return Err(error),
            Ok(Err(error)) => {
                return Err(WireError::Payload { family, kind, name: name(), source: Arc::new(error) });
            }
            Err(panic) => {
                let detail = panics::text(&*panic);
                return Err(WireError::FamilyPanicked { family, kind, name: name(), detail });
            }
        };
        match node.kind() {
            found if found == kind => Ok(node),
            found => Err(WireError::OtherKind { family, name: name(), found, wanted: kind }),
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

    /// Takes bytes through limits, structure and policy to the one who is to decode them.
    pub(crate) fn route<'a, 'b>(
        &'a self,
        mut bytes: &'b [u8],
        kind: Kind,
        name: &str,
    ) -> Result<Route<'a, 'b, C>, WireError> {
        let gate = self.gate();
        loop {
            self.within_limits(bytes, name).map_err(Excess::on_decode)?;
            if let Some(registered) = self.registered(kind, name)
                && !bytes.is_empty()
                && !Magic::sniff(bytes).is_some_and(fidelity::is_own)
            {
                gate.overlook(bytes, kind, name)?;
                return Ok(Route::Preferred(registered));
            }
            match gate.sort(bytes) {
                Arrival::ByName => return Ok(Route::Registry),
                Arrival::Frame(owner) => {
                    return Ok(Route::Family(owner, gate.admit(owner, bytes, kind, name)?));
                }
                Arrival::UnknownFamily(magic) => {
                    gate.admit_unknown(magic, kind, name)?;
                    return Ok(Route::Unknown(magic, bytes));
                }
                Arrival::Unframed => return Ok(Route::Terminal(bytes)),
                Arrival::Envelope => {
                    let Envelope { id, bytes: inside } = gate.open(bytes, kind, name)?;
                    let installed = self.installed.iter().find(|installed| installed.id == id);
                    if installed.is_none() && id != OWN_ID {
                        let known = self.installed_ids().map(str::to_owned).collect();
                        let (id, name) = (id.to_owned(), name.to_owned());
                        return Err(WireError::UnknownCodec { id, kind, name, known });
                    }
                    // Also bounds how many envelopes are opened one after the other.
                    gate.screen(inside, kind, name)?;
                    if let Some(installed) = installed {
                        return Ok(Route::Installed(installed, inside));
                    }
                    bytes = inside;
                }
            }
        }
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
