//! The table of the fields that hold no messages, and of those that hold what a codec wrote.

use std::fmt::Write as _;

use anyhow::{Context, bail, ensure};

use super::{Field, Messages, Met, entries, meet, resolve};

pub(super) const TABLE: &str = "codec-core/src/shape/fields.rs";

/// Something that DataFusion hands to a codec.
struct Carried {
    message: &'static str,
    /// The field with the codec's bytes.
    bytes: &'static str,
    kind: &'static str,
    /// The fields with a name, of which there is one, and the kinds that they stand for.
    names: &'static [(&'static str, &'static str)],
}

const fn carried(
    message: &'static str,
    bytes: &'static str,
    kind: &'static str,
    names: &'static [(&'static str, &'static str)],
) -> Carried {
    Carried { message, bytes, kind, names }
}

/// Everything that is handed to a codec, on both layers.
const CARRIED: [Carried; 13] = [
    carried("ScalarUDFExprNode", "fun_definition", "ScalarUdf", &[("fun_name", "ScalarUdf")]),
    carried("AggregateUDFExprNode", "fun_definition", "AggregateUdf", &[("fun_name", "AggregateUdf")]),
    carried(
        "WindowExprNode",
        "fun_definition",
        "WindowUdf",
        &[("udwf", "WindowUdf"), ("udaf", "AggregateUdf")],
    ),
    carried("HigherOrderUDFExprNode", "fun_definition", "HigherOrderUdf", &[("fun_name", "HigherOrderUdf")]),
    carried("CustomTableScanNode", "custom_table_data", "TableProvider", &[("table_name", "TableProvider")]),
    carried("CopyToNode", "file_type", "FileFormat", &[]),
    carried("LogicalExtensionNode", "node", "LogicalNode", &[]),
    carried("PhysicalScalarUdfNode", "fun_definition", "ScalarUdf", &[("name", "ScalarUdf")]),
    carried(
        "PhysicalAggregateExprNode",
        "fun_definition",
        "AggregateUdf",
        &[("user_defined_aggr_function", "AggregateUdf")],
    ),
    carried(
        "PhysicalWindowExprNode",
        "fun_definition",
        "WindowUdf",
        &[("user_defined_window_function", "WindowUdf"), ("user_defined_aggr_function", "AggregateUdf")],
    ),
    carried("PhysicalHigherOrderUdfNode", "fun_definition", "HigherOrderUdf", &[("name", "HigherOrderUdf")]),
    carried("PhysicalExtensionNode", "node", "PhysicalNode", &[]),
    carried("PhysicalExtensionExprNode", "expr", "PhysicalExpr", &[]),
];

/// The messages with fields of bytes that DataFusion reads itself.
const PLAIN: [&str; 11] = [
    "CsvOptions",
    "CsvWriterOptions",
    "Decimal128",
    "Decimal256",
    "Decimal32",
    "Decimal64",
    "MemoryScanExecNode",
    "ScalarFixedSizeBinary",
    "ScalarNestedValue",
    "ScalarNestedValue.Dictionary",
    "ScalarValue",
];

/// The table as Rust.
///
/// # Errors
///
/// If a field of bytes is in none of the lists: whoever updates DataFusion has to find out who reads it.
pub(super) fn table(messages: &Messages, versions: &str) -> anyhow::Result<String> {
    let entries = entries();
    let met = meet(messages, &entries)?;
    let mut text = format!(
        "//! The fields of {versions} that hold no messages, made by `cargo xtask shape`.\n\n\
         use super::buffers::Field::{{self, *}};\n\
         use crate::Kind::*;\n\n\
         /// The fields of each message, in the order of the messages in the other table.\n\
         #[rustfmt::skip]\n\
         pub(super) static FIELDS: &[&[(u32, Field)]] = &[\n    &[], // text and bytes\n"
    );
    for message in &met.order {
        writeln!(text, "    &[{}], // {message}", rows(&met, message)?.join(", "))?;
    }
    text.push_str("];\n");
    Ok(text)
}

/// The fields of one message.
fn rows(met: &Met<'_>, message: &str) -> anyhow::Result<Vec<String>> {
    let fields = met.messages.get(message).context("it was met")?;
    let carried = CARRIED.iter().find(|carried| carried.message == message);
    if let Some(Carried { bytes, names, .. }) = carried {
        let known = |name: &str| fields.iter().any(|field| field.name == name);
        ensure!(known(bytes) && names.iter().all(|(name, _)| known(name)), "{message} has other fields now");
    }
    let mut rows = Vec::new();
    for field in fields {
        if let Some(sort) = sort(met, message, carried, field)? {
            rows.push(format!("({}, {sort})", field.number));
        }
    }
    Ok(rows)
}

/// What a field holds; nothing if it is a message like any other.
fn sort(
    met: &Met<'_>,
    message: &str,
    carried: Option<&Carried>,
    field: &Field,
) -> anyhow::Result<Option<String>> {
    let Field { name, kind, repeated, .. } = field;
    if let Some(Carried { bytes, kind, .. }) = carried.filter(|carried| carried.bytes == name) {
        ensure!(field.kind == "bytes" && !repeated, "{message}.{bytes} holds something else now");
        return Ok(Some(format!("Codec({kind})")));
    }
    let named = carried.and_then(|carried| carried.names.iter().find(|(field, _)| field == name));
    Ok(Some(match (kind.as_str(), named) {
        ("string", Some((_, kind))) => format!("Name({kind})"),
        ("TableReference", Some(_)) => "Table".to_owned(),
        (_, Some(_)) => bail!("{message}.{name} is no name now"),
        ("string", None) => "Text".to_owned(),
        ("bytes", None) if PLAIN.contains(&message) => "Bytes".to_owned(),
        ("bytes", None) => bail!("{message}.{name} is of bytes: does a codec get them?"),
        ("double" | "fixed64" | "sfixed64", None) => "Eight".to_owned(),
        ("float" | "fixed32" | "sfixed32", None) => "Four".to_owned(),
        _ if resolve(&met.messages, message, kind).is_some() => return Ok(None),
        _ if *repeated => "Numbers".to_owned(),
        _ => "Number".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::table;

    const ROOTS: &str = "message LogicalExprNode {\n  ScalarUDFExprNode call = 20;\n  WindowExprNode window = 18;\n  bool last = 7;\n}\n\
                         message LogicalPlanNode {\n  CustomTableScanNode scan = 19;\n}\nmessage PhysicalPlanNode {}\n\
                         message WindowExprNode {\n  oneof function {\n    string udaf = 3;\n    string udwf = 9;\n  }\n  optional bytes fun_definition = 10;\n}\n\
                         message CustomTableScanNode {\n  TableReference table_name = 6;\n  bytes custom_table_data = 5;\n  map<string, string> options = 7;\n}\n\
                         message TableReference {\n  repeated uint32 numbers = 1;\n  double real = 2;\n  float small = 3;\n}\n";

    fn rows(call: &str) -> anyhow::Result<Vec<String>> {
        let table = table(&read(&format!("{ROOTS}message ScalarUDFExprNode {{\n{call}}}\n"))?, "a crate")?;
        let rows = table.lines().filter(|line| line.starts_with("    &[")).skip(1);
        Ok(rows.map(|row| row.trim().to_owned()).collect())
    }

    #[test]
    fn fields_say_what_they_hold() -> anyhow::Result<()> {
        let call = "  string fun_name = 1;\n  repeated LogicalExprNode args = 2;\n  optional bytes fun_definition = 3;\n  string note = 4;\n";
        assert_eq!(
            rows(call)?,
            [
                "&[(7, Number)], // LogicalExprNode",
                "&[], // LogicalPlanNode",
                "&[], // PhysicalPlanNode",
                "&[(1, Name(ScalarUdf)), (3, Codec(ScalarUdf)), (4, Text)], // ScalarUDFExprNode",
                "&[(3, Name(AggregateUdf)), (9, Name(WindowUdf)), (10, Codec(WindowUdf))], // WindowExprNode",
                "&[(6, Table), (5, Codec(TableProvider))], // CustomTableScanNode",
                "&[(1, Numbers), (2, Eight), (3, Four)], // TableReference",
                "&[(1, Text), (2, Text)], // map of string",
            ]
        );
        Ok(())
    }

    #[test]
    fn bytes_that_nobody_has_placed_are_an_error() {
        assert!(rows("  string fun_name = 1;\n  optional bytes fun_definition = 3;\n").is_ok());
        assert!(rows("  string fun_name = 1;\n  optional bytes definition = 3;\n").is_err());
        assert!(
            rows("  string fun_name = 1;\n  optional bytes fun_definition = 3;\n  bytes more = 4;\n")
                .is_err()
        );
    }
}
