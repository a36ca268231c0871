//! Tools that cargo installs, kept where `.ci/run` keeps them.

use std::path::PathBuf;

use anyhow::Context;
use xshell::{Shell, cmd};

use crate::release::Workshop;
use crate::release::steps::Made;

/// A subcommand of cargo's.
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

pub(crate) const SEMVER: Tool = Tool { name: "cargo-semver-checks", version: "0.51.0" };
const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

impl Tool {
    /// Where the tool is, which is installed first if it is not there.
    pub(crate) fn path(&self, shell: &Shell) -> anyhow::Result<PathBuf> {
        let Self { name, version } = self;
        let root = cache()?.join("planwire").join("tools");
        let program = root.join("bin").join(name);
        if !program.exists() {
            eprintln!("installing {name} {version}");
            // Where it is built would otherwise be where the release is.
            cmd!(shell, "cargo install {name} --quiet --locked --version {version} --root {root}")
                .env_remove("CARGO_TARGET_DIR")
                .quiet()
                .run()?;
        }
        Ok(program)
    }
}

fn cache() -> anyhow::Result<PathBuf> {
    let set = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    set.or_else(home).context("neither XDG_CACHE_HOME nor HOME is set")
}

/// Checks the licences of all that is linked against `deny.toml`.
pub(crate) fn licences(workshop: &Workshop) -> anyhow::Result<Made> {
    let shell = workshop.clone.shell()?;
    let deny = DENY.path(&shell)?;
    cmd!(shell, "{deny} --log-level error check licenses").quiet().run()?;
    Ok("each is one that deny.toml allows".to_owned().into())
}
