//! The interpreters on this machine that a wheel is tried with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use xshell::{Shell, cmd};

/// The minor versions of CPython 3 that are supported.
const MINORS: std::ops::RangeInclusive<u32> = 10..=13;

/// An interpreter that runs and can make environments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Python {
    pub(crate) minor: u32,
    pub(crate) program: PathBuf,
}

/// Finds one interpreter of each minor version, on the path or among those that pyenv has installed.
pub(crate) fn find() -> anyhow::Result<Vec<Python>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(pyenv(std::env::var_os("PYENV_ROOT"), std::env::var_os("HOME")));
    let pythons = among(&folders)?;
    ensure!(!pythons.is_empty(), "there is no CPython here between 3.10 and 3.13");
    Ok(pythons)
}

fn pyenv(root: Option<OsString>, home: Option<OsString>) -> Vec<PathBuf> {
    let root = root.map(PathBuf::from).or_else(|| Some(PathBuf::from(home?).join(".pyenv")));
    let versions = root.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let mut folders: Vec<PathBuf> =
        versions.into_iter().flatten().flatten().map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders
}

fn among(folders: &[PathBuf]) -> anyhow::Result<Vec<Python>> {
    let shell = Shell::new()?;
    let found = MINORS.filter_map(|minor| {
        let programs = folders.iter().map(|folder| folder.join(format!("python3.{minor}")));
        let program =
            programs.filter(|program| program.is_file()).find(|program| runs(&shell, program, minor))?;
        Some(Python { minor, program })
    });
    Ok(found.collect())
}

/// Whether it is what its name says. A shim of pyenv's is not where its version is not chosen.
fn runs(shell: &Shell, program: &Path, minor: u32) -> bool {
    let ask = "import ensurepip, sys, venv; print(sys.implementation.name, *sys.version_info[:2])";
    let answer = cmd!(shell, "{program} -c {ask}").quiet().ignore_stderr().read();
    answer.is_ok_and(|answer| answer == format!("cpython 3 {minor}"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::release::state::scratch;

    #[test]
    fn the_first_interpreter_that_is_what_its_name_says_is_taken() -> anyhow::Result<()> {
        let answering = |words: &str| format!("#!/bin/sh\necho {words}\n");
        let (shell, folder) = scratch::write(&[
            ("shims/python3.10", "#!/bin/sh\nexit 127\n"),
            ("shims/python3.11", &answering("cpython 3 11")),
            ("a/python3.10", &answering("cpython 3 10")),
            ("a/python3.11", &answering("cpython 3 11")),
            ("a/python3.12", &answering("pypy 3 12")),
            ("a/python3.14", &answering("cpython 3 14")),
        ])?;
        let folders = ["shims", "a", "missing"].map(|name| folder.path().join(name));
        for folder in ["shims", "a"] {
            for program in shell.read_dir(folder)? {
                fs::set_permissions(program, fs::Permissions::from_mode(0o755))?;
            }
        }
        let found = among(&folders)?;
        let wanted = [(10, "a/python3.10"), (11, "shims/python3.11")];
        assert_eq!(found, wanted.map(|(minor, path)| Python { minor, program: folder.path().join(path) }));
        Ok(())
    }
}
