//! The families of this process, collected while it was linked.

use std::sync::{Arc, OnceLock};

use planwire_core::{FamilyConflict, FamilyList, Member, WireFamily};

/// Registers a [`WireFamily`] with every process that links the crate.
///
/// Takes an expression that makes the family, e.g. the name of a unit struct. Registering enables
/// nothing: a session that is to use the family says so with `SessionCodecs::with_mode`.
///
/// A crate that is only linked for its family is never named in the code of its host, and the
/// compiler leaves such a crate out: name it with `use the_crate as _;`.
///
/// ```
/// use planwire_registry::frame::{Payload, Tag};
/// use planwire_registry::{
///     AuthorizedFrame, DecodeContext, EncodeContext, FamilyName, Kind, Node, NodeRef, Registry, WireError,
///     WireFamily, register_family,
/// };
///
/// #[derive(Debug)]
/// struct Nothing;
///
/// impl WireFamily for Nothing {
///     fn name(&self) -> FamilyName {
///         FamilyName::new("nothing")
///     }
///     fn tag(&self, _: Kind) -> Option<Tag> {
///         None
///     }
///     fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
///         Ok(None)
///     }
///     fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
///         unreachable!("it has no tag")
///     }
/// }
///
/// register_family!(Nothing);
///
/// assert!(Registry::linked()?.get("nothing").is_ok());
/// # Ok::<(), planwire_registry::FamilyConflict>(())
/// ```
#[cfg(not(feature = "linkme"))]
#[macro_export]
macro_rules! register_family {
    ($family:expr $(,)?) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Registration {
                family: || $crate::__private::Arc::new($family),
                origin: ::core::env!("CARGO_PKG_NAME"),
            }
        }
    };
}

/// Registers a [`WireFamily`] with every process that links the crate.
///
/// The same macro over a `linkme` distributed slice, for targets without life before main.
#[cfg(feature = "linkme")]
#[macro_export]
macro_rules! register_family {
    ($family:expr $(,)?) => {
        const _: () = {
            use $crate::__private::linkme;
            #[linkme::distributed_slice($crate::__private::FAMILIES)]
            #[linkme(crate = linkme)]
            static REGISTRATION: $crate::__private::Registration = $crate::__private::Registration {
                family: || $crate::__private::Arc::new($family),
                origin: ::core::env!("CARGO_PKG_NAME"),
            };
        };
    };
}

/// One use of [`register_family!`].
#[derive(Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "only the macro makes one")]
pub struct Registration {
    /// Makes the family.
    pub family: fn() -> Arc<dyn WireFamily>,
    /// The crate that registers it.
    pub origin: &'static str,
}

inventory::collect!(Registration);

/// Every [`Registration`] of the process.
#[cfg(feature = "linkme")]
#[linkme::distributed_slice]
pub static FAMILIES: [Registration];

#[cfg(not(feature = "linkme"))]
fn registrations() -> impl Iterator<Item = &'static Registration> {
    inventory::iter::<Registration>()
}

#[cfg(feature = "linkme")]
fn registrations() -> impl Iterator<Item = &'static Registration> {
    FAMILIES.iter()
}

/// The families that were registered with this process.
#[derive(Debug, Clone, Copy)]
pub struct Registry;

impl Registry {
    /// The families that are linked into this process, sorted by name.
    ///
    /// They are collected and checked once; the order in which they were registered does not matter.
    ///
    /// # Errors
    ///
    /// A [`FamilyConflict`] that names both crates, every time, if two families cannot be told apart.
    pub fn linked() -> Result<FamilyList, FamilyConflict> {
        static LINKED: OnceLock<Result<FamilyList, FamilyConflict>> = OnceLock::new();
        LINKED.get_or_init(collect).clone()
    }
}

fn collect() -> Result<FamilyList, FamilyConflict> {
    FamilyList::new(registrations().map(|Registration { family, origin }| Member::new(family(), *origin)))
}
