//! `dist/release.json`: the finished steps of a release, with the hashes of their products.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::versions::Version;
use crate::release::dist::sums::{self, hex};

/// The finished steps of one version.
#[derive(Debug)]
pub(crate) struct Record {
    dist: PathBuf,
    version: Version,
    prepared: Option<Prepared>,
    done: Vec<Done>,
}

/// The commit of the release, and what it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) base: String,
    pub(super) commit: String,
    pub(super) date: String,
    pub(super) author: String,
    /// Whether the checkout has it already, which is how a run ends that fails over the tag.
    pub(super) taken_over: bool,
}

/// A step that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) step: String,
    /// A hash of all that it depended on.
    pub(super) of: String,
    pub(super) said: String,
    /// The names of its files in `dist`, with their hashes.
    pub(super) files: Vec<(String, String)>,
}

impl Record {
    /// Reads the record; of another version, only to take its files away.
    pub(super) fn open(dist: &Path, version: Version) -> anyhow::Result<Self> {
        let mut record = Self { dist: dist.to_owned(), version, prepared: None, done: Vec::new() };
        let Ok(text) = std::fs::read_to_string(dist.join("release.json")) else { return Ok(record) };
        let (found, prepared, done) = parse(&text)
            .context("dist/release.json is no record of a release: take it away, and all is made again")?;
        record.done = done;
        if found == version.to_string() {
            record.prepared = prepared;
            return Ok(record);
        }
        while let Some(done) = record.done.first() {
            let step = done.step.clone();
            record.forget(&step)?;
        }
        Ok(record)
    }

    /// What the release is made of where the checkout is at `head`, which may be the release already.
    pub(super) fn base_of<'r>(&'r mut self, head: &'r str) -> &'r str {
        match &mut self.prepared {
            Some(prepared) if prepared.commit == head => {
                prepared.taken_over = true;
                &prepared.base
            }
            _ => head,
        }
    }

    /// The commit that was made of this one.
    pub(super) fn prepared(&self, base: &str) -> Option<&Prepared> {
        self.prepared.as_ref().filter(|prepared| prepared.base == base)
    }

    /// Keeps which commit is the one of the release.
    pub(super) fn prepare(&mut self, prepared: Prepared) -> anyhow::Result<()> {
        self.prepared = Some(prepared);
        self.save()
    }

    /// A step, if it was done with the same that it would be done with now, and its files are as it left
    /// them.
    pub(super) fn standing(&self, step: &str, of: &str) -> Option<&Done> {
        let done = self.done(step).filter(|done| done.of == of)?;
        let same = |(name, sum): &(String, String)| {
            sums::of_file(&self.dist.join(name)).is_ok_and(|found| found == *sum)
        };
        done.files.iter().all(same).then_some(done)
    }

    /// A step that was done.
    pub(super) fn done(&self, step: &str) -> Option<&Done> {
        self.done.iter().find(|done| done.step == step)
    }

    /// The files of all steps, with their hashes.
    pub(super) fn files(&self) -> impl Iterator<Item = &(String, String)> {
        self.done.iter().flat_map(|done| &done.files)
    }

    /// Hashes what a step depends on: a text, and the files of other steps.
    pub(super) fn of(&self, text: &str, needs: &[&str]) -> String {
        let mut hash = Sha256::new_with_prefix(text);
        for done in needs.iter().filter_map(|step| self.done(step)) {
            for (name, sum) in &done.files {
                hash.update(format!("\n{name} {sum}"));
            }
        }
        hex(&hash.finalize())
    }

    /// Takes the files of a step away, which may have other names the next time.
    pub(super) fn forget(&mut self, step: &str) -> anyhow::Result<()> {
        for (name, _) in self.done.iter().filter(|done| done.step == step).flat_map(|done| &done.files) {
            match std::fs::remove_file(self.dist.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        self.done.retain(|done| done.step != step);
        Ok(())
    }

    /// Keeps that a step is done, and the hashes of its files.
    pub(super) fn keep(
        &mut self,
        step: &str,
        of: String,
        said: String,
        files: &[String],
    ) -> anyhow::Result<()> {
        let hashed = |name: &String| Ok((name.clone(), sums::of_file(&self.dist.join(name))?));
        let files = files.iter().map(hashed).collect::<anyhow::Result<_>>()?;
        self.done.push(Done { step: step.to_owned(), of, said, files });
        self.save()
    }

    fn save(&self) -> anyhow::Result<()> {
        let steps: Vec<Value> = self.done.iter().map(Done::json).collect();
        let prepared = self.prepared.as_ref().map(|Prepared { base, commit, date, author, .. }| {
            json!({ "base": base, "commit": commit, "date": date, "author": author })
        });
        let record = json!({ "version": self.version.to_string(), "prepared": prepared, "steps": steps });
        std::fs::create_dir_all(&self.dist)?;
        let (path, fresh) = (self.dist.join("release.json"), self.dist.join("release.json.fresh"));
        std::fs::write(&fresh, serde_json::to_string_pretty(&record)? + "\n")?;
        Ok(std::fs::rename(fresh, path)?)
    }
}

impl Done {
    fn json(&self) -> Value {
        let file = |(name, sum): &(String, String)| json!({ "name": name, "sha256": sum });
        let files: Vec<Value> = self.files.iter().map(file).collect();
        json!({ "step": self.step, "of": self.of, "said": self.said, "files": files })
    }

    fn parse(value: &Value) -> anyhow::Result<Self> {
        let files = value.get("files").and_then(Value::as_array).context("no files")?;
        let file = |file| Ok((text(file, "name")?, text(file, "sha256")?));
        let files = files.iter().map(file).collect::<anyhow::Result<_>>()?;
        Ok(Self { step: text(value, "step")?, of: text(value, "of")?, said: text(value, "said")?, files })
    }
}

fn parse(record: &str) -> anyhow::Result<(String, Option<Prepared>, Vec<Done>)> {
    let record: Value = serde_json::from_str(record)?;
    let prepared = match record.get("prepared").filter(|value| !value.is_null()) {
        None => None,
        Some(value) => Some(Prepared {
            base: text(value, "base")?,
            commit: text(value, "commit")?,
            date: text(value, "date")?,
            author: text(value, "author")?,
            taken_over: false,
        }),
    };
    let steps = record.get("steps").and_then(Value::as_array).context("no steps")?;
    let done = steps.iter().map(Done::parse).collect::<anyhow::Result<_>>()?;
    Ok((text(&record, "version")?, prepared, done))
}

/// A text within an object.
pub(crate) fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    Ok(value.get(key).and_then(Value::as_str).with_context(|| format!("no {key}"))?.to_owned())
}
