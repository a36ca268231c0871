//! `cargo xtask release`: everything of one version in `dist`, and at the end its tag.
//!
//! The release is made of the last commit, in a clone below the target directory: versions and the
//! changelog change there, and the commit made there is the one that is packaged, built and tagged.

mod changelog;
pub(crate) mod check;
mod clone;
pub(crate) mod dist;
pub(crate) mod record;
mod report;
mod state;
mod steps;
mod versions;

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::project::Project;
use crate::release::check::{ci, pythons, semver, smoke, tools};
use crate::release::dist::{packages, sbom, sums, wheel};
use crate::tidy::{self, Hashes};
use crate::venv::Venv;
use record::Record;
use steps::Step;
use versions::Version;

/// Which version, and how far.
#[derive(clap::Args)]
pub(crate) struct Release {
    /// The version, e.g. `0.2.0`.
    version: Version,
    /// Makes everything but the commit and the tag, and leaves the tree as it is.
    #[arg(long)]
    dry_run: bool,
}

/// The environment of a step.
pub(crate) struct Workshop {
    /// The clone in which versions are those of the release.
    clone: Project,
    version: Version,
    /// The folder for the products.
    dist: PathBuf,
}

/// Makes a release, or goes on with one that failed.
pub(crate) fn run(project: &Project, release: &Release) -> anyhow::Result<()> {
    let Release { version, dry_run } = *release;
    let shell = project.shell()?;
    let dist = project.root.join("dist");
    let mut record = Record::open(&dist, version)?;
    let head = state::check(&shell, version)?;
    let base = record.base_of(&head).to_owned();
    println!("planwire {version}, made of {base}");
    println!("* ci: {}", ci::check(project, &base, dry_run)?);

    let (clone, commit) = clone::prepare(project, version, &base, dry_run, &mut record)?;
    println!("* version: {} is commit {commit} in {}", version.tag(), clone.root.display());

    let venv = crate::setup::environment(project)?;
    let workshop = Workshop { clone, version, dist };
    steps::run(&list(&workshop, &venv, &commit)?, &workshop.dist, &mut record)?;

    if !dry_run {
        state::finish(&shell, &workshop.clone.root, version, &commit)?;
    }
    println!("\n{}", report::text(&workshop, &record, dry_run)?);
    Ok(())
}

/// The steps in their order, each with what it depends on beside the files of other steps.
fn list<'w>(workshop: &'w Workshop, venv: &'w Venv, commit: &str) -> anyhow::Result<Vec<Step<'w>>> {
    let shell = workshop.clone.shell()?;
    let code = clone::code(&shell)?;
    let baseline = state::newest_tag(&shell)?;
    let pythons = pythons::find()?;
    let compared = format!("{code} {baseline:?}");
    let programs: Vec<_> = pythons.iter().map(|python| python.program.display().to_string()).collect();
    let tried = format!("{code} {}", programs.join(" "));
    Ok(vec![
        Step::new("tidy", &[], commit, |_| {
            tidy::run(&workshop.clone, Hashes::Check)?;
            Ok("the project's rules hold with the new version".to_owned().into())
        }),
        Step::new("crates", &[], commit, |_| packages::run(workshop)),
        Step::new("semver", &[], &compared, move |_| semver::run(workshop, baseline.as_ref())),
        Step::new("licences", &[], &code, |_| tools::licences(workshop)),
        // The quick steps come before one that takes half an hour.
        Step::new("sdist", &[], &code, |_| wheel::source(workshop, venv)),
        Step::new("wheel", &[], &code, |_| wheel::run(workshop, venv)),
        Step::new("sbom", &["wheel"], &code, |record| sbom::run(workshop, venv, record)),
        Step::new("smoke", &["wheel"], &tried, move |record| smoke::run(workshop, &pythons, record)),
        Step::new("checksums", &["crates", "wheel", "sdist", "sbom"], "", |record| {
            sums::run(workshop, record)
        }),
    ])
}

impl Workshop {
    /// The wheel that was built, whatever else lies in `dist`.
    fn wheel(&self, record: &Record) -> anyhow::Result<PathBuf> {
        let (name, _) = record
            .done("wheel")
            .and_then(|done| done.files.first())
            .context("the step `wheel` is not done")?;
        Ok(self.dist.join(name))
    }

    /// Copies what a tool has made to `dist`, and gives its name there.
    fn deliver(&self, made: &Path) -> anyhow::Result<String> {
        let name = made.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        std::fs::create_dir_all(&self.dist)?;
        std::fs::copy(made, self.dist.join(&name))
            .with_context(|| format!("cannot copy {} to dist", made.display()))?;
        Ok(name)
    }
}
