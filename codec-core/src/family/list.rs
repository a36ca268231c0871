//! The families of a process: sorted, and checked that they can be told apart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::error::fragments::{List, Shown};
use crate::family::cache::{Cache, CacheFigures};
use crate::family::counts::{Counters, FamilyCounts};
use crate::family::{WireFamily, own};
use crate::plan::kind::Kind;
use crate::wire::envelope;
use crate::wire::family_name::{FamilyName, OWN};
use crate::wire::frame::{Magic, Tag};

/// The families of a process, sorted by name and free of conflicts.
#[derive(Clone, Default)]
pub struct FamilyList {
    members: Arc<[Member]>,
    /// The owner of each magic: the place of the member, the kind and the tag.
    owners: Arc<BTreeMap<Magic, (usize, Kind, Tag)>>,
}

/// One family of a [`FamilyList`], with its tags, its counts in this process and its cache.
#[derive(Debug, Clone)]
pub struct Member {
    family: Arc<dyn WireFamily>,
    origin: Cow<'static, str>,
    tags: Arc<[(Kind, Tag)]>,
    /// All copies of a member count together, and share a cache.
    counters: Arc<Counters>,
    cache: Arc<Cache>,
}

impl Member {
    /// Makes a member of a family, with the crate or package that brought it, which conflicts name.
    pub fn new(family: Arc<dyn WireFamily>, origin: impl Into<Cow<'static, str>>) -> Self {
        let tags = Kind::ALL.iter().copied().filter_map(|kind| Some((kind, family.tag(kind)?))).collect();
        Self { family, origin: origin.into(), tags, counters: Arc::default(), cache: Arc::default() }
    }

    /// The family.
    #[must_use]
    pub fn family(&self) -> &dyn WireFamily {
        &*self.family
    }

    /// The name of the family.
    #[must_use]
    pub fn name(&self) -> FamilyName {
        self.family.name()
    }

    /// The crate or package that brought it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The kinds that the family carries, with their tags.
    pub fn tags(&self) -> impl Iterator<Item = (Kind, Tag)> + '_ {
        self.tags.iter().copied()
    }

    /// The tag of the frames that carry `kind`.
    pub(crate) fn tag(&self, kind: Kind) -> Option<Tag> {
        self.tags().find_map(|(carried, tag)| (carried == kind).then_some(tag))
    }

    /// The counts of the family's payloads in this process.
    #[must_use]
    pub fn counts(&self) -> FamilyCounts {
        self.counters.now()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The lookups in the cache of decoded functions, and the size of its content.
    #[must_use]
    pub fn cache(&self) -> CacheFigures {
        self.cache.figures()
    }

    /// Removes all functions from the cache. Functions in plans stay as they are.
    pub fn clear_cache(&self) {
        self.cache.clear();
    }

    fn owner(&self, kind: Kind, tag: Tag) -> Owner<'_> {
        Owner { family: self.family(), kind, tag, cache: Some(&self.cache) }
    }
}

/// The reason why a set of families cannot be used together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FamilyConflict {
    /// Two families have the same name.
    #[error("two families are named `{name}`: one from crate `{first}`, one from crate `{second}`")]
    Name {
        /// The name they share.
        name: FamilyName,
        /// The crate of one.
        first: String,
        /// The crate of the other.
        second: String,
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
        first: (FamilyName, String, Kind),
        /// Family, crate and kind of the other.
        second: (FamilyName, String, Kind),
    },
    /// A family has the name of the core's own family.
    #[error("the family from crate `{origin}` is named `{name}`, which is the core's own name")]
    ReservedName {
        /// The name.
        name: FamilyName,
        /// The crate of the family.
        origin: String,
    },
    /// A family uses a magic that the protocol itself needs.
    #[error("magic {magic}, claimed by `{family}` from crate `{origin}`, is the protocol's own")]
    Reserved {
        /// The magic.
        magic: Magic,
        /// The family that claims it.
        family: FamilyName,
        /// Its crate.
        origin: String,
    },
}

/// The error for the name of a family that is not linked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no family named {} is linked here, known are {}", Shown(name), List(known))]
pub struct UnknownFamilyName {
    /// The name asked for.
    pub name: String,
    /// The names of the families that are linked.
    pub known: Vec<FamilyName>,
}

impl UnknownFamilyName {
    /// The remedy.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        "mend the name; or depend on the crate of the family and write `use the_crate as _;` in the program, because the compiler leaves out a crate that no code names"
    }
}

impl FamilyList {
    /// Sorts families by name and checks that they can be told apart.
    ///
    /// # Errors
    ///
    /// A [`FamilyConflict`] that names both crates.
    pub fn new(members: impl IntoIterator<Item = Member>) -> Result<Self, FamilyConflict> {
        let mut members: Vec<Member> = members.into_iter().collect();
        members.sort_by(|one, other| (one.name(), one.origin()).cmp(&(other.name(), other.origin())));
        check_names(&members)?;
        let owners = Arc::new(owners(&members)?);
        Ok(Self { members: members.into(), owners })
    }

    /// Adds a family that came at run time, e.g. with a plugin.
    ///
    /// # Errors
    ///
    /// A [`FamilyConflict`] that names both crates.
    pub fn with(&self, member: Member) -> Result<Self, FamilyConflict> {
        Self::new(self.iter().cloned().chain([member]))
    }

    /// The families in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// The names in order.
    #[must_use]
    pub fn names(&self) -> Vec<FamilyName> {
        self.iter().map(Member::name).collect()
    }

    /// Finds a family by name.
    ///
    /// # Errors
    ///
    /// [`UnknownFamilyName`] if no family has that name.
    pub fn get(&self, name: &str) -> Result<&Member, UnknownFamilyName> {
        self.iter()
            .find(|member| member.name().as_str() == name)
            .ok_or_else(|| UnknownFamilyName { name: name.to_owned(), known: self.names() })
    }

    pub(crate) fn counters(&self, family: FamilyName) -> Option<&Counters> {
        self.iter().find_map(|member| (member.name() == family).then(|| member.counters()))
    }

    /// Finds the family, kind and tag that a magic belongs to.
    pub(crate) fn owner(&self, magic: Magic) -> Option<Owner<'_>> {
        if let Some((kind, tag)) = own::tag_of(magic) {
            return Some(Owner { family: &own::Fidelity, kind, tag, cache: None });
        }
        let &(place, kind, tag) = self.owners.get(&magic)?;
        Some(self.members.get(place)?.owner(kind, tag))
    }

    /// Finds the family that a native frame names, if it carries that kind.
    pub(crate) fn owner_named(&self, name: &str, kind: Kind) -> Option<Owner<'_>> {
        let member = self.get(name).ok()?;
        Some(member.owner(kind, member.tag(kind)?))
    }
}

fn check_names(members: &[Member]) -> Result<(), FamilyConflict> {
    if let Some(own) = members.iter().find(|member| member.name() == OWN) {
        return Err(FamilyConflict::ReservedName { name: OWN, origin: own.origin().to_owned() });
    }
    for (first, second) in members.iter().zip(members.iter().skip(1)) {
        if first.name() == second.name() {
            let (name, first, second) = (first.name(), first.origin().to_owned(), second.origin().to_owned());
            return Err(FamilyConflict::Name { name, first, second });
        }
    }
    Ok(())
}

/// Whose each magic is.
fn owners(members: &[Member]) -> Result<BTreeMap<Magic, (usize, Kind, Tag)>, FamilyConflict> {
    let mut owners = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        for (kind, tag) in member.tags() {
            let (magic, family, origin) = (tag.magic, member.name(), member.origin().to_owned());
            if magic == envelope::TAG.magic || own::tag_of(magic).is_some() {
                return Err(FamilyConflict::Reserved { magic, family, origin });
            }
            let taken = owners.insert(magic, (place, kind, tag));
            if let Some((taken, first, _)) = taken
                && let Some(other) = members.get(taken)
            {
                let first = (other.name(), other.origin().to_owned(), first);
                return Err(FamilyConflict::Magic { magic, first, second: (family, origin, kind) });
            }
        }
    }
    Ok(owners)
}

impl fmt::Debug for FamilyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// The family whose magic a frame opens with, and the kind and the tag of that magic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) family: &'a dyn WireFamily,
    pub(crate) kind: Kind,
    pub(crate) tag: Tag,
    /// The cache of functions that this process has decoded for the family.
    pub(crate) cache: Option<&'a Cache>,
}
