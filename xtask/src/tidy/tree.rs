//! The tree: the project's text files, and the violations of rules in their lines.

use std::fmt;

use xshell::cmd;

use crate::project::Project;

/// The text files that git tracks or would add, in the order of their paths.
#[derive(Debug, Default)]
pub(super) struct Tree {
    files: Vec<File>,
    /// Files whose bytes are not text, and links; rules only ask whether they exist.
    other: Vec<String>,
}

/// One text file.
#[derive(Debug)]
pub(super) struct File {
    /// The path from the project's root, with `/` between its parts.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Reads the project's files from the disk.
    pub(super) fn read(project: &Project) -> anyhow::Result<Self> {
        let shell = project.shell()?;
        let listed = cmd!(shell, "git ls-files -z --cached --others --exclude-standard").quiet().read()?;
        let mut tree = Self::default();
        for path in listed.split_terminator('\0') {
            // A link shows the text of another file, which has the rules applied where it is.
            if project.root.join(path).is_symlink() {
                tree.other.push(path.to_owned());
                continue;
            }
            // A tracked file may be gone from the disk.
            let Ok(bytes) = std::fs::read(project.root.join(path)) else { continue };
            match String::from_utf8(bytes) {
                Ok(text) => tree.files.push(File { path: path.to_owned(), text }),
                Err(_) => tree.other.push(path.to_owned()),
            }
        }
        Ok(tree)
    }

    /// A tree for a test, as pairs of a path and a text.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.iter().map(file).collect(), other: Vec::new() }
    }

    /// The files with one of these extensions.
    pub(super) fn with_extension<'t>(&'t self, extensions: &'t [&str]) -> impl Iterator<Item = &'t File> {
        self.files.iter().filter(|file| {
            file.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
        })
    }

    /// The text files.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The text of one file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Whether there is such a file, or a file below such a directory.
    pub(super) fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let paths = self.files.iter().map(|file| &file.path).chain(&self.other);
        path.is_empty() || paths.into_iter().any(|found| found == path || found.starts_with(&below))
    }
}

impl File {
    /// The lines with their numbers, which start at 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Reports a line.
    pub(super) fn violation(&self, line: usize, message: impl Into<String>) -> Violation {
        Violation { path: self.path.clone(), line, message: message.into() }
    }
}

/// One place where the tree breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Violation {
    path: String,
    line: usize,
    message: String,
}

impl Violation {
    /// Reports a file, which need not exist.
    pub(super) fn at(path: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// The output of a rule for a tree, one line for each violation.
#[cfg(test)]
pub(super) fn report(rule: super::Rule, files: &[(&str, &str)]) -> String {
    rule(&Tree::of(files)).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
