//! The chain: families, then installed codecs, then the terminal codec.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::config::ConfigOptions;
use datafusion::execution::TaskContext;

use crate::call::report::Report;
use crate::call::settings::Settings;
use crate::fidelity;

/// The chain of codecs to which nodes are offered and frames are sent back, in this order: families, then
/// installed codecs, then the terminal codec.
///
/// `C` is `dyn LogicalExtensionCodec` or `dyn PhysicalExtensionCodec`, and the chain is such a codec
/// itself. It is configuration, and cheap to clone; each message, and each buffer that an engine asks it
/// about, is a [`Call`](crate::Call).
pub struct CodecChain<C: ?Sized> {
    pub(crate) settings: Arc<Settings>,
    pub(crate) layer: Layer<C>,
    pub(crate) report: Option<Report>,
    /// The session in which the encoded plan or expression was made, if it is known.
    pub(crate) asked: fidelity::Asked,
    /// The options under which it was made, if they are known.
    pub(crate) under: Option<Arc<ConfigOptions>>,
    /// The memory of the message that is decoded, if parts of it may be kept.
    pub(crate) over: Option<Bytes>,
}

/// The codecs of one layer, behind the families.
pub struct Layer<C: ?Sized> {
    pub(crate) installed: Arc<[Installed<C>]>,
    pub(crate) terminal: Arc<C>,
}

/// An installed codec and its id, which travels with the bytes that the codec writes.
pub(crate) struct Installed<C: ?Sized> {
    pub(crate) id: String,
    pub(crate) codec: Arc<C>,
}

/// The error for a codec that is installed under a taken id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a codec with the id `{id}` is already installed")]
pub struct DuplicateCodec {
    /// The id.
    pub id: String,
}

impl<C: ?Sized> Layer<C> {
    /// Makes a layer without installed codecs.
    #[must_use]
    pub fn new(terminal: Arc<C>) -> Self {
        Self { installed: Arc::new([]), terminal }
    }

    /// Replaces the codec at the end.
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

    /// The ids of the installed codecs in the order they are asked.
    pub fn installed_ids(&self) -> impl Iterator<Item = &str> {
        self.installed.iter().map(|installed| installed.id.as_str())
    }
}

impl<C: ?Sized> CodecChain<C> {
    /// Makes a chain of the families in `settings` and the codecs in `layer`.
    #[must_use]
    pub const fn new(settings: Arc<Settings>, layer: Layer<C>) -> Self {
        Self { settings, layer, report: None, asked: None, under: None, over: None }
    }

    /// Replaces the settings.
    #[must_use]
    pub fn with_settings(&self, settings: Arc<Settings>) -> Self {
        Self { settings, ..self.clone() }
    }

    /// Replaces the codecs behind the families.
    #[must_use]
    pub fn with_layer(&self, layer: Layer<C>) -> Self {
        Self { layer, ..self.clone() }
    }

    /// Makes a chain whose calls add to a report.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use planwire_core::{Carrier, CodecChain, FamilyList, Layer, Report, Settings};
    /// # use datafusion::functions::expr_fn::abs;
    /// # use datafusion::prelude::col;
    /// # use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec};
    /// # let terminal: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
    /// # let chain = CodecChain::new(Arc::new(Settings::new(FamilyList::default())), Layer::new(terminal));
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

    /// Makes a chain for plans that were made in `session`. The session is asked what such a plan reads of
    /// its `information_schema`; without a session, a plan that reads it is refused. The plans leave as plans
    /// that were [made under](Self::made_under) the options of the session.
    #[must_use]
    pub fn asking(&self, session: Arc<TaskContext>) -> Self {
        let under = Some(Arc::clone(session.session_config().options()));
        Self { asked: Some(session), under, ..self.clone() }
    }

    /// Makes a chain for plans that were made under `options`. The options that a plan depends on leave at
    /// its head, unless they are DataFusion's defaults; a session with other values does not decode the plan.
    ///
    /// Without this, the options under which a plan was made are unknown, and the options of the decoding
    /// session apply.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use planwire_core::{CodecChain, FamilyList, Layer, Settings, WireError};
    /// # use datafusion::config::ConfigOptions;
    /// # use datafusion::functions::datetime::expr_fn::now;
    /// # use datafusion::logical_expr::LogicalPlanBuilder;
    /// # use datafusion::prelude::SessionContext;
    /// # use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec};
    /// # let terminal: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
    /// # let chain = CodecChain::new(Arc::new(Settings::new(FamilyList::default())), Layer::new(terminal));
    /// let mut options = ConfigOptions::default();
    /// options.execution.time_zone = Some("+08:00".to_owned());
    /// let plan = LogicalPlanBuilder::empty(true).project([now()])?.build()?;
    /// let bytes = chain.made_under(Arc::new(options)).logical_plan_to_bytes(&plan)?;
    /// let error = chain.logical_plan_from_bytes(&bytes, &SessionContext::new().task_ctx()).unwrap_err();
    /// assert!(matches!(error, WireError::OtherOption { .. }), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn made_under(&self, options: Arc<ConfigOptions>) -> Self {
        Self { under: Some(options), ..self.clone() }
    }

    /// Makes a chain for messages in this memory, of which a large function keeps its part instead of a copy.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use planwire_core::{CodecChain, FamilyList, Layer, Settings};
    /// # use datafusion::prelude::{SessionContext, col};
    /// # use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec};
    /// # let terminal: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
    /// # let chain = CodecChain::new(Arc::new(Settings::new(FamilyList::default())), Layer::new(terminal));
    /// let message = bytes::Bytes::from(chain.expr_to_bytes(&col("a"))?);
    /// let task = SessionContext::new().task_ctx();
    /// assert_eq!(chain.over(message.clone()).expr_from_bytes(&message, &task)?, col("a"));
    /// # Ok::<(), planwire_core::WireError>(())
    /// ```
    #[must_use]
    pub fn over(&self, memory: Bytes) -> Self {
        Self { over: Some(memory), ..self.clone() }
    }

    /// The families, the policy and the limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The codecs behind the families.
    #[must_use]
    pub const fn layer(&self) -> &Layer<C> {
        &self.layer
    }
}

impl<C: ?Sized> Clone for Installed<C> {
    fn clone(&self) -> Self {
        let Self { id, codec } = self;
        Self { id: id.clone(), codec: Arc::clone(codec) }
    }
}

impl<C: ?Sized> Clone for Layer<C> {
    fn clone(&self) -> Self {
        let Self { installed, terminal } = self;
        Self { installed: Arc::clone(installed), terminal: Arc::clone(terminal) }
    }
}

impl<C: ?Sized> Clone for CodecChain<C> {
    fn clone(&self) -> Self {
        let Self { settings, layer, report, asked, under, over } = self;
        Self {
            settings: Arc::clone(settings),
            layer: layer.clone(),
            report: report.clone(),
            asked: asked.clone(),
            under: under.clone(),
            over: over.clone(),
        }
    }
}

impl<C: fmt::Debug + ?Sized> fmt::Debug for Layer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer")
            .field("installed", &self.installed_ids().collect::<Vec<_>>())
            .field("terminal", &self.terminal)
            .finish()
    }
}

impl<C: fmt::Debug + ?Sized> fmt::Debug for CodecChain<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        let modes: Vec<_> = settings
            .families()
            .names()
            .into_iter()
            .map(|name| (name, settings.policy().mode(name)))
            .collect();
        f.debug_struct("CodecChain")
            .field("families", &format_args!("{modes:?}"))
            .field("installed", &self.layer.installed_ids().collect::<Vec<_>>())
            .field("terminal", &self.layer.terminal)
            .finish()
    }
}
