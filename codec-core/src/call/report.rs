//! Reports: the outcome for each node that a codec was asked about in one call.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{CodecName, WireError};
use crate::fidelity::options::Options;
use crate::plan::kind::Kind;
use crate::wire::family_name::FamilyName;

/// A report on every node that the codecs of one call were asked about.
///
/// A chain made by [`CodecChain::reporting`] fills it. Clones share their content.
///
/// [`CodecChain::reporting`]: crate::CodecChain::reporting
#[derive(Debug, Clone, Default)]
pub struct Report(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    carried: Vec<Carried>,
    remarks: Vec<WireError>,
    levels: usize,
    options: BTreeMap<String, String>,
}

/// A node that was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Carried {
    /// The kind of the node.
    pub kind: Kind,
    /// The plan's own name for it.
    pub name: String,
    /// The carrier of the node.
    pub carrier: Carrier,
    /// The bytes that the node took in the message, without its name.
    pub size: usize,
}

/// The carrier of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carrier {
    /// Nobody: it goes by name, and the receiver looks it up.
    Name,
    /// A family, inline.
    Family(FamilyName),
    /// An installed codec or the terminal codec, inline.
    Codec(CodecName),
    /// Nobody here: it is sent on as it came, inline, in a frame of this family, which is not linked.
    Held(String),
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("by name"),
            Self::Family(family) => write!(f, "family `{family}`"),
            Self::Codec(codec) => write!(f, "{codec}"),
            Self::Held(family) => write!(f, "held, of family `{family}`"),
        }
    }
}

impl Report {
    /// The encoded nodes in the order of the plan; a function that occurs twice is listed twice.
    #[must_use]
    pub fn carried(&self) -> Vec<Carried> {
        self.content().carried.clone()
    }

    /// Warnings about payloads that were accepted, e.g. a [`WireError::NameMismatch`].
    #[must_use]
    pub fn remarks(&self) -> Vec<WireError> {
        self.content().remarks.clone()
    }

    /// The number of levels of the deepest decoded tree. Code that recurses over the tree needs stack for as
    /// many levels: showing, planning, cloning and dropping it.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.content().levels
    }

    /// The options that the plans depend on of which a message was read, each with its value. If one was decoded,
    /// its session has the same values. Options with DataFusion's default are left out.
    #[must_use]
    pub fn options(&self) -> Vec<(String, String)> {
        self.content().options.clone().into_iter().collect()
    }

    pub(crate) fn hold(&self, options: &Options) {
        self.content().options.extend(options.pairs());
    }

    pub(crate) fn saw(&self, levels: usize) {
        let mut content = self.content();
        content.levels = content.levels.max(levels);
    }

    pub(crate) fn carry(&self, carried: Carried) {
        self.content().carried.push(carried);
    }

    pub(crate) fn remark(&self, remark: WireError) {
        self.content().remarks.push(remark);
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
