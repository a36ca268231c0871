//! Modes: what a session does with the frames of each family, and the strict-mode trait.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::policy::floor::Floor;
use crate::policy::precedence::Precedence;
use crate::wire::family_name::{FamilyName, OWN};
use crate::wire::frame::Frame;
use crate::wire::inspection::Inspection;
use crate::wire::trailer::Trailer;

/// The direction in which a payload crosses the process boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// Out: a node is being encoded.
    Encode,
    /// In: a frame is being decoded.
    Decode,
}

/// The decision about one payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It crosses; on the way in it becomes running code.
    Inline,
    /// On the way out, the payload is left out, and the receiver looks the function up by its name.
    /// On the way in it is too late for that, because DataFusion asks its registry only where a plan
    /// brought no payload, so the payload is refused.
    ByName,
    /// It does not cross, for this reason.
    Refuse(String),
}

/// A sound frame about which a [`StrictMode`] decides.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// What is known of the payload, and which family it belongs to.
    pub seen: &'a Inspection,
    /// The frame, with a trailer that nobody has verified.
    pub frame: &'a Frame<'a>,
    /// The mode that has just made the trailer, if any; it need not verify it.
    pub maker: Option<&'a dyn StrictMode>,
}

impl Candidate<'_> {
    /// Whether `mode` has made the trailer.
    #[must_use]
    pub fn is_made_by(&self, mode: &dyn StrictMode) -> bool {
        self.maker.is_some_and(|maker| std::ptr::addr_eq(maker, mode))
    }
}

/// A trailer, and the mode that has made it.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "every mode that signs makes one")]
pub struct Made<'m> {
    /// The trailer to append to the frame.
    pub trailer: Trailer,
    /// The mode that made it.
    pub maker: &'m dyn StrictMode,
}

/// The strict-mode trait: decides payload by payload.
pub trait StrictMode: fmt::Debug + Send + Sync {
    /// Decides about one payload.
    ///
    /// On encode the payload exists already, so a function that its family cannot carry fails first.
    /// On decode the frame has already been found sound, so a refusal here is the last word and the
    /// only reason. Nothing in the payload has been parsed, in either direction.
    ///
    /// A function whose payload is in a [store](crate::PayloadStore) is asked about twice on decode: without its
    /// payload, before that is fetched, and with it. What does not look at payloads says the same both times.
    fn verdict(&self, crossing: Crossing, candidate: &Candidate<'_>) -> Verdict;

    /// Signs a frame that a family has just written: makes the [trailer](Trailer) that is to stand behind it.
    ///
    /// `None`, unless a mode says otherwise: the frame goes as it is, with the trailer that it was received
    /// with, if any. The [verdict](Self::verdict) comes after.
    ///
    /// # Errors
    ///
    /// Why it cannot be signed; nothing is then sent.
    fn sign<'m>(&'m self, candidate: &Candidate<'_>) -> Result<Option<Made<'m>>, String> {
        let _ = candidate;
        Ok(None)
    }
}

/// Several strict modes, all of which have to admit a payload.
///
/// A refusal outranks sending by name, and the first refusal gives the reason. The first mode that signs
/// makes the signature.
/// Without any mode nothing is admitted.
#[derive(Debug, Clone)]
pub struct AllOf(pub Vec<Arc<dyn StrictMode>>);

impl StrictMode for AllOf {
    fn verdict(&self, crossing: Crossing, candidate: &Candidate<'_>) -> Verdict {
        if self.0.is_empty() {
            return Verdict::Refuse("there is no mode that lets it through".to_owned());
        }
        let mut all = Verdict::Inline;
        for mode in &self.0 {
            match mode.verdict(crossing, candidate) {
                Verdict::Inline => {}
                Verdict::ByName => all = Verdict::ByName,
                refusal @ Verdict::Refuse(_) => return refusal,
            }
        }
        all
    }

    fn sign<'m>(&'m self, candidate: &Candidate<'_>) -> Result<Option<Made<'m>>, String> {
        for mode in &self.0 {
            if let Some(made) = mode.sign(candidate)? {
                return Ok(Some(made));
            }
        }
        Ok(None)
    }
}

/// A session's treatment of the frames of one family.
#[derive(Debug, Clone, Default)]
pub enum FamilyMode {
    /// Payloads travel inside the message both ways, and decoding one runs its code.
    Inline,
    /// Nothing is decoded; functions are encoded by name. The default for every family.
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

    /// The mode that admits a payload only if both do.
    fn narrower(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refuse, _) | (_, Self::Refuse) => Self::Refuse,
            (Self::Inline, mode) | (mode, Self::Inline) => mode,
            (Self::Guarded(one), Self::Guarded(other)) if Arc::ptr_eq(&one, &other) => Self::Guarded(one),
            (Self::Guarded(one), Self::Guarded(other)) => Self::Guarded(Arc::new(AllOf(vec![one, other]))),
        }
    }
}

impl fmt::Display for FamilyMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The modes of a session: one for each family, [`FamilyMode::Refuse`] unless said otherwise, and none
/// wider than the [`Floor`] of the process; and the [`Precedence`] of payloads over registered functions.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    modes: BTreeMap<FamilyName, FamilyMode>,
    /// The families of nodes that an engine makes.
    engine: BTreeSet<FamilyName>,
    precedence: Precedence,
}

impl Policy {
    /// Sets the mode of one family and leaves the others as they are.
    #[must_use]
    pub fn with_mode(mut self, family: FamilyName, mode: FamilyMode) -> Self {
        self.engine.remove(&family);
        self.modes.insert(family, mode);
        self
    }

    /// Takes the nodes of a family as DataFusion's own are taken: no mode and no floor is asked about them, until a
    /// mode is set.
    ///
    /// It is for nodes that an engine on top of DataFusion puts into its plans, where the process would be of no use
    /// without them. Functions, tables and plans inside them are under the modes of their own families.
    #[must_use]
    pub fn with_engine(mut self, family: FamilyName) -> Self {
        self.engine.insert(family);
        self
    }

    /// Whether there is an engine.
    pub(crate) fn has_engine(&self) -> bool {
        !self.engine.is_empty()
    }

    /// Sets who wins where a payload comes under the name of a registered function.
    #[must_use]
    pub const fn with_precedence(mut self, precedence: Precedence) -> Self {
        self.precedence = precedence;
        self
    }

    /// Who wins where a payload comes under the name of a registered function.
    #[must_use]
    pub const fn precedence(&self) -> Precedence {
        self.precedence
    }

    /// The mode in effect for a family: the session's own, or what the [`Floor`] of the process
    /// narrows it to.
    #[must_use]
    pub fn mode(&self, family: FamilyName) -> FamilyMode {
        // Values of plans, for which no policy is asked where DataFusion carries them either.
        if family == OWN || self.engine.contains(&family) {
            return FamilyMode::Inline;
        }
        let own = self.modes.get(&family).cloned().unwrap_or_default();
        match Floor::of_process() {
            Floor::Inline => own,
            Floor::Refuse => FamilyMode::Refuse,
            Floor::Guarded(floor) => FamilyMode::Guarded(floor).narrower(own),
        }
    }

    /// The narrower of two policies: for each family the narrower mode, under which a payload has to pass the
    /// guards of both; and registered functions win if they do under either.
    #[must_use]
    pub fn narrowed_by(&self, other: &Self) -> Self {
        let of = |policy: &Self, family| policy.modes.get(family).cloned().unwrap_or_default();
        let modes = self.modes.keys().map(|family| (*family, of(self, family).narrower(of(other, family))));
        let precedence = match (self.precedence, other.precedence) {
            (Precedence::Payload, Precedence::Payload) => Precedence::Payload,
            _ => Precedence::Registered,
        };
        let engine = self.engine.intersection(&other.engine).copied().collect();
        Self { modes: modes.collect(), engine, precedence }
    }

    /// Whether frames of unknown families are refused: as soon as any family was set to a mode other than
    /// inline, and always under a [`Floor`].
    ///
    /// A family that is merely linked, which is refused too, does not count.
    #[must_use]
    pub fn refuses_unknown_families(&self) -> bool {
        !matches!(Floor::of_process(), Floor::Inline)
            || self.modes.values().any(|mode| !matches!(mode, FamilyMode::Inline))
    }
}
