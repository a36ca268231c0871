//! `cargo xtask demo`: the example programs, run in the virtual environment.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::project::Project;
use crate::setup;

/// Runs an example with `arguments`; fails if its comparison does.
pub(crate) fn run(project: &Project, example: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let venv = setup::run(project)?;
    let shell = project.shell()?;
    let example: PathBuf = ["py-bindings", "examples", example].iter().collect();

    let demo = venv.python(&shell).arg(example).args(arguments);
    let status = std::process::Command::from(demo).status().context("the demo did not start")?;
    if !status.success() {
        bail!("the demo failed: {status}");
    }
    Ok(())
}
