//! Literals of nested types, whose values stand in a message as Arrow IPC.

use std::sync::Arc;

use datafusion::arrow::array::{ListArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::ipc::CompressionType;
use datafusion::arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use datafusion::logical_expr::lit;
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use planwire_registry::WireError;
use prost::Message;

use crate::fixture::strict;

/// As much of the message of a list literal as is changed here.
#[derive(Clone, PartialEq, prost::Message)]
struct Literal {
    #[prost(message, optional, tag = "3")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Value {
    #[prost(message, optional, tag = "17")]
    list: Option<List>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct List {
    #[prost(bytes = "vec", tag = "1")]
    header: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    body: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    schema: Vec<u8>,
}

fn numbers() -> Arc<ListArray> {
    let row = Some((0..1000).map(Some).collect::<Vec<_>>());
    Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([row]))
}

/// The header and the body of the batch in a compressed stream.
fn compressed() -> (Vec<u8>, Vec<u8>) {
    let batch = RecordBatch::try_from_iter([("", numbers() as _)]).unwrap();
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD)).unwrap();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    let schema = writer.get_ref().len();
    writer.write(&batch).unwrap();
    let message = &writer.get_ref()[schema..];
    let length = u32::from_le_bytes(message[4..8].try_into().unwrap()) as usize;
    (message[8..8 + length].to_vec(), message[8 + length..].to_vec())
}

#[test]
fn a_literal_that_claims_a_petabyte_is_an_error_and_no_abort() {
    let sound = strict().logical().expr_to_bytes(&lit(ScalarValue::List(numbers()))).unwrap();
    let task = SessionContext::new().task_ctx();
    assert!(strict().logical().expr_from_bytes(&sound, &task).is_ok());

    let (header, mut body) = compressed();
    // A compressed buffer opens with the size that it claims to have.
    let size = 8000_u64.to_le_bytes();
    let place = body.windows(8).rposition(|window| window == size).unwrap();
    body[place..place + 8].copy_from_slice(&(1_u64 << 50).to_le_bytes());

    let Some(List { schema, .. }) = Literal::decode(sound.as_slice()).unwrap().value.unwrap().list else {
        panic!("the literal is no list")
    };
    let literal = Literal { value: Some(Value { list: Some(List { header, body, schema }) }) };
    let error = strict().logical().expr_from_bytes(&literal.encode_to_vec(), &task).unwrap_err();
    assert!(matches!(error, WireError::NotAMessage { .. }), "{error}");
}
