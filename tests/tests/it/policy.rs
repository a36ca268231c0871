//! What a session lets travel: modes, the toggle, and who wins over a registered name.

pub(crate) mod guarded;
pub(crate) mod precedence;
pub(crate) mod toggle;
