//! `cargo xtask shape`: which parts of DataFusion's messages are messages, as tables for the core.
//!
//! The core looks through a message before anything is made of it, and has to know where a length
//! opens another message, where it holds text, and where it holds what a codec wrote. DataFusion's crates bring the description; of its
//! grammar they use so little that reading it takes less than a compiler of it would: every one there
//! is asks for features of `regex` with which DataFusion would be compiled again.

mod fields;
mod slots;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use xshell::cmd;

pub(crate) use self::fields::Record;
use crate::project::Project;
use crate::release::record::text;

/// The crates that bring descriptions, and where in them.
const SOURCES: [(&str, &str); 2] = [
    ("datafusion-proto-models", "proto/datafusion.proto"),
    ("datafusion-proto-common", "proto/datafusion_common.proto"),
];

/// The messages that can stand alone, and the constants for them.
const ROOTS: [(&str, &str); 3] =
    [("LogicalExprNode", "EXPR"), ("LogicalPlanNode", "LOGICAL_PLAN"), ("PhysicalPlanNode", "PHYSICAL_PLAN")];

/// A message that stands as a whole only in payloads of families, and the constant for it.
const INNER_ROOT: (&str, &str) = ("PhysicalExprNode", "PHYSICAL_EXPR");

/// Where the tables of the messages stand.
const TABLE: &str = "codec-core/src/preflight/shape/table.rs";

#[derive(Debug)]
struct Field {
    name: String,
    number: u32,
    kind: String,
    repeated: bool,
}

type Messages = BTreeMap<String, Vec<Field>>;

/// Writes the table anew, and compares the fields of the messages with those on record.
pub(crate) fn run(project: &Project, record: Record) -> anyhow::Result<()> {
    let (messages, versions) = sources(project)?;
    fs::write(project.root.join(TABLE), table(&messages, &versions)?)?;
    fields::hold(project, &messages, record)
}

/// The messages of the crates that cargo has, and the versions of these.
fn sources(project: &Project) -> anyhow::Result<(Messages, String)> {
    let shell = project.shell()?;
    let metadata = cmd!(shell, "cargo metadata --format-version 1 --locked").quiet().read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let (mut messages, mut versions) = (Messages::new(), Vec::new());
    for (package, path) in SOURCES {
        let (root, version) = directory(&metadata, package)?;
        let text = fs::read_to_string(root.join(path)).with_context(|| format!("{package} has no {path}"))?;
        messages.extend(read(&text)?);
        versions.push(format!("{package} {version}"));
    }
    Ok((messages, versions.join(" and ")))
}

/// Where cargo keeps a package, and its version.
fn directory(metadata: &Value, package: &str) -> anyhow::Result<(PathBuf, String)> {
    let mut packages = metadata.get("packages").and_then(Value::as_array).context("no packages")?.iter();
    let found = packages.find(|found| found.get("name").and_then(Value::as_str) == Some(package));
    let found = found.with_context(|| format!("{package} is not among the dependencies"))?;
    let manifest = PathBuf::from(text(found, "manifest_path")?);
    Ok((manifest.parent().context("a manifest lies in a directory")?.to_owned(), text(found, "version")?))
}

/// Reads the messages of a description.
fn read(text: &str) -> anyhow::Result<Messages> {
    let mut messages = Messages::new();
    // The blocks that are open: a message by its name, those within it without one.
    let mut open: Vec<Option<String>> = Vec::new();
    let (mut comment, mut enumeration) = (false, false);
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if comment || line.starts_with("/*") {
            comment = !line.ends_with("*/");
            continue;
        }
        let spaced = line.replace('{', " { ").replace('}', " } ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        match words.as_slice() {
            [] | ["syntax" | "package" | "option" | "import" | "reserved", ..] => {}
            ["message", name, rest @ ..] => {
                let outer = open.iter().flatten().last();
                let name = outer.map_or_else(|| (*name).to_owned(), |outer| format!("{outer}.{name}"));
                messages.insert(name.clone(), Vec::new());
                if *rest == ["{"] {
                    open.push(Some(name));
                }
            }
            ["oneof", _, "{"] => open.push(None),
            ["enum", _, "{"] => enumeration = true,
            ["}", ..] if enumeration => enumeration = false,
            ["}", ..] => drop(open.pop().context("a block ends that never began")?),
            _ if enumeration => {}
            _ => {
                let message = open.iter().flatten().last().and_then(|name| messages.get_mut(name));
                message.with_context(|| format!("`{line}` stands outside messages"))?.push(field(line)?);
            }
        }
    }
    Ok(messages)
}

/// Reads a field, e.g. `repeated LogicalExprNode operands = 1;`.
fn field(line: &str) -> anyhow::Result<Field> {
    let (declared, number) = line.split_once('=').with_context(|| format!("`{line}` is not a field"))?;
    let number = number.trim().split([';', ' ']).next().unwrap_or_default();
    let number = number.parse().with_context(|| format!("`{line}` has no number"))?;
    let (kind, name) = declared.trim().rsplit_once(' ').with_context(|| format!("`{line}` has no name"))?;
    let name = name.to_owned();
    let kind = kind.trim().trim_start_matches("optional ");
    // An entry of a map is a message with a key and a value.
    let map = kind.strip_prefix("map<").and_then(|rest| rest.strip_suffix('>'));
    if let Some((key, value)) = map.and_then(|entry| entry.split_once(',')) {
        ensure!(key == "string", "`{line}` is a map whose keys are no texts");
        return Ok(Field { name, number, kind: format!("map of {}", value.trim()), repeated: true });
    }
    let kind = kind.trim_start_matches("repeated ").rsplit('.').next().unwrap_or_default().to_owned();
    Ok(Field { name, number, kind, repeated: line.starts_with("repeated ") })
}

/// The messages that a message can lead to, in the order in which they are met.
struct Met<'m> {
    messages: BTreeMap<&'m str, Vec<&'m Field>>,
    order: Vec<String>,
    /// Where in the tables; nothing of parts comes first.
    indices: BTreeMap<String, usize>,
}

/// The entries of maps: a key, and a value of one of two types.
fn entries() -> [(&'static str, Vec<Field>); 2] {
    let field = |name: &str, number, kind: &str| Field {
        name: name.to_owned(),
        number,
        kind: kind.to_owned(),
        repeated: false,
    };
    [("map of LogicalExprNode", "LogicalExprNode"), ("map of string", "string")]
        .map(|(name, value)| (name, vec![field("key", 1, "string"), field("value", 2, value)]))
}

fn meet<'m>(messages: &'m Messages, entries: &'m [(&'static str, Vec<Field>)]) -> anyhow::Result<Met<'m>> {
    let messages: BTreeMap<&str, Vec<&Field>> = messages
        .iter()
        .map(|(name, fields)| (name.as_str(), fields.iter().collect()))
        .chain(entries.iter().map(|(name, fields)| (*name, fields.iter().collect())))
        .collect();
    let mut indices = BTreeMap::from([(String::new(), 0)]);
    let mut pending: VecDeque<String> = ROOTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut order = Vec::new();
    while let Some(name) = pending.pop_front() {
        let Some(fields) = messages.get(name.as_str()) else { bail!("there is no message {name}") };
        if !indices.contains_key(&name) {
            indices.insert(name.clone(), indices.len());
            pending.extend(fields.iter().filter_map(|field| resolve(&messages, &name, &field.kind)));
            order.push(name);
        }
    }
    Ok(Met { messages, order, indices })
}

/// The table as Rust.
fn table(messages: &Messages, versions: &str) -> anyhow::Result<String> {
    let entries = entries();
    let met = meet(messages, &entries)?;
    let mut text = format!(
        "//! The messages of {versions}, made by `cargo xtask shape`.\n\n\
         use super::message::Role::*;\n\
         use super::message::Slot::*;\n\
         use super::message::{{Message, message}};\n\
         use crate::plan::kind::Kind::*;\n\n"
    );
    for (name, constant) in ROOTS {
        let index = met.indices.get(name).context("a root was met")?;
        writeln!(text, "/// The index of `{name}`.\npub(super) const {constant}: u16 = {index};")?;
    }
    // A short description, as that of a test, does not have it.
    let (name, constant) = INNER_ROOT;
    if let Some(index) = met.indices.get(name) {
        writeln!(text, "/// The index of `{name}`.\npub(super) const {constant}: u16 = {index};")?;
    }
    text.push_str(
        "\n/// Each message: its role, and its fields from number 1 on.\n#[rustfmt::skip]\n\
         pub(super) static MESSAGES: &[Message] = &[\n    message(Plain, &[]), // texts and bytes, which hold no fields\n",
    );
    for name in &met.order {
        let slots = slots::of(&met, name)?.join(", ");
        writeln!(text, "    message({}, &[{slots}]), // {name}", slots::role(name))?;
    }
    text.push_str("];\n");
    Ok(text)
}

/// The message that a field of `outer` holds: the one of that name declared closest around it.
fn resolve(messages: &BTreeMap<&str, Vec<&Field>>, outer: &str, kind: &str) -> Option<String> {
    let around = outer.match_indices('.').map(|(dot, _)| outer.get(..dot).unwrap_or_default());
    let scopes = [""].into_iter().chain(around).chain([outer]).collect::<Vec<_>>();
    let names = scopes.into_iter().rev().map(|scope| format!("{scope}.{kind}"));
    names
        .map(|name| name.trim_start_matches('.').to_owned())
        .find(|name| messages.contains_key(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{read, table};

    #[test]
    fn a_description_becomes_a_table() -> anyhow::Result<()> {
        let text = "syntax = \"proto3\";\n/*\n * text\n */\n\
                    message LogicalExprNode {\n  oneof kind {\n    BinaryExprNode binary = 3; // a chain\n  }\n  reserved 1;\n}\n\
                    message BinaryExprNode {\n  repeated LogicalExprNode operands = 1;\n  string op = 2;\n  repeated string notes = 4;\n}\n\
                    message LogicalPlanNode{}\nmessage PhysicalPlanNode {\n  message Part {\n    Part part = 1;\n    bytes ipc_message = 2;\n  }\n  Part own = 1;\n  map<string, LogicalExprNode> by_name = 7;\n  Side side = 8;\n}\n\
                    enum Side {\n  LEFT = 0;\n}\nmessage Unmet {}\n";
        let table = table(&read(text)?, "a crate")?;
        let rows: Vec<_> = table.lines().filter(|line| line.starts_with("    message(")).skip(1).collect();
        assert_eq!(
            rows,
            [
                "    message(Expr, &[Vacant, Vacant, One(4)]), // LogicalExprNode",
                "    message(Plan, &[]), // LogicalPlanNode",
                "    message(Plan, &[One(5), Vacant, Vacant, Vacant, Vacant, Vacant, Many(6), Number]), // PhysicalPlanNode",
                "    message(Plain, &[Chain(1), Operator, Vacant, Texts]), // BinaryExprNode",
                "    message(Plain, &[One(5), Header]), // PhysicalPlanNode.Part",
                "    message(Plain, &[Text, One(1)]), // map of LogicalExprNode",
            ]
        );
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        assert!(read("message A {\n  string name\n}\n").is_err());
        assert!(read("string name = 1;\n").is_err());
        assert!(read("}\n").is_err());
    }
}
