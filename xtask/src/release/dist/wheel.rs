//! The wheel and the source distribution of the Python package, built by maturin and looked into.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use xshell::{Cmd, Shell, cmd};

use crate::release::Workshop;
use crate::release::dist::packages;
use crate::release::steps::Made;
use crate::venv::Venv;

/// The profile in `Cargo.toml` that wheels are built with.
const PROFILE: &str = "dist";

/// Builds the wheel, one for all versions of CPython that the extension module runs on.
pub(crate) fn run(workshop: &Workshop, venv: &Venv) -> anyhow::Result<Made> {
    let shell = workshop.clone.shell()?;
    let wheel =
        built(workshop, maturin(workshop, venv, &shell)?.args(["build", "--profile", PROFILE]), ".whl")?;
    let inside = members(venv, &shell, &wheel)?;
    check_wheel(&inside, &workshop.version.to_string())?;
    let size = std::fs::metadata(&wheel)?.len() / 1024 / 1024;
    let name = workshop.deliver(&wheel)?;
    ensure!(name.contains("-cp310-abi3-"), "{name} is not for every CPython from 3.10");
    let place = if name.contains("-linux_") { "; PyPI takes no wheel for plain `linux`" } else { "" };
    Ok(Made { said: format!("{size} MiB, profile `{PROFILE}`{place}"), files: vec![name] })
}

/// Makes the source distribution, which is the wheel's sources with those of the crates in it.
pub(crate) fn source(workshop: &Workshop, venv: &Venv) -> anyhow::Result<Made> {
    let shell = workshop.clone.shell()?;
    let sources = built(workshop, maturin(workshop, venv, &shell)?.arg("sdist"), ".tar.gz")?;
    let listed = cmd!(shell, "tar --list --gzip --file {sources}").quiet().read()?;
    check_sources(&listed, &packages::published(&shell)?)?;
    let said = format!("{} files, with the licence and the sources of each crate", listed.lines().count());
    Ok(Made { said, files: vec![workshop.deliver(&sources)?] })
}

fn maturin<'s>(workshop: &Workshop, venv: &Venv, shell: &'s Shell) -> anyhow::Result<Cmd<'s>> {
    shell.change_dir(workshop.clone.root.join("py-bindings"));
    // maturin takes its dates from the commit, so that a wheel can be built again byte for byte.
    let date = cmd!(shell, "git log -1 --format=%ct").quiet().read()?;
    let maturin = venv.python(shell).args(["-m", "maturin"]).env("SOURCE_DATE_EPOCH", date);
    Ok(maturin.env("CARGO_TARGET_DIR", &workshop.clone.target))
}

/// Runs maturin, and gives the one file that it made.
fn built(workshop: &Workshop, maturin: Cmd<'_>, ending: &str) -> anyhow::Result<PathBuf> {
    let shell = Shell::new()?;
    let folder = workshop.clone.target.join("release-built");
    shell.remove_path(&folder)?;
    maturin.arg("--out").arg(&folder).run()?;
    let files = shell.read_dir(&folder)?;
    let made = files.into_iter().find(|path| path.to_string_lossy().ends_with(ending));
    made.with_context(|| format!("maturin made no file that ends in {ending}"))
}

/// The paths in a wheel, which is a zip file.
pub(crate) fn members(venv: &Venv, shell: &Shell, wheel: &Path) -> anyhow::Result<String> {
    let list = "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')";
    Ok(venv.python(shell).args(["-c", list]).arg(wheel).read()?)
}

fn check_wheel(inside: &str, version: &str) -> anyhow::Result<()> {
    let info = format!("planwire-{version}.dist-info/");
    let wanted = [
        "planwire/__init__.py".to_owned(),
        "planwire/_internal.abi3.so".to_owned(),
        "planwire/_internal.pyi".to_owned(),
        "planwire/py.typed".to_owned(),
        "planwire/_commands/errors.md".to_owned(),
        format!("{info}entry_points.txt"),
        format!("{info}licenses/LICENSE"),
    ];
    for path in wanted {
        ensure!(inside.lines().any(|found| found == path), "the wheel has no {path}");
    }
    let ours = |path: &str| {
        path.starts_with(&info)
            || path == "planwire/_internal.abi3.so"
            || path.starts_with("planwire/")
                && [".py", ".pyi", "/py.typed", "_commands/errors.md"].iter().any(|end| path.ends_with(end))
    };
    let stray: Vec<&str> = inside.lines().filter(|path| !ours(path) && !path.ends_with('/')).collect();
    ensure!(stray.is_empty(), "the wheel has what does not belong there: {}", stray.join(", "));
    Ok(())
}

fn check_sources(listed: &str, packages: &[packages::Package]) -> anyhow::Result<()> {
    let paths: Vec<&str> = listed.lines().filter_map(|path| Some(path.split_once('/')?.1)).collect();
    let crates = packages.iter().map(packages::Package::manifest);
    let others =
        ["Cargo.lock", "Cargo.toml", "LICENSE", "PKG-INFO", "pyproject.toml", "py-bindings/Cargo.toml"];
    for wanted in others.map(str::to_owned).into_iter().chain(crates) {
        ensure!(paths.contains(&wanted.as_str()), "the source distribution has no {wanted}");
    }
    let built = paths.iter().find(|path| path.ends_with(".so") || path.contains("__pycache__"));
    ensure!(built.is_none(), "the source distribution has something built: {built:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHEEL: &str = "planwire/__init__.py\nplanwire/_internal.abi3.so\nplanwire/_internal.pyi\nplanwire/py.typed\n\
        planwire/_commands/errors.md\n\
        planwire-0.2.0.dist-info/entry_points.txt\nplanwire-0.2.0.dist-info/licenses/LICENSE\n";

    #[test]
    fn a_wheel_has_its_licence_and_its_types_and_nothing_stray() {
        let fault = |inside: &str| check_wheel(inside, "0.2.0").err().map(|error| error.to_string());
        assert_eq!(fault(WHEEL), None);
        for path in WHEEL.lines() {
            let without = WHEEL.replace(&format!("{path}\n"), "");
            assert_eq!(fault(&without), Some(format!("the wheel has no {path}")));
        }
        for stray in ["planwire/_internal.fresh.so", "planwire/__pycache__/a.pyc", "tests/test_a.py"] {
            let error = fault(&format!("{WHEEL}{stray}\n"));
            assert_eq!(error, Some(format!("the wheel has what does not belong there: {stray}")));
        }
    }

    #[test]
    fn a_source_distribution_has_its_licence_and_nothing_built() {
        let wanted =
            ["Cargo.lock", "Cargo.toml", "LICENSE", "PKG-INFO", "pyproject.toml", "py-bindings/Cargo.toml"];
        let fault = |paths: &[&str]| {
            let listed: String = paths.iter().map(|path| format!("planwire-0.2.0/{path}\n")).collect();
            check_sources(&listed, &[]).err().map(|error| error.to_string())
        };
        assert_eq!(fault(&wanted), None);
        assert!(fault(&wanted[1..]).is_some_and(|error| error.ends_with("has no Cargo.lock")));
        assert!(
            fault(&[wanted.as_slice(), &["python/a.so"]].concat())
                .is_some_and(|error| error.contains("a.so"))
        );
    }
}
