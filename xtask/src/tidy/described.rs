//! Rule: a document that describes source files is read again when they change.
//!
//! The document holds a line `<!-- describes: path sha256:... -->` for each of them. The rule does
//! not know whether the document is right; it knows whether someone looked.

use sha2::{Digest, Sha256};

use super::tree::{Tree, Violation};
use crate::project::Project;

const DOCUMENT: &str = "docs/wire-format.md";

/// The files that fix bytes on the wire.
const SOURCES: [&str; 10] = [
    "codec-core/src/wire/frame.rs",
    "codec-core/src/wire/envelope.rs",
    "codec-core/src/wire/trailer.rs",
    "codec-core/src/message/parcel.rs",
    "codec-guard/src/sealed.rs",
    "codec-arrow/src/family.rs",
    "codec-arrow/src/table.rs",
    "codec-ballista/src/family.rs",
    "codec-python/src/family.rs",
    "codec-python/src/family/pickle.rs",
];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let Some(document) = tree.text(DOCUMENT) else {
        return vec![Violation::at(DOCUMENT, 1, "the document is missing")];
    };
    SOURCES.iter().filter_map(|source| fault(tree, document, source)).collect()
}

fn fault(tree: &Tree, document: &str, source: &str) -> Option<Violation> {
    let Some((number, hash)) = (1..).zip(document.lines()).find_map(|(number, line)| {
        let (path, hash) = read(line)?;
        (path == source).then_some((number, hash))
    }) else {
        let message = format!("nothing says `<!-- describes: {source} sha256:... -->`");
        return Some(Violation::at(DOCUMENT, 1, message));
    };
    let Some(text) = tree.text(source) else {
        return Some(Violation::at(DOCUMENT, number, format!("{source} does not exist")));
    };
    (hash != sha256(text)).then(|| {
        let message = format!("{source} has changed: read both, then run `cargo xtask tidy --bless`");
        Violation::at(DOCUMENT, number, message)
    })
}

/// Writes the current hashes into the document.
pub(super) fn renew(project: &Project) -> anyhow::Result<()> {
    let shell = project.shell()?;
    let mut renewed = String::new();
    for line in shell.read_file(DOCUMENT)?.lines() {
        match read(line) {
            Some((path, _)) => {
                let hash = sha256(&shell.read_file(path)?);
                renewed.push_str(&format!("<!-- describes: {path} sha256:{hash} -->"));
            }
            None => renewed.push_str(line),
        }
        renewed.push('\n');
    }
    Ok(shell.write_file(DOCUMENT, renewed)?)
}

/// Reads the path and the hash of a line that ties a source file.
fn read(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("<!-- describes: ")?.strip_suffix(" -->")?.split_once(" sha256:")
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::report;
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// The report on a document that was written when every source file was empty.
    fn report_with(frame: &str) -> String {
        let document =
            SOURCES.map(|source| format!("<!-- describes: {source} sha256:{EMPTY} -->\n")).concat();
        let [first, others @ ..] = SOURCES;
        let mut files = vec![(DOCUMENT, &*document), (first, frame)];
        files.extend(others.map(|source| (source, "")));
        report(check, &files)
    }

    #[test]
    fn a_document_that_is_up_to_date_passes() {
        assert_eq!(report_with(""), "");
    }

    #[test]
    fn a_source_file_that_changed_fails() {
        assert_eq!(
            report_with("//! Frames, now with flags.\n"),
            "docs/wire-format.md:1: codec-core/src/wire/frame.rs has changed: read both, \
             then run `cargo xtask tidy --bless`"
        );
    }

    #[test]
    fn a_document_without_the_line_fails() {
        let report = report(check, &[(DOCUMENT, "# Wire format\n")]);
        assert_eq!(report.lines().count(), SOURCES.len());
        assert!(report.starts_with("docs/wire-format.md:1: nothing says `<!-- describes: codec-core"));
    }

    #[test]
    fn a_missing_document_fails() {
        assert_eq!(report(check, &[]), "docs/wire-format.md:1: the document is missing");
    }
}
