//! Misuse: what the compiler says to each, word for word.

use std::path::Path;
use std::process::Command;

/// Returns what the compiler says about an example of this package.
///
/// Cargo builds it in the workspace's own target directory, where DataFusion already is; a tool with a
/// directory of its own would compile it again.
fn complaint(example: &str) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        // Those that cargo sets for this package have ring built again, with all of DataFusion.
        let is_of_package = |name: &str| {
            name == "OUT_DIR" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        };
        if name.to_str().is_some_and(is_of_package) {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .args(["build", "--quiet", "--workspace", "--features", "planwire-tests/ui", "--example", example])
        .args(["--message-format", "human", "--color", "never"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("cargo runs");
    assert!(!output.status.success(), "{example} compiles");
    let text = String::from_utf8(output.stderr).expect("the compiler writes UTF-8");
    // The notes quote the crates' own source, line numbers and all.
    let complaint = text.split_once("\nnote:").map_or(&*text, |(complaint, _)| complaint);
    let complaint = complaint.split_once("\nerror: could not compile").map_or(complaint, |(first, _)| first);
    complaint.trim().to_owned()
}

#[test]
fn each_misuse_is_explained() {
    let examples =
        ["missing_trait", "unknown_name", "bad_magic", "bad_name", "forged_frame", "unauthorized_decode"];
    for example in examples {
        insta::with_settings!({ filters => vec![(r"(?m)^ +--> .*", "  --> [source]")] }, {
            insta::assert_snapshot!(format!("ui_{example}"), complaint(example));
        });
    }
}
