//! Files that decide about trust, keyrings and lists of pins: regular, bounded, and written by their owner alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use planwire_guard::{Algorithm, Keyring, KeyringError, Pinned, generate};

use crate::fixture::guarded::{ID, PUBLIC, SECRET, SEED, line};
use crate::guard::pinned::pin;

/// Writes a file that only its owner reads and writes, whatever the umask of the tests is.
pub(crate) fn file(name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    path
}

/// Reads a file as a keyring and as a list of pins, and gives up on one that makes its reader wait.
fn both(path: &Path) -> [Result<(), String>; 2] {
    let (sends, ends) = mpsc::channel();
    let path = path.to_owned();
    thread::spawn(move || {
        let keyring = Keyring::from_file(&path).map(drop).map_err(|error| error.to_string());
        let pins = Pinned::from_file(&path).map(drop).map_err(|error| error.to_string());
        sends.send([keyring, pins])
    });
    ends.recv_timeout(Duration::from_secs(30)).expect("a reader waits for ever")
}

#[test]
fn what_is_no_regular_file_is_an_error_and_nobody_waits_for_it() {
    let pipe = file("pipe", "");
    fs::remove_file(&pipe).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for path in [&pipe, Path::new("/dev/zero"), Path::new("/dev/null"), folder] {
        for outcome in both(path) {
            let error = outcome.unwrap_err();
            assert!(error.ends_with("cannot be read: it is not a regular file"), "{error}");
        }
    }
}

#[test]
fn a_link_leads_to_the_file_that_is_read() {
    let [_, public] = generate(Algorithm::Ed25519, ID).unwrap();
    let (keys, pins) = (file("linked-keys", &*public), file("linked-pins", pin(b"")));
    for (to, read) in [(keys, 0), (pins, 1)] {
        let link = to.with_extension("link");
        let _ = fs::remove_file(&link);
        symlink(&to, &link).unwrap();
        both(&link)[read].as_ref().unwrap();
    }
}

#[test]
fn who_may_write_the_folder_of_a_file_is_not_looked_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("of-everybody");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let [_, public] = generate(Algorithm::Ed25519, ID).unwrap();
    both(&file("of-everybody/keys", &*public))[0].as_ref().unwrap();
    both(&file("of-everybody/pins", pin(b"")))[1].as_ref().unwrap();
}

#[test]
fn a_list_without_an_end_is_no_list() {
    let longest = 16 * 1024 * 1024;
    let padded = |size: usize| format!("#{}\n{}\n", "-".repeat(size - pin(b"").len() - 3), pin(b""));
    assert_eq!(Pinned::from_file(file("fitting-pins", padded(longest))).unwrap().len(), 1);
    let error = Pinned::from_file(file("longer-pins", padded(longest + 1))).unwrap_err().to_string();
    assert!(error.ends_with("it is longer than 16777216 bytes"), "{error}");
}

/// Whether a file is taken, with each of the permissions under which its owner can read it.
fn taken(path: &Path, read: impl Fn(&Path) -> Result<(), String>) -> Vec<(u32, Result<(), String>)> {
    let under = |mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        (mode, read(path))
    };
    (0o400..=0o777).map(under).collect()
}

#[test]
fn a_file_that_others_can_write_decides_about_nothing() {
    let keyring = |path: &Path| Keyring::from_file(path).map(drop).map_err(|error| error.to_string());
    let pins = |path: &Path| Pinned::from_file(path).map(drop).map_err(|error| error.to_string());
    let public = line("verify", Algorithm::Ed25519, ID, &PUBLIC);
    let outcomes = taken(&file("public-keys", public), keyring);
    for (mode, outcome) in outcomes.into_iter().chain(taken(&file("modes-pins", pin(b"")), pins)) {
        assert_eq!(outcome.is_ok(), mode & 0o022 == 0, "{mode:03o}: {outcome:?}");
        if let Err(error) = outcome {
            let reason = format!("its mode {mode:03o} lets others than its owner write it");
            assert!(error.ends_with(&reason), "{error}");
        }
    }
}

#[test]
fn a_secret_that_everybody_can_read_is_none() {
    let keyring = |path: &Path| Keyring::from_file(path).map(drop).map_err(|error| error.to_string());
    for (name, text) in [
        ("hmac-signs", line("sign", Algorithm::HmacSha256, ID, SECRET)),
        ("hmac-verifies", line("verify", Algorithm::HmacSha256, ID, SECRET)),
        ("ed25519-signs", line("sign", Algorithm::Ed25519, ID, &SEED)),
        (
            "mixed",
            line("verify", Algorithm::Ed25519, "other", &PUBLIC)
                + &line("sign", Algorithm::Ed25519, ID, &SEED),
        ),
    ] {
        for (mode, outcome) in taken(&file(name, text), keyring) {
            assert_eq!(outcome.is_ok(), mode & 0o026 == 0, "{name} {mode:03o}: {outcome:?}");
        }
    }
}

#[test]
fn a_keyring_that_is_exposed_is_not_read_again() {
    let path = file("exposed", line("sign", Algorithm::HmacSha256, "old", SECRET));
    let keyring = Keyring::from_file(&path).unwrap();
    fs::write(&path, line("sign", Algorithm::HmacSha256, "new", SECRET)).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(keyring.reload(), Err(KeyringError::Exposed { mode: 0o644, .. })));
    assert_eq!(keyring.key_ids(), ["old"]);
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    keyring.reload().unwrap();
    assert_eq!(keyring.key_ids(), ["new"]);
}
