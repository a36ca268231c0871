//! Guarded modes and sealed messages: what is signed or pinned is let in, and nothing else.

pub(crate) mod claims;
pub(crate) mod files;
pub(crate) mod keyring;
pub(crate) mod pinned;
pub(crate) mod relay;
pub(crate) mod sealed;
pub(crate) mod signed;
