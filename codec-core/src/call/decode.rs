//! From bytes to a node: dispatch by tag, through the gate, to the family or codec that wrote the bytes.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::error::{DataFusionError, Result};

use crate::call::Call;
use crate::call::chain::{CodecChain, Installed};
use crate::call::codec::AsCodec;
use crate::call::opaque::Opaque;
use crate::call::route::Route;
use crate::error::{CodecName, Failure, Shown, WireError, panics};
use crate::family::authorized::AuthorizedFrame;
use crate::family::cache::Key;
use crate::family::context::{DecodeContext, Place};
use crate::family::described;
use crate::family::list::Owner;
use crate::gate::{Admission, NATIVE, Seen, Slot};
use crate::limits::{Excess, Limit};
use crate::message::stack;
use crate::plan::kind::Kind;
use crate::plan::node::{FromNode, Node};
use crate::policy::modes::FamilyMode;
use crate::wire::family_name::FamilyName;
use crate::wire::native::{self, Native};

impl<C: ?Sized> CodecChain<C> {
    /// Decodes one buffer that an engine asks about by itself.
    pub(crate) fn decode_node<T: FromNode>(
        &self,
        bytes: &[u8],
        place: Place<'_>,
        codec: AsCodec<C>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T> {
        let call = self.call();
        let decoded = call.decode_node(bytes, place, codec, ask);
        // Errors of the parts inside a node may get lost.
        call.take_fault()?;
        decoded
    }
}

impl<C: ?Sized> Call<C> {
    /// Turns bytes in a plan back into the node that they were written for.
    pub(crate) fn decode_node<T: FromNode>(
        &self,
        bytes: &[u8],
        place: Place<'_>,
        codec: AsCodec<C>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T> {
        let state = &self.state;
        let stand_in = || Opaque::stand_in(place.kind()).and_then(T::from_node);
        // Once a message has failed, nothing more of it is decoded.
        if state.stands_in()
            && let Some(stand_in) = stand_in()
        {
            return Ok(stand_in);
        }
        let outcome =
            self.decode_routed(bytes, &DecodeContext { place, codec: codec(self), call: state }, ask);
        let error = match outcome {
            Ok(decoded) => return Ok(decoded),
            Err(error) => error,
        };
        // An error that was kept earlier came from inside this node and was reported there.
        if state.first_fault().is_none() {
            self.observe(&error);
            if let Some(failing) = self.failing(bytes, place, &error).and_then(T::from_node) {
                return Ok(failing);
            }
        }
        state.record(&error);
        match stand_in() {
            Some(stand_in) if state.stands_in() => Ok(stand_in),
            _ => Err(error.into()),
        }
    }

    fn decode_routed<T: FromNode>(
        &self,
        bytes: &[u8],
        cx: &DecodeContext<'_>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        let (kind, name) = (cx.place.kind(), cx.place.name());
        let (slot, families) = (Slot { kind, name: &name }, self.state.settings.families());
        let shared = self.state.shared.function(bytes, kind);
        let decoded = shared.and_then(|shared| shared.decoded(&name));
        if let Some(decoded) = decoded.and_then(T::from_node) {
            return Ok(decoded);
        }
        let seen = match shared {
            Some(function) => {
                // Under another name it is decoded once more, and counts once more.
                match function.is_met_first() {
                    true => self.state.limits().check(Limit::Name, name.len()),
                    false => self.state.within_limits(function.frame.len(), &name),
                }
                .map_err(Excess::on_decode)?;
                let inside = families.examine_read(function.read(), &function.frame, slot);
                Seen { envelopes: Vec::new(), inside }
            }
            None => self.see(bytes, slot)?,
        };
        let fetched = self.fetched(&seen, slot)?;
        let seen = self.with_fetched(seen, fetched.as_ref(), slot);
        match self.route(seen, slot)? {
            Route::Admitted(Admission::ByName) => self.decode_by_name(kind, name, ask),
            Route::Registered(registered) => {
                if let Some(shared) = shared {
                    shared.keep(&name, &registered);
                }
                self.take_registered(registered, kind, name)
            }
            Route::Admitted(Admission::Family(owner, frame)) => {
                let family = owner.family.name();
                let frame = frame.kept(fetched.as_ref().or(shared.map(|shared| &shared.frame)));
                let node = self.decode_by_family(owner, frame, cx)?;
                self.check_name(&node, family, &name)?;
                if let Some(shared) = shared {
                    shared.keep(&name, &node);
                }
                if let Some(counters) = families.counters(family) {
                    counters.count_decoded();
                }
                tracing::debug!(%family, %kind, name = %Shown(&name), size = bytes.len(), "decoded");
                let found = node.kind();
                T::from_node(node).ok_or(WireError::OtherKind { family, name, found, wanted: kind })
            }
            Route::Installed(Installed { id, codec }, bytes) => ask(codec, bytes)
                .map_err(|error| decode_failure(CodecName::Installed(id.clone()), kind, name, error)),
            Route::Admitted(Admission::Unknown(family, bytes, native)) => {
                let held = native
                    .and_then(|native| self.hold(&native, slot, shared.map(|shared| &shared.frame), None));
                if let Some(held) = held {
                    let held = held?;
                    if let Some(shared) = shared {
                        shared.keep(&name, &held);
                    }
                    return T::from_node(held).ok_or_else(|| families.unknown_family(family, slot));
                }
                ask(&self.layer.terminal, bytes).map_err(|error| match WireError::find(&error) {
                    Some(found) => found.clone(),
                    None => families.unknown_family(family.clone(), slot),
                })
            }
            Route::Admitted(Admission::Foreign(bytes)) => ask(&self.layer.terminal, bytes).map_err(|error| {
                families
                    .truncated_magic(bytes, slot)
                    .unwrap_or_else(|| decode_failure(CodecName::Terminal, kind, name.clone(), error))
            }),
        }
    }

    /// Has a family decode its frame; if the family fails, the error is always one of decoding.
    fn decode_by_family(
        &self,
        owner: Owner<'_>,
        frame: AuthorizedFrame<'_>,
        cx: &DecodeContext<'_>,
    ) -> Result<Node, WireError> {
        let (family, kind, name) = (owner.family.name(), cx.place.kind(), || cx.place.name());
        let limits = self.state.limits();
        let key = || Key::of(owner.family, kind, &cx.place.name(), frame.frame(), limits);
        let cached = owner.cache.zip(panics::catch(key).ok().flatten());
        if let Some((cache, key)) = &cached
            && let Some(function) = cache.get(key)
        {
            return Ok(function);
        }
        let size = frame.received().len();
        let decode = || panics::catch(|| owner.family.decode(frame, cx));
        let decoded = stack::inside_frame(limits, decode).map_err(Excess::on_decode)?;
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
            found if found == kind => Ok(match cached {
                Some((cache, key)) => cache.keep(key, node, size),
                None => node,
            }),
            found => Err(WireError::OtherKind { family, name: name(), found, wanted: kind }),
        }
    }

    /// The function that fails with this error when it runs; `None` if the session wants the error now, or if no
    /// native frame describes the function.
    fn failing(&self, bytes: &[u8], place: Place<'_>, error: &WireError) -> Option<Node> {
        let state = &self.state;
        let (of_process, kind, name) = (state.settings.late_failures()?, place.kind(), place.name());
        let kept = state.shared.function(bytes, kind).map(|shared| &shared.frame);
        let native = native::read_checked(kept.map_or(bytes, |frame| frame)).ok()?;
        let slot = Slot { kind, name: &name };
        self.hold(&native, slot, kept, Some(Failure::of(error, of_process)))?.ok()
    }

    /// Holds a function of a family that is not linked here, or that came to a failure; `None` if the header describes no function.
    ///
    /// No mode is set for the family, and another process will run the function, so its name has to be the
    /// name in the plan.
    fn hold(
        &self,
        native: &Native<'_>,
        slot: Slot<'_>,
        kept: Option<&Bytes>,
        failure: Option<Failure>,
    ) -> Option<Result<Node, WireError>> {
        let (Native { family, frame, .. }, kind) = (native, slot.kind);
        let about = frame.about().filter(|_| native.is_held(kind))?;
        let malformed = |fault| {
            let name = about.name.unwrap_or_default().to_owned();
            WireError::Malformed { family: NATIVE, kind, name, fault }
        };
        match described::read(about, self.state.limits()) {
            Ok(described) if described.name != slot.name => Some(Err(WireError::NameMismatch {
                family: NATIVE,
                kind,
                outer: slot.name.to_owned(),
                inner: described.name,
            })),
            Ok(described) => {
                let frame = kept.cloned().unwrap_or_else(|| Bytes::copy_from_slice(frame.received()));
                Opaque::hold(kind, described, family, frame, failure).map(Ok)
            }
            Err(fault) => Some(Err(malformed(fault))),
        }
    }

    /// Takes a registered function although a payload of the same name came too.
    fn take_registered<T: FromNode>(&self, node: Node, kind: Kind, name: String) -> Result<T, WireError> {
        let remark = WireError::Preferred { kind, name };
        tracing::info!(code = remark.code(), "{remark}");
        if let Some(report) = &self.state.report {
            report.remark(remark.clone());
        }
        T::from_node(node).ok_or(remark)
    }

    /// Asks every codec for a function of this name; the registry was asked before and has none.
    fn decode_by_name<T>(
        &self,
        kind: Kind,
        name: String,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        if !kind.is_function() {
            return ask(&self.layer.terminal, &[])
                .map_err(|error| decode_failure(CodecName::Terminal, kind, name, error));
        }
        let mut failed = None;
        for codec in
            self.layer.installed.iter().map(|installed| &installed.codec).chain([&self.layer.terminal])
        {
            match ask(codec, &[]) {
                Ok(function) => return Ok(function),
                // Codecs return this error for a function that they do not know.
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
    pub(super) fn observe(&self, error: &WireError) {
        let Some(family) = error.refused_family() else {
            tracing::debug!(code = error.code(), "{error}");
            return;
        };
        if let Some(counters) = self.state.settings.families().counters(family) {
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
        if matches!(self.state.settings.policy().mode(family), FamilyMode::Guarded(_)) {
            return Err(mismatch);
        }
        tracing::warn!(code = mismatch.code(), "{mismatch}");
        if let Some(report) = &self.state.report {
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
