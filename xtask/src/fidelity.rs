//! `cargo xtask fidelity`: sends queries, and compares the results with those of the originals.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::bench;
use crate::project::Project;
use crate::setup;

/// How much is sent, and whether the page is written.
#[derive(clap::Args)]
pub(crate) struct Fidelity {
    /// How many queries the grammar makes; those of DataFusion's own test files come besides.
    #[arg(long, default_value_t = 1000)]
    queries: u32,
    /// What the grammar's queries are drawn from: the same seed gives the same queries.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// How many processes send.
    #[arg(long, default_value_t = 2)]
    processes: u32,
    /// Builds for release first, which a run of many queries is worth.
    #[arg(long)]
    release: bool,
    /// Runs the queries on a cluster of this machine, and in no other form.
    #[arg(long, conflicts_with = "record")]
    cluster: bool,
    /// Tries the datafusion wheel too, and writes `docs/fidelity.md`.
    #[arg(long)]
    record: bool,
    /// What is sent, such as `slt/joins.slt`, `nodes/window` or `grammar/1/0-50`; without it, all.
    sources: Vec<String>,
}

/// Runs the suite in the virtual environment.
pub(crate) fn run(project: &Project, fidelity: &Fidelity) -> anyhow::Result<()> {
    let shell = project.shell()?;
    let (venv, path) = if fidelity.release {
        let venv = setup::environment(project)?;
        let path = bench::release(project, &venv, &shell)?;
        (venv, path)
    } else {
        (setup::run(project)?, project.python_path())
    };
    let program: PathBuf = ["tests", "fidelity", "fidelity.py"].iter().collect();

    let Fidelity { queries, seed, processes, record, cluster, sources, release: _ } = fidelity;
    let counts = [("--queries", queries), ("--seed", seed), ("--processes", processes)];
    let mut suite = venv.python(&shell).arg(program).args(sources).env("PYTHONPATH", path);
    for (name, count) in counts {
        suite = suite.arg(name).arg(count.to_string());
    }
    let suite = suite.args(record.then_some("--record")).args(cluster.then_some("--cluster"));
    let status = std::process::Command::from(suite).status().context("the suite did not start")?;
    if !status.success() {
        bail!("something that arrived was not what was sent: {status}");
    }
    Ok(())
}
