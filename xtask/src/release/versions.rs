//! Versions, and the files of the project that say which one it has.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, bail, ensure};

use crate::lock::packages;

/// A version of the project: three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

impl Version {
    /// The name of its tag.
    pub(super) fn tag(self) -> String {
        format!("v{self}")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[major, minor, patch]) if text == Self(major, minor, patch).to_string() => {
                Ok(Self(major, minor, patch))
            }
            _ => Err(format!("a version is three numbers, e.g. 0.2.0, and not {text:?}")),
        }
    }
}

/// The fuzz targets are a workspace of their own, which has the project's crates in its lock file.
const LOCKS: [&str; 2] = ["Cargo.lock", "tests/fuzz/Cargo.lock"];

/// Writes a version to the manifest of the workspace and to the lock files.
pub(super) fn bump(root: &Path, version: Version) -> anyhow::Result<()> {
    edit(&root.join("Cargo.toml"), |text| manifest(text, version))?;
    let members = members(&read(&root.join("Cargo.lock"))?);
    for lock in LOCKS {
        edit(&root.join(lock), |text| Ok(locked(text, &members, version)))?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Changes a text file.
pub(super) fn edit(path: &Path, change: impl Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<()> {
    let changed = change(&read(path)?).with_context(|| format!("in {}", path.display()))?;
    Ok(std::fs::write(path, changed)?)
}

/// Changes the version of all members, and the one that they ask for of each other.
fn manifest(text: &str, version: Version) -> anyhow::Result<String> {
    let mut table = "";
    let mut found = 0;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            table = line;
        }
        let ours = match table {
            "[workspace.package]" => line.starts_with("version = "),
            "[workspace.dependencies]" => line.contains("path = ") && line.contains(" version = "),
            _ => false,
        };
        found += u32::from(ours && table == "[workspace.package]");
        lines.push(if ours { with_version(line, version)? } else { line.to_owned() });
    }
    ensure!(found == 1, "[workspace.package] has {found} versions, and not one");
    Ok(lines.join("\n") + "\n")
}

fn with_version(line: &str, version: Version) -> anyhow::Result<String> {
    let Some((before, rest)) = line.split_once("version = \"") else { bail!("no version in {line:?}") };
    let (_, after) = rest.split_once('"').with_context(|| format!("no version in {line:?}"))?;
    Ok(format!("{before}version = \"{version}\"{after}"))
}

/// The packages of a lock file that come from no registry: the members of the workspace.
fn members(lock: &str) -> BTreeSet<String> {
    let local = packages(lock).into_iter().filter(|package| package.local);
    local.map(|package| package.name.to_owned()).collect()
}

/// Changes the versions of the members in a lock file.
fn locked(lock: &str, members: &BTreeSet<String>, version: Version) -> String {
    let mut member = false;
    let mut lines = Vec::new();
    for line in lock.lines() {
        if let Some(name) = line.strip_prefix("name = \"") {
            member = members.contains(name.trim_end_matches('"'));
        }
        if member && line.starts_with("version = ") {
            lines.push(format!("version = \"{version}\""));
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::state::scratch::{Files, write};
    use super::*;

    #[test]
    fn a_version_is_three_numbers_and_has_an_order() {
        let version: Result<Version, String> = "0.10.2".parse();
        assert_eq!(version, Ok(Version(0, 10, 2)));
        assert!(version > "0.9.12".parse());
        for text in ["1.0", "v1.0.0", "1.0.0-rc.1", "01.0.0", "1.0.0.0", ""] {
            assert!(text.parse::<Version>().is_err_and(|error| error.contains("three numbers")));
        }
    }

    const MANIFEST: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n\n\
        [workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
        [workspace.dependencies]\na = { path = \"a\", version = \"0.1.0\" }\n\
        other = { version = \"0.1.0\", optional = true }\n";

    #[test]
    fn only_versions_of_the_project_change_in_the_manifest() -> anyhow::Result<()> {
        let bumped = manifest(MANIFEST, Version(0, 2, 0))?;
        assert!(bumped.contains("[workspace.package]\nversion = \"0.2.0\"\n"));
        assert!(bumped.contains("a = { path = \"a\", version = \"0.2.0\" }"));
        assert!(bumped.contains("other = { version = \"0.1.0\", optional = true }"));
        assert!(manifest("[workspace]\n", Version(0, 2, 0)).is_err());
        Ok(())
    }

    #[test]
    fn cargo_takes_the_lock_files_of_a_bumped_workspace() -> anyhow::Result<()> {
        let member = |name: &str, rest: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n{rest}"
            )
        };
        let manifest = MANIFEST.replace("other = { version = \"0.1.0\", optional = true }\n", "");
        let b = member("b", "[dependencies]\na.workspace = true\n");
        let fuzz = "[package]\nname = \"fuzz\"\nversion = \"0.0.1\"\nedition = \"2024\"\n[workspace]\n\
                    [dependencies]\nb = { path = \"../../b\" }\n";
        let files: Files<'_> = &[
            ("Cargo.toml", &manifest.replace("members", "exclude = [\"tests/fuzz\"]\nmembers")),
            ("a/Cargo.toml", &member("a", "")),
            ("a/src/lib.rs", ""),
            ("b/Cargo.toml", &b),
            ("b/src/lib.rs", ""),
            ("tests/fuzz/Cargo.toml", fuzz),
            ("tests/fuzz/src/lib.rs", ""),
        ];
        let (shell, folder) = write(files)?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let run = |arguments: &[&str]| shell.cmd(&cargo).args(arguments).quiet().ignore_stderr().read();
        let fuzz = ["--manifest-path", "tests/fuzz/Cargo.toml"];
        run(&["generate-lockfile", "--offline"])?;
        run(&[&["generate-lockfile", "--offline"], fuzz.as_slice()].concat())?;

        bump(folder.path(), Version(0, 2, 0))?;

        let ask = ["metadata", "--locked", "--offline", "--format-version", "1"];
        let told = run(&ask)?;
        assert_eq!(told.matches("\"version\":\"0.2.0\"").count(), 2);
        let told = run(&[ask.as_slice(), &fuzz].concat())?;
        assert_eq!(told.matches("\"version\":\"0.2.0\"").count(), 2);
        assert!(told.contains("\"version\":\"0.0.1\""));
        Ok(())
    }
}
