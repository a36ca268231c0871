//! The state of the repository: the source of a release, and the commit and tag at its end.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use xshell::{Shell, cmd};

use super::versions::Version;

/// Checks that a release of this version can be made here, and gives the commit it is made of.
pub(super) fn check(shell: &Shell, version: Version) -> anyhow::Result<String> {
    let changed = cmd!(shell, "git status --porcelain").quiet().read()?;
    if !changed.is_empty() {
        bail!("the tree is not clean; commit these, or take them away:\n{changed}");
    }
    if let Some(newest) = newest_tag(shell)? {
        ensure!(version != newest, "{version} is released: there is a tag {}", newest.tag());
        ensure!(version > newest, "{newest} is released already, which is newer than {version}");
    }
    Ok(cmd!(shell, "git rev-parse HEAD").quiet().read()?)
}

/// The newest version that has a tag.
pub(super) fn newest_tag(shell: &Shell) -> anyhow::Result<Option<Version>> {
    let tags = cmd!(shell, "git tag --list v*").quiet().read()?;
    Ok(tags.lines().filter_map(|tag| tag.strip_prefix('v')?.parse().ok()).max())
}

/// Takes the commit of the release over from the clone, and tags it.
pub(super) fn finish(shell: &Shell, clone: &Path, version: Version, commit: &str) -> anyhow::Result<()> {
    let (tag, message) = (version.tag(), format!("planwire {version}"));
    cmd!(shell, "git fetch --quiet --no-tags {clone} HEAD").quiet().run()?;
    cmd!(shell, "git -c advice.diverging=false merge --quiet --ff-only {commit}")
        .quiet()
        .run()
        .context("the branch has got other commits meanwhile: the same command makes the release of them")?;
    cmd!(shell, "git tag --annotate {tag} --message {message} {commit}").quiet().run()?;
    Ok(())
}

/// Repositories and folders of files for tests.
#[cfg(test)]
pub(super) mod scratch {
    use xshell::{Shell, TempDir, cmd};

    /// Paths and texts.
    pub(in super::super) type Files<'f> = &'f [(&'f str, &'f str)];

    /// A folder of its own with these files, and a shell in it.
    pub(in super::super) fn write(files: Files<'_>) -> anyhow::Result<(Shell, TempDir)> {
        let shell = Shell::new()?;
        let folder = shell.create_temp_dir()?;
        shell.change_dir(folder.path());
        for (path, text) in files {
            shell.write_file(path, text)?;
        }
        Ok((shell, folder))
    }

    /// A repository with one commit.
    pub(in super::super) fn repository(files: Files<'_>) -> anyhow::Result<(Shell, TempDir)> {
        let (shell, folder) = write(files)?;
        cmd!(shell, "git init --quiet").quiet().run()?;
        cmd!(shell, "git config user.name Somebody").quiet().run()?;
        cmd!(shell, "git config user.email somebody@example.org").quiet().run()?;
        commit(&shell)?;
        Ok((shell, folder))
    }

    /// Commits all changes.
    pub(in super::super) fn commit(shell: &Shell) -> anyhow::Result<()> {
        cmd!(shell, "git add --all").quiet().run()?;
        Ok(cmd!(shell, "git commit --quiet --message Change").quiet().run()?)
    }
}

#[cfg(test)]
mod tests {
    use super::scratch::{commit, repository};
    use super::*;

    fn refusal(shell: &Shell, version: &str) -> Option<String> {
        let version = version.parse().unwrap_or_else(|error| unreachable!("{error}"));
        check(shell, version).err().map(|error| error.to_string())
    }

    #[test]
    fn nothing_is_released_of_a_tree_with_changes() -> anyhow::Result<()> {
        let (shell, _folder) = repository(&[("a", "1\n")])?;
        assert_eq!(refusal(&shell, "0.1.0"), None);
        shell.write_file("b", "2\n")?;
        assert!(
            refusal(&shell, "0.1.0")
                .is_some_and(|error| error.contains("not clean") && error.contains("?? b"))
        );
        commit(&shell)?;
        assert_eq!(refusal(&shell, "0.1.0"), None);
        shell.write_file("a", "2\n")?;
        assert!(refusal(&shell, "0.1.0").is_some_and(|error| error.contains("M a")));
        Ok(())
    }

    #[test]
    fn a_version_is_newer_than_all_that_have_a_tag() -> anyhow::Result<()> {
        let (shell, _folder) = repository(&[("a", "1\n")])?;
        for tag in ["v0.9.0", "v0.10.0", "v1.0.0-rc.1", "other"] {
            cmd!(shell, "git tag {tag}").quiet().run()?;
        }
        assert_eq!(newest_tag(&shell)?.map(Version::tag).as_deref(), Some("v0.10.0"));
        assert!(refusal(&shell, "0.10.0").is_some_and(|error| error.contains("there is a tag v0.10.0")));
        assert!(refusal(&shell, "0.9.1").is_some_and(|error| error.contains("newer than 0.9.1")));
        assert_eq!(refusal(&shell, "0.11.0"), None);
        Ok(())
    }
}
