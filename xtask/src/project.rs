//! The project: where its root, its build output and its virtual environment are.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::Shell;

/// The checkout that cargo runs this program for.
#[derive(Debug)]
pub(crate) struct Project {
    /// The directory of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
}

impl Project {
    /// Finds the checkout and its build output.
    pub(crate) fn find() -> anyhow::Result<Self> {
        // Asked at run time: checkouts that share a target directory share this program too.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = Path::new(&xtask).parent().context("xtask lies in the workspace")?;
        // Cargo was told the target directory by a variable, by its configuration or not at all;
        // wherever it is, this program lies in it.
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(2).context("cargo runs xtask from a target directory")?;
        Ok(Self { root: root.to_owned(), target: target.to_owned() })
    }

    /// A shell at the root.
    pub(crate) fn shell(&self) -> anyhow::Result<Shell> {
        let shell = Shell::new()?;
        shell.change_dir(&self.root);
        Ok(shell)
    }

    /// The directory that holds the Python package.
    pub(crate) fn python_path(&self) -> PathBuf {
        self.root.join("py-bindings").join("python")
    }
}
