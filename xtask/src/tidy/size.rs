//! Rule: a source file that is read as a whole stays short, or is listed with a reason.

use super::tree::{Tree, Violation};

const LONGEST: usize = 350;

/// Files that may be longer, and why.
const EXCEPTIONS: &[(&str, &str)] = &[];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    check_with(tree, EXCEPTIONS)
}

fn check_with(tree: &Tree, exceptions: &[(&str, &str)]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension(&["rs", "py"]) {
        let lines = file.text.lines().count();
        let listed = exceptions.iter().any(|(path, _)| *path == file.path);
        match (lines > LONGEST, listed) {
            (true, false) => {
                violations.push(file.violation(lines, format!("{lines} lines, the limit is {LONGEST}")));
            }
            (false, true) => {
                violations.push(file.violation(1, "the file is short now: take it off the exceptions"));
            }
            (true, true) | (false, false) => {}
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_fails_unless_it_is_listed() {
        let long = "x\n".repeat(LONGEST + 1);
        let tree = Tree::of(&[("long.rs", &long), ("short.rs", &"x\n".repeat(LONGEST))]);
        let report = |exceptions| check_with(&tree, exceptions).iter().map(ToString::to_string).collect();
        let found: Vec<String> = report(&[]);
        assert_eq!(found, ["long.rs:351: 351 lines, the limit is 350"]);
        let found: Vec<String> = report(&[("long.rs", "one table")]);
        assert!(found.is_empty());
    }

    #[test]
    fn an_exception_that_is_not_needed_fails() {
        let tree = Tree::of(&[("short.rs", "x\n")]);
        assert_eq!(check_with(&tree, &[("short.rs", "was long once")]).len(), 1);
    }
}
