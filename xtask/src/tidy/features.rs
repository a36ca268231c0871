//! Rule: building and testing the workspace choose the same features, so DataFusion is compiled once.
//!
//! Cargo adds the features that development dependencies ask for when it builds tests, and only
//! then; one of them under DataFusion compiles all of it again. What tests need is therefore an
//! ordinary dependency of `planwire-tests`, which nobody else depends on.

use super::tree::{Tree, Violation};

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let manifests = tree.with_extension(&["toml"]).filter(|file| file.path.ends_with("Cargo.toml"));
    for file in manifests {
        for (number, line) in file.lines() {
            if line.starts_with('[') && line.contains("dev-dependencies") {
                violations.push(file.violation(number, "development dependencies compile DataFusion twice: make it an ordinary one of planwire-tests"));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::check;

    #[test]
    fn a_development_dependency_fails() {
        let manifest = "[dependencies]\nprost = \"0.14\"\n\n[dev-dependencies]\nproptest = \"1\"\n";
        assert_eq!(
            report(check, &[("tests/Cargo.toml", manifest)]),
            "tests/Cargo.toml:4: development dependencies compile DataFusion twice: make it an ordinary one of planwire-tests"
        );
    }
}
