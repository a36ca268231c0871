//! Rule: the table of DataFusion's messages is of the version that the lock file has.

use super::tree::{Tree, Violation};
use crate::lock;

const TABLE: &str = "codec-core/src/preflight/shape/table.rs";
const PACKAGES: [&str; 2] = ["datafusion-proto-models", "datafusion-proto-common"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let lock = tree.text("Cargo.lock").unwrap_or_default();
    let header = tree.text(TABLE).and_then(|text| text.lines().next()).unwrap_or_default();
    let wanted =
        PACKAGES.map(|package| format!("{package} {}", lock::version(lock, package).unwrap_or("(missing)")));
    let missing = wanted.iter().filter(|wanted| !header.contains(wanted.as_str()));
    missing
        .map(|wanted| Violation::at(TABLE, 1, format!("not made of {wanted}: run `cargo xtask shape`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::{TABLE, check};

    #[test]
    fn a_table_of_another_version_fails() {
        let lock = "[[package]]\nname = \"datafusion-proto-models\"\nversion = \"2.0.0\"\n\n\
                    [[package]]\nname = \"datafusion-proto-common\"\nversion = \"1.0.0\"\n";
        let table = |models| {
            format!(
                "//! The messages of datafusion-proto-models {models} and datafusion-proto-common 1.0.0.\n"
            )
        };
        assert_eq!(report(check, &[("Cargo.lock", lock), (TABLE, &table("2.0.0"))]), "");
        assert_eq!(
            report(check, &[("Cargo.lock", lock), (TABLE, &table("1.9.0"))]),
            "codec-core/src/preflight/shape/table.rs:1: not made of datafusion-proto-models 2.0.0: run `cargo xtask shape`"
        );
    }
}
