//! `cargo xtask setup`: the virtual environment, the pinned Python packages and the extension module.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use anyhow::Context;
use indicatif::ProgressBar;
use xshell::Shell;

use crate::project::Project;
use crate::venv::Venv;

/// Brings the environment up to date; quick when it already is.
///
/// Nothing is printed to the standard output, which belongs to the task that follows.
pub(crate) fn run(project: &Project) -> anyhow::Result<Venv> {
    let venv = environment(project)?;
    build_extension(&project.shell()?, project, &venv)?;
    Ok(venv)
}

/// Brings the virtual environment up to date, without the extension module.
pub(crate) fn environment(project: &Project) -> anyhow::Result<Venv> {
    let shell = project.shell()?;
    let venv = step("making .venv", || Venv::open(&shell, project))?;
    step("installing the Python packages", || install_packages(&shell, project, &venv))?;
    Ok(venv)
}

/// Shows that something without output of its own is going on.
fn step<T>(message: &'static str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let spinner = ProgressBar::new_spinner().with_message(message);
    spinner.enable_steady_tick(Duration::from_millis(100));
    let done = work();
    spinner.finish_and_clear();
    done.with_context(|| format!("setup failed while {message}"))
}

/// The extension module in the Python package.
const MODULE: &str = "_internal.abi3.so";

/// Installs the packages in `requirements.txt`, unless the environment's copy shows that this is done.
fn install_packages(shell: &Shell, project: &Project, venv: &Venv) -> anyhow::Result<()> {
    let requirements = project.root.join("xtask").join("requirements.txt");
    let installed = venv.root.join("requirements.txt");
    let wanted = shell.read_file(&requirements)?;
    if shell.read_file(&installed).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    eprintln!("installing the Python packages into .venv");
    venv.python(shell)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements)
        .run()?;
    Ok(shell.write_file(&installed, wanted)?)
}

/// Builds the extension module and lets the environment import the package from the source tree.
///
/// The whole workspace is built: cargo chooses a dependency's features by all that is built, so
/// building the extension alone would compile DataFusion a second time.
fn build_extension(shell: &Shell, project: &Project, venv: &Venv) -> anyhow::Result<()> {
    let package = project.python_path().join("planwire");
    if !package.join(MODULE).exists() {
        eprintln!("building the extension module; the first time, DataFusion takes about ten minutes");
    }
    venv.cargo(shell).args(["build", "--workspace"]).run().context("the workspace does not build")?;

    copy_module(&built_module(project, "debug"), &package)
        .context("the extension module cannot be copied")?;

    let path_file = venv.site_packages.join("planwire.pth");
    shell.write_file(path_file, format!("{}\n", project.python_path().display()))?;
    write_command(&venv.python)
}

/// Puts the command `planwire` beside an interpreter, as installing the wheel does.
fn write_command(python: &Path) -> anyhow::Result<()> {
    let command = python.with_file_name("planwire");
    let program = "import sys\nfrom planwire._commands import main\nsys.exit(main())\n";
    fs::write(&command, format!("#!{}\n{program}", python.display()))?;
    Ok(fs::set_permissions(command, fs::Permissions::from_mode(0o755))?)
}

/// The extension module that cargo built in a profile.
pub(crate) fn built_module(project: &Project, profile: &str) -> PathBuf {
    project.target.join(profile).join(format!("{DLL_PREFIX}_internal{DLL_SUFFIX}"))
}

/// Copies the extension module into the Python package, unless the copy there is of the same build.
///
/// A copy, because a later build takes cargo's own file away under programs that are about to load it.
pub(crate) fn copy_module(built: &Path, package: &Path) -> io::Result<()> {
    let module = package.join(MODULE);
    let written = fs::metadata(built)?.modified()?;
    if fs::metadata(&module).is_ok_and(|found| found.modified().is_ok_and(|time| time == written)) {
        return Ok(());
    }
    // Of this process, because another one may do the same at the same time.
    let fresh = package.join(format!("_internal.fresh.{}.so", process::id()));
    fs::copy(built, &fresh)?;
    File::options().write(true).open(&fresh)?.set_modified(written)?;
    // Running processes keep the file that they have loaded.
    fs::rename(&fresh, &module)
}

#[cfg(test)]
mod tests {
    use xshell::{Shell, cmd};

    use super::write_command;

    #[test]
    fn the_command_runs_by_its_name_with_the_interpreter_beside_it() -> anyhow::Result<()> {
        let shell = Shell::new()?;
        let folder = shell.create_temp_dir()?;
        shell.change_dir(folder.path());
        cmd!(shell, "python3 -m venv --without-pip venv").quiet().run()?;
        let bin = folder.path().join("venv").join("bin");
        write_command(&bin.join("python"))?;
        let commands = "def main():\n    import sys\n    print(sys.prefix)\n    return 3\n";
        shell.write_file("lib/planwire/_commands.py", commands)?;

        let told = cmd!(shell, "planwire").env("PATH", &bin).env("PYTHONPATH", "lib").quiet().ignore_status();
        assert_eq!(told.read()?, folder.path().join("venv").display().to_string());
        Ok(())
    }
}
