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

mod budget;
mod chain;
mod codec;
mod context;
mod converter;
mod counts;
mod decode;
mod encode;
pub mod envelope;
pub mod error;
mod family;
mod family_list;
mod faults;
mod fidelity;
mod floor;
pub mod frame;
mod gate;
mod inside;
mod inspect;
pub mod ipc_stream;
mod kind;
mod limits;
mod message;
mod nesting;
mod node;
mod orderings;
pub mod panics;
pub mod parcel;
mod precedence;
mod predicates;
mod report;
mod shape;
pub mod slices;
mod stack;
mod stand_in;
mod strict;
mod text;
pub mod trailer;
mod types;
mod writes;

pub use chain::{CodecChain, DuplicateCodec};
pub use context::{CodecRef, DecodeContext, EncodeContext, Place};
pub use counts::FamilyCounts;
pub use error::WireError;
pub use family::{FamilyName, Inspection, Nested, Stamp, WireFamily};
pub use family_list::{FamilyConflict, FamilyList, Member, UnknownFamilyName};
pub use faults::Faults;
pub use fidelity::{fresh, independent};
pub use floor::{Floor, FloorLowered};
pub use frame::{Magic, Payload, Tag};
pub use gate::AuthorizedFrame;
pub use inspect::{Content, Contents, Digest, Fate, Part, Reading, Seal};
pub use kind::Kind;
pub use limits::{Limit, Limits};
pub use node::{Node, NodeRef};
pub use precedence::Precedence;
pub use report::{Carried, Carrier, Report};
pub use strict::{AllOf, Candidate, Crossing, FamilyMode, Policy, StrictMode, Verdict};
