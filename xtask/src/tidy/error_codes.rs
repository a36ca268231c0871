//! Rule: every error code has a heading in the error index, and every heading a code.

use super::links::anchor;
use super::tree::{Tree, Violation};

const INDEX: &str = "docs/errors.md";

/// Where codes are given out.
const SOURCES: [&str; 5] = [
    "codec-core/src/",
    "codec-registry/src/",
    "codec-python/src/",
    "py-bindings/src/",
    "py-bindings/python/planwire/",
];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let index = tree.text(INDEX).unwrap_or_default();
    // Messages link to the heading by the code alone, so the heading is the code alone.
    let headings: Vec<(usize, String)> = (1..)
        .zip(index.lines())
        .filter_map(|(number, line)| Some((number, anchor(line)?.to_ascii_uppercase())))
        .filter(|(_, heading)| heading.starts_with("PW-"))
        .collect();

    let mut given = Vec::new();
    let sources = tree.files().filter(|file| SOURCES.iter().any(|source| file.path.starts_with(source)));
    for (file, number, code) in sources.flat_map(|file| {
        file.lines().flat_map(move |(number, line)| codes(line).map(move |code| (file, number, code)))
    }) {
        given.push(code);
        if !headings.iter().any(|(_, heading)| heading == code) {
            violations.push(file.violation(number, format!("{code} has no heading of its own in {INDEX}")));
        }
    }
    for (number, heading) in &headings {
        if !given.contains(&heading.as_str()) {
            let message = format!("no error has the code {heading}");
            violations.push(Violation::at(INDEX, *number, message));
        }
    }
    violations
}

/// The error codes in a line of code, which are string literals of their own.
fn codes(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2).filter(|literal| is_code(literal))
}

fn is_code(literal: &str) -> bool {
    match literal.strip_prefix("PW-").map(str::as_bytes) {
        Some([class, digits @ ..]) => {
            class.is_ascii_uppercase() && digits.len() == 3 && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::*;

    const ERROR: (&str, &str) =
        ("codec-core/src/error.rs", "Self::Encode => \"PW-E001\",\nSelf::Malformed => \"PW-D001\",\n");

    #[test]
    fn codes_with_headings_pass() {
        assert_eq!(report(check, &[ERROR, (INDEX, "# Errors\n## PW-E001\ntext\n## PW-D001\n")]), "");
    }

    #[test]
    fn a_code_without_a_heading_fails() {
        assert_eq!(
            report(check, &[ERROR, (INDEX, "## PW-E001\n## PW-D001: malformed\n")]),
            "codec-core/src/error.rs:2: PW-D001 has no heading of its own in docs/errors.md\n\
             docs/errors.md:2: no error has the code PW-D001-MALFORMED"
        );
    }

    #[test]
    fn a_heading_without_a_code_fails() {
        assert_eq!(
            report(check, &[(INDEX, "# Errors\n## PW-D099\n")]),
            "docs/errors.md:2: no error has the code PW-D099"
        );
    }
}
