//! The bodies of the fuzz targets over their seeds, and where the seeds come from.

pub(crate) mod seeds;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::fuzz::seeds::seeds;
use crate::fuzz_bodies as bodies;

type Body = fn(&[u8]);

const BODIES: [(&str, Body); 8] = [
    ("frame", bodies::frame),
    ("frame_round_trip", bodies::frame_round_trip),
    ("envelope", bodies::envelope),
    ("trailer", bodies::trailer),
    ("dispatch", bodies::dispatch),
    ("expr", bodies::expr),
    ("logical_plan", bodies::logical_plan),
    ("physical_plan", bodies::physical_plan),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The seeds that are kept, by target and name.
fn kept() -> BTreeMap<(String, String), Vec<u8>> {
    let files = |path: PathBuf| fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
    files(folder().join("seeds"))
        .flat_map(|target| files(target.path()).map(move |seed| (name(&target), seed)))
        .map(|(target, seed)| ((target, name(&seed)), fs::read(seed.path()).unwrap()))
        .collect()
}

#[test]
fn every_fuzz_target_has_a_body_here() {
    let programs = fs::read_dir(folder().join("fuzz_targets")).unwrap().map(|entry| entry.unwrap().path());
    let mut programs: Vec<String> =
        programs.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    programs.sort();
    let mut targets = BODIES.map(|(target, _)| target);
    targets.sort_unstable();
    assert_eq!(programs, targets);
}

#[test]
fn neither_a_seed_nor_the_start_of_one_breaks_a_promise() {
    let kept = kept();
    for (target, body) in BODIES {
        let seeds: Vec<_> = kept.iter().filter(|((found, _), _)| found == target).collect();
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for (_, seed) in seeds {
            body(seed);
            for cut in 0..seed.len().min(64) {
                body(&seed[..cut]);
            }
        }
    }
}

/// Snapshots too, but for physical plans, which only have to be there: `INSTA_UPDATE=always` writes them.
#[tokio::test]
async fn the_seeds_are_what_this_build_writes() {
    let made = seeds().await;
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        for ((target, name), seed) in &made {
            let path = folder().join("seeds").join(target);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(name), seed).unwrap();
        }
    }
    let kept = kept();
    for (place, seed) in &made {
        // The bytes of a physical plan were seen to differ from run to run while other tests run beside.
        let same = kept.get(place).is_some_and(|kept| kept == seed || place.0 == "physical_plan");
        assert!(same, "{place:?} is another now");
    }
    // Found inputs may be kept beside them, as long as it stays a handful.
    let size: usize = kept.values().map(Vec::len).sum();
    assert!(kept.len() < 200 && size < 500_000, "{} seeds of {size} bytes", kept.len());
}
