//! What a release puts into `dist`: crates, the wheel, the list of what is in it, and their sums.

pub(crate) mod packages;
pub(crate) mod sbom;
pub(crate) mod sums;
pub(crate) mod wheel;
