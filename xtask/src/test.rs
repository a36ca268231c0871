//! `cargo xtask test`: every test, in Rust and in Python, and one summary.

use anyhow::bail;

use crate::project::Project;
use crate::setup;
use crate::suite::{Outcome, Suite, table};

/// The tests across the crates, with families collected the other way. The whole workspace is named,
/// because DataFusion would be compiled again for the features that one package asks for.
const LINKME: [&str; 5] = ["--workspace", "--features", "planwire-registry/linkme", "--test", "it"];

/// Runs all suites, also after one of them failed, and fails if any did.
pub(crate) fn run(project: &Project) -> anyhow::Result<()> {
    let venv = setup::run(project)?;
    let shell = project.shell()?;
    // A changed snapshot is a failure to be read, not a file to be written.
    let cargo = || venv.cargo(&shell).args(["test", "--no-fail-fast"]).env("INSTA_UPDATE", "no");
    let pytest = || venv.python(&shell).args(["-m", "pytest", "--quiet"]);

    let suites = [
        Suite::new("Rust", cargo().arg("--workspace")),
        Suite::new("Rust with linkme", cargo().args(LINKME)),
        Suite::new("Python", pytest().arg("tests/python")),
        Suite::new("Python doctests", pytest().arg("--doctest-modules").arg("py-bindings/python/planwire")),
    ];
    finish(suites)
}

/// What the whole process of the tests holds back.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Floor {
    /// No payload is decoded.
    Refuse,
    /// Payloads are signed on the way out and verified on the way in, and nothing is pickled.
    Guarded,
}

/// Runs the Python tests in a process that has a floor, but for those that are marked because they fail
/// there; then these, to see that they do. In Rust, `tests/tests/floor*.rs` are about such processes.
pub(crate) fn run_under(project: &Project, floor: Floor) -> anyhow::Result<()> {
    let venv = setup::run(project)?;
    let shell = project.shell()?;
    let (unmarked, variable, value) = match floor {
        Floor::Refuse => ("not inline", "PLANWIRE_FLOOR", "refuse".to_owned()),
        Floor::Guarded => {
            let keys = project.target.join("suite.keys");
            shell.remove_path(&keys)?;
            let keygen = ["-m", "planwire", "keygen", "hmac-sha256", "suite", "--sign"];
            venv.python(&shell).args(keygen).arg(&keys).run()?;
            ("not unguarded", "PLANWIRE_HARDENED", format!("signed:suite:{}", keys.display()))
        }
    };
    // These try messages in processes of their own, whose modes are not those of this one.
    let elsewhere = [
        "fidelity/test_fidelity.py",
        "hostile/test_quarantine.py",
        "hostile/test_quarantine_processes.py",
        "hostile/test_shapes.py",
    ];
    let ignored = elsewhere.map(|file| format!("--ignore=tests/python/{file}"));
    let pytest = || {
        let run = venv.python(&shell).args(["-m", "pytest", "--quiet", "tests/python"]);
        run.args(&ignored).env(variable, &value)
    };
    let plugin = project.root.join("tests").join("python");
    // A worker that dies of a refusal leaves its pool waiting.
    let marked = pytest().args(["-p", "marks", "--timeout=10"]).env("PYTHONPATH", plugin);
    finish([
        Suite::new("Python under the floor", pytest().args(["-m", unmarked])),
        Suite::new("marked, and failing there", marked),
    ])
}

/// Runs suites, also after one of them failed.
fn finish<const N: usize>(suites: [Suite; N]) -> anyhow::Result<()> {
    let outcomes = suites.into_iter().map(Suite::run).collect::<anyhow::Result<Vec<Outcome>>>()?;

    println!("\n{}", table(&outcomes));
    if !outcomes.iter().all(|outcome| outcome.success) {
        bail!("some tests failed");
    }
    Ok(())
}
