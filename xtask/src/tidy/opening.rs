//! Rule: every Rust file opens with one sentence about its subject.

use super::tree::{Tree, Violation};

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let files = tree.with_extension(&["rs"]);
    let wrong = files.filter(|file| !file.text.starts_with("//! "));
    wrong.map(|file| file.violation(1, "the file does not open with a `//!` sentence")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::check;

    #[test]
    fn a_file_without_a_sentence_fails() {
        assert_eq!(
            report(check, &[("a.rs", "use std::fmt;\n"), ("b.rs", "//! Frames.\n"), ("c.py", "import re\n")]),
            "a.rs:1: the file does not open with a `//!` sentence"
        );
    }
}
