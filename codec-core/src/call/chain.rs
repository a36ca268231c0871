//! The chain: families, then installed codecs, then the terminal codec.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use datafusion::error::Result;
use datafusion::execution::TaskContext;

use crate::call::faults::Faults;
use crate::call::report::Report;
use crate::error::WireError;
use crate::family::list::FamilyList;
use crate::fidelity;
use crate::gate::Gate;
use crate::plan::kind::Kind;
use crate::plan::node::Node;
use crate::policy::precedence::{Precedence, Registered};
use crate::policy::strict::Policy;
use crate::preflight::limits::{Excess, Limit, Limits, Usage};

/// The order in which nodes are offered and frames are sent back: families, then installed codecs,
/// then the terminal codec.
///
/// `C` is `dyn LogicalExtensionCodec` or `dyn PhysicalExtensionCodec`, and the chain is such a codec
/// itself. Clones share everything, and a `with_*` method changes none of them.
pub struct CodecChain<C: ?Sized> {
    families: FamilyList,
    policy: Arc<Policy>,
    pub(crate) installed: Arc<[Installed<C>]>,
    terminal: Arc<C>,
    limits: Limits,
    report: Option<Report>,
    /// The session in which what is encoded was made, if it is known.
    asked: fidelity::Asked,
    call: Option<Call>,
}

/// What is kept for one call.
#[derive(Clone, Default)]
struct Call {
    faults: Faults,
    sums: Arc<Sums>,
    /// The functions of this session, if they take precedence over payloads of their names.
    registered: Option<Arc<Registered>>,
    /// Whether the caller looks at the faults whatever the outcome, so that stand-ins may stand.
    checked: bool,
}

/// What a call has met so far.
#[derive(Default)]
struct Sums {
    usage: Usage,
    /// Whether anything that was decoded stands in for what DataFusion's protobuf would have lost.
    stand_ins: AtomicBool,
}

/// A codec that was installed behind an id, which travels with what it writes.
pub(crate) struct Installed<C: ?Sized> {
    pub(crate) id: String,
    pub(crate) codec: Arc<C>,
}

/// A codec was installed under an id that is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a codec with the id `{id}` is already installed")]
pub struct DuplicateCodec {
    /// The id.
    pub id: String,
}

impl<C: ?Sized> CodecChain<C> {
    /// Makes a chain that refuses every family and installs no codec.
    #[must_use]
    pub fn new(families: FamilyList, terminal: Arc<C>) -> Self {
        Self {
            families,
            policy: Arc::default(),
            installed: Arc::new([]),
            terminal,
            limits: Limits::default(),
            report: None,
            asked: None,
            call: None,
        }
    }

    /// Replaces the policy.
    #[must_use]
    pub fn with_policy(self, policy: Arc<Policy>) -> Self {
        Self { policy, ..self }
    }

    /// Replaces the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Replaces the codec at the end of the chain.
    #[must_use]
    pub fn with_terminal(self, terminal: Arc<C>) -> Self {
        Self { terminal, ..self }
    }

    /// Adds a codec before the terminal codec and after those already installed.
    ///
    /// # Errors
    ///
    /// [`DuplicateCodec`] if the id is taken.
    pub fn with_installed(self, id: impl Into<String>, codec: Arc<C>) -> Result<Self, DuplicateCodec> {
        let id = id.into();
        if self.installed_ids().any(|taken| taken == id) {
            return Err(DuplicateCodec { id });
        }
        let installed = self.installed.iter().cloned().chain([Installed { id, codec }]).collect();
        Ok(Self { installed, ..self })
    }

    /// Makes a chain for one call, and the place where that call's first error is kept.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use planwire_core::{CodecChain, FamilyList};
    /// # use datafusion::prelude::{col, lit};
    /// # use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec, to_proto::serialize_expr};
    /// # let terminal: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
    /// # let chain = CodecChain::new(FamilyList::default(), terminal);
    /// let (codec, faults) = chain.recording();
    /// let node = serialize_expr(&col("a").eq(lit(1)), &codec)?;
    /// faults.check()?; // DataFusion would have dropped a codec's error
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn recording(&self) -> (Self, Faults) {
        let call = Call::default();
        let faults = call.faults.clone();
        (Self { call: Some(call), ..self.clone() }, faults)
    }

    /// Makes a chain whose calls add to a report.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use planwire_core::{Carrier, CodecChain, FamilyList, Report};
    /// # use datafusion::functions::expr_fn::abs;
    /// # use datafusion::prelude::col;
    /// # use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec};
    /// # let terminal: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
    /// # let chain = CodecChain::new(FamilyList::default(), terminal);
    /// let report = Report::default();
    /// chain.reporting(&report).expr_to_bytes(&abs(col("a")))?;
    /// let [carried] = &report.carried()[..] else { panic!("there is one function") };
    /// assert_eq!((carried.name.as_str(), &carried.carrier), ("abs", &Carrier::Name));
    /// # Ok::<(), planwire_core::WireError>(())
    /// ```
    #[must_use]
    pub fn reporting(&self, report: &Report) -> Self {
        Self { report: Some(report.clone()), ..self.clone() }
    }

    /// Makes a chain for plans that were made in a session, which is asked what they read of its
    /// `information_schema`; without one, such plans are refused.
    #[must_use]
    pub fn asking(&self, session: Arc<TaskContext>) -> Self {
        Self { asked: Some(session), ..self.clone() }
    }

    pub(crate) const fn asked(&self) -> &fidelity::Asked {
        &self.asked
    }

    /// [`Self::recording`] for a caller that decodes with what is registered in `task`, and looks at the
    /// faults whatever the outcome.
    pub(crate) fn checking(&self, task: &TaskContext) -> (Self, Faults) {
        let (chain, faults) = self.recording();
        let registered = match self.policy.precedence() {
            Precedence::Payload => None,
            Precedence::Registered => Some(Arc::new(Registered::of(task))),
        };
        let call = chain.call.clone().map(|call| Call { checked: true, registered, ..call });
        (Self { call, ..chain }, faults)
    }

    /// The same chain, in the same call, for another layer: no codec is installed there.
    pub(crate) fn over<D: ?Sized>(&self, terminal: Arc<D>) -> CodecChain<D> {
        let Self { families, policy, limits, report, asked, call, .. } = self;
        let chain = CodecChain::new(families.clone(), terminal).with_policy(Arc::clone(policy));
        let (report, asked, call) = (report.clone(), asked.clone(), call.clone());
        CodecChain { report, asked, call, ..chain.with_limits(*limits) }
    }

    /// Whether this chain is for one call.
    pub(crate) const fn is_for_a_call(&self) -> bool {
        self.call.is_some()
    }

    /// The families in front.
    #[must_use]
    pub const fn families(&self) -> &FamilyList {
        &self.families
    }

    /// The mode of each family.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The most of everything that is limited.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The ids of the installed codecs in the order they are asked.
    pub fn installed_ids(&self) -> impl Iterator<Item = &str> {
        self.installed.iter().map(|installed| installed.id.as_str())
    }

    /// The codec at the end.
    #[must_use]
    pub const fn terminal(&self) -> &Arc<C> {
        &self.terminal
    }

    pub(crate) fn gate(&self) -> Gate<'_> {
        Gate { families: &self.families, policy: &self.policy }
    }

    /// Checks the size of one buffer of a plan, and its name, against the limits.
    ///
    /// What all buffers of a message add up to is known only where the chain is for one call.
    pub(crate) fn within_limits(&self, bytes: &[u8], name: &str) -> Result<(), Excess> {
        self.limits.check(Limit::Name, name.len())?;
        self.limits.check(Limit::Payload, bytes.len())?;
        match &self.call {
            Some(call) if !bytes.is_empty() => call.sums.usage.count(bytes.len(), &self.limits),
            _ => Ok(()),
        }
    }

    /// Notes that this call has decoded something that stands in for something else.
    pub(crate) fn note_stand_in(&self) {
        if let Some(call) = &self.call {
            call.sums.stand_ins.store(true, Relaxed);
        }
    }

    /// Whether this call has decoded something that stands in for something else.
    pub(crate) fn noted_stand_in(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.sums.stand_ins.load(Relaxed))
    }

    /// Where calls report to, if anywhere.
    pub(crate) const fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The registered function that takes precedence over any payload of its name.
    pub(crate) fn registered(&self, kind: Kind, name: &str) -> Option<Node> {
        self.call.as_ref()?.registered.as_ref()?.function(kind, name)
    }

    /// Whether this call has failed and goes on with stand-ins.
    pub(crate) fn stands_in(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.checked && call.faults.is_recorded())
    }

    /// Keeps the first error of a call, where the chain is for one.
    pub(crate) fn recorded<T>(&self, result: Result<T, WireError>) -> Result<T> {
        Ok(result.inspect_err(|error| self.record(error))?)
    }

    pub(crate) fn record(&self, error: &WireError) {
        if let Some(call) = &self.call {
            call.faults.record(error);
        }
    }

    /// The first error of this call so far.
    pub(crate) fn fault(&self) -> Option<WireError> {
        self.call.as_ref()?.faults.first()
    }
}

impl<C: ?Sized> Clone for Installed<C> {
    fn clone(&self) -> Self {
        let Self { id, codec } = self;
        Self { id: id.clone(), codec: Arc::clone(codec) }
    }
}

impl<C: ?Sized> Clone for CodecChain<C> {
    fn clone(&self) -> Self {
        let Self { families, policy, installed, terminal, limits, report, asked, call } = self;
        Self {
            families: families.clone(),
            policy: Arc::clone(policy),
            installed: Arc::clone(installed),
            terminal: Arc::clone(terminal),
            limits: *limits,
            report: report.clone(),
            asked: asked.clone(),
            call: call.clone(),
        }
    }
}

impl<C: fmt::Debug + ?Sized> fmt::Debug for CodecChain<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modes: Vec<_> =
            self.families.names().into_iter().map(|name| (name, self.policy.mode(name))).collect();
        f.debug_struct("CodecChain")
            .field("families", &format_args!("{modes:?}"))
            .field("installed", &self.installed_ids().collect::<Vec<_>>())
            .field("terminal", &self.terminal)
            .finish()
    }
}
