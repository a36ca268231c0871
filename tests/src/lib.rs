//! Nothing: this package holds the tests that cross the workspace's crates.
