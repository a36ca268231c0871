//! Families: ways of carrying things, each a plugin.

use std::fmt;
use std::sync::Arc;

use crate::frame::{Frame, Magic, Payload, Tag};
use crate::gate::AuthorizedFrame;
use crate::{DecodeContext, EncodeContext, Kind, Node, NodeRef, WireError};

/// The name of a family, e.g. `python`: lower-case ASCII letters, digits and `-`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyName(&'static str);

impl FamilyName {
    /// Makes a name; in a constant, a wrong character is a compile error.
    ///
    /// # Panics
    ///
    /// If the name is empty or holds anything but lower-case ASCII letters, digits and `-`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a family's name is not empty");
        let mut rest = name.as_bytes();
        while let [byte, tail @ ..] = rest {
            assert!(
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-',
                "a family's name holds lower-case ASCII letters, digits and '-'"
            );
            rest = tail;
        }
        Self(name)
    }

    /// The name as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for FamilyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for FamilyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A way of carrying things inside a plan.
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

    /// Encodes a node, or says that it belongs to someone else with `None`.
    ///
    /// # Errors
    ///
    /// When the node is the family's own and cannot be carried; the message is then not sent.
    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError>;

    /// Checks the outside of a payload and reports what it says of itself, e.g. the [`Stamp`].
    ///
    /// Runs before any policy is asked, also for payloads that will be refused, so it must not run
    /// code from the payload, take a lock or touch an interpreter.
    ///
    /// # Errors
    ///
    /// When the payload could not be decoded here whatever the policy, e.g. [`WireError::Stamp`].
    fn inspect(&self, frame: &Frame<'_>, seen: Inspection) -> Result<Inspection, WireError> {
        let _ = frame;
        Ok(seen)
    }

    /// Turns an authorized frame into a node of the kind the frame was found for.
    ///
    /// # Errors
    ///
    /// When the payload does not hold what its tag says.
    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError>;
}

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

/// What is known of a payload without decoding it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// The family that the frame's magic names.
    pub family: FamilyName,
    /// What is carried.
    pub kind: Kind,
    /// The plan's own name for it. It comes from the sender: escape it before showing it.
    pub name: String,
    /// The version of the payload's layout.
    pub version: u8,
    /// The payload's size in bytes.
    pub size: usize,
    /// The runtime it needs, if any.
    pub stamp: Option<Stamp>,
}

impl Inspection {
    /// Adds the runtime that the payload needs.
    #[must_use]
    pub fn with_stamp(self, stamp: Stamp) -> Self {
        Self { stamp: Some(stamp), ..self }
    }
}

/// The families of a process, sorted by name and free of conflicts.
#[derive(Clone, Default)]
pub struct FamilyList(Arc<[Member]>);

/// One family of a [`FamilyList`].
#[derive(Debug, Clone)]
pub struct Member {
    /// The family.
    pub family: Arc<dyn WireFamily>,
    /// The crate that brought it, for messages.
    pub origin: &'static str,
}

impl Member {
    /// The kinds that the family carries, with their tags.
    pub fn tags(&self) -> impl Iterator<Item = (Kind, Tag)> + '_ {
        Kind::ALL.into_iter().filter_map(|kind| Some((kind, self.family.tag(kind)?)))
    }
}

/// Why a set of families cannot be used together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FamilyConflict {
    /// Two families have the same name.
    #[error("two families are named `{name}`: one from crate `{first}`, one from crate `{second}`")]
    Name {
        /// The name they share.
        name: FamilyName,
        /// The crate of one.
        first: &'static str,
        /// The crate of the other.
        second: &'static str,
    },
    /// Two frames open with the same magic.
    #[error(
        "magic {magic} is claimed twice: by `{}` from crate `{}` for a {}, by `{}` from crate `{}` for a {}",
        first.0, first.1, first.2, second.0, second.1, second.2
    )]
    Magic {
        /// The magic they share.
        magic: Magic,
        /// Family, crate and kind of one.
        first: (FamilyName, &'static str, Kind),
        /// Family, crate and kind of the other.
        second: (FamilyName, &'static str, Kind),
    },
    /// A family uses a magic that the protocol itself needs.
    #[error("magic {magic}, claimed by `{family}` from crate `{origin}`, is the codec envelope's own")]
    Reserved {
        /// The magic.
        magic: Magic,
        /// The family that claims it.
        family: FamilyName,
        /// Its crate.
        origin: &'static str,
    },
}

impl FamilyList {
    /// Sorts families by name and checks that they can be told apart.
    ///
    /// # Errors
    ///
    /// A [`FamilyConflict`] that names both crates.
    pub fn new(members: impl IntoIterator<Item = Member>) -> Result<Self, FamilyConflict> {
        let mut members: Vec<Member> = members.into_iter().collect();
        members.sort_by_key(|member| (member.family.name(), member.origin));
        let list = Self(members.into());
        list.check_names()?;
        list.check_magics()?;
        Ok(list)
    }

    fn check_names(&self) -> Result<(), FamilyConflict> {
        for (first, second) in self.iter().zip(self.iter().skip(1)) {
            if first.family.name() == second.family.name() {
                return Err(FamilyConflict::Name {
                    name: first.family.name(),
                    first: first.origin,
                    second: second.origin,
                });
            }
        }
        Ok(())
    }

    fn check_magics(&self) -> Result<(), FamilyConflict> {
        let mut claims: Vec<(Magic, (FamilyName, &'static str, Kind))> = Vec::new();
        for member in self.iter() {
            for (kind, Tag { magic, .. }) in member.tags() {
                let claim = (member.family.name(), member.origin, kind);
                if magic == crate::envelope::TAG.magic {
                    return Err(FamilyConflict::Reserved { magic, family: claim.0, origin: claim.1 });
                }
                if let Some((_, first)) = claims.iter().find(|(taken, _)| *taken == magic) {
                    return Err(FamilyConflict::Magic { magic, first: *first, second: claim });
                }
                claims.push((magic, claim));
            }
        }
        Ok(())
    }

    /// The families in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.0.iter()
    }

    /// The names in order.
    #[must_use]
    pub fn names(&self) -> Vec<FamilyName> {
        self.iter().map(|member| member.family.name()).collect()
    }

    /// Finds a family by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.iter().find(|member| member.family.name().as_str() == name)
    }

    /// Finds the family, kind and tag that a magic belongs to.
    pub(crate) fn owner(&self, magic: Magic) -> Option<Owner<'_>> {
        self.iter().find_map(|member| {
            let (kind, tag) = member.tags().find(|(_, tag)| tag.magic == magic)?;
            Some(Owner { family: &*member.family, kind, tag })
        })
    }
}

impl fmt::Debug for FamilyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// The family whose magic a frame opens with, and what that magic says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) family: &'a dyn WireFamily,
    pub(crate) kind: Kind,
    pub(crate) tag: Tag,
}
