//! Rule: the fuzz targets are built with the versions that the project is built with.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Tree, Violation};
use crate::lock::{Package, packages};

const PROJECT: &str = "Cargo.lock";
const FUZZ: &str = "tests/fuzz/Cargo.lock";

/// Packages that only the targets depend on may have any version.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let Some(fuzz) = tree.text(FUZZ) else {
        return vec![Violation::at(FUZZ, 1, "the lock file is missing")];
    };
    let mut project = BTreeMap::<&str, BTreeSet<&str>>::new();
    for package in tree.text(PROJECT).into_iter().flat_map(packages) {
        project.entry(package.name).or_default().insert(package.version);
    }
    let wrong = packages(fuzz).into_iter().filter_map(|Package { line, name, version, .. }| {
        let versions = project.get(name)?;
        let known: Vec<&str> = versions.iter().copied().collect();
        let message =
            format!("{name} {version} is {} in {PROJECT}: see tests/fuzz/README.md", known.join(" and "));
        (!versions.contains(version)).then(|| Violation::at(FUZZ, line, message))
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::check;

    fn lock(packages: &[(&str, &str)]) -> String {
        let package =
            |(name, version)| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        packages.iter().copied().map(package).collect()
    }

    fn with(fuzz: &[(&str, &str)]) -> String {
        let project = lock(&[("datafusion", "55.2.0"), ("cc", "1.0.0"), ("cc", "1.2.0")]);
        report(check, &[("Cargo.lock", &project), ("tests/fuzz/Cargo.lock", &lock(fuzz))])
    }

    #[test]
    fn the_same_versions_and_packages_of_its_own_pass() {
        assert_eq!(with(&[("datafusion", "55.2.0"), ("cc", "1.2.0"), ("libfuzzer-sys", "0.4.13")]), "");
    }

    #[test]
    fn another_version_fails() {
        assert_eq!(
            with(&[("cc", "1.1.0"), ("datafusion", "55.2.0")]),
            "tests/fuzz/Cargo.lock:2: cc 1.1.0 is 1.0.0 and 1.2.0 in Cargo.lock: see tests/fuzz/README.md"
        );
    }

    #[test]
    fn a_missing_lock_file_fails() {
        assert_eq!(report(check, &[("Cargo.lock", "")]), "tests/fuzz/Cargo.lock:1: the lock file is missing");
    }
}
