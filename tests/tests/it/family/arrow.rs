//! The family `arrow`: what a table in memory is on the other side, and bytes that are no table.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, DictionaryArray, Int64Array, ListArray, RecordBatch, StringViewArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema};
use datafusion::arrow::ipc::CompressionType;
use datafusion::arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use datafusion::catalog::TableProvider;
use datafusion::common::{Constraint, Constraints};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use planwire_arrow::ArrowFamily;
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_conformance::{Sample, check};
use planwire_registry::frame::HEADER_LEN;
use planwire_registry::{FamilyMode, Node, SessionCodecs, WireError};

use crate::fixture::fresh;

fn carrying() -> SessionCodecs {
    fresh().with_mode("arrow", FamilyMode::Inline).unwrap()
}

fn column(name: &str, values: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter([(name, values)]).unwrap()
}

fn numbers(values: &[i64]) -> RecordBatch {
    column("n", Arc::new(Int64Array::from(values.to_vec())))
}

fn table(partitions: Vec<Vec<RecordBatch>>) -> MemTable {
    MemTable::try_new(partitions[0][0].schema(), partitions).unwrap()
}

fn node(table: MemTable) -> Node {
    Node::TableProvider(Arc::new(table))
}

fn written(table: MemTable) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&carrying(), Layer::Logical, "numbers", &node(table), &mut bytes).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Result<Vec<Vec<RecordBatch>>, WireError> {
    let wanted = node(table(vec![vec![numbers(&[])]]));
    let back = decode(&carrying(), Layer::Logical, "numbers", &wanted, bytes)
        .map_err(|error| WireError::find(&error).unwrap().clone())?;
    let Node::TableProvider(back) = back else { panic!("{back:?}") };
    let back = back.downcast_ref::<MemTable>().unwrap();
    Ok(back.batches.iter().map(|partition| partition.try_read().unwrap().clone()).collect())
}

fn fault(bytes: &[u8]) -> String {
    let error = read(bytes).unwrap_err();
    assert!(matches!(error, WireError::Malformed { .. }), "{error}");
    error.to_string()
}

#[test]
fn arrow_family_conforms() {
    let sample = |rows: &[i64]| {
        Sample::new("numbers", node(table(vec![vec![numbers(rows)]]))).recognised_by(
            |node| matches!(node, Node::TableProvider(table) if table.downcast_ref::<MemTable>().is_some()),
        )
    };
    check(Arc::new(ArrowFamily), &[sample(&[1, 2]), sample(&[3])]);
}

#[test]
fn partitions_and_batches_stay_as_they_are() {
    let partitions = vec![vec![numbers(&[1]), numbers(&[2, 3])], vec![], vec![numbers(&[4])]];
    assert_eq!(read(&written(table(partitions.clone()))).unwrap(), partitions);
}

#[test]
fn every_type_keeps_its_values_and_its_field() {
    let words: DictionaryArray<Int32Type> = ["a", "b", "a"].into_iter().collect();
    let lists =
        ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
    let views = StringViewArray::from(vec![Some("a text too long to be inlined in a view"), None, Some("")]);
    for values in [Arc::new(words) as ArrayRef, Arc::new(lists), Arc::new(views)] {
        let field = Field::new("v", values.data_type().clone(), true)
            .with_metadata([("k".into(), "m".into())].into());
        let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![values]).unwrap();
        // A slice, whose offset must not reach the other side.
        let partitions = vec![vec![batch.clone(), batch.slice(1, 2)]];
        assert_eq!(read(&written(table(partitions.clone()))).unwrap(), partitions);
    }
}

#[test]
fn an_empty_table_keeps_its_columns() {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
    let bytes = written(MemTable::try_new(Arc::clone(&schema), vec![vec![], vec![]]).unwrap());
    let wanted = node(table(vec![vec![numbers(&[])]]));
    let back = decode(&carrying(), Layer::Logical, "numbers", &wanted, &bytes).unwrap();
    let Node::TableProvider(back) = back else { panic!("{back:?}") };
    assert_eq!(back.schema(), schema);
    assert_eq!(read(&bytes).unwrap(), [vec![], vec![]]);
}

#[tokio::test]
async fn a_plan_over_a_table_in_memory_runs_where_the_table_is_not() {
    let sender = SessionContext::new();
    sender.register_table("t", Arc::new(table(vec![vec![numbers(&[1, 2])], vec![numbers(&[3])]]))).unwrap();
    let plan = sender.sql("SELECT sum(n) FROM t WHERE n > 1").await.unwrap();
    let bytes = carrying().logical().logical_plan_to_bytes(plan.logical_plan()).unwrap();

    let receiver = SessionContext::new();
    let plan = carrying().logical().logical_plan_from_bytes(&bytes, &receiver.task_ctx()).unwrap();
    let rows = receiver.execute_logical_plan(plan).await.unwrap().collect().await.unwrap();
    assert_eq!(rows[0].column(0).as_primitive::<Int64Type>().value(0), 5);

    let refused = fresh().logical().logical_plan_from_bytes(&bytes, &receiver.task_ctx()).unwrap_err();
    assert!(matches!(refused, WireError::Refused { .. }), "{refused}");
}

#[test]
fn what_a_table_knows_beyond_its_rows_is_not_dropped_in_silence() {
    let keyed = table(vec![vec![numbers(&[1])]])
        .with_constraints(Constraints::new_unverified(vec![Constraint::PrimaryKey(vec![0])]));
    assert!(keyed.constraints().is_some());
    let outcome = encode(&carrying(), Layer::Logical, "keyed", &node(keyed), &mut Vec::new()).unwrap_err();
    assert_eq!(WireError::find(&outcome).unwrap().code(), "PW-E001");
}

#[test]
fn a_table_cut_anywhere_is_malformed() {
    let bytes = written(table(vec![vec![numbers(&[1, 2, 3])]]));
    for length in HEADER_LEN..bytes.len() {
        fault(&bytes[..length]);
    }
}

#[test]
fn bytes_that_are_no_table_are_malformed() {
    let bytes = written(table(vec![vec![numbers(&[1])], vec![numbers(&[2])]]));
    let counts = HEADER_LEN..HEADER_LEN + 4;

    let longer = [bytes.as_slice(), b"x"].concat();
    let mut miscounted = bytes.clone();
    miscounted[counts.end] = 2;
    let mut endless = bytes.clone();
    endless[counts].fill(0xff);

    let mut stream = Vec::new();
    let batch = numbers(&[7; 1000]);
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD)).unwrap();
    let mut writer = StreamWriter::try_new_with_options(&mut stream, &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let compressed = [&bytes[..HEADER_LEN], &[1, 0, 0, 0, 1, 0, 0, 0], &stream].concat();
    let faults = [longer, miscounted, endless, compressed].map(|bytes| fault(&bytes));
    insta::assert_snapshot!(faults.join("\n"), @"
    malformed arrow frame for the table provider 'numbers': bytes after the end of the stream
    malformed arrow frame for the table provider 'numbers': 2 batches, not as many as the partitions are said to have
    malformed arrow frame for the table provider 'numbers': truncated table: 660 bytes do not hold the partitions' counts
    malformed arrow frame for the table provider 'numbers': the stream is compressed
    ");
}

#[test]
fn golden_table_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/arrow-v1/table.bin");
    let partitions = read(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(partitions, [vec![numbers(&[1, 2])], vec![numbers(&[3])]]);
}
