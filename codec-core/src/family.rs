//! Families, the plugins that carry nodes, and the contexts that they are given.

pub(crate) mod around;
pub(crate) mod authorized;
pub(crate) mod cache;
pub(crate) mod context;
pub(crate) mod counts;
pub(crate) mod described;
pub(crate) mod list;
pub(crate) mod own;

use std::fmt;

use crate::error::WireError;
use crate::family::authorized::AuthorizedFrame;
use crate::family::context::{DecodeContext, EncodeContext};
use crate::plan::kind::Kind;
use crate::plan::message_sort::Message;
use crate::plan::node::{Node, NodeRef};
use crate::wire::family_name::FamilyName;
use crate::wire::frame::{Frame, Payload, Tag};
use crate::wire::inspection::Stamp;

/// A way of carrying nodes inside a plan.
///
/// ```
/// use std::sync::Arc;
///
/// use planwire_core::frame::{Payload, Tag};
/// use planwire_core::{
///     AuthorizedFrame, DecodeContext, EncodeContext, FamilyName, Kind, Node, NodeRef, WireError, WireFamily,
/// };
/// use datafusion::functions::math::abs;
///
/// /// Carries `abs` as an empty payload, wherever the receiver got it from.
/// #[derive(Debug)]
/// struct AbsFamily;
///
/// impl WireFamily for AbsFamily {
///     fn name(&self) -> FamilyName {
///         FamilyName::new("abs")
///     }
///
///     fn tag(&self, kind: Kind) -> Option<Tag> {
///         (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFABSFN", 1))
///     }
///
///     fn encode(&self, node: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
///         let NodeRef::ScalarUdf(udf) = node else { return Ok(None) };
///         Ok((udf.name() == "abs").then(|| Payload::concat(&[])))
///     }
///
///     fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
///         Ok(Node::ScalarUdf(abs()))
///     }
/// }
/// ```
pub trait WireFamily: fmt::Debug + Send + Sync + 'static {
    /// The family's name, by which sessions set its mode.
    fn name(&self) -> FamilyName;

    /// The tag of the frames that carry `kind`, or nothing if the family does not carry it.
    fn tag(&self, kind: Kind) -> Option<Tag>;

    /// Encodes a node, or returns `None` if it belongs to someone else.
    ///
    /// # Errors
    ///
    /// When the node is the family's own and cannot be carried, see [`EncodeContext::cannot_carry`]; the
    /// message is then not sent.
    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError>;

    /// Reads the stamp of a payload: the runtime that it needs, if it names one.
    ///
    /// Runs before any policy is asked, also for payloads that will be refused, so it must not run
    /// code from the payload, take a lock or touch an interpreter.
    ///
    /// # Errors
    ///
    /// A [`StampError`] when the payload could not be decoded here whatever the policy.
    fn stamp(&self, frame: &Frame<'_>) -> Result<Option<Stamp>, StampError> {
        let _ = frame;
        Ok(None)
    }

    /// Lists the parts inside a sound payload, so that looking into a message finds them too.
    ///
    /// Like [`Self::stamp`] it runs also for payloads that will be refused, and must not run code from the
    /// payload.
    fn nested<'a>(&self, kind: Kind, frame: &Frame<'a>) -> Nested<'a> {
        let _ = (kind, frame);
        Nested::Unknown
    }

    /// Turns an authorized frame into a node of the kind the frame was found for.
    ///
    /// # Errors
    ///
    /// When the payload does not hold what its tag says.
    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError>;
}

/// The parts inside a payload that codecs are asked about, e.g. the functions of a node's expression.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nested<'a> {
    /// The family does not tell, so decoding may find more parts than looking into the message did.
    Unknown,
    /// No parts. Decoding the payload also looks up nothing in the session and gives the same result each
    /// time.
    Nothing,
    /// All parts are in these slices of the payload, each with its sort of message. They were written by
    /// [`EncodeContext::expr_to_bytes`] and the similar methods.
    Parts(Vec<(Message, &'a [u8])>),
}

/// The reason why a payload cannot be decoded here, told by its outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// The payload is too short for a stamp, or holds something else in its place.
    #[error("{fault}")]
    Malformed {
        /// What is wrong with it.
        fault: String,
    },
    /// The payload needs another runtime than the one here.
    #[error("made for {found}, running {running}")]
    Mismatch {
        /// The stamp.
        found: Stamp,
        /// The runtime of this process.
        running: Stamp,
    },
}
