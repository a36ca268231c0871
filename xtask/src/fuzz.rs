//! `cargo xtask fuzz`: the fuzz targets, each for some seconds from its seeds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::project::Project;
use crate::setup;

/// What is run, and where it is built.
#[derive(clap::Args)]
pub(crate) struct Fuzz {
    /// The one target to run; all of them otherwise.
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Where cargo puts the instrumented build, which compiles DataFusion once more.
    #[arg(long)]
    target_dir: Option<PathBuf>,
}

/// Runs the targets, also after one has failed, and fails if any did.
pub(crate) fn run(project: &Project, fuzz: &Fuzz) -> anyhow::Result<()> {
    let folder = project.root.join("tests").join("fuzz");
    let targets = chosen(targets(&folder)?, fuzz.target.as_deref())?;
    let venv = setup::environment(project)?;
    let shell = project.shell()?;
    let cargo_fuzz = || venv.cargo(&shell).arg("fuzz");
    if cargo_fuzz().arg("--version").ignore_stdout().ignore_stderr().run().is_err() {
        bail!("cargo-fuzz is missing: `cargo install cargo-fuzz --locked`");
    }
    let target_dir = fuzz.target_dir.clone().unwrap_or_else(|| project.target.join("fuzz"));

    let mut failed = Vec::new();
    for target in targets {
        println!("\n=== {target} ===");
        let found = folder.join("corpus").join(&target);
        shell.create_dir(&found)?;
        let run = cargo_fuzz()
            .args(["run", "--fuzz-dir"])
            .arg(&folder)
            .args(BUILD)
            .arg("--target-dir")
            .arg(&target_dir)
            // Findings go to the first folder; the seeds stay unchanged.
            .args([target.as_str().as_ref(), found.as_path(), &folder.join("seeds").join(&target)])
            .arg("--")
            .args(RUN)
            .arg(format!("-max_total_time={}", fuzz.seconds));
        let status = Command::from(run).status().context("the fuzzer did not start")?;
        if !status.success() {
            failed.push(target);
        }
    }
    ensure!(failed.is_empty(), "failed: {}; the bytes are in tests/fuzz/artifacts", failed.join(", "));
    Ok(())
}

/// The address sanitizer needs a nightly compiler, and the code of the targets has no `unsafe` to show it.
const BUILD: [&str; 4] = ["--sanitizer", "none", "--codegen-units", "16"];

/// A run that takes longer than ten seconds, or more than two gibibytes, is a finding too.
const RUN: [&str; 3] = ["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"];

/// The targets that there are, in the order of their names.
fn targets(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(folder.join("fuzz_targets"))? {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            targets.push(name.to_owned());
        }
    }
    targets.sort();
    Ok(targets)
}

/// The targets that were asked for.
fn chosen(known: Vec<String>, wanted: Option<&str>) -> anyhow::Result<Vec<String>> {
    match wanted {
        None => Ok(known),
        Some(name) if known.iter().any(|target| target == name) => Ok(vec![name.to_owned()]),
        Some(name) => bail!("no fuzz target is called {name}, known are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn an_unknown_target_is_an_error_that_lists_the_known() {
        let known = || vec!["expr".to_owned(), "frame".to_owned()];
        assert_eq!(chosen(known(), None).ok(), Some(known()));
        assert_eq!(chosen(known(), Some("frame")).ok(), Some(vec!["frame".to_owned()]));
        let error = chosen(known(), Some("frames")).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("no fuzz target is called frames, known are expr, frame"));
    }
}
