//! The checks before a release, and their tools and interpreters.

pub(crate) mod ci;
pub(crate) mod pythons;
pub(crate) mod semver;
pub(crate) mod smoke;
pub(crate) mod tools;
