//! Strict mode: what a session does with the frames of each family.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::{FamilyName, Floor, Inspection};

/// The direction in which a payload crosses the process boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// Out: a node is being encoded.
    Encode,
    /// In: a frame is being decoded.
    Decode,
}

/// What is to become of one payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It crosses, and on the way in it becomes running code.
    Inline,
    /// On the way out, the payload is left out, and the receiver looks the function up by its name.
    /// On the way in it is too late for that, because DataFusion asks its registry only where a plan
    /// brought no payload, so the payload is refused.
    ByName,
    /// It does not cross, for this reason.
    Refuse(String),
}

/// The strict-mode trait: decides payload by payload.
pub trait StrictMode: fmt::Debug + Send + Sync {
    /// Decides about one payload of `family`.
    ///
    /// On encode the payload exists already, so a function that its family cannot carry fails first.
    /// On decode the frame has already been found sound, so a refusal here is the last word and the
    /// only reason.
    fn verdict(&self, crossing: Crossing, family: FamilyName, seen: &Inspection) -> Verdict;
}

/// What a session does with the frames of one family.
#[derive(Debug, Clone, Default)]
pub enum FamilyMode {
    /// Payloads travel inside the message both ways, and decoding one runs its code.
    Inline,
    /// Nothing is decoded; functions are encoded by name. The mode of every family that a session
    /// has not been told about.
    #[default]
    Refuse,
    /// A [`StrictMode`] decides about each payload.
    Guarded(Arc<dyn StrictMode>),
}

impl FamilyMode {
    /// The mode's name: `inline`, `refuse` or `guarded`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Refuse => "refuse",
            Self::Guarded(_) => "guarded",
        }
    }
}

impl fmt::Display for FamilyMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The modes of a session: one for each family, [`FamilyMode::Refuse`] unless said otherwise, and none
/// wider than the [`Floor`] of the process.
#[derive(Debug, Clone, Default)]
pub struct Policy(BTreeMap<FamilyName, FamilyMode>);

impl Policy {
    /// Sets the mode of one family and leaves the others as they are.
    #[must_use]
    pub fn with_mode(mut self, family: FamilyName, mode: FamilyMode) -> Self {
        self.0.insert(family, mode);
        self
    }

    /// The mode in effect for a family: the session's own, or what the [`Floor`] of the process
    /// narrows it to.
    #[must_use]
    pub fn mode(&self, family: FamilyName) -> &FamilyMode {
        match Floor::of_process() {
            Floor::Refuse => &FamilyMode::Refuse,
            Floor::Inline => self.0.get(&family).unwrap_or(&FamilyMode::Refuse),
        }
    }

    /// Whether frames of families that nobody here knows are refused: as soon as any family was set to
    /// something other than inline, and under a [`Floor`] always.
    ///
    /// A family that is merely linked, which is refused too, does not count.
    #[must_use]
    pub fn refuses_unknown_families(&self) -> bool {
        Floor::of_process() == Floor::Refuse
            || self.0.values().any(|mode| !matches!(mode, FamilyMode::Inline))
    }
}
