//! The scheduler as a program: it needs no Python.

#![expect(clippy::unwrap_used, reason = "what is missing is to fail")]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_planwire-scheduler");

#[test]
#[cfg(target_os = "linux")]
fn it_links_no_python() {
    let listed = Command::new("ldd").arg(PROGRAM).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("libc.so"), "{listed}");
    assert!(!listed.contains("python"), "{listed}");
}

#[test]
fn it_says_where_it_listens_and_ends_with_its_input() {
    let mut scheduler = Command::new(PROGRAM)
        .args(["--port", "0", "--until-stdin-closes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(scheduler.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("planwire scheduler: listening at df://127.0.0.1:"), "{line}");
    drop(scheduler.stdin.take());
    assert!(scheduler.wait().unwrap().success());
}
