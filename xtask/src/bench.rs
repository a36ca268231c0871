//! `cargo xtask bench`: Python functions and messages timed beside the datafusion wheel, and the cost of guards.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use xshell::Shell;

use crate::project::Project;
use crate::setup;
use crate::venv::Venv;

/// What comes of the figures.
#[derive(Clone, Copy)]
pub(crate) enum Figures {
    /// They are printed as a table.
    Print,
    /// They are printed as JSON.
    Json,
    /// They become `docs/benchmarks.md`.
    Record,
}

/// What is timed: by criterion, or by a script in `py-bindings/benches` each.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Work {
    /// Python functions beside those of the datafusion wheel.
    Udf,
    /// Messages beside those of the wheel: time, size and memory.
    Messages,
    /// How messages grow with references, registered functions and closures.
    Growth,
    /// Decoding and encoding with and without a guard.
    Guard,
    /// Frames, the gate, the chain and messages without Python, timed by criterion.
    Core,
}

impl Work {
    const ALL: [Self; 5] = [Self::Core, Self::Udf, Self::Messages, Self::Growth, Self::Guard];

    const fn script(self) -> Option<&'static str> {
        match self {
            Self::Core => None,
            Self::Udf => Some("udf.py"),
            Self::Messages => Some("messages.py"),
            Self::Growth => Some("growth.py"),
            Self::Guard => Some("guard.py"),
        }
    }
}

/// Builds planwire for release and times one work, or all, with it.
pub(crate) fn run(project: &Project, work: Option<Work>, figures: Figures) -> anyhow::Result<()> {
    let venv = setup::environment(project)?;
    let shell = project.shell()?;
    if let (None | Some(Work::Core), Figures::Print) = (work, figures) {
        venv.cargo(&shell).args(["bench", "--workspace", "--bench", "core"]).run()?;
    }
    if let Some(Work::Core) = work {
        ensure!(
            matches!(figures, Figures::Print),
            "criterion keeps its figures in {}",
            project.target.join("criterion").display()
        );
        return Ok(());
    }
    let path = release(project, &venv, &shell)?;

    let mut sections = Vec::new();
    for work in Work::ALL.into_iter().filter(|each| work.is_none_or(|work| work == *each)) {
        let Some(script) = work.script() else { continue };
        let script: PathBuf = ["py-bindings", "benches", script].iter().collect();
        let bench = venv.python(&shell).arg(script).env("PYTHONPATH", &path);
        match (figures, work) {
            (Figures::Print, _) => bench.run()?,
            (Figures::Json, _) => bench.arg("--json").run()?,
            (Figures::Record, Work::Growth) => {
                let pictures = project.root.join("docs").join("benchmarks");
                sections.push(bench.args(["--markdown", "--draw"]).arg(pictures).read()? + "\n");
            }
            (Figures::Record, _) => sections.push(bench.arg("--markdown").read()? + "\n"),
        }
    }
    if let Figures::Record = figures {
        let page = project.root.join("docs").join("benchmarks.md");
        sections.extend(written_by_hand(&shell.read_file(&page)?));
        shell.write_file(page, sections.join("\n"))?;
    }
    Ok(())
}

/// The last section of the page, which compares with a build that is not there any more.
fn written_by_hand(page: &str) -> Option<String> {
    page.find(BY_HAND).and_then(|start| page.get(start..)).map(str::to_owned)
}

const BY_HAND: &str = "## Checks\n";

/// Builds planwire for release, and returns the directory that holds the package with it.
///
/// The module of daily work stays in the package: the release build gets a copy of the package.
pub(crate) fn release(project: &Project, venv: &Venv, shell: &Shell) -> anyhow::Result<PathBuf> {
    eprintln!("building for release; the first time, DataFusion takes about half an hour");
    venv.cargo(shell)
        .args(["build", "--release", "--workspace"])
        .run()
        .context("the workspace does not build")?;
    copy_package(shell, project)
}

/// Copies the Python package to the build output, with the release build of its module.
fn copy_package(shell: &Shell, project: &Project) -> anyhow::Result<PathBuf> {
    let path = project.target.join("bench");
    let package = path.join("planwire");
    shell.remove_path(&package)?;
    copy_sources(shell, &project.python_path().join("planwire"), &package)?;
    setup::copy_module(&setup::built_module(project, "release"), &package)
        .context("the extension module cannot be copied")?;
    Ok(path)
}

/// Copies the sources in a folder and those below it.
fn copy_sources(shell: &Shell, from: &Path, to: &Path) -> anyhow::Result<()> {
    shell.create_dir(to)?;
    for source in shell.read_dir(from)? {
        match source.file_name() {
            Some(name) if source.is_dir() => copy_sources(shell, &source, &to.join(name))?,
            _ if is_source(&source) => shell.copy_file(&source, to)?,
            _ => {}
        }
    }
    Ok(())
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_source, written_by_hand};

    #[test]
    fn a_copy_of_the_package_leaves_out_the_module_of_daily_work() {
        assert!(is_source(Path::new("planwire/__init__.py")));
        assert!(!is_source(Path::new("planwire/_internal.abi3.so")));
        assert!(!is_source(Path::new("planwire/__pycache__")));
    }

    #[test]
    fn what_was_written_by_hand_stays() {
        let page = "# Benchmarks\n\n## Guards\n\none\n\n## Checks\n\ntwo\n";
        assert_eq!(written_by_hand(page).as_deref(), Some("## Checks\n\ntwo\n"));
        assert_eq!(written_by_hand("# Benchmarks\n"), None);
    }
}
