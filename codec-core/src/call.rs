//! One call through the chain: a message, or one buffer where an engine asks node by node.

mod build;
pub(crate) mod chain;
pub(crate) mod codec;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod inside;
mod named;
pub(crate) mod opaque;
pub(crate) mod report;
pub(crate) mod route;
pub(crate) mod settings;
pub(crate) mod shared;
mod stored;
mod whole_message;
mod written;

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use datafusion::common::config::ConfigOptions;
use datafusion::execution::TaskContext;

use crate::call::chain::{CodecChain, Layer};
use crate::call::report::Report;
use crate::call::settings::Settings;
use crate::call::shared::Shared;
use crate::call::written::Written;
use crate::error::WireError;
use crate::fidelity;
use crate::limits::{Excess, Limit, Limits, Usage};
use crate::plan::kind::Kind;
use crate::plan::node::Node;
use crate::policy::precedence::{Precedence, Registered};

/// One call of a [`CodecChain`]; DataFusion gets it as its codec.
///
/// ```
/// # use std::sync::Arc;
/// # use planwire_core::{CodecChain, FamilyList, Layer, Settings};
/// # use datafusion::prelude::{col, lit};
/// # use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec, to_proto::serialize_expr};
/// # let terminal: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
/// # let chain = CodecChain::new(Arc::new(Settings::new(FamilyList::default())), Layer::new(terminal));
/// let call = chain.call();
/// let node = serialize_expr(&col("a").eq(lit(1)), &call)?;
/// call.take_fault()?; // DataFusion would have dropped a codec's error
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Call<C: ?Sized> {
    pub(crate) state: Arc<CallState>,
    pub(crate) layer: Layer<C>,
}

/// The settings of a call and its state so far, the same on both layers.
pub(crate) struct CallState {
    pub(crate) settings: Arc<Settings>,
    /// The report that the call adds to, if any.
    pub(crate) report: Option<Report>,
    /// The session in which the encoded plan or expression was made, if it is known.
    pub(crate) asked: fidelity::Asked,
    /// The options under which it was made, if they are known.
    pub(crate) under: Option<Arc<ConfigOptions>>,
    /// The memory of the message that is decoded, if parts of it may be kept.
    pub(crate) over: Option<Bytes>,
    /// The first error. DataFusion's logical serializer discards the error that a codec returns for a
    /// function, and its parser turns errors inside arguments into text.
    fault: Mutex<Option<WireError>>,
    usage: Usage,
    /// The functions that families have encoded in this message.
    written: Written,
    /// The functions that the message has once.
    pub(crate) shared: Shared,
    /// Whether the call has decoded a stand-in for something that DataFusion's protobuf would have lost.
    kept: AtomicBool,
    /// The registered functions of this session, if they take precedence over payloads of the same names.
    registered: Option<Registered>,
    /// Whether the caller takes the fault whatever the outcome; only then may stand-ins stay in the result.
    checked: bool,
}

impl<C: ?Sized> CodecChain<C> {
    /// Begins a call; at its end the caller [takes](Call::take_fault) its first error.
    #[must_use]
    pub fn call(&self) -> Call<C> {
        self.begin(None, false)
    }

    /// Begins a call that decodes with the functions registered in `task`; its caller takes the fault
    /// whatever the outcome.
    pub(crate) fn call_checked(&self, task: &TaskContext) -> Call<C> {
        let registered = match self.settings.policy().precedence() {
            Precedence::Payload => None,
            Precedence::Registered => Some(Registered::of(task)),
        };
        self.begin(registered, true)
    }

    fn begin(&self, registered: Option<Registered>, checked: bool) -> Call<C> {
        let Self { settings, layer, report, asked, under, over } = self.clone();
        let (fault, usage, written, shared, kept) = Default::default();
        let state = CallState {
            settings,
            report,
            asked,
            under,
            over,
            fault,
            usage,
            written,
            shared,
            kept,
            registered,
            checked,
        };
        Call { state: Arc::new(state), layer }
    }
}

impl<C: ?Sized> Call<C> {
    /// Takes the first error of the call; after that there is none to take.
    ///
    /// # Errors
    ///
    /// The first error.
    pub fn take_fault(&self) -> Result<(), WireError> {
        self.state.fault().take().map_or(Ok(()), Err)
    }
}

impl CallState {
    pub(crate) fn limits(&self) -> &Limits {
        self.settings.limits()
    }

    /// Checks the sizes of one buffer of a plan and of its name against the limits, and counts the buffer.
    pub(crate) fn within_limits(&self, size: usize, name: &str) -> Result<(), Excess> {
        let limits = self.limits();
        limits.check(Limit::Name, name.len())?;
        limits.check(Limit::Payload, size)?;
        if size == 0 { Ok(()) } else { self.usage.count(size, limits) }
    }

    /// Notes that the call has decoded something that has to be put back, as DataFusion's protobuf has no
    /// field for it.
    pub(crate) fn note_kept(&self) {
        self.kept.store(true, Relaxed);
    }

    /// Whether anything has to be put back.
    pub(crate) fn has_kept(&self) -> bool {
        self.kept.load(Relaxed)
    }

    /// The registered function that takes precedence over any payload of its name.
    pub(crate) fn registered(&self, kind: Kind, name: &str) -> Option<Node> {
        self.registered.as_ref()?.function(kind, name)
    }

    /// Whether any registered function takes precedence over payloads.
    pub(crate) const fn prefers_registered(&self) -> bool {
        self.registered.is_some()
    }

    /// Whether the call has failed and goes on with stand-ins.
    pub(crate) fn stands_in(&self) -> bool {
        self.checked && self.fault().is_some()
    }

    /// Keeps an error, if it is the first of the call.
    pub(crate) fn record(&self, error: &WireError) {
        self.fault().get_or_insert_with(|| error.clone());
    }

    /// The first error of the call so far.
    pub(crate) fn first_fault(&self) -> Option<WireError> {
        self.fault().clone()
    }

    fn fault(&self) -> MutexGuard<'_, Option<WireError>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: ?Sized> Clone for Call<C> {
    fn clone(&self) -> Self {
        let Self { state, layer } = self;
        Self { state: Arc::clone(state), layer: layer.clone() }
    }
}

impl<C: fmt::Debug + ?Sized> fmt::Debug for Call<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("layer", &self.layer).finish_non_exhaustive()
    }
}
