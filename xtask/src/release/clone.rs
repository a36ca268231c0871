//! The clone that a release is made in, with the commit that has its version and its changelog.

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use xshell::{Shell, cmd};

use super::changelog;
use super::record::{Prepared, Record};
use super::versions::{self, Version};
use crate::project::Project;
use crate::release::dist::sums::hex;

/// Brings the clone to the commit of the release, which is kept as long as nothing it is made of changed.
///
/// It is the same clone each time, so that cargo can reuse its build.
pub(super) fn prepare(
    project: &Project,
    version: Version,
    base: &str,
    dry_run: bool,
    record: &mut Record,
) -> anyhow::Result<(Project, String)> {
    let shell = project.shell()?;
    let root = project.target.join("release-tree");
    let clone = Project { root: root.clone(), target: project.target.clone() };
    let author = author(&shell, dry_run)?;
    let date = cmd!(shell, "date --utc +%Y-%m-%d").quiet().read()?;
    let inside = Shell::new()?;
    inside.create_dir(&root)?;
    inside.change_dir(&root);
    if let Some(prepared) = record.prepared(base)
        && (prepared.taken_over || (prepared.author == author && prepared.date == date))
        && is_at(&inside, &prepared.commit)
    {
        return Ok((clone, prepared.commit.clone()));
    }

    check_out(&shell, &inside, project, base)?;
    versions::bump(&root, version)?;
    versions::edit(&root.join("CHANGELOG.md"), |text| changelog::fold(text, version, &date))?;
    let commit = commit(&inside, version, &author)?;
    record.prepare(Prepared {
        base: base.to_owned(),
        commit: commit.clone(),
        date,
        author,
        taken_over: false,
    })?;
    Ok((clone, commit))
}

/// Whether the clone has this commit and nothing else.
fn is_at(inside: &Shell, commit: &str) -> bool {
    // Without a repository of its own, git would tell of the one around it.
    inside.path_exists(".git")
        && cmd!(inside, "git rev-parse HEAD").quiet().read().is_ok_and(|head| head == commit)
        && cmd!(inside, "git status --porcelain").quiet().read().is_ok_and(|changed| changed.is_empty())
}

fn check_out(shell: &Shell, inside: &Shell, project: &Project, base: &str) -> anyhow::Result<()> {
    let source = &project.root;
    let clone = inside.current_dir();
    if !inside.path_exists(".git") {
        shell.remove_path(&clone)?;
        cmd!(shell, "git clone --quiet --local --no-checkout {source} {clone}").quiet().run()?;
    }
    // Tags too: the last of them is what the new version is compared with.
    cmd!(inside, "git fetch --quiet --force --tags {source} HEAD").quiet().run()?;
    cmd!(inside, "git checkout --quiet --force --detach {base}").quiet().run()?;
    cmd!(inside, "git clean --quiet -ffdx").quiet().run()?;
    Ok(())
}

fn commit(inside: &Shell, version: Version, author: &str) -> anyhow::Result<String> {
    let (name, email) = author.split_once('\n').context("an author has a name and an address")?;
    let message = format!("Release {version}");
    let changed = ["--all", "--message", &message];
    cmd!(inside, "git -c user.name={name} -c user.email={email} commit --quiet {changed...}")
        .quiet()
        .run()?;
    Ok(cmd!(inside, "git rev-parse HEAD").quiet().read()?)
}

/// The name and address of who makes the release, on a line each.
fn author(shell: &Shell, dry_run: bool) -> anyhow::Result<String> {
    let configured = |key: &str| cmd!(shell, "git config {key}").quiet().ignore_stderr().read();
    match (configured("user.name"), configured("user.email")) {
        (Ok(name), Ok(email)) => Ok(format!("{name}\n{email}")),
        // The commit of a dry run goes nowhere.
        _ if dry_run => Ok("planwire\nplanwire@localhost".to_owned()),
        _ => bail!("git does not know who makes the release: `git config user.name` and `user.email`"),
    }
}

/// A hash of all in the clone that what is built depends on: everything but the changelog.
pub(super) fn code(inside: &Shell) -> anyhow::Result<String> {
    let files = cmd!(inside, "git ls-tree -r HEAD").quiet().read()?;
    let mut hash = Sha256::new();
    for line in files.lines().filter(|line| !line.ends_with("\tCHANGELOG.md")) {
        hash.update(line);
        hash.update("\n");
    }
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::super::state::scratch::{commit, repository};
    use super::super::state::{self, finish};
    use super::*;

    const MANIFEST: &str = "[workspace]\n\n[workspace.package]\nversion = \"0.1.0\"\n";
    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n";
    const FILES: &[(&str, &str)] = &[
        (".gitignore", "/target\n/dist\n"),
        ("Cargo.toml", MANIFEST),
        ("Cargo.lock", LOCK),
        ("tests/fuzz/Cargo.lock", LOCK),
        ("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- One.\n"),
    ];

    fn version() -> Version {
        "0.2.0".parse().unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// Prepares a release as a run of the task does.
    fn run(shell: &Shell) -> anyhow::Result<(Project, String)> {
        let root = shell.current_dir();
        let project = Project { target: root.join("target"), root };
        let mut record = Record::open(&project.root.join("dist"), version())?;
        let head = state::check(shell, version())?;
        let base = record.base_of(&head).to_owned();
        prepare(&project, version(), &base, false, &mut record)
    }

    #[test]
    fn a_dry_run_leaves_the_tree_as_it_was() -> anyhow::Result<()> {
        let (shell, _folder) = repository(FILES)?;
        let before = cmd!(shell, "git rev-parse HEAD").quiet().read()?;
        let (clone, release) = run(&shell)?;
        assert_eq!(cmd!(shell, "git rev-parse HEAD").quiet().read()?, before);
        assert_eq!(cmd!(shell, "git status --porcelain").quiet().read()?, "");
        assert_eq!(shell.read_file("Cargo.toml")?, MANIFEST);

        let shell = clone.shell()?;
        assert_eq!(cmd!(shell, "git rev-parse HEAD").quiet().read()?, release);
        let changed = cmd!(shell, "git diff --name-only HEAD~").quiet().read()?;
        assert_eq!(changed, "CHANGELOG.md\nCargo.lock\nCargo.toml\ntests/fuzz/Cargo.lock");
        assert!(shell.read_file("Cargo.toml")?.contains("version = \"0.2.0\""));
        assert!(shell.read_file("CHANGELOG.md")?.contains("## 0.2.0 ("));
        Ok(())
    }

    #[test]
    fn a_second_run_keeps_the_commit_until_there_is_another_to_make_it_of() -> anyhow::Result<()> {
        let (shell, _folder) = repository(FILES)?;
        let (clone, release) = run(&shell)?;
        let code = code(&clone.shell()?)?;
        assert_eq!(run(&shell)?.1, release);

        // Changes of others in the clone do not become part of the release.
        shell.write_file(clone.root.join("Cargo.toml"), "broken\n")?;
        let again = run(&shell)?.1;
        assert_eq!(super::code(&clone.shell()?)?, code);
        assert!(shell.read_file(clone.root.join("Cargo.toml"))?.contains("version = \"0.2.0\""));
        assert!(is_at(&clone.shell()?, &again));

        shell.write_file("more", "1\n")?;
        commit(&shell)?;
        assert_ne!(run(&shell)?.1, again);
        assert!(clone.root.join("more").exists());
        assert_ne!(super::code(&clone.shell()?)?, code);
        Ok(())
    }

    #[test]
    fn what_is_built_does_not_depend_on_the_changelog() -> anyhow::Result<()> {
        let (shell, _folder) = repository(FILES)?;
        let before = code(&shell)?;
        shell.write_file("CHANGELOG.md", "# Changelog\n")?;
        commit(&shell)?;
        assert_eq!(code(&shell)?, before);
        shell.write_file("Cargo.lock", "")?;
        commit(&shell)?;
        assert_ne!(code(&shell)?, before);
        Ok(())
    }

    #[test]
    fn the_commit_that_was_made_is_the_one_that_is_tagged_also_after_a_failure_between() -> anyhow::Result<()>
    {
        let (shell, _folder) = repository(FILES)?;
        let (clone, release) = run(&shell)?;
        // The commit has arrived, and then something failed.
        let root = &clone.root;
        cmd!(shell, "git fetch --quiet {root} HEAD").quiet().ignore_stderr().run()?;
        cmd!(shell, "git merge --quiet --ff-only {release}").quiet().run()?;
        // What would otherwise be a reason for another commit.
        cmd!(shell, "git config user.name Another").quiet().run()?;
        let (clone, again) = run(&shell)?;
        assert_eq!(again, release);

        finish(&shell, &clone.root, version(), &release)?;
        let tagged = "v0.2.0^{commit}";
        assert_eq!(
            cmd!(shell, "git rev-parse {tagged} HEAD").quiet().read()?,
            format!("{release}\n{release}")
        );
        assert_eq!(cmd!(shell, "git cat-file -t v0.2.0").quiet().read()?, "tag");
        assert!(
            state::check(&shell, version()).is_err_and(|error| error.to_string().contains("is released"))
        );
        Ok(())
    }

    #[test]
    fn a_commit_that_came_meanwhile_ends_a_release_before_its_tag() -> anyhow::Result<()> {
        let (shell, _folder) = repository(FILES)?;
        let (clone, release) = run(&shell)?;
        shell.write_file("more", "1\n")?;
        commit(&shell)?;
        assert!(finish(&shell, &clone.root, version(), &release).is_err());
        assert_eq!(cmd!(shell, "git tag").quiet().read()?, "");
        Ok(())
    }
}
