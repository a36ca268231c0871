//! A suite: one command that runs tests, with its output passed on and its result.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use xshell::Cmd;

/// A command that runs tests.
pub(crate) struct Suite {
    name: &'static str,
    command: Command,
}

/// The result of a suite.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    pub(crate) success: bool,
    pub(crate) passed: u32,
    pub(crate) took: Duration,
}

impl Suite {
    pub(crate) fn new(name: &'static str, command: Cmd<'_>) -> Self {
        Self { name, command: command.into() }
    }

    /// Runs the suite, and counts the tests that passed from what it prints.
    pub(crate) fn run(mut self) -> anyhow::Result<Outcome> {
        println!("\n=== {} ===", self.name);
        let start = Instant::now();
        let mut child = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("the suite {} did not start", self.name))?;
        let output = child.stdout.take().context("the output is piped")?;
        let mut passed = 0;
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            passed += count_passed(&line).unwrap_or(0);
        }
        let success = child.wait()?.success();
        Ok(Outcome { name: self.name, success, passed, took: start.elapsed() })
    }
}

/// Reads the last line of a Rust test program or of a pytest run.
fn count_passed(line: &str) -> Option<u32> {
    let rust = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "));
    let (counts, separator) = match rust {
        Some((_, counts)) => (counts, ';'),
        None => (line.trim_matches(['=', ' ']).rsplit_once(" in ")?.0, ','),
    };
    let passed = counts.split(separator).find_map(|count| count.trim().strip_suffix(" passed"))?;
    passed.parse().ok()
}

/// The outcomes as aligned lines.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let width = outcomes.iter().map(|outcome| outcome.name.len()).max().unwrap_or(0);
    let mut lines = String::new();
    for Outcome { name, success, passed, took } in outcomes {
        let verdict = if *success { "ok" } else { "FAILED" };
        let seconds = took.as_secs();
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{name:width$}  {verdict:6}  {passed:5} passed  {seconds:5} s");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_last_line_are_counted() {
        let rust = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; finished in 0.10s";
        assert_eq!(count_passed(rust), Some(12));
        assert_eq!(count_passed("test result: FAILED. 3 passed; 1 failed; 0 ignored"), Some(3));
        assert_eq!(count_passed("====== 2 failed, 40 passed in 3.21s ======"), Some(40));
        assert_eq!(count_passed("7 passed, 1 warning in 0.52s"), Some(7));
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert_eq!(count_passed("test strict::refusal_passed ... ok"), None);
        assert_eq!(count_passed("no tests ran in 0.01s"), None);
        assert_eq!(count_passed("the 3 messages passed in order"), None);
    }

    #[test]
    fn a_failed_suite_stands_out() {
        let outcome = Outcome { name: "Rust", success: false, passed: 9, took: Duration::from_secs(61) };
        assert_eq!(table(&[outcome]), "Rust  FAILED      9 passed     61 s\n");
    }
}
