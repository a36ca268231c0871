//! SHA-256 sums, and the file of them that goes with a release.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::release::Workshop;
use crate::release::record::Record;
use crate::release::steps::Made;

const NAME: &str = "SHA256SUMS";

/// The sum of a file, in hexadecimal digits.
pub(crate) fn of_file(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(hex(&Sha256::digest(bytes)))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes the sums of all that the steps have made, as `sha256sum --check` reads them.
pub(crate) fn run(workshop: &Workshop, record: &Record) -> anyhow::Result<Made> {
    write(&workshop.dist, record.files().filter(|(name, _)| name != NAME))
}

fn write<'r>(dist: &Path, files: impl Iterator<Item = &'r (String, String)>) -> anyhow::Result<Made> {
    let mut lines: Vec<String> = files.map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    lines.sort_by(|one, other| one.split(' ').next_back().cmp(&other.split(' ').next_back()));
    std::fs::write(dist.join(NAME), lines.concat())?;
    let said = format!("of {} files; `sha256sum --check {NAME}`", lines.len());
    Ok(Made { said, files: vec![NAME.to_owned()] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::state::scratch;
    use xshell::cmd;

    #[test]
    fn sums_are_those_that_sha256sum_checks() -> anyhow::Result<()> {
        let (shell, folder) = scratch::write(&[("a.whl", "a"), ("b.crate", "b")])?;
        let path = folder.path();
        let sum = |name: &str| Ok((name.to_owned(), of_file(&path.join(name))?));
        let files: Vec<_> = ["b.crate", "a.whl"].into_iter().map(sum).collect::<anyhow::Result<_>>()?;
        write(path, files.iter())?;
        assert_eq!(
            cmd!(shell, "sha256sum --check --strict SHA256SUMS").quiet().read()?,
            "a.whl: OK\nb.crate: OK"
        );
        shell.write_file("a.whl", "c")?;
        let check = cmd!(shell, "sha256sum --check --status SHA256SUMS").quiet().ignore_stderr();
        assert!(check.run().is_err());
        Ok(())
    }
}
