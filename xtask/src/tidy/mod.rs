//! `cargo xtask tidy`: the project's own rules as code, one rule a file.

mod described;
mod error_codes;
mod features;
mod layers;
mod leftovers;
mod links;
mod opening;
mod rooms;
mod shape;
mod size;
mod tree;
mod versions;
mod whitespace;

use anyhow::bail;

use crate::project::Project;
use tree::{Tree, Violation};

/// A rule looks at the whole tree and says what breaks it.
type Rule = fn(&Tree) -> Vec<Violation>;

const RULES: [Rule; 12] = [
    layers::check,
    features::check,
    versions::check,
    opening::check,
    size::check,
    rooms::check,
    leftovers::check,
    whitespace::check,
    described::check,
    links::check,
    error_codes::check,
    shape::check,
];

/// The treatment of the hashes that tie documents to source files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hashes {
    /// Report those that are out of date.
    Check,
    /// Write the current ones.
    Renew,
}

/// Reports every violation of every rule, and fails if there is one.
pub(crate) fn run(project: &Project, hashes: Hashes) -> anyhow::Result<()> {
    if hashes == Hashes::Renew {
        described::renew(project)?;
    }
    let tree = Tree::read(project)?;
    let violations: Vec<Violation> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    for violation in &violations {
        eprintln!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        1 => bail!("1 rule of the project is broken"),
        count => bail!("the project's rules are broken in {count} places"),
    }
}
