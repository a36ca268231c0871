//! The families that are linked into a process, and the codecs that a session makes of them.
//!
//! Three steps: a plugin defines a [`WireFamily`] and names it in [`register_family!`]; a host links
//! the plugin's crate, and [`Registry::linked`] finds it; a session enables it with
//! [`SessionCodecs::with_mode`]. Linking alone enables nothing.
//!
//! ```
//! use planwire_registry::{Registry, SessionCodecs, SessionContextExt};
//! use datafusion::prelude::{SessionContext, col, lit};
//!
//! let codecs = SessionCodecs::new(Registry::linked()?);
//! let ctx = SessionContext::new().with_codecs(codecs);
//!
//! let bytes = ctx.codecs()?.logical().expr_to_bytes(&col("a").eq(lit(1)))?;
//! let expr = ctx.codecs()?.logical().expr_from_bytes(&bytes, &ctx.task_ctx())?;
//! assert_eq!(expr, col("a").eq(lit(1)));
//!
//! // A mode for a family that is not linked is an error that lists those that are.
//! let mode = planwire_registry::FamilyMode::Inline;
//! assert!(ctx.codecs()?.with_mode("python", mode).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod inspect;
mod linked;
mod session;

pub use linked::Registry;
pub use planwire_core::*;
pub use session::{FamilyStatus, SessionBuilderExt, SessionCodecs, SessionContextExt};

/// Not public API: the expansion of [`register_family!`].
#[doc(hidden)]
pub mod __private {
    pub use crate::linked::Registration;
    pub use inventory;
    pub use std::sync::Arc;
    #[cfg(feature = "linkme")]
    pub use {crate::linked::FAMILIES, linkme};
}
