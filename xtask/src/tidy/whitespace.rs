//! Rule: no line ends in white space, and every file ends in one line break.

use super::tree::{Tree, Violation};

/// Files that people write; snapshots and golden files are written by programs.
const WRITTEN: [&str; 7] = ["rs", "py", "pyi", "md", "toml", "txt", "run"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension(&WRITTEN) {
        for (number, line) in file.lines() {
            if line.ends_with([' ', '\t', '\r']) {
                violations.push(file.violation(number, "the line ends in white space"));
            }
        }
        let last = file.lines().count();
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            violations.push(file.violation(last, "the file does not end in exactly one line break"));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::check;

    #[test]
    fn white_space_at_the_end_of_a_line_fails() {
        assert_eq!(
            report(check, &[("a.rs", "//! A.\nfn f() {} \n"), ("b.md", "one\ttwo\n")]),
            "a.rs:2: the line ends in white space"
        );
    }

    #[test]
    fn a_missing_or_a_second_last_line_break_fails() {
        let message = "the file does not end in exactly one line break";
        assert_eq!(
            report(check, &[("a.py", "x = 1"), ("b.py", "x = 1\n\n"), ("empty.py", "")]),
            format!("a.py:1: {message}\nb.py:2: {message}")
        );
    }
}
