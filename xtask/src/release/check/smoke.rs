//! The wheel, installed into an environment of its own for each CPython, and tried there.

use std::path::Path;

use anyhow::Context;
use xshell::{Shell, cmd};

use crate::release::Workshop;
use crate::release::check::pythons::Python;
use crate::release::dist::sbom::datafusion;
use crate::release::record::Record;
use crate::release::steps::Made;

/// Installs the wheel with what it needs, and runs `py-bindings/tests/smoke.py` in an empty directory.
pub(crate) fn run(workshop: &Workshop, pythons: &[Python], record: &Record) -> anyhow::Result<Made> {
    let wheel = workshop.wheel(record)?;
    let datafusion = datafusion(workshop)?;
    let mut said = Vec::new();
    for Python { minor, program } in pythons {
        let folder = workshop.clone.target.join("release-smoke").join(format!("3.{minor}"));
        let told = install(program, &wheel, &folder)
            .and_then(|()| smoke(workshop, &folder, &datafusion))
            .with_context(|| format!("with {}", program.display()))?;
        said.push(format!("3.{minor}: {told}"));
    }
    Ok(said.join("; ").into())
}

fn install(python: &Path, wheel: &Path, folder: &Path) -> anyhow::Result<()> {
    let shell = Shell::new()?;
    shell.remove_path(folder)?;
    cmd!(shell, "{python} -m venv {folder}").quiet().run()?;
    let python = folder.join("bin").join("python");
    // Built ones alone: nothing is compiled where a wheel is installed.
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
    Ok(cmd!(shell, "{python} {pip...} {wheel}").quiet().run()?)
}

fn smoke(workshop: &Workshop, folder: &Path, datafusion: &str) -> anyhow::Result<String> {
    let shell = Shell::new()?;
    let empty = folder.join("empty");
    shell.create_dir(&empty)?;
    shell.change_dir(&empty);
    let root = &workshop.clone.root;
    let program = root.join("py-bindings").join("tests").join("smoke.py");
    let (readme, version) = (root.join("README.md"), workshop.version.to_string());
    let python = folder.join("bin").join("python");
    Ok(cmd!(shell, "{python} -I {program} {readme} {version} {datafusion}").quiet().read()?)
}
