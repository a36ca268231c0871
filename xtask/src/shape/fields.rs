//! The list of the fields that DataFusion's messages have, on record so that an update which adds or
//! drops one is noticed: what a plan says in a field that nobody looked at may be lost, or be read as
//! something else.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, bail};

use super::Messages;
use crate::project::Project;

/// Where the list stands.
const RECORD: &str = "tests/fidelity/fields.txt";

/// Whether the list is compared or written.
#[derive(Clone, Copy)]
pub(crate) enum Record {
    Check,
    Renew,
}

/// Compares the fields with those on record, or writes them there.
pub(super) fn hold(project: &Project, messages: &Messages, record: Record) -> anyhow::Result<()> {
    let path = project.root.join(RECORD);
    let found = listed(messages);
    if let Record::Renew = record {
        return Ok(fs::write(path, found)?);
    }
    let recorded = fs::read_to_string(path).with_context(|| format!("{RECORD} is missing"))?;
    let changes = changes(&recorded, &found);
    if changes.is_empty() {
        return Ok(());
    }
    bail!(
        "DataFusion's messages have other fields than {RECORD}:\n{}\nSee what becomes of each in a plan that is \
         sent, give it a line in tests/fidelity/sources/node_queries.py, then run `cargo xtask shape --bless`",
        changes.join("\n")
    )
}

/// A line for each field: its message, number, name and type.
fn listed(messages: &Messages) -> String {
    let line = |(message, fields): (&String, &Vec<super::Field>)| {
        let field = |field: &super::Field| {
            let repeated = if field.repeated { " repeated" } else { "" };
            format!("{message}.{} = {}:{repeated} {}\n", field.name, field.number, field.kind)
        };
        fields.iter().map(field).collect::<String>()
    };
    messages.iter().map(line).collect()
}

/// The lines that came and those that went.
fn changes(recorded: &str, found: &str) -> Vec<String> {
    let [recorded, found] = [recorded, found].map(|text| text.lines().collect::<BTreeSet<_>>());
    let gone = recorded.difference(&found).map(|line| format!("- {line}"));
    let new = found.difference(&recorded).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{read, sources};
    use super::{Record, changes, hold, listed};
    use crate::project::Project;

    #[test]
    fn the_fields_of_the_messages_are_those_on_record() -> anyhow::Result<()> {
        let project = Project::find()?;
        let (messages, _) = sources(&project)?;
        hold(&project, &messages, Record::Check)
    }

    #[test]
    fn a_field_that_came_or_went_is_named() -> anyhow::Result<()> {
        let before = listed(&read("message A {\n  string name = 1;\n  bool old = 2;\n}\n")?);
        let after = listed(&read("message A {\n  string name = 1;\n  repeated B new = 3;\n}\n")?);
        assert_eq!(changes(&before, &after), ["- A.old = 2: bool", "+ A.new = 3: repeated B"]);
        assert!(changes(&after, &after).is_empty());
        Ok(())
    }
}
