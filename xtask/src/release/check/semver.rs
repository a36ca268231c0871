//! Whether the version says enough of what changed for the users of a crate, by cargo-semver-checks.

use xshell::cmd;

use crate::release::Workshop;
use crate::release::check::tools;
use crate::release::dist::packages;
use crate::release::steps::Made;
use crate::release::versions::Version;

/// Compares the crates with those of the newest tag.
pub(crate) fn run(workshop: &Workshop, baseline: Option<&Version>) -> anyhow::Result<Made> {
    let Some(baseline) = baseline else {
        return Ok("first release: there is nothing to compare with".to_owned().into());
    };
    let shell = workshop.clone.shell()?;
    let tool = tools::SEMVER.path(&shell)?;
    let packages = packages::published(&shell)?;
    let chosen = packages.iter().flat_map(|package| ["--package", package.name.as_str()]);
    let tag = baseline.tag();
    // It compiles DataFusion's dependents in its own way, and so in a directory of its own.
    cmd!(shell, "{tool} semver-checks --baseline-rev {tag} {chosen...}")
        .env("CARGO_TARGET_DIR", workshop.clone.target.join("release-semver"))
        .quiet()
        .run()?;
    Ok(format!("{} crates agree with {tag}", packages.len()).into())
}
