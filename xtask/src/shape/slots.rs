//! The slots of the table: the content of each field of a message, and the roles of messages in a plan.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};

use super::{Field, Met, resolve};

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

/// The roles of messages other than those of expressions, plans and schemas, as the core has them.
const ROLES: [(&str, &str); 30] = [
    ("LogicalExprNode", "Expr"),
    ("PhysicalExprNode", "Expr"),
    ("LogicalPlanNode", "Plan"),
    ("PhysicalPlanNode", "Plan"),
    ("Schema", "Schema"),
    ("DfSchema", "Schema"),
    ("ArrowType", "Type"),
    ("Field", "Field"),
    ("ScalarUDFExprNode", "Call"),
    ("CubeNode", "Cube"),
    ("RollupNode", "Rollup"),
    ("GroupingSetNode", "GroupingSet"),
    ("AggregateNode", "Aggregate"),
    ("Decimal32", "Decimal"),
    ("Decimal64", "Decimal"),
    ("Decimal128", "Decimal"),
    ("Decimal256", "Decimal"),
    ("ScalarNestedValue", "Batch"),
    ("ScalarNestedValue.Dictionary", "Batch"),
    ("CopyToNode", "Writes(\"COPY TO\")"),
    ("DmlNode", "Writes(\"DML\")"),
    ("CreateExternalTableNode", "Writes(\"CREATE EXTERNAL TABLE\")"),
    ("CreateViewNode", "Writes(\"CREATE VIEW\")"),
    ("CreateCatalogNode", "Writes(\"CREATE DATABASE\")"),
    ("CreateCatalogSchemaNode", "Writes(\"CREATE SCHEMA\")"),
    ("DropViewNode", "Writes(\"DROP VIEW\")"),
    ("PrepareNode", "Writes(\"PREPARE\")"),
    ("CsvSinkExecNode", "Writes(\"a CSV sink\")"),
    ("JsonSinkExecNode", "Writes(\"a JSON sink\")"),
    ("ParquetSinkExecNode", "Writes(\"a Parquet sink\")"),
];

/// Fields that claim more than their own bytes, or hold a text of a grammar of its own.
const SPECIAL: [(&str, &str, &str); 22] = [
    ("ScalarFixedSizeBinary", "length", "Width"),
    ("BinaryExprNode", "op", "Operator"),
    ("Decimal32", "p", "Precision(9)"),
    ("Decimal32", "s", "Scale(9)"),
    ("Decimal64", "p", "Precision(18)"),
    ("Decimal64", "s", "Scale(18)"),
    ("Decimal128", "p", "Precision(38)"),
    ("Decimal128", "s", "Scale(38)"),
    ("Decimal256", "p", "Precision(76)"),
    ("Decimal256", "s", "Scale(76)"),
    ("ScalarTimestampValue", "timezone", "Zone"),
    ("GenerateSeriesArgsTimestamp", "tz", "Zone"),
    ("HashRepartition", "partition_count", "Count"),
    ("RepartitionNode", "round_robin", "Count"),
    ("PhysicalHashRepartition", "partition_count", "Count"),
    ("Partitioning", "round_robin", "Count"),
    ("Partitioning", "unknown", "Count"),
    ("EmptyExecNode", "partitions", "Count"),
    ("PlaceholderRowExecNode", "partitions", "Count"),
    ("ColumnUnnestListRecursion", "depth", "Count"),
    ("RecursionUnnestOption", "depth", "Count"),
    ("ListUnnest", "depth", "Count"),
];

/// Fields whose expressions and plans DataFusion visits or copies several times wherever it visits the
/// message once, so that the work doubles with each level: an alias asks the expression inside for its field
/// and for its metadata, as a cast does in a physical plan; a lambda is asked for its type and whether it can be
/// null; the condition of a `CASE`, and what `BETWEEN` and a short `IN` compare, are copied where they are
/// simplified; the plans of a subquery are visited with each pass over it, and errors inside of one become
/// text that is escaped again; an aggregate within an aggregate cannot be planned, and is shown in full by the
/// error that says so.
const REPEATED: [(&str, &str, u8); 18] = [
    ("AliasNode", "expr", 3),
    ("AggregateUDFExprNode", "args", 2),
    ("AggregateUDFExprNode", "filter", 2),
    ("BetweenNode", "expr", 3),
    ("CaseNode", "expr", 2),
    ("CastNode", "expr", 3),
    ("ILikeNode", "expr", 3),
    ("InListNode", "expr", 4),
    ("LikeNode", "expr", 3),
    ("Lambda", "body", 4),
    ("PhysicalCastNode", "expr", 3),
    ("PhysicalInListNode", "expr", 2),
    ("PhysicalTryCastNode", "expr", 3),
    ("SubqueryNode", "outer_ref_columns", 4),
    ("SubqueryNode", "subquery", 4),
    ("TryCastNode", "expr", 3),
    ("WhenThen", "when_expr", 4),
    ("WindowExprNode", "exprs", 2),
];

/// The fields whose messages become one chain, in which each stands a level below the next.
const CHAINS: [(&str, &str); 2] = [("BinaryExprNode", "operands"), ("PhysicalBinaryExprNode", "operands")];

/// The messages whose texts name nothing, so that they may hold zero bytes.
const FREE: [&str; 11] = [
    "CsvOptions",
    "CsvScanExecNode",
    "CsvWriterOptions",
    "ILikeNode",
    "LikeNode",
    "ParquetColumnOptions",
    "ParquetOptions",
    "PartitionedFile",
    "ScalarValue",
    "SimilarToNode",
    "StringifiedPlan",
];

/// The role of a message.
pub(super) fn role(message: &str) -> &'static str {
    ROLES.iter().find(|(name, _)| *name == message).map_or("Plain", |(_, role)| role)
}

/// The slots of one message, from field number 1 on.
///
/// # Errors
///
/// If a field of bytes is in none of the lists. After an update of DataFusion, find out what reads the field.
pub(super) fn of(met: &Met<'_>, message: &str) -> anyhow::Result<Vec<String>> {
    let fields = met.messages.get(message).context("it was met")?;
    let known = |name: &str| fields.iter().any(|field| field.name == name);
    let carried = CARRIED.iter().find(|carried| carried.message == message);
    if let Some(Carried { bytes, names, .. }) = carried {
        ensure!(known(bytes) && names.iter().all(|(name, _)| known(name)), "{message} has other fields now");
    }
    let special = SPECIAL.iter().map(|(message, field, _)| (*message, *field));
    let repeated = REPEATED.iter().map(|(message, field, _)| (*message, *field));
    for (_, field) in special.chain(repeated).filter(|(name, _)| *name == message) {
        ensure!(known(field), "{message} has no {field} now");
    }
    let mut slots = BTreeMap::new();
    for field in fields {
        ensure!(field.number < 128, "{message}.{} has a large number", field.name);
        let slot = slot(met, message, carried, field)?;
        ensure!(slots.insert(field.number, slot).is_none(), "{message} has a number twice");
    }
    let last = slots.keys().last().copied().unwrap_or_default();
    Ok((1..=last).map(|number| slots.remove(&number).unwrap_or_else(|| "Vacant".to_owned())).collect())
}

/// The content of a field.
fn slot(met: &Met<'_>, message: &str, carried: Option<&Carried>, field: &Field) -> anyhow::Result<String> {
    let Field { name, kind, repeated, .. } = field;
    if let Some(Carried { bytes, kind, .. }) = carried.filter(|carried| carried.bytes == name) {
        ensure!(field.kind == "bytes" && !repeated, "{message}.{bytes} holds something else now");
        return Ok(format!("Codec({kind})"));
    }
    if let Some((.., slot)) = SPECIAL.iter().find(|(outer, field, _)| *outer == message && field == name) {
        return Ok((*slot).to_owned());
    }
    let index = match resolve(&met.messages, message, kind) {
        Some(part) => Some(*met.indices.get(&part).context("a part was met")?),
        None => None,
    };
    let named = carried.and_then(|carried| carried.names.iter().find(|(field, _)| field == name));
    let chain = CHAINS.contains(&(message, name.as_str()));
    Ok(match (kind.as_str(), named, index) {
        ("string", Some((_, kind)), _) => format!("Name({kind})"),
        ("TableReference", Some(_), Some(index)) => format!("Table({index})"),
        (_, Some(_), _) => bail!("{message}.{name} is no name now"),
        (_, None, Some(index)) if chain => format!("Chain({index})"),
        (_, None, Some(index)) => {
            let times = REPEATED.iter().find(|(outer, field, _)| *outer == message && field == name);
            match (times, repeated) {
                (Some((.., times)), true) => format!("ManyAgain({index}, {times})"),
                (Some((.., times)), false) => format!("Again({index}, {times})"),
                (None, true) => format!("Many({index})"),
                (None, false) => format!("One({index})"),
            }
        }
        ("string", ..) if *repeated => "Texts".to_owned(),
        ("string", ..) if is_free(message, name) => "Free".to_owned(),
        ("string", ..) => "Text".to_owned(),
        ("bytes", ..) if name == "ipc_message" => "Header".to_owned(),
        ("bytes", ..) if name == "arrow_data" => "Body".to_owned(),
        ("bytes", ..) if message == "MemoryScanExecNode" && *repeated => "Streams".to_owned(),
        ("bytes", ..) if PLAIN.contains(&message) => "Bytes".to_owned(),
        ("bytes", ..) => bail!("{message}.{name} is of bytes: does a codec get them?"),
        ("double" | "fixed64" | "sfixed64", ..) => "Eight".to_owned(),
        ("float" | "fixed32" | "sfixed32", ..) => "Four".to_owned(),
        _ if *repeated => "Numbers".to_owned(),
        _ => "Number".to_owned(),
    })
}

/// Whether a text names nothing.
fn is_free(message: &str, field: &str) -> bool {
    FREE.contains(&message) || (message == "map of string" && field == "value") || field == "definition"
}

#[cfg(test)]
mod tests {
    use super::super::{read, table};

    const ROOTS: &str = "message LogicalExprNode {\n  ScalarUDFExprNode call = 20;\n  WindowExprNode window = 18;\n  bool last = 7;\n}\n\
                         message LogicalPlanNode {\n  CustomTableScanNode scan = 19;\n}\nmessage PhysicalPlanNode {}\n\
                         message WindowExprNode {\n  repeated LogicalExprNode exprs = 4;\n  oneof function {\n    string udaf = 3;\n    string udwf = 9;\n  }\n  optional bytes fun_definition = 10;\n}\n\
                         message CustomTableScanNode {\n  TableReference table_name = 6;\n  bytes custom_table_data = 5;\n  map<string, string> options = 7;\n}\n\
                         message TableReference {\n  repeated uint32 numbers = 1;\n  double real = 2;\n  float small = 3;\n}\n";

    fn rows(call: &str) -> anyhow::Result<Vec<String>> {
        let table = table(&read(&format!("{ROOTS}message ScalarUDFExprNode {{\n{call}}}\n"))?, "a crate")?;
        let rows = table.lines().filter(|line| line.starts_with("    message(")).skip(1);
        Ok(rows.map(|row| row.trim().to_owned()).collect())
    }

    #[test]
    fn fields_say_what_they_hold() -> anyhow::Result<()> {
        let call = "  string fun_name = 1;\n  repeated LogicalExprNode args = 2;\n  optional bytes fun_definition = 3;\n  string note = 4;\n";
        assert_eq!(
            rows(call)?,
            [
                "message(Expr, &[Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Number, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, One(5), Vacant, One(4)]), // LogicalExprNode",
                "message(Plan, &[Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, Vacant, One(6)]), // LogicalPlanNode",
                "message(Plan, &[]), // PhysicalPlanNode",
                "message(Call, &[Name(ScalarUdf), Many(1), Codec(ScalarUdf), Text]), // ScalarUDFExprNode",
                "message(Plain, &[Vacant, Vacant, Name(AggregateUdf), ManyAgain(1, 2), Vacant, Vacant, Vacant, Vacant, Name(WindowUdf), Codec(WindowUdf)]), // WindowExprNode",
                "message(Plain, &[Vacant, Vacant, Vacant, Vacant, Codec(TableProvider), Table(7), Many(8)]), // CustomTableScanNode",
                "message(Plain, &[Numbers, Eight, Four]), // TableReference",
                "message(Plain, &[Text, Free]), // map of string",
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
