//! What a session lets travel: modes, the strict-mode trait, precedence, and the floor of the process.

pub(crate) mod floor;
pub(crate) mod judge;
pub(crate) mod modes;
pub(crate) mod precedence;
pub(crate) mod writes;
