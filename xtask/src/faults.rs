//! `cargo xtask faults`: tries the faults of other systems on both packages, and writes the page.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::project::Project;
use crate::setup;

/// Runs every scenario in the virtual environment.
pub(crate) fn run(project: &Project) -> anyhow::Result<()> {
    let venv = setup::run(project)?;
    let shell = project.shell()?;
    let program: PathBuf = ["tests", "faults", "run.py"].iter().collect();

    let scenarios = venv.python(&shell).arg(program).arg("--markdown");
    let status = std::process::Command::from(scenarios).status().context("the scenarios did not start")?;
    if !status.success() {
        bail!("the scenarios failed: {status}");
    }
    Ok(())
}
