//! Rule: a folder of sources has few files directly in it, and the rooms of the core see only those below them.

use std::collections::BTreeMap;

use super::tree::{File, Tree, Violation};

/// Files of one language that a folder may have directly in it.
const MOST: usize = 16;

/// Folders that may have more, and why.
const EXCEPTIONS: &[(&str, &str)] = &[(
    "py-bindings/python/planwire",
    "the public modules have the names that users of datafusion-python import",
)];

const CORE: &str = "codec-core/src/";

/// The rooms of the core, lowest first; a room may use those before it.
const ROOMS: [&str; 13] = [
    "limits",
    "plan",
    "wire",
    "store",
    "error",
    "policy",
    "preflight",
    "fidelity",
    "message",
    "family",
    "gate",
    "call",
    "inspect",
];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = crowded(tree, EXCEPTIONS);
    violations.extend(tree.with_extension(&["rs"]).flat_map(upwards));
    violations
}

fn crowded(tree: &Tree, exceptions: &[(&str, &str)]) -> Vec<Violation> {
    let mut folders: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for file in tree.with_extension(&["rs", "py"]) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
        *folders.entry((folder, extension)).or_default() += 1;
    }
    let crowded = folders.into_iter().filter(|((folder, _), count)| {
        *count > MOST && !exceptions.iter().any(|(listed, _)| listed == folder)
    });
    crowded
        .map(|((folder, _), count)| {
            Violation::at(folder, 1, format!("{count} files directly in one folder, the limit is {MOST}"))
        })
        .collect()
}

/// The uses in a file of the core of rooms that are not below its own.
fn upwards(file: &File) -> Vec<Violation> {
    let Some(path) = file.path.strip_prefix(CORE).filter(|path| *path != "lib.rs") else { return Vec::new() };
    let room = path.split(['/', '.']).next().unwrap_or_default();
    let Some(height) = ROOMS.iter().position(|known| *known == room) else {
        return vec![file.violation(1, format!("`{room}` is no room of the core: add it to the list"))];
    };
    let below = ROOMS.get(..height).unwrap_or_default();
    let mut violations = Vec::new();
    for (line, text) in (1..).zip(file.text.lines()) {
        let code = if text.trim_start().starts_with("//") { "" } else { text };
        let used = code
            .split("crate::")
            .skip(1)
            .filter_map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next());
        for used in used.filter(|used| ROOMS.contains(used) && *used != room && !below.contains(used)) {
            violations.push(
                file.violation(line, format!("the room `{room}` uses `{used}`, which is not below it")),
            );
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::super::tree::{Tree, report};
    use super::{MOST, check, crowded};

    #[test]
    fn a_room_that_uses_one_above_it_fails() {
        let below = ("codec-core/src/gate/seen.rs", "use crate::wire::frame;\n/// [`crate::Call`]\n");
        let above = ("codec-core/src/wire.rs", "use std::fmt;\nuse crate::gate::Gate;\n");
        let found = report(check, &[below, above]);
        assert_eq!(found, "codec-core/src/wire.rs:2: the room `wire` uses `gate`, which is not below it");
    }

    #[test]
    fn a_room_that_is_not_on_the_list_fails() {
        let found = report(check, &[("codec-core/src/attic/trunk.rs", "")]);
        assert_eq!(
            found,
            "codec-core/src/attic/trunk.rs:1: `attic` is no room of the core: add it to the list"
        );
    }

    #[test]
    fn a_crowded_folder_fails_unless_it_is_listed() {
        let paths: Vec<_> = (0..=MOST).map(|number| format!("tests/python/test_{number}.py")).collect();
        let files: Vec<_> = paths.iter().map(|path| (path.as_str(), "")).collect();
        let tree = Tree::of(&files);
        let found: Vec<_> = crowded(&tree, &[]).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [format!("tests/python:1: {} files directly in one folder, the limit is {MOST}", MOST + 1)]
        );
        assert!(crowded(&tree, &[("tests/python", "one suite")]).is_empty());
    }
}
