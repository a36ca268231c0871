//! Steps: each is done unless it is done already with all that it depends on.

use std::path::Path;

use anyhow::Context;

use super::record::Record;

/// The work of a step, which gets the record of those before it.
type Make<'w> = dyn Fn(&Record) -> anyhow::Result<Made> + 'w;

/// One step of a release.
pub(super) struct Step<'w> {
    name: &'static str,
    /// The steps whose files it takes.
    needs: &'static [&'static str],
    /// Its other dependencies.
    of: String,
    make: Box<Make<'w>>,
}

/// The outcome of a step, and the names of its products in `dist`.
#[derive(Debug)]
pub(crate) struct Made {
    pub(super) said: String,
    pub(super) files: Vec<String>,
}

impl From<String> for Made {
    fn from(said: String) -> Self {
        Self { said, files: Vec::new() }
    }
}

impl<'w> Step<'w> {
    pub(super) fn new(
        name: &'static str,
        needs: &'static [&'static str],
        of: &str,
        make: impl Fn(&Record) -> anyhow::Result<Made> + 'w,
    ) -> Self {
        Self { name, needs, of: of.to_owned(), make: Box::new(make) }
    }
}

/// Does the steps in their order, and keeps each as it is done, so that a later run goes on from there.
pub(super) fn run(steps: &[Step<'_>], dist: &Path, record: &mut Record) -> anyhow::Result<()> {
    for Step { name, needs, of, make } in steps {
        let of = record.of(of, needs);
        if let Some(done) = record.standing(name, &of) {
            println!("* {name}: as before: {}", done.said);
            continue;
        }
        println!("* {name} ...");
        record.forget(name)?;
        let Made { said, files } = make(record)
            .with_context(|| format!("the step `{name}` failed, and the same command goes on from it"))?;
        println!("* {name}: {said}");
        for file in &files {
            println!("    {}", dist.join(file).display());
        }
        record.keep(name, of, said, &files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use anyhow::bail;

    use super::super::state::scratch;
    use super::super::versions::Version;
    use super::*;

    /// A release of three steps, of which the second may fail and the third takes what the first makes.
    struct Bench<'b> {
        dist: &'b Path,
        broken: Cell<bool>,
        text: Cell<&'static str>,
        ran: RefCell<Vec<&'static str>>,
    }

    impl<'b> Bench<'b> {
        fn new(dist: &'b Path) -> Self {
            Self { dist, broken: Cell::new(false), text: Cell::new("one"), ran: RefCell::default() }
        }

        fn make(&self, step: &'static str, text: &str) -> anyhow::Result<Made> {
            self.ran.borrow_mut().push(step);
            if step == "second" && self.broken.get() {
                bail!("broken");
            }
            std::fs::write(self.dist.join(step), text)?;
            Ok(Made { said: format!("made {step}"), files: vec![step.to_owned()] })
        }

        /// A run of the task; gives the steps that were done in it.
        fn run(
            &self,
            of: [&str; 3],
            version: &str,
        ) -> anyhow::Result<(anyhow::Result<()>, Vec<&'static str>)> {
            let version: Version = version.parse().unwrap_or_else(|error| unreachable!("{error}"));
            let [first, second, third] = of;
            let steps = [
                Step::new("first", &[], first, |_| self.make("first", self.text.get())),
                Step::new("second", &[], second, |_| self.make("second", "two")),
                Step::new("third", &["first"], third, |_| self.make("third", "three")),
            ];
            let outcome = run(&steps, self.dist, &mut Record::open(self.dist, version)?);
            Ok((outcome, self.ran.take()))
        }

        fn done(&self, of: [&str; 3]) -> anyhow::Result<Vec<&'static str>> {
            let (outcome, ran) = self.run(of, "0.1.0")?;
            outcome.map(|()| ran)
        }
    }

    #[test]
    fn a_second_run_goes_on_from_the_step_that_failed() -> anyhow::Result<()> {
        let (_shell, folder) = scratch::write(&[])?;
        let bench = Bench::new(folder.path());
        bench.broken.set(true);
        let (outcome, ran) = bench.run(["a", "b", "c"], "0.1.0")?;
        assert_eq!(ran, ["first", "second"]);
        let told = outcome.err().map(|error| format!("{error:#}"));
        assert_eq!(
            told.as_deref(),
            Some("the step `second` failed, and the same command goes on from it: broken")
        );

        bench.broken.set(false);
        assert_eq!(bench.done(["a", "b", "c"])?, ["second", "third"]);
        assert!(bench.done(["a", "b", "c"])?.is_empty());
        Ok(())
    }

    #[test]
    fn what_has_changed_is_done_again_with_what_takes_it() -> anyhow::Result<()> {
        let (shell, folder) = scratch::write(&[])?;
        let bench = Bench::new(folder.path());
        assert_eq!(bench.done(["a", "b", "c"])?, ["first", "second", "third"]);
        assert_eq!(bench.done(["a", "B", "c"])?, ["second"]);

        // Made again as it was, the first gives the third no reason.
        shell.remove_path("first")?;
        assert_eq!(bench.done(["a", "B", "c"])?, ["first"]);
        shell.write_file("first", "changed")?;
        bench.text.set("another");
        assert_eq!(bench.done(["a", "B", "c"])?, ["first", "third"]);
        Ok(())
    }

    #[test]
    fn files_of_another_version_are_taken_away() -> anyhow::Result<()> {
        let (shell, folder) = scratch::write(&[("mine", "")])?;
        let bench = Bench::new(folder.path());
        assert_eq!(bench.done(["a", "b", "c"])?.len(), 3);
        bench.broken.set(true);
        let (outcome, ran) = bench.run(["a", "b", "c"], "0.2.0")?;
        assert!(outcome.is_err());
        assert_eq!(ran, ["first", "second"]);
        let left: Vec<bool> = ["first", "second", "third", "mine"].map(|name| shell.path_exists(name)).into();
        assert_eq!(left, [true, false, false, true]);
        Ok(())
    }
}
