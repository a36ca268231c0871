//! The families of a process: sorted, and checked that they can be told apart.

use std::fmt;
use std::sync::Arc;

use crate::error::text::{List, Shown};
use crate::family::counts::{Counters, FamilyCounts};
use crate::family::{FamilyName, WireFamily};
use crate::fidelity;
use crate::plan::kind::Kind;
use crate::wire::frame::{Magic, Tag};

/// The families of a process, sorted by name and free of conflicts.
#[derive(Clone, Default)]
pub struct FamilyList {
    members: Arc<[Member]>,
    /// One for each member, in their order.
    counters: Arc<[Counters]>,
}

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
        "magic {magic} is claimed twice: by `{}` from crate `{}` as {}, by `{}` from crate `{}` as {}",
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
    #[error("magic {magic}, claimed by `{family}` from crate `{origin}`, is the protocol's own")]
    Reserved {
        /// The magic.
        magic: Magic,
        /// The family that claims it.
        family: FamilyName,
        /// Its crate.
        origin: &'static str,
    },
}

/// A family was named that is not linked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no family named {} is linked here, known are {}", Shown(name), List(known))]
pub struct UnknownFamilyName {
    /// The name asked for.
    pub name: String,
    /// The names of the families that are linked.
    pub known: Vec<FamilyName>,
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
        let counters = members.iter().map(|_| Counters::default()).collect();
        let list = Self { members: members.into(), counters };
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
                if magic == crate::wire::envelope::TAG.magic || fidelity::is_own(magic) {
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
        self.members.iter()
    }

    /// The names in order.
    #[must_use]
    pub fn names(&self) -> Vec<FamilyName> {
        self.iter().map(|member| member.family.name()).collect()
    }

    /// Finds a family by name.
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if there is none of that name.
    pub fn get(&self, name: &str) -> Result<&Member, UnknownFamilyName> {
        self.iter()
            .find(|member| member.family.name().as_str() == name)
            .ok_or_else(|| UnknownFamilyName { name: name.to_owned(), known: self.names() })
    }

    /// What this process has done with the payloads of a family; nothing of one that is not linked.
    #[must_use]
    pub fn counts(&self, family: FamilyName) -> FamilyCounts {
        self.counters(family).map(Counters::now).unwrap_or_default()
    }

    pub(crate) fn counters(&self, family: FamilyName) -> Option<&Counters> {
        let mut pairs = self.members.iter().zip(self.counters.iter());
        pairs.find_map(|(member, counters)| (member.family.name() == family).then_some(counters))
    }

    /// Finds the family, kind and tag that a magic belongs to.
    pub(crate) fn owner(&self, magic: Magic) -> Option<Owner<'_>> {
        if fidelity::is_own(magic) {
            let family: &dyn WireFamily = &fidelity::Fidelity;
            let mut tags = Kind::ALL.into_iter().filter_map(|kind| Some((kind, family.tag(kind)?)));
            let (kind, tag) = tags.find(|(_, tag)| tag.magic == magic)?;
            return Some(Owner { family, kind, tag });
        }
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
