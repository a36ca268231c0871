//! The products of a release, and the commands that publish them, in their order.

use std::fmt::Write as _;

use super::record::Record;
use super::{Workshop, changelog};
use crate::release::dist::packages;

/// The report at the end. The task itself publishes nothing.
pub(super) fn text(workshop: &Workshop, record: &Record, dry_run: bool) -> anyhow::Result<String> {
    let version = workshop.version;
    let tag = version.tag();
    let changelog = std::fs::read_to_string(workshop.clone.root.join("CHANGELOG.md"))?;
    let changes = changelog::section(&changelog, version).unwrap_or_default().lines();
    let changes = changes.filter(|line| line.starts_with("- ")).count();
    let mut text =
        format!("planwire {version}, {changes} entries in the changelog, in {}:\n", workshop.dist.display());
    for (name, _) in record.files() {
        let size = std::fs::metadata(workshop.dist.join(name))?.len();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:>9}  {name}", shown(size));
    }
    if dry_run {
        let _ = write!(
            text,
            "\nThis was a dry run: nothing is committed and no tag made. Without --dry-run, the commit and {tag} \
             come last, and these would publish it:\n"
        );
    } else {
        let _ = write!(text, "\n{tag} is made; nothing is pushed or published. These publish it:\n");
    }
    let _ = writeln!(text, "  git push origin HEAD {tag}");
    for package in packages::published(&workshop.clone.shell()?)? {
        let _ = writeln!(text, "  cargo publish --locked --package {}", package.name);
    }
    let dist = record.files().map(|(name, _)| name);
    let python = dist.filter(|name| name.ends_with(".whl") || name.ends_with(".tar.gz"));
    let python: Vec<String> = python.map(|name| format!("dist/{name}")).collect();
    let _ = write!(text, "  twine upload {}", python.join(" "));
    Ok(text)
}

fn shown(size: u64) -> String {
    if size < 10 * 1024 * 1024 {
        format!("{} KiB", size.div_ceil(1024))
    } else {
        format!("{} MiB", size / 1024 / 1024)
    }
}
