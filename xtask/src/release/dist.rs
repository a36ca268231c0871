//! The products of a release in `dist`: crates, the wheel, the list of its components, and their sums.

pub(crate) mod packages;
pub(crate) mod sbom;
pub(crate) mod sums;
pub(crate) mod wheel;
