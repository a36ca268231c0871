//! Frames, families, modes and the codec chain: how DataFusion plans travel with the code they need.
//!
//! A [`WireFamily`] is a way of carrying things. A [`CodecChain`] offers every node of a plan to the
//! families, then to installed codecs, then to a terminal codec, and frames what a family returns.
//! On the way back each frame goes to the family that its [`frame::Magic`] names and to no other,
//! through one gate that asks the session's [`Policy`]; only the gate makes the [`AuthorizedFrame`]
//! that [`WireFamily::decode`] takes.
//!
//! This crate knows no Python and no registry of families; `planwire-registry` collects the
//! families of a process and `planwire-python` is one of them.

#![forbid(unsafe_code)]

mod call;
pub mod error;
mod family;
mod fidelity;
mod gate;
mod inspect;
pub(crate) mod limits;
mod message;
mod plan;
mod policy;
mod preflight;
mod store;
mod wire;

pub use call::Call;
pub use call::chain::{CodecChain, DuplicateCodec, Layer};
pub use call::report::{Carried, Carrier, Report};
pub use call::settings::{Frames, Settings};
pub use error::{WireError, panics};
pub use family::authorized::AuthorizedFrame;
pub use family::cache::CacheFigures;
pub use family::context::{CodecRef, DecodeContext, EncodeContext, Place};
pub use family::counts::FamilyCounts;
pub use family::list::{FamilyConflict, FamilyList, Member, UnknownFamilyName};
pub use family::{Nested, StampError, WireFamily};
pub use fidelity::{fresh, independent, option_decides};
pub use gate::reopen;
pub use inspect::{Content, Contents, Fate, Part, Reading, Seal};
pub use limits::{Limit, Limits};
pub use message::parcel;
pub use plan::described::Described;
pub use plan::kind::Kind;
pub use plan::node::{Node, NodeRef};
pub use plan::slices;
pub use policy::floor::{Floor, FloorConflict};
pub use policy::modes::{AllOf, Candidate, Crossing, FamilyMode, Made, Policy, StrictMode, Verdict};
pub use policy::precedence::Precedence;
pub use policy::writes::check_physical as check_writes;
pub use preflight::ipc_stream;
pub use store::{DirectoryStore, PayloadStore};
pub use wire::digest::{Digest, NotADigest};
pub use wire::family_name::{FamilyName, InvalidFamilyName};
pub use wire::frame::{InvalidMagic, Magic, Payload, Tag, Unlinked};
pub use wire::inspection::{Inspection, Stamp};
pub use wire::parts::Parts;
pub use wire::reference::ALIGNMENT;
pub use wire::{envelope, frame, trailer};
