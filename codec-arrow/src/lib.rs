//! The wire family of tables in memory, which DataFusion's own codecs cannot carry in a logical plan.
//!
//! Linking this crate registers the family `arrow`; a session then enables it:
//!
//! ```
//! use planwire_arrow as _;
//! use planwire_registry::{FamilyMode, Registry, SessionCodecs};
//!
//! let codecs = SessionCodecs::new(Registry::linked()?).with_mode("arrow", FamilyMode::Inline)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A table is data and no code: decoding one runs nothing that the sender wrote.

mod family;
mod table;

pub use family::ArrowFamily;
