//! Rule: no unfinished code, no debugging aids, and no test that does not run or must panic.

use super::tree::{Tree, Violation};

/// Macros that mark code as unfinished or print for debugging.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Attributes that keep a test from running, or let any panic pass it.
const ATTRIBUTES: [&str; 2] = ["ignore", "should_panic"];

/// The marks that keep a pytest test from running, or let any failure pass.
const MARKS: [&str; 4] = ["skip", "skipif", "xfail", "importorskip"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    // The words are put together here, so that this file does not break its own rule.
    let macros = MACROS.map(|name| format!("{name}!("));
    let attributes = ATTRIBUTES.map(|name| format!("#[{name}"));
    let marks = MARKS.iter().flat_map(|name| [format!("mark.{name}"), format!("pytest.{name}(")]);
    let rust: Vec<String> = macros.into_iter().chain(attributes).collect();
    let python: Vec<String> = marks.collect();

    let mut violations = find(tree, "rs", &rust);
    violations.extend(find(tree, "py", &python));
    violations
}

fn find(tree: &Tree, extension: &str, words: &[String]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension(&[extension]) {
        for (number, line) in file.lines() {
            if let Some(word) = words.iter().find(|word| line.contains(*word)) {
                violations.push(file.violation(number, format!("`{word}` is left over")));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::*;

    #[test]
    fn unfinished_rust_fails() {
        for name in MACROS {
            let text = format!("fn f() {{\n    {name}!(\"later\")\n}}\n");
            assert_eq!(report(check, &[("a.rs", &text)]), format!("a.rs:2: `{name}!(` is left over"));
        }
    }

    #[test]
    fn a_rust_test_that_does_not_run_fails() {
        for name in ATTRIBUTES {
            let text = format!("#[{name} = \"slow\"]\nfn f() {{}}\n");
            assert_eq!(report(check, &[("a.rs", &text)]), format!("a.rs:1: `#[{name}` is left over"));
        }
    }

    #[test]
    fn a_python_test_that_does_not_run_fails() {
        for name in MARKS {
            let text = format!("import pytest\npytest.{name}(\"slow\")\n");
            assert_eq!(report(check, &[("a.py", &text)]), format!("a.py:2: `pytest.{name}(` is left over"));
        }
    }

    #[test]
    fn finished_code_passes() {
        assert_eq!(report(check, &[("a.rs", "fn ignore() {}\n"), ("a.py", "skip = 1\n")]), "");
    }
}
