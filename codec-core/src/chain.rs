//! The chain: families, then installed codecs, then the terminal codec.

use std::fmt;
use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};

use crate::context::{CodecRef, DecodeContext, EncodeContext, Place};
use crate::envelope::{self, Envelope};
use crate::error::{Cause, CodecName};
use crate::faults::Faults;
use crate::frame;
use crate::gate::{Admission, Arrival, Gate};
use crate::node::{FromNode, NodeRef};
use crate::strict::{FamilyMode, Policy, Verdict};
use crate::{FamilyList, Kind, Magic, Node, WireError};

/// The order in which nodes are offered and frames are sent back: families, then installed codecs,
/// then the terminal codec.
///
/// `C` is `dyn LogicalExtensionCodec` or `dyn PhysicalExtensionCodec`, and the chain is such a codec
/// itself. Clones share everything; a `with_*` method returns a new chain and leaves the old one.
pub struct CodecChain<C: ?Sized> {
    families: FamilyList,
    policy: Arc<Policy>,
    installed: Arc<[Installed<C>]>,
    terminal: Arc<C>,
    faults: Option<Faults>,
}

/// A codec that was installed behind an id, which travels with what it writes.
struct Installed<C: ?Sized> {
    id: String,
    codec: Arc<C>,
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
        Self { families, policy: Arc::default(), installed: Arc::new([]), terminal, faults: None }
    }

    /// Replaces the policy.
    #[must_use]
    pub fn with_policy(self, policy: Arc<Policy>) -> Self {
        Self { policy, ..self }
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
        let faults = Faults::default();
        (Self { faults: Some(faults.clone()), ..self.clone() }, faults)
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

    /// The ids of the installed codecs in the order they are asked.
    pub fn installed_ids(&self) -> impl Iterator<Item = &str> {
        self.installed.iter().map(|installed| installed.id.as_str())
    }

    /// The codec at the end.
    #[must_use]
    pub const fn terminal(&self) -> &Arc<C> {
        &self.terminal
    }

    fn gate(&self) -> Gate<'_> {
        Gate { families: &self.families, policy: &self.policy }
    }

    /// Appends what the chain makes of a node, all at once and only on success.
    pub(crate) fn encode(
        &self,
        node: NodeRef<'_>,
        codec: CodecRef<'_>,
        buf: &mut Vec<u8>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let bytes = self.recorded(self.encoded(node, codec, ask))?;
        if buf.is_empty() {
            *buf = bytes;
        } else {
            buf.extend_from_slice(&bytes);
        }
        Ok(())
    }

    fn encoded(
        &self,
        node: NodeRef<'_>,
        codec: CodecRef<'_>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<Vec<u8>, WireError> {
        match self.encoded_by_family(node, &EncodeContext { codec })? {
            Some(bytes) => Ok(bytes),
            None => self.encoded_by_codec(node, ask),
        }
    }

    fn encoded_by_family(
        &self,
        node: NodeRef<'_>,
        cx: &EncodeContext<'_>,
    ) -> Result<Option<Vec<u8>>, WireError> {
        let kind = node.kind();
        for member in self.families.iter() {
            let family = &*member.family;
            let Some(tag) = family.tag(kind) else { continue };
            if matches!(self.policy.mode(family.name()), FamilyMode::Refuse) {
                continue;
            }
            let Some(payload) = family.encode(node, cx)? else { continue };
            let bytes = frame::encode(tag, payload);
            let owner = crate::family::Owner { family, kind, tag };
            let name = node.name();
            return match self.gate().release(owner, &bytes, &name)? {
                Verdict::Inline => Ok(Some(bytes)),
                Verdict::ByName => Ok(None),
                Verdict::Refuse(reason) => {
                    Err(WireError::EncodeRefused { family: family.name(), kind, name, reason })
                }
            };
        }
        Ok(None)
    }

    fn encoded_by_codec(
        &self,
        node: NodeRef<'_>,
        ask: &dyn Fn(&C, &mut Vec<u8>) -> Result<()>,
    ) -> Result<Vec<u8>, WireError> {
        let failure = |codec, error| encode_failure(codec, node, error);
        let mut failed = None;
        for installed in self.installed.iter() {
            let mut bytes = Vec::new();
            match ask(&installed.codec, &mut bytes) {
                Ok(()) if bytes.is_empty() => {}
                Ok(()) => return Ok(envelope::encode(Envelope { id: &installed.id, bytes: &bytes })),
                // The word codecs have for a node of someone else's.
                Err(DataFusionError::NotImplemented(_)) => {}
                Err(error) => {
                    let codec = CodecName::Installed(installed.id.clone());
                    failed.get_or_insert_with(|| failure(codec, error));
                }
            }
        }
        let mut bytes = Vec::new();
        match ask(&self.terminal, &mut bytes) {
            // A codec that failed over the node owns it, so by name would not be what its user meant.
            Ok(()) if bytes.is_empty() => failed.map_or(Ok(bytes), Err),
            Ok(()) => Ok(bytes),
            Err(error) => Err(failed.unwrap_or_else(|| failure(CodecName::Terminal, error))),
        }
    }

    /// Turns bytes in a plan back into what stood there.
    pub(crate) fn decode<T: FromNode>(
        &self,
        bytes: &[u8],
        place: Place<'_>,
        codec: CodecRef<'_>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T> {
        self.recorded(self.decoded(bytes, &DecodeContext { place, codec }, ask))
    }

    fn decoded<T: FromNode>(
        &self,
        bytes: &[u8],
        cx: &DecodeContext<'_>,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        let (kind, name) = (cx.place.kind(), cx.place.name());
        let gate = self.gate();
        match gate.sort(bytes) {
            Arrival::ByName => self.decoded_by_name(kind, name, ask),
            Arrival::Frame(owner) => match gate.admit(owner, bytes, kind, &name)? {
                Admission::Inline(frame) => {
                    let family = owner.family.name();
                    let node = owner.family.decode(frame, cx)?;
                    self.check_name(&node, family, &name)?;
                    let found = node.kind();
                    T::from_node(node).ok_or(WireError::WrongKind { family, name, found, wanted: kind })
                }
                Admission::ByName => self.decoded_by_name(kind, name, ask),
            },
            Arrival::Envelope => {
                let envelope = gate.open(bytes, kind, &name)?;
                self.decoded_by_installed(envelope, kind, name, ask)
            }
            Arrival::UnknownFamily(magic) => self.decoded_unknown(bytes, magic, kind, &name, ask),
            Arrival::Unframed => ask(&self.terminal, bytes).map_err(|error| {
                gate.truncated_magic(bytes, kind, &name)
                    .unwrap_or_else(|| decode_failure(CodecName::Terminal, kind, name, error))
            }),
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
            return ask(&self.terminal, &[])
                .map_err(|error| decode_failure(CodecName::Terminal, kind, name, error));
        }
        let installed = self.installed.iter().map(|installed| &installed.codec);
        installed
            .chain([&self.terminal])
            .find_map(|codec| ask(codec, &[]).ok())
            .ok_or(WireError::UnknownFunction { kind, name, similar: Vec::new() })
    }

    fn decoded_by_installed<T>(
        &self,
        envelope: Envelope<'_>,
        kind: Kind,
        name: String,
        ask: &dyn Fn(&C, &[u8]) -> Result<T>,
    ) -> Result<T, WireError> {
        let Some(installed) = self.installed.iter().find(|installed| installed.id == envelope.id) else {
            let known = self.installed_ids().map(str::to_owned).collect();
            return Err(WireError::UnknownCodec { id: envelope.id.to_owned(), kind, name, known });
        };
        self.gate().screen(envelope.bytes, kind, &name)?;
        ask(&installed.codec, envelope.bytes)
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
        ask(&self.terminal, bytes).map_err(|error| match WireError::find(&error) {
            Some(found) => found.clone(),
            None => self.gate().unknown_family(magic, kind, name),
        })
    }

    /// Compares the name outside the payload with the one inside.
    fn check_name(&self, node: &Node, family: crate::FamilyName, outer: &str) -> Result<(), WireError> {
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
        if self.policy.is_strict() {
            return Err(mismatch);
        }
        tracing::warn!(code = mismatch.code(), "{mismatch}");
        Ok(())
    }

    fn recorded<T>(&self, result: Result<T, WireError>) -> Result<T> {
        result.map_err(|error| {
            if let Some(faults) = &self.faults {
                faults.record(&error);
            }
            error.into()
        })
    }
}

fn encode_failure(codec: CodecName, node: NodeRef<'_>, error: DataFusionError) -> WireError {
    match WireError::find(&error) {
        Some(found) => found.clone(),
        None => {
            let source: Cause = Arc::new(error);
            WireError::EncodeCodec { codec, kind: node.kind(), name: node.name(), source }
        }
    }
}

fn decode_failure(codec: CodecName, kind: Kind, name: String, error: DataFusionError) -> WireError {
    match WireError::find(&error) {
        Some(found) => found.clone(),
        None => WireError::DecodeCodec { codec, kind, name, source: Arc::new(error) },
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
        let Self { families, policy, installed, terminal, faults } = self;
        Self {
            families: families.clone(),
            policy: Arc::clone(policy),
            installed: Arc::clone(installed),
            terminal: Arc::clone(terminal),
            faults: faults.clone(),
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
