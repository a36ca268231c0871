//! Settings: the families, policy and limits of all calls of a session, on both layers.

use std::collections::BTreeSet;
use std::sync::Arc;

use strum::{Display, IntoStaticStr, VariantArray};

use crate::family::list::{FamilyConflict, FamilyList, Member, UnknownFamilyName};
use crate::gate::Gate;
use crate::limits::Limits;
use crate::policy::modes::{FamilyMode, Policy};
use crate::policy::precedence::Precedence;
use crate::store::{Kept, PayloadStore};
use crate::wire::family_name::FamilyName;

/// The families of a session, the mode of each, the precedence over registered functions, and the limits.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    families: FamilyList,
    policy: Policy,
    limits: Limits,
    /// The families whose payloads leave in native frames.
    native: BTreeSet<FamilyName>,
    /// The name of this process in failures that come late.
    late: Option<Arc<str>>,
    /// Where large payloads are kept.
    store: Option<Kept>,
}

/// The frames in which the payloads of a family leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Display, IntoStaticStr, VariantArray)]
pub enum Frames {
    /// A magic, a version and the payload, as the `datafusion` wheel reads them.
    #[default]
    #[strum(serialize = "v1")]
    Version1,
    /// A header with everything that a receiver needs if it does not open the payload, and then the payload.
    #[strum(serialize = "native")]
    Native,
}

impl Frames {
    /// All sorts of frames, in the order of declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Their name: `v1` or `native`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Settings {
    /// Makes settings that refuse every family, under the default limits.
    #[must_use]
    pub fn new(families: FamilyList) -> Self {
        Self { families, ..Self::default() }
    }

    /// Adds a family to those of the settings.
    ///
    /// # Errors
    ///
    /// [`FamilyConflict`] if it cannot be told apart from another one.
    pub fn with_member(self, member: Member) -> Result<Self, FamilyConflict> {
        Ok(Self { families: self.families.with(member)?, ..self })
    }

    /// Sets the mode of one family and leaves the others as they are.
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if no such family is linked.
    pub fn with_mode(mut self, family: &str, mode: FamilyMode) -> Result<Self, UnknownFamilyName> {
        let family = self.families.get(family)?.name();
        self.policy = self.policy.with_mode(family, mode);
        Ok(self)
    }

    /// Takes the nodes of one family as DataFusion's own are taken, see [`Policy::with_engine`].
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if no such family is linked.
    pub fn with_engine(mut self, family: &str) -> Result<Self, UnknownFamilyName> {
        let family = self.families.get(family)?.name();
        self.policy = self.policy.with_engine(family);
        Ok(self)
    }

    /// Sets the frames in which the payloads of one family leave. All frames are read, whatever is set.
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if no such family is linked.
    pub fn with_frames(mut self, family: &str, frames: Frames) -> Result<Self, UnknownFamilyName> {
        let family = self.families.get(family)?.name();
        match frames {
            Frames::Native => self.native.insert(family),
            Frames::Version1 => self.native.remove(&family),
        };
        Ok(self)
    }

    /// The frames in which the payloads of a family leave.
    #[must_use]
    pub fn frames(&self, family: FamilyName) -> Frames {
        if self.writes_native(family) { Frames::Native } else { Frames::Version1 }
    }

    pub(crate) fn writes_native(&self, family: FamilyName) -> bool {
        self.native.contains(&family)
    }

    /// Sets whether a payload or a registered function of the same name takes precedence.
    #[must_use]
    pub fn with_precedence(mut self, precedence: Precedence) -> Self {
        self.policy = self.policy.with_precedence(precedence);
        self
    }

    /// Replaces the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Has a function that cannot be decoded fail when it runs, instead of the plan around it when it is decoded.
    ///
    /// It is for engines that lose the errors of decoding. The function has to come in a native frame, whose
    /// header describes it to the plan; it fails with a [`Failure`](crate::error::Failure) that calls this process
    /// `place`. Nothing more is let in.
    #[must_use]
    pub fn with_late_failures(self, place: impl Into<Arc<str>>) -> Self {
        Self { late: Some(place.into()), ..self }
    }

    /// The name of this process in failures that come late; `None` if they come where a plan is decoded.
    #[must_use]
    pub fn late_failures(&self) -> Option<&str> {
        self.late.as_deref()
    }

    /// Keeps large functions in a store: those that leave in native frames go by their digests, and those that came so
    /// are taken from there when they are decoded. A process that holds functions of others needs no store.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn PayloadStore>) -> Self {
        Self { store: Some(Kept::new(store)), ..self }
    }

    pub(crate) const fn store(&self) -> Option<&Kept> {
        self.store.as_ref()
    }

    /// Makes settings that let through only what these and the other settings both let through.
    #[must_use]
    pub fn narrowed_by(&self, other: &Self) -> Self {
        Self {
            families: self.families.clone(),
            policy: self.policy.narrowed_by(&other.policy),
            limits: self.limits.narrowed_by(&other.limits),
            native: self.native.clone(),
            late: self.late.clone(),
            store: self.store.clone(),
        }
    }

    /// The families.
    #[must_use]
    pub const fn families(&self) -> &FamilyList {
        &self.families
    }

    /// The mode of each family, and the precedence.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The limits that every message is checked against.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) const fn gate(&self) -> Gate<'_> {
        Gate { families: &self.families, policy: &self.policy }
    }
}
