//! `cargo xtask counts`: how many instructions the works of `tests/benches/core` take, held to what is recorded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::project::Project;
use crate::setup;

/// What is done with the counts.
#[derive(Clone, Copy)]
pub(crate) enum Record {
    /// They are compared with the recorded ones.
    Check,
    /// They are recorded.
    Renew,
}

/// A count may differ from the recorded one by one part in so many. Hash tables are seeded anew in each process, and
/// the C library has its own functions for each processor.
const TOLERANCE: u64 = 20;

/// Counts by the name of the work.
type Counts = BTreeMap<String, u64>;

/// Counts the instructions of each work in a debug build, under callgrind.
pub(crate) fn run(project: &Project, record: Record) -> anyhow::Result<()> {
    let shell = project.shell()?;
    if cmd!(shell, "valgrind --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        bail!("valgrind is missing; Debian has it in its package `valgrind`");
    }
    let found = counted(&shell, &built(project, &shell)?)?;
    let path = project.root.join("tests/benches/core/counts.txt");
    match record {
        Record::Renew => Ok(shell.write_file(path, written(&found))?),
        Record::Check => {
            let recorded = read(&shell.read_file(path)?)?;
            let lines = compared(&recorded, &found);
            lines.iter().for_each(|(line, _)| println!("{line}"));
            let differing = lines.iter().filter(|(_, is_same)| !is_same).count();
            ensure!(differing == 0, "{differing} counts differ; `cargo xtask counts --record` records them");
            Ok(())
        }
    }
}

/// Builds the program, and returns its path.
fn built(project: &Project, shell: &Shell) -> anyhow::Result<PathBuf> {
    let venv = setup::environment(project)?;
    let build = ["build", "--workspace", "--bench", "core", "--message-format=json-render-diagnostics"];
    let told = venv.cargo(shell).args(build).read()?;
    let mut executables = told.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message.pointer("/target/name")? == "core";
        message.get("executable")?.as_str().filter(|_| is_ours).map(PathBuf::from)
    });
    executables.next_back().context("cargo names no program")
}

/// Runs every work once, with a file for each call of the function that is counted.
fn counted(shell: &Shell, program: &Path) -> anyhow::Result<Counts> {
    let folder = shell.create_temp_dir()?;
    let out = folder.path().join("out");
    let stripped = folder.path().join("core");
    // Otherwise valgrind reads all lines of DataFusion's sources first.
    cmd!(shell, "strip --strip-debug -o {stripped} {program}").quiet().run()?;
    let names =
        cmd!(shell, "valgrind --tool=callgrind --toggle-collect=core::counted --dump-after=core::counted")
            .arg(format!("--callgrind-out-file={}", out.display()))
            .args([stripped.as_os_str(), "--once".as_ref()])
            .quiet()
            .ignore_stderr()
            .read()?;
    let count = |(number, name): (usize, &str)| {
        let file = shell.read_file(out.with_added_extension((number + 1).to_string()))?;
        let sum = file.lines().find_map(|line| line.strip_prefix("summary: "));
        let sum = sum.context("callgrind tells no sum")?.trim().parse::<u64>()?;
        ensure!(sum > 0, "{name}: no instruction was counted");
        Ok((name.to_owned(), sum))
    };
    names.lines().enumerate().map(count).collect()
}

fn written(counts: &Counts) -> String {
    counts.iter().map(|(name, count)| format!("{count:>9} {name}\n")).collect()
}

fn read(text: &str) -> anyhow::Result<Counts> {
    let line = |line: &str| -> anyhow::Result<_> {
        let (count, name) = line.trim_start().split_once(' ').context("a line without a name")?;
        Ok((name.to_owned(), count.parse()?))
    };
    text.lines().map(line).collect()
}

/// A line for each work, and whether it takes about as many instructions as are recorded.
fn compared(recorded: &Counts, found: &Counts) -> Vec<(String, bool)> {
    let names: std::collections::BTreeSet<_> = recorded.keys().chain(found.keys()).collect();
    let line = |name: &String| match (recorded.get(name), found.get(name)) {
        (Some(&before), Some(&now)) => {
            let ratio = now as f64 / before as f64;
            let is_same = now.abs_diff(before).saturating_mul(TOLERANCE) <= before;
            (format!("{now:>9} {ratio:.3} {}{name}", if is_same { "" } else { "DIFFERS: " }), is_same)
        }
        (None, _) => (format!("not recorded: {name}"), false),
        (_, None) => (format!("recorded and not there: {name}"), false),
    };
    names.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Counts, compared, read, written};

    fn counts(of: &[(&str, u64)]) -> Counts {
        of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let counts = counts(&[("frame: read", 1234), ("node: decode, inline", 56)]);
        assert_eq!(read(&written(&counts)).ok(), Some(counts));
        assert!(read("many instructions\n").is_err());
    }

    #[test]
    fn a_count_that_grew_shrank_came_or_went_differs() {
        let before = counts(&[("same", 1000), ("grew", 1000), ("shrank", 1000), ("went", 1)]);
        let now = counts(&[("same", 1050), ("grew", 1051), ("shrank", 949), ("came", 1)]);
        let differ: Vec<_> = compared(&before, &now).iter().map(|(_, is_same)| !is_same).collect();
        // In the order of the names: came, grew, same, shrank, went.
        assert_eq!(differ, [true, true, false, true, true]);
    }
}
