//! Rule: a link in a document leads to a file of the project, and to a heading where it names one.

use super::tree::{Tree, Violation};

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension(&["md"]) {
        for (number, line) in file.lines() {
            for target in targets(line) {
                if let Some(message) = fault(tree, &file.path, target) {
                    violations.push(file.violation(number, message));
                }
            }
        }
    }
    violations
}

/// The targets of the links in a line: the parts between `](` and `)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

fn fault(tree: &Tree, from: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { from.to_owned() } else { resolve(from, path) };
    if !tree.has(&path) {
        return Some(format!("the link leads to {path}, which does not exist"));
    }
    let document = tree.text(&path).filter(|_| path.ends_with(".md") && !heading.is_empty());
    if document.is_some_and(|text| !text.lines().any(|line| anchor(line).as_deref() == Some(heading))) {
        return Some(format!("the link leads to #{heading}, which is no heading of {path}"));
    }
    None
}

/// Takes `path` from the directory of the document `from`.
fn resolve(from: &str, path: &str) -> String {
    let directory = from.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchor that a heading gets on the pages of common hosts.
pub(super) fn anchor(line: &str) -> Option<String> {
    let title = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?.trim();
    let kept = title.chars().filter(|part| part.is_alphanumeric() || matches!(part, ' ' | '-' | '_'));
    Some(kept.map(|part| if part == ' ' { '-' } else { part }).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::{anchor, check};

    #[test]
    fn a_link_to_a_missing_file_fails() {
        assert_eq!(
            report(
                check,
                &[("docs/a.md", "[here](../README.md) [there](b.md#top)\n"), ("README.md", "hi\n")]
            ),
            "docs/a.md:1: the link leads to docs/b.md, which does not exist"
        );
    }

    #[test]
    fn a_link_to_a_missing_heading_fails() {
        assert_eq!(
            report(check, &[("a.md", "# The *first* one\n[up](#the-first-one) [down](#the-last-one)\n")]),
            "a.md:2: the link leads to #the-last-one, which is no heading of a.md"
        );
    }

    #[test]
    fn directories_and_other_hosts_pass() {
        assert_eq!(
            report(check, &[("a.md", "[d](docs) [e](docs/) [w](https://x.org/y)\n"), ("docs/b.md", "b\n")]),
            ""
        );
    }

    #[test]
    fn an_anchor_is_the_title_in_lower_case_with_dashes() {
        assert_eq!(anchor("## PW-D001").as_deref(), Some("pw-d001"));
        assert_eq!(anchor("### Scalar, `by name`").as_deref(), Some("scalar-by-name"));
        assert_eq!(anchor("#![forbid(unsafe_code)]"), None);
    }
}
