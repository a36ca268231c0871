//! Errors: what can go wrong between a plan and its bytes, each with a code and a remedy.

mod cause;
mod failure;
pub(crate) mod fragments;
mod help;
pub mod panics;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use datafusion::error::DataFusionError;

pub use crate::error::cause::find_cause;
pub use crate::error::failure::Failure;
use crate::error::fragments::{
    ByName, Instead, Item, List, Made, Named, RefusedToo, Refusing, Similar, Told, Value,
};
pub use crate::error::fragments::{Escaped, OneLine, Shown, is_plain};
use crate::limits::Limit;
use crate::plan::kind::Kind;
pub use crate::plan::message_sort::Message;
use crate::wire::family_name::FamilyName;
use crate::wire::frame::{FrameError, Unlinked};
use crate::wire::inspection::Stamp;

/// The command that prints what the error index says of a code, which each text of an error ends with.
#[must_use]
pub fn page(code: &str) -> String {
    format!("planwire explain {code}")
}

/// The cause of an error, shared so that the error can be recorded and returned.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why a plan or expression was not encoded or decoded.
///
/// Inside a [`DataFusionError`] it is the external error at the end of the chain;
/// [`WireError::find`] gets it back.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are explained by the messages")]
pub enum WireError {
    /// The family of the node could not make a payload of it.
    #[error("family `{family}` cannot carry the {}", Item(*kind, name))]
    Encode { family: FamilyName, kind: Kind, name: String, source: Cause },

    /// A guarded mode does not let the payload out.
    #[error("family `{family}` may not send the {}: {}", Item(*kind, name), Told(reason))]
    EncodeRefused { family: FamilyName, kind: Kind, name: String, reason: String },

    /// An installed codec or the terminal codec failed to encode.
    #[error("{codec} cannot encode the {}{}", Item(*kind, name), Refusing(refused))]
    EncodeCodec { codec: CodecName, kind: Kind, name: String, refused: Vec<FamilyName>, source: Cause },

    /// DataFusion has no message for the node, and nothing else here has one.
    #[error(
        "the {}{} does not travel: neither DataFusion nor a family or codec of this session carries it{}; {}",
        Item(*kind, name), Made(made), Refusing(refused), Instead(*kind)
    )]
    NotCarried { kind: Kind, name: String, made: String, refused: Vec<FamilyName> },

    /// DataFusion could not turn the plan or expression into a message.
    #[error("the {what} cannot be encoded")]
    EncodeMessage { what: Message, source: Cause },

    /// Something would be lost or changed on the way, and a receiver would not notice.
    #[error("not sent, because it would not arrive as it is: {}", Told(detail))]
    Lost { detail: String },

    /// DataFusion panicked while it encoded.
    #[error("DataFusion panicked over the {what}: {}", Shown(detail))]
    EncodePanicked { what: Message, detail: String },

    /// A family panicked while it encoded.
    #[error("family `{family}` panicked over the {}: {}", Item(*kind, name), Shown(detail))]
    EncodeFamilyPanicked { family: FamilyName, kind: Kind, name: String, detail: String },

    /// The payload is large enough for the store of the session, and does not go there.
    #[error("the payload of the {} does not go into a store: {}", Item(*kind, name), Told(reason))]
    EncodeStore { kind: Kind, name: String, reason: String },

    /// The message exceeds a limit, so a receiver with the same limits would refuse it.
    #[error("limit `{limit}` exceeded: {found} {}, the limit is {most}", limit.unit())]
    EncodeLimit { limit: Limit, found: usize, most: usize },

    /// The bytes begin as a frame, and the rest is not one.
    #[error("malformed {family} frame for the {}: {}", Item(*kind, name), Told(fault))]
    Malformed { family: FamilyName, kind: Kind, name: String, fault: String },

    /// The frame's version is not one that this build reads.
    #[error(
        "version mismatch in the {family} frame for the {}: it has version {found}, this build reads {oldest} to {newest}{}",
        Item(*kind, name), RefusedToo(*refuses)
    )]
    Version { family: FamilyName, kind: Kind, name: String, found: u8, oldest: u8, newest: u8, refuses: bool },

    /// The payload needs another runtime.
    #[error(
        "version mismatch: the {} was encoded for {found}, this process runs {running}{}",
        Item(*kind, name), RefusedToo(*refuses)
    )]
    Stamp { kind: Kind, name: String, found: Stamp, running: Stamp, refuses: bool },

    /// The payload is named by its digest, and this process does not get it.
    #[error("the payload of the {} is in a store and does not come from there: {}", Item(*kind, name), Told(reason))]
    Store { kind: Kind, name: String, reason: String },

    /// The frame carries one kind where the plan expects another.
    #[error(
        "wrong kind: the {family} frame for {} carries kind {found}, the plan has kind {wanted} there",
        Named(*wanted, name)
    )]
    WrongKind { family: FamilyName, name: String, found: Kind, wanted: Kind },

    /// The frame is sound and this session does not decode its family.
    #[error(
        "refused the inline {} of family `{family}`: {}enable the family here and accept that inbound payloads execute code",
        Item(*kind, name), ByName(*kind, "", ", or ")
    )]
    Refused { family: FamilyName, kind: Kind, name: String },

    /// The frame is sound and no session of this process decodes any family.
    #[error(
        "refused the inline {} of family `{family}`: the floor of this process is `refuse`, whatever its sessions say{}",
        Item(*kind, name), ByName(*kind, "; ", "")
    )]
    RefusedByFloor { family: FamilyName, kind: Kind, name: String },

    /// The frame is sound and a guarded mode refused it.
    #[error("policy refused the inline {} of family `{family}`: {}", Item(*kind, name), Told(reason))]
    PolicyRefused { family: FamilyName, kind: Kind, name: String, reason: String },

    /// The bytes are framed, and no family of this process has their magic or is called as they say.
    #[error(
        "unknown family: no family here has {family} of the {}, known are {}",
        Item(*kind, name),
        List(known)
    )]
    UnknownFamily { family: Unlinked, kind: Kind, name: String, known: Vec<FamilyName> },

    /// A function is to run that is held as it came, because its family is not linked here.
    #[error(
        "the {} is held as it came and does not run here: no family named `{}` is linked",
        Item(*kind, name),
        Escaped(family)
    )]
    Unopened { family: String, kind: Kind, name: String },

    /// A function came by name and the receiver has none of that name.
    #[error("unknown function: no {kind} named {} is registered here{}", Shown(name), Similar(similar))]
    UnknownFunction { kind: Kind, name: String, similar: Vec<String>, source: Option<Cause> },

    /// The bytes were written by an installed codec that the receiver lacks.
    #[error(
        "unknown codec: no codec {} is installed here for the {}, known are {}",
        Shown(id),
        Item(*kind, name),
        List(known)
    )]
    UnknownCodec { id: String, kind: Kind, name: String, known: Vec<String> },

    /// The frame is authorized and does not hold what its tag says.
    #[error("the payload of the {} of family `{family}` cannot be decoded", Item(*kind, name))]
    Payload { family: FamilyName, kind: Kind, name: String, source: Cause },

    /// The name inside the payload differs from the plan's.
    #[error(
        "the plan says {} where the payload of family `{family}` holds the {kind} {}",
        Shown(outer),
        Shown(inner)
    )]
    NameMismatch { family: FamilyName, kind: Kind, outer: String, inner: String },

    /// A function that is registered here took precedence over a payload of its name.
    #[error("the registered {kind} {} is taken, and the payload of that name is left alone", Shown(name))]
    Preferred { kind: Kind, name: String },

    /// An installed codec or the terminal codec failed to decode.
    #[error("{codec} cannot decode the {}", Item(*kind, name))]
    DecodeCodec { codec: CodecName, kind: Kind, name: String, source: Cause },

    /// The bytes as a whole are not a message of this sort.
    #[error("the bytes are not an encoded {what}")]
    NotAMessage { what: Message, source: Cause },

    /// The bytes cannot be decoded as any sort of message.
    #[error("the {size} bytes are neither an encoded expression, nor an encoded plan, nor a frame")]
    Unrecognized { size: usize },

    /// The bytes are not a parcel, or not one that this release reads.
    #[error("the bytes are no parcel: {}", Told(fault))]
    NotAParcel { fault: String },

    /// A message exceeds a limit of this session.
    #[error("limit `{limit}` exceeded: {found} {}, the limit is {most}", limit.unit())]
    LimitExceeded { limit: Limit, found: usize, most: usize },

    /// A plan in the message writes, and this process decodes none that does.
    #[error("the {what} writes, and this process decodes no plan that does: {}", Told(statement))]
    Writes { what: Message, statement: String },

    /// DataFusion could not make a plan or expression of the message.
    #[error("the {what} cannot be decoded")]
    DecodeMessage { what: Message, source: Cause },

    /// The plan depends on an option of the session that made it, and this session has another value.
    #[error(
        "the plan was made under the option {} = {}, and this session has {} there",
        Escaped(name),
        Shown(sent),
        Value(here)
    )]
    OtherOption { name: String, sent: String, here: Option<String> },

    /// DataFusion panicked while it decoded.
    #[error("DataFusion panicked over the {what}: {}", Shown(detail))]
    Panicked { what: Message, detail: String },

    /// A family panicked while it decoded, or looked at a payload.
    #[error("family `{family}` panicked over the {}: {}", Item(*kind, name), Shown(detail))]
    FamilyPanicked { family: FamilyName, kind: Kind, name: String, detail: String },

    /// A family returned another kind of thing than its frame names.
    #[error("family `{family}` returned another kind for the {}: {found}", Item(*wanted, name))]
    OtherKind { family: FamilyName, name: String, found: Kind, wanted: Kind },
}

/// One of the codecs after the families.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodecName {
    /// An installed codec, by its id.
    Installed(String),
    /// The codec at the end of the chain.
    Terminal,
}

impl fmt::Display for CodecName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed(id) => write!(f, "codec {}", Shown(id)),
            Self::Terminal => f.write_str("the terminal codec"),
        }
    }
}

impl WireError {
    /// The error's stable code, e.g. `PW-D005`: `E` for encoding, `D` for decoding.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encode { .. } => "PW-E001",
            Self::EncodeRefused { .. } => "PW-E002",
            Self::EncodeCodec { .. } | Self::NotCarried { .. } => "PW-E003",
            Self::EncodeMessage { .. } => "PW-E004",
            Self::EncodePanicked { .. } => "PW-E005",
            Self::EncodeLimit { .. } => "PW-E007",
            Self::EncodeFamilyPanicked { .. } => "PW-E010",
            Self::Lost { .. } => "PW-E011",
            Self::EncodeStore { .. } => "PW-E012",
            Self::Malformed { .. } => "PW-D001",
            Self::Version { .. } => "PW-D002",
            Self::Stamp { .. } => "PW-D003",
            Self::WrongKind { .. } => "PW-D004",
            Self::Refused { .. } => "PW-D005",
            Self::PolicyRefused { .. } => "PW-D006",
            Self::UnknownFamily { .. } => "PW-D007",
            Self::UnknownFunction { .. } => "PW-D008",
            Self::UnknownCodec { .. } => "PW-D009",
            Self::Payload { .. } => "PW-D010",
            Self::NameMismatch { .. } => "PW-D011",
            Self::DecodeCodec { .. } => "PW-D012",
            Self::NotAMessage { .. } => "PW-D013",
            Self::Panicked { .. } => "PW-D014",
            Self::DecodeMessage { .. } => "PW-D015",
            Self::RefusedByFloor { .. } => "PW-D016",
            Self::LimitExceeded { .. } => "PW-D017",
            Self::Preferred { .. } => "PW-D018",
            Self::Unrecognized { .. } => "PW-D019",
            Self::Writes { .. } => "PW-G005",
            Self::FamilyPanicked { .. } => "PW-D020",
            Self::OtherKind { .. } => "PW-D021",
            Self::NotAParcel { .. } => "PW-D023",
            Self::OtherOption { .. } => "PW-D024",
            Self::Unopened { .. } => "PW-D025",
            Self::Store { .. } => "PW-D026",
        }
    }

    /// The command that prints the page of the error index about the code, `docs/errors.md` has it too.
    #[must_use]
    pub fn page(&self) -> String {
        page(self.code())
    }

    /// Finds the wire error that caused `error`, however deep DataFusion has wrapped it.
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        find_cause(error)
    }

    /// The family whose sound payload a mode, a policy or the floor refused.
    #[must_use]
    pub const fn refused_family(&self) -> Option<FamilyName> {
        match self {
            Self::Refused { family, .. }
            | Self::RefusedByFloor { family, .. }
            | Self::PolicyRefused { family, .. }
            | Self::NameMismatch { family, .. } => Some(*family),
            _ => None,
        }
    }

    /// Whether it is an error of encoding.
    pub(crate) fn is_of_encoding(&self) -> bool {
        self.code().starts_with("PW-E")
    }

    /// Whether it is an error of decoding, rather than a remark.
    pub(crate) fn is_of_decoding(&self) -> bool {
        !self.is_of_encoding() && !matches!(self, Self::Preferred { .. })
    }

    pub(crate) fn malformed(family: FamilyName, kind: Kind, name: String, fault: &FrameError) -> Self {
        match *fault {
            FrameError::Version { found, oldest, newest } => {
                Self::Version { family, kind, name, found, oldest, newest, refuses: false }
            }
            _ => Self::Malformed { family, kind, name, fault: fault.to_string() },
        }
    }

    /// Marks a version error of a session that would refuse the family with aligned versions too.
    pub(crate) fn on_refusing_session(mut self) -> Self {
        if let Self::Version { refuses, .. } | Self::Stamp { refuses, .. } = &mut self {
            *refuses = true;
        }
        self
    }
}

impl From<WireError> for DataFusionError {
    fn from(error: WireError) -> Self {
        Self::External(Box::new(error))
    }
}
