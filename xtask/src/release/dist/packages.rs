//! The crates that are published, as the files that crates.io gets.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::release::Workshop;
use crate::release::record::text;
use crate::release::steps::Made;

/// A crate that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its directory below the root.
    folder: String,
    /// The crates of the workspace that it depends on.
    needs: BTreeSet<String>,
}

impl Package {
    /// The path of its manifest.
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// Packages every crate that may be published, and checks the contents of the packages.
///
/// They are not built here: cargo would choose features for each crate by itself and compile DataFusion
/// for each choice. `cargo publish` builds a crate before it uploads it.
pub(crate) fn run(workshop: &Workshop) -> anyhow::Result<Made> {
    let shell = workshop.clone.shell()?;
    let packages = published(&shell)?;
    let target = &workshop.clone.target;
    let chosen = packages.iter().flat_map(|package| ["--package", package.name.as_str()]);
    cmd!(shell, "cargo package --quiet --locked --no-verify {chosen...}")
        .env("CARGO_TARGET_DIR", target)
        .quiet()
        .run()?;

    let mut files = Vec::new();
    for package in &packages {
        let made = target.join("package").join(format!("{}-{}.crate", package.name, workshop.version));
        check(&shell, package, &cmd!(shell, "tar --list --gzip --file {made}").quiet().read()?)?;
        files.push(workshop.deliver(&made)?);
    }
    Ok(Made { said: format!("{} packages, each with its licence, README and sources", files.len()), files })
}

/// The crates that are published, each behind those that it depends on.
pub(crate) fn published(shell: &Shell) -> anyhow::Result<Vec<Package>> {
    let told = cmd!(shell, "cargo metadata --locked --format-version 1 --no-deps").quiet().read()?;
    in_order(read(&serde_json::from_str(&told)?)?)
}

fn read(metadata: &Value) -> anyhow::Result<Vec<Package>> {
    let array = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_array).cloned().with_context(|| format!("no {key}"))
    };
    let root = text(metadata, "workspace_root")?;
    let mut packages = Vec::new();
    for package in array(metadata, "packages")? {
        if package.get("publish").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            continue;
        }
        let name = text(&package, "name")?;
        for key in ["description", "license", "readme", "rust_version"] {
            text(&package, key).with_context(|| format!("the manifest of {name}"))?;
        }
        for key in ["keywords", "categories"] {
            ensure!(!array(&package, key)?.is_empty(), "the manifest of {name} has no {key}");
        }
        let mut needs = BTreeSet::new();
        for dependency in array(&package, "dependencies")? {
            if text(&dependency, "path").is_ok() {
                let (needed, version) = (text(&dependency, "name")?, text(&dependency, "req")?);
                ensure!(version != "*", "{name} says no version of {needed}: crates.io does not take that");
                needs.insert(needed);
            }
        }
        let manifest = text(&package, "manifest_path")?;
        let folder = manifest.strip_prefix(&root).and_then(|path| path.strip_suffix("/Cargo.toml"));
        let folder = folder.context("a package lies below the root")?.trim_start_matches('/').to_owned();
        packages.push(Package { name, folder, needs });
    }
    Ok(packages)
}

fn in_order(mut left: Vec<Package>) -> anyhow::Result<Vec<Package>> {
    let mut ordered: Vec<Package> = Vec::new();
    while !left.is_empty() {
        let ready = |package: &Package| {
            package.needs.iter().all(|needed| ordered.iter().any(|before| before.name == *needed))
        };
        let Some(next) = left.iter().position(ready) else {
            let names: Vec<&str> = left.iter().map(|package| package.name.as_str()).collect();
            anyhow::bail!("these depend on crates that are not published: {}", names.join(", "));
        };
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

/// The files that cargo adds to a package.
const ADDED: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];

/// Checks that a package has the files that git tracks in its directory, and no others.
fn check(shell: &Shell, package: &Package, listed: &str) -> anyhow::Result<()> {
    let Package { name, folder, .. } = package;
    let tracked = cmd!(shell, "git -C {folder} ls-files").quiet().read()?;
    let tracked: BTreeSet<&str> = tracked.lines().collect();
    let packed = listed.lines().filter_map(|path| path.split_once('/').map(|(_, path)| path));
    let packed: BTreeSet<&str> = packed.filter(|path| !ADDED.contains(path)).collect();
    let difference = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
        one.difference(other).copied().collect::<Vec<_>>().join(", ")
    };
    for wanted in ["Cargo.toml", "LICENSE", "README.md", "src/lib.rs"] {
        ensure!(packed.contains(wanted), "the package of {name} has no {wanted}");
    }
    let (stray, missing) = (difference(&packed, &tracked), difference(&tracked, &packed));
    ensure!(stray.is_empty(), "the package of {name} has files that git does not track: {stray}");
    ensure!(missing.is_empty(), "the package of {name} leaves out {missing}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::release::state::scratch::repository;

    fn package(name: &str, needs: &[&str]) -> Package {
        let needs = needs.iter().map(|&name| name.to_owned()).collect();
        Package { name: name.to_owned(), folder: name.to_owned(), needs }
    }

    #[test]
    fn crates_are_published_behind_those_that_they_need() -> anyhow::Result<()> {
        let packages = vec![package("c", &["a", "b"]), package("b", &["a"]), package("a", &[])];
        let order: Vec<String> = in_order(packages)?.into_iter().map(|package| package.name).collect();
        assert_eq!(order, ["a", "b", "c"]);
        let error = in_order(vec![package("a", &["private"])]).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("these depend on crates that are not published: a"));
        Ok(())
    }

    fn metadata(change: impl Fn(&mut Value)) -> Value {
        let mut package = json!({
            "name": "b", "description": "B", "license": "MIT", "readme": "README.md", "rust_version": "1.95",
            "keywords": ["b"], "categories": ["encoding"], "publish": ["crates-io"],
            "manifest_path": "/work-tree/b/Cargo.toml",
            "dependencies": [
                { "name": "a", "req": "^0.1.0", "path": "/work-tree/a" },
                { "name": "other", "req": "^1", "path": null },
            ],
        });
        change(&mut package);
        let private =
            json!({ "name": "tests", "publish": [], "manifest_path": "/work-tree/tests/Cargo.toml" });
        json!({ "workspace_root": "/work-tree", "packages": [package, private] })
    }

    #[test]
    fn what_crates_io_asks_for_is_asked_for_here() -> anyhow::Result<()> {
        assert_eq!(read(&metadata(|_| {}))?, [package("b", &["a"])]);
        for (key, value, complaint) in [
            ("description", Value::Null, "the manifest of b: no description"),
            ("readme", Value::Null, "the manifest of b: no readme"),
            ("keywords", json!([]), "the manifest of b has no keywords"),
            (
                "dependencies",
                json!([{ "name": "a", "req": "*", "path": "/work-tree/a" }]),
                "b says no version of a: crates.io does not take that",
            ),
        ] {
            let wrong = metadata(|package| {
                if let Some(package) = package.as_object_mut() {
                    package.insert(key.to_owned(), value.clone());
                }
            });
            assert_eq!(read(&wrong).err().map(|error| format!("{error:#}")).as_deref(), Some(complaint));
        }
        Ok(())
    }

    #[test]
    fn a_package_has_the_files_that_git_tracks_and_no_others() -> anyhow::Result<()> {
        let files = ["a/Cargo.toml", "a/LICENSE", "a/README.md", "a/src/lib.rs", "other/stray"];
        let (shell, _folder) = repository(&files.map(|path| (path, "")))?;
        let packed = |extra: &str, without: &str| {
            let names = [
                ".cargo_vcs_info.json",
                "Cargo.toml.orig",
                "Cargo.toml",
                "LICENSE",
                "README.md",
                "src/lib.rs",
            ];
            let names = names.into_iter().chain([extra]).filter(|name| !name.is_empty() && *name != without);
            let listed: Vec<String> = names.map(|name| format!("a-0.1.0/{name}")).collect();
            check(&shell, &package("a", &[]), &listed.join("\n")).err().map(|error| error.to_string())
        };
        assert_eq!(packed("", ""), None);
        assert_eq!(packed("", "LICENSE").as_deref(), Some("the package of a has no LICENSE"));
        assert_eq!(
            packed("src/old.rs", "").as_deref(),
            Some("the package of a has files that git does not track: src/old.rs")
        );
        shell.write_file("a/src/more.rs", "")?;
        cmd!(shell, "git add a/src/more.rs").quiet().run()?;
        assert_eq!(packed("", "").as_deref(), Some("the package of a leaves out src/more.rs"));
        Ok(())
    }
}
