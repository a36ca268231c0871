//! The virtual environment `.venv`, and cargo's settings for it.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use xshell::{Cmd, Shell, cmd};

use crate::project::Project;

/// The oldest CPython that the extension module runs on, as in the workspace's `abi3` feature of pyo3.
const OLDEST: (u32, u32) = (3, 10);

/// A virtual environment that exists.
#[derive(Debug)]
pub(crate) struct Venv {
    /// Its directory.
    pub(crate) root: PathBuf,
    /// Its interpreter.
    pub(crate) python: PathBuf,
    /// Where its packages are.
    pub(crate) site_packages: PathBuf,
}

impl Venv {
    /// Opens `.venv`, and makes it first if it is missing or its interpreter is gone.
    pub(crate) fn open(shell: &Shell, project: &Project) -> anyhow::Result<Self> {
        let root = project.root.join(".venv");
        let python = root.join("bin").join("python");
        if cmd!(shell, "{python} -c pass").quiet().ignore_stderr().run().is_err() {
            create(shell, &root)?;
        }
        let ask = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let site_packages = cmd!(shell, "{python} -c {ask}").quiet().read()?;
        Ok(Self { root, python, site_packages: site_packages.into() })
    }

    /// A cargo command with the environment that all of them share.
    ///
    /// pyo3 is built again whenever `PYO3_PYTHON` changes, so no call may leave it out; ring is, with all of DataFusion,
    /// whenever the variables change that cargo sets for the package of this task. An interpreter
    /// that a test program embeds knows nothing of the environment and finds its packages by the path.
    pub(crate) fn cargo<'s>(&self, shell: &'s Shell) -> Cmd<'s> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let cargo = shell.cmd(cargo).quiet();
        let of_package = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        let cargo = of_package.fold(cargo, Cmd::env_remove);
        cargo.env("PYO3_PYTHON", &self.python).env("PYTHONPATH", &self.site_packages)
    }

    /// A command that runs the environment's interpreter.
    pub(crate) fn python<'s>(&self, shell: &'s Shell) -> Cmd<'s> {
        shell.cmd(&self.python).quiet()
    }
}

fn create(shell: &Shell, root: &Path) -> anyhow::Result<()> {
    let ask = "import sys; print(sys.version_info[0], sys.version_info[1])";
    let answer = cmd!(shell, "python3 -c {ask}").quiet().read().context("`python3` on PATH does not run")?;
    check_version(&answer)?;
    shell.remove_path(root)?;
    cmd!(shell, "python3 -m venv {root}").quiet().run().context("`python3` on PATH cannot make a venv")
}

fn check_version(answer: &str) -> anyhow::Result<()> {
    let (major, minor) = answer.trim().split_once(' ').context("`python3` did not tell its version")?;
    let found = (major.parse()?, minor.parse()?);
    ensure!(
        found >= OLDEST,
        "planwire needs Python {}.{} or newer, `python3` on PATH is {major}.{minor}",
        OLDEST.0,
        OLDEST.1
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_version;

    #[test]
    fn an_old_python_is_refused_by_its_version() {
        let error = check_version("3 9\n").err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("planwire needs Python 3.10 or newer, `python3` on PATH is 3.9"));
        assert!(check_version("3 10").is_ok());
        assert!(check_version("4 0").is_ok());
    }
}
