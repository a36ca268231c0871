//! The project's tasks: `cargo xtask setup | demo | test | bench | counts | faults | fidelity | fuzz | release | tidy`.

mod bench;
mod counts;
mod demo;
mod faults;
mod fidelity;
mod fuzz;
mod lock;
mod project;
mod release;
mod setup;
mod shape;
mod suite;
mod test;
mod tidy;
mod venv;

use std::process::ExitCode;

use clap::Parser;

use crate::bench::Figures;
use crate::fidelity::Fidelity;
use crate::fuzz::Fuzz;
use crate::project::Project;
use crate::release::Release;
use crate::shape::Record;
use crate::test::Floor;
use crate::tidy::Hashes;

/// The project's tasks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Makes `.venv`, installs the pinned Python packages and builds the extension module.
    Setup,
    /// Ships expressions with Python UDFs to worker processes and compares with built-in SQL.
    Demo {
        /// Prints the result as JSON, and nothing else to the standard output.
        #[arg(long)]
        json: bool,
        /// Runs queries on a cluster of processes instead, and kills one of them.
        #[arg(long, conflicts_with = "json")]
        cluster: bool,
    },
    /// Runs every test, in Rust and in Python.
    Test {
        /// Runs those in Python again, in a process that has this floor.
        #[arg(long)]
        floor: Option<Floor>,
    },
    /// Times Python functions and messages beside the datafusion wheel, and guards, in a release build.
    Bench {
        /// What is timed; without it, all.
        work: Option<bench::Work>,
        /// Prints the figures as JSON.
        #[arg(long, conflicts_with = "record")]
        json: bool,
        /// Writes the figures of all to `docs/benchmarks.md`.
        #[arg(long, conflicts_with = "work")]
        record: bool,
    },
    /// Counts the instructions of the parts in Rust under callgrind, and compares with the recorded counts.
    Counts {
        /// Records the counts in `tests/benches/core/counts.txt`.
        #[arg(long)]
        record: bool,
    },
    /// Renews the table of DataFusion's messages, after DataFusion was updated, and names new fields.
    Shape {
        /// Records the fields, after somebody has checked how plans with new ones are sent.
        #[arg(long)]
        bless: bool,
    },
    /// Tries the faults of other systems on planwire and the datafusion wheel, and writes `docs/faults.md`.
    Faults,
    /// Sends queries on trips and compares what comes back: DataFusion's own, and those of a grammar.
    Fidelity(Fidelity),
    /// Runs fuzzers over the decoders, from the seeds in `tests/fuzz`.
    Fuzz(Fuzz),
    /// Makes everything of a version in `dist`, then the tag; publishes nothing.
    Release(Release),
    /// Checks the project's own rules.
    Tidy {
        /// Renews the hashes of the source files that documents describe. Read the documents first.
        #[arg(long)]
        bless: bool,
    },
}

fn main() -> ExitCode {
    match run(&Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> anyhow::Result<()> {
    let project = Project::find()?;
    match task {
        Task::Setup => setup::run(&project).map(drop),
        Task::Demo { cluster: true, .. } => demo::run(&project, "cluster.py", &[]),
        Task::Demo { json: true, .. } => demo::run(&project, "lineitem.py", &["--json"]),
        Task::Demo { .. } => demo::run(&project, "lineitem.py", &[]),
        Task::Test { floor: None } => test::run(&project),
        Task::Test { floor: Some(floor) } => test::run_under(&project, *floor),
        Task::Bench { work, json: true, .. } => bench::run(&project, *work, Figures::Json),
        Task::Bench { work, record: true, .. } => bench::run(&project, *work, Figures::Record),
        Task::Bench { work, .. } => bench::run(&project, *work, Figures::Print),
        Task::Counts { record: false } => counts::run(&project, counts::Record::Check),
        Task::Counts { record: true } => counts::run(&project, counts::Record::Renew),
        Task::Shape { bless: false } => shape::run(&project, Record::Check),
        Task::Shape { bless: true } => shape::run(&project, Record::Renew),
        Task::Faults => faults::run(&project),
        Task::Fidelity(fidelity) => fidelity::run(&project, fidelity),
        Task::Fuzz(fuzz) => fuzz::run(&project, fuzz),
        Task::Release(release) => release::run(&project, release),
        Task::Tidy { bless: false } => tidy::run(&project, Hashes::Check),
        Task::Tidy { bless: true } => tidy::run(&project, Hashes::Renew),
    }
}
