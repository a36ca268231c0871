//! The codecs of a session: both chains, under one policy.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use datafusion::execution::{SessionStateBuilder, TaskContext};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec};
use datafusion_proto::physical_plan::{DefaultPhysicalExtensionCodec, PhysicalExtensionCodec};
use planwire_core::{
    CodecChain, DuplicateCodec, FamilyConflict, FamilyCounts, FamilyList, FamilyMode, FamilyName, Frames,
    Kind, Layer, Limits, Member, PayloadStore, Precedence, Report, Settings, UnknownFamilyName,
};

use crate::Registry;
use crate::error::Message;

/// The logical and the physical codec of one session, with a mode for each family.
///
/// A value: every `with_*` returns another one and leaves this one as it was. Clones are cheap.
#[derive(Debug, Clone)]
pub struct SessionCodecs {
    logical: CodecChain<dyn LogicalExtensionCodec>,
    physical: CodecChain<dyn PhysicalExtensionCodec>,
}

/// One line of [`SessionCodecs::families`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FamilyStatus {
    /// The family's name.
    pub name: FamilyName,
    /// The crate that brought it.
    pub origin: String,
    /// The kinds that it carries.
    pub kinds: Vec<Kind>,
    /// Its mode in this session.
    pub mode: FamilyMode,
    /// The frames in which its payloads leave this session.
    pub frames: Frames,
    /// The counts of its payloads in this process, in all sessions.
    pub counts: FamilyCounts,
}

impl SessionCodecs {
    /// Makes codecs that refuse every family and end in DataFusion's default codecs.
    #[must_use]
    pub fn new(families: FamilyList) -> Self {
        let settings = Arc::new(Settings::new(families));
        let logical = Layer::new(Arc::new(DefaultLogicalExtensionCodec {}) as _);
        let physical = Layer::new(Arc::new(DefaultPhysicalExtensionCodec {}) as _);
        Self {
            logical: CodecChain::new(Arc::clone(&settings), logical),
            physical: CodecChain::new(settings, physical),
        }
    }

    /// Adds a family that no crate has registered, on both layers.
    ///
    /// # Errors
    ///
    /// [`FamilyConflict`] if it cannot be told apart from another one.
    pub fn with_member(&self, member: Member) -> Result<Self, FamilyConflict> {
        Ok(self.with_settings(self.settings().clone().with_member(member)?))
    }

    /// Sets the mode of one family, on both layers.
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if no such family is linked.
    pub fn with_mode(&self, family: &str, mode: FamilyMode) -> Result<Self, UnknownFamilyName> {
        Ok(self.with_settings(self.settings().clone().with_mode(family, mode)?))
    }

    /// Takes the nodes of one family as DataFusion's own are taken, on both layers: no mode and no floor is asked
    /// about them, see [`Policy::with_engine`](planwire_core::Policy::with_engine).
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if no such family is linked.
    pub fn with_engine(&self, family: &str) -> Result<Self, UnknownFamilyName> {
        Ok(self.with_settings(self.settings().clone().with_engine(family)?))
    }

    /// Sets in which frames the payloads of one family leave, on both layers. All frames are read.
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if no such family is linked.
    pub fn with_frames(&self, family: &str, frames: Frames) -> Result<Self, UnknownFamilyName> {
        Ok(self.with_settings(self.settings().clone().with_frames(family, frames)?))
    }

    /// Installs a codec for logical plans under an id, which travels with the codec's bytes.
    ///
    /// # Errors
    ///
    /// [`DuplicateCodec`] if the id is taken.
    pub fn with_logical_codec(
        &self,
        id: impl Into<String>,
        codec: Arc<dyn LogicalExtensionCodec>,
    ) -> Result<Self, DuplicateCodec> {
        let layer = self.logical.layer().clone().with_installed(id, codec)?;
        Ok(Self { logical: self.logical.with_layer(layer), ..self.clone() })
    }

    /// Installs a codec for physical plans under an id, which travels with the codec's bytes.
    ///
    /// # Errors
    ///
    /// [`DuplicateCodec`] if the id is taken.
    pub fn with_physical_codec(
        &self,
        id: impl Into<String>,
        codec: Arc<dyn PhysicalExtensionCodec>,
    ) -> Result<Self, DuplicateCodec> {
        let layer = self.physical.layer().clone().with_installed(id, codec)?;
        Ok(Self { physical: self.physical.with_layer(layer), ..self.clone() })
    }

    /// Replaces the codecs at the ends of the chains.
    #[must_use]
    pub fn with_terminal(
        &self,
        logical: Arc<dyn LogicalExtensionCodec>,
        physical: Arc<dyn PhysicalExtensionCodec>,
    ) -> Self {
        Self {
            logical: self.logical.with_layer(self.logical.layer().clone().with_terminal(logical)),
            physical: self.physical.with_layer(self.physical.layer().clone().with_terminal(physical)),
        }
    }

    /// Replaces the limits, on both layers.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        self.with_settings(self.settings().clone().with_limits(limits))
    }

    /// Sets who wins where a payload comes under the name of a function that is registered, on both
    /// layers.
    ///
    /// It holds for whole messages, e.g. [`CodecChain::expr_from_bytes`]: DataFusion shows a codec that it
    /// asks for a single function no registry, so that the payload wins there.
    #[must_use]
    pub fn with_precedence(&self, precedence: Precedence) -> Self {
        self.with_settings(self.settings().clone().with_precedence(precedence))
    }

    /// Has functions that cannot be decoded fail when they run, see [`Settings::with_late_failures`], on both layers.
    #[must_use]
    pub fn with_late_failures(&self, place: &str) -> Self {
        self.with_settings(self.settings().clone().with_late_failures(place))
    }

    /// Keeps large functions in a store, see [`Settings::with_store`], on both layers.
    #[must_use]
    pub fn with_store(&self, store: Arc<dyn PayloadStore>) -> Self {
        self.with_settings(self.settings().clone().with_store(store))
    }

    /// Narrows what is sent and taken to what the other codecs would send and take, too: the modes of the
    /// families, the precedence and the limits.
    #[must_use]
    pub fn narrowed_by(&self, other: &Self) -> Self {
        self.with_settings(self.settings().narrowed_by(other.settings()))
    }

    /// The one place that changes the settings, of both layers at once.
    fn with_settings(&self, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        Self {
            logical: self.logical.with_settings(Arc::clone(&settings)),
            physical: self.physical.with_settings(settings),
        }
    }

    /// The settings of both layers: families, modes, precedence and limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.logical.settings()
    }

    /// Who wins where a payload comes under the name of a function that is registered.
    #[must_use]
    pub fn precedence(&self) -> Precedence {
        self.settings().policy().precedence()
    }

    /// The limits that every message is held against.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.settings().limits()
    }

    /// Makes codecs whose calls add to a report, on both layers.
    #[must_use]
    pub fn reporting(&self, report: &Report) -> Self {
        Self { logical: self.logical.reporting(report), physical: self.physical.reporting(report) }
    }

    /// Makes codecs for messages in this memory, of which a large function keeps its part instead of a copy, on
    /// both layers.
    #[must_use]
    pub fn over(&self, memory: Bytes) -> Self {
        Self { logical: self.logical.over(memory.clone()), physical: self.physical.over(memory) }
    }

    /// The codec for logical plans and expressions.
    #[must_use]
    pub const fn logical(&self) -> &CodecChain<dyn LogicalExtensionCodec> {
        &self.logical
    }

    /// The codec for physical plans.
    #[must_use]
    pub const fn physical(&self) -> &CodecChain<dyn PhysicalExtensionCodec> {
        &self.physical
    }

    /// What a message of this sort is decoded with in a session: its functions that the message names, or all of
    /// them where payloads may name more. Copying all takes longer than decoding a short message.
    #[must_use]
    pub fn task_ctx(&self, what: Message, bytes: &[u8], session: &SessionContext) -> Arc<TaskContext> {
        let Some(names) = self.settings().functions_named(what, bytes) else { return session.task_ctx() };
        let state = session.state_ref();
        let state = state.read();
        Arc::new(TaskContext::new(
            None,
            state.session_id().to_owned(),
            state.config().clone(),
            named(state.scalar_functions(), &names),
            named(state.higher_order_functions(), &names),
            named(state.aggregate_functions(), &names),
            named(state.window_functions(), &names),
            Arc::clone(state.runtime_env()),
        ))
    }

    /// The linked families with their modes in this session, in the order of the names.
    pub fn families(&self) -> impl Iterator<Item = FamilyStatus> + '_ {
        let settings = self.settings();
        let (families, policy) = (settings.families(), settings.policy());
        families.iter().map(|member| FamilyStatus {
            name: member.name(),
            origin: member.origin().to_owned(),
            kinds: member.tags().map(|(kind, _)| kind).collect(),
            mode: policy.mode(member.name()),
            frames: settings.frames(member.name()),
            counts: member.counts(),
        })
    }
}

/// Those of the functions that have one of these names.
fn named<F>(functions: &HashMap<String, Arc<F>>, names: &HashSet<String>) -> HashMap<String, Arc<F>> {
    let found = names.iter().filter_map(|name| functions.get_key_value(name));
    found.map(|(name, function)| (name.clone(), Arc::clone(function))).collect()
}

/// Gives a session its codecs and gets them back.
pub trait SessionContextExt {
    /// Returns a session with these codecs, and otherwise the state of this one.
    #[must_use]
    fn with_codecs(self, codecs: SessionCodecs) -> Self;

    /// The session's codecs; without any, those of the linked families, all refused.
    ///
    /// # Errors
    ///
    /// A [`FamilyConflict`] if the linked families cannot be told apart.
    fn codecs(&self) -> Result<SessionCodecs, FamilyConflict>;
}

impl SessionContextExt for SessionContext {
    fn with_codecs(self, codecs: SessionCodecs) -> Self {
        let state = SessionStateBuilder::new_from_existing(self.state()).with_codecs(codecs).build();
        Self::new_with_state(state)
    }

    fn codecs(&self) -> Result<SessionCodecs, FamilyConflict> {
        match self.copied_config().get_extension::<SessionCodecs>() {
            Some(codecs) => Ok(SessionCodecs::clone(&codecs)),
            None => Registry::linked().map(SessionCodecs::new),
        }
    }
}

/// Gives a session that is being built its codecs.
pub trait SessionBuilderExt {
    /// Builds the session with these codecs.
    #[must_use]
    fn with_codecs(self, codecs: SessionCodecs) -> Self;
}

impl SessionBuilderExt for SessionStateBuilder {
    fn with_codecs(mut self, codecs: SessionCodecs) -> Self {
        self.config().get_or_insert_with(SessionConfig::new).set_extension(Arc::new(codecs));
        self
    }
}
