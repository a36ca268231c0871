//! Rule: dependencies point down the layers, and no Python lies under the lower two.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Tree, Violation};
use crate::lock::{self, Package};

/// The layers, lowest first; a crate may depend on those before it.
const LAYERS: [&str; 7] = [
    "planwire-core",
    "planwire-guard",
    "planwire-registry",
    "planwire-arrow",
    "planwire-ballista",
    "planwire-python",
    "planwire-py",
];

/// The layers that a service without an interpreter links.
const WITHOUT_PYTHON: &[&str] =
    &["planwire-core", "planwire-guard", "planwire-registry", "planwire-arrow", "planwire-ballista"];

const LOCK: &str = "Cargo.lock";

/// The lock file is asked because it holds what every manifest, feature and target leads to.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let packages = tree.text(LOCK).map(by_name).unwrap_or_default();
    let mut violations = Vec::new();
    for (layer, name) in LAYERS.iter().enumerate() {
        let Some(package) = packages.get(name) else {
            violations.push(Violation::at(LOCK, 1, format!("the layer {name} is missing")));
            continue;
        };
        let lower = LAYERS.get(..layer).unwrap_or_default();
        let wrong = package.dependencies.iter().filter(|dependency| {
            packages.get(*dependency).is_some_and(|found| found.local) && !lower.contains(dependency)
        });
        violations.extend(wrong.map(|dependency| {
            Violation::at(
                LOCK,
                package.line,
                format!("{name} depends on {dependency}, which is not a layer below it"),
            )
        }));
        if WITHOUT_PYTHON.contains(name)
            && let Some(path) = path(&packages, name, "pyo3")
        {
            violations.push(Violation::at(
                LOCK,
                package.line,
                format!("{name} reaches Python: {}", path.join(" -> ")),
            ));
        }
    }
    violations
}

/// The packages of a lock file by name. Versions of one package are taken together.
fn by_name(lock: &str) -> BTreeMap<&str, Package<'_>> {
    let mut packages = BTreeMap::<&str, Package<'_>>::new();
    for package in lock::packages(lock) {
        match packages.entry(package.name) {
            Entry::Vacant(entry) => drop(entry.insert(package)),
            Entry::Occupied(entry) => entry.into_mut().dependencies.extend(package.dependencies),
        }
    }
    packages
}

/// The shortest way from one package to another.
fn path<'t>(packages: &BTreeMap<&'t str, Package<'t>>, from: &'t str, to: &str) -> Option<Vec<&'t str>> {
    let mut seen = BTreeSet::from([from]);
    let mut paths = vec![vec![from]];
    while !paths.is_empty() {
        if let Some(found) = paths.iter().find(|path| path.last() == Some(&to)) {
            return Some(found.clone());
        }
        let mut longer = Vec::new();
        for path in paths {
            let last = path.last().and_then(|last| packages.get(last));
            for dependency in last.into_iter().flat_map(|package| &package.dependencies) {
                if seen.insert(dependency) {
                    longer.push([path.as_slice(), &[dependency]].concat());
                }
            }
        }
        paths = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::check;

    const LAYERS: &str = r#"
[[package]]
name = "planwire-guard"

[[package]]
name = "planwire-arrow"

[[package]]
name = "planwire-ballista"

[[package]]
name = "planwire-python"
dependencies = [
 "planwire-registry",
 "pyo3 0.29.3",
]

[[package]]
name = "planwire-py"
dependencies = [
 "planwire-python",
]

[[package]]
name = "pyo3"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;

    fn with(lower: &str) -> String {
        report(check, &[("Cargo.lock", &format!("{lower}{LAYERS}"))])
    }

    #[test]
    fn dependencies_that_point_down_pass() {
        let lower = "[[package]]\nname = \"planwire-core\"\n\n\
                     [[package]]\nname = \"planwire-registry\"\ndependencies = [\n \"planwire-core\",\n]\n";
        assert_eq!(with(lower), "");
    }

    #[test]
    fn a_dependency_that_points_up_fails() {
        let lower = "[[package]]\nname = \"planwire-core\"\ndependencies = [\n \"planwire-registry\",\n]\n\
                     [[package]]\nname = \"planwire-registry\"\n";
        assert_eq!(
            with(lower),
            "Cargo.lock:2: planwire-core depends on planwire-registry, which is not a layer below it"
        );
    }

    #[test]
    fn python_behind_a_third_crate_fails() {
        let lower = "[[package]]\nname = \"planwire-core\"\n\
                     [[package]]\nname = \"planwire-registry\"\ndependencies = [\n \"arrow\",\n]\n\
                     [[package]]\nname = \"arrow\"\nsource = \"registry\"\ndependencies = [\n \"pyo3\",\n]\n";
        assert_eq!(
            with(lower),
            "Cargo.lock:4: planwire-registry reaches Python: planwire-registry -> arrow -> pyo3"
        );
    }

    #[test]
    fn a_missing_layer_fails() {
        let lower = "[[package]]\nname = \"planwire-core\"\n";
        assert_eq!(with(lower), "Cargo.lock:1: the layer planwire-registry is missing");
    }
}
