//! Inspections: the facts about a payload that the outside of its frame tells.

use std::fmt;

use crate::plan::kind::Kind;
use crate::wire::family_name::FamilyName;
use crate::wire::trailer::Claims;

/// The runtime that a payload needs, e.g. `CPython 3.11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The runtime's name.
    pub runtime: &'static str,
    /// Its major version.
    pub major: u8,
    /// Its minor version.
    pub minor: u8,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}", self.runtime, self.major, self.minor)
    }
}

/// The facts about a payload that are known without decoding it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// The family that the frame's magic names.
    pub family: FamilyName,
    /// The kind of the node that is carried.
    pub kind: Kind,
    /// The plan's own name for the node. It comes from the sender: escape it before showing it.
    pub name: String,
    /// The version of the payload's layout.
    pub version: u8,
    /// The payload's size in bytes, without a signature.
    pub size: usize,
    /// The runtime that the payload needs, if any.
    pub stamp: Option<Stamp>,
    /// The claims of its signer, if there is one. Nothing here has verified them.
    pub signer: Option<Claims>,
}
