//! What has to pass before there is a release, and the tools and interpreters for it.

pub(crate) mod ci;
pub(crate) mod pythons;
pub(crate) mod semver;
pub(crate) mod smoke;
pub(crate) mod tools;
