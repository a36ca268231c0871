//! Whether the checks have passed for a commit, by the record that `.ci/run` keeps.

use std::process::Command;

use anyhow::{Context, ensure};
use xshell::{Shell, cmd};

use crate::project::Project;

/// A file beside the repository's objects, so that it is nobody's change; one commit a line.
const PASSED: &str = "planwire-ci-passed";

/// Looks for the commit in the record; otherwise runs the checks, or with `dry_run` says so.
pub(crate) fn check(project: &Project, commit: &str, dry_run: bool) -> anyhow::Result<String> {
    let shell = project.shell()?;
    if passed(&shell, commit)? {
        return Ok("`.ci/run` has passed for this commit".to_owned());
    }
    if dry_run {
        return Ok("`.ci/run` has NOT passed for this commit; the release itself will run it".to_owned());
    }
    println!("* ci: `.ci/run` has not passed for this commit, so it runs now");
    // A command of its own, which passes its output on as it comes.
    let status = Command::new("bash")
        .arg(".ci/run")
        .current_dir(&project.root)
        .env("CARGO_TARGET_DIR", &project.target)
        .status()
        .context("`.ci/run` did not start")?;
    ensure!(status.success(), "`.ci/run` fails: nothing is released");
    ensure!(passed(&shell, commit)?, "`.ci/run` passed, but the tree changed meanwhile: run this again");
    Ok("`.ci/run` has passed".to_owned())
}

fn passed(shell: &Shell, commit: &str) -> anyhow::Result<bool> {
    let folder = cmd!(shell, "git rev-parse --path-format=absolute --git-common-dir").quiet().read()?;
    let record = std::path::Path::new(&folder).join(PASSED);
    Ok(shell.read_file(record).is_ok_and(|commits| commits.lines().any(|line| line == commit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::state::scratch::repository;

    #[test]
    fn checks_hold_for_the_commit_that_they_ran_for_and_no_other() -> anyhow::Result<()> {
        let (shell, folder) = repository(&[("a", "1\n")])?;
        let project = Project { root: folder.path().to_owned(), target: folder.path().join("target") };
        let first = cmd!(shell, "git rev-parse HEAD").read()?;
        assert!(check(&project, &first, true)?.contains("NOT passed"));
        shell.write_file(format!(".git/{PASSED}"), format!("{first}\n"))?;
        assert_eq!(check(&project, &first, false)?, "`.ci/run` has passed for this commit");
        let other = first.replace(['1', '2', '3'], "0");
        assert!(check(&project, &other, true)?.contains("NOT passed"));
        Ok(())
    }

    #[test]
    fn a_release_runs_the_checks_that_nobody_has_run_and_ends_if_they_fail() -> anyhow::Result<()> {
        let (shell, folder) = repository(&[(".ci/run", "exit 3\n")])?;
        let project = Project { root: folder.path().to_owned(), target: folder.path().join("target") };
        let commit = cmd!(shell, "git rev-parse HEAD").read()?;
        let error = check(&project, &commit, false).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("`.ci/run` fails: nothing is released"));

        // They passed, for files that are not those of the commit.
        shell.write_file(".ci/run", "exit 0\n")?;
        assert!(
            check(&project, &commit, false)
                .is_err_and(|error| error.to_string().contains("changed meanwhile"))
        );

        let record = format!("git rev-parse HEAD >> .git/{PASSED}\n");
        shell.write_file(".ci/run", record)?;
        assert_eq!(check(&project, &commit, false)?, "`.ci/run` has passed");
        Ok(())
    }
}
