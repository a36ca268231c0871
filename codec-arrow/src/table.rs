//! A table as a payload: how many batches each partition has, then one Arrow IPC stream of them all.
//!
//! `<partitions: u32><batches in a partition: u32, for each partition><Arrow IPC stream>`, all numbers
//! little-endian. The stream is a whole one, so tools that know Arrow can read it.

use std::fmt;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::reader::StreamDecoder;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::catalog::TableProvider;
use datafusion::common::{exec_err, not_impl_err};
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use planwire_registry::ipc_stream::{self, StreamFault};
use planwire_registry::{Limit, Limits, Payload, slices};

/// The fault of a table's bytes.
#[derive(Debug)]
pub(crate) enum Fault {
    Unsound(String),
    /// They claim more than a limit lets through.
    Excess {
        limit: Limit,
        found: usize,
        most: usize,
    },
}

impl From<StreamFault> for Fault {
    fn from(fault: StreamFault) -> Self {
        match fault {
            StreamFault::Excess { limit, found, most } => Self::Excess { limit, found, most },
            fault => Self::from_display(fault),
        }
    }
}

/// Writes a table.
///
/// # Errors
///
/// If the table has constraints, which a plan that reads it could not see on the other side, or is
/// being written to.
pub(crate) fn encode(table: &MemTable) -> Result<Payload> {
    if table.constraints().is_some_and(|constraints| constraints.iter().next().is_some()) {
        return not_impl_err!("a table in memory that has constraints cannot be carried");
    }
    let schema = table.schema();
    if let Some(field) = schema.fields().iter().find(|field| table.get_column_default(field.name()).is_some())
    {
        return not_impl_err!(
            "a table in memory whose column {} has a default cannot be carried",
            field.name()
        );
    }
    let mut partitions: Vec<Vec<RecordBatch>> = Vec::with_capacity(table.batches.len());
    for partition in &table.batches {
        match partition.try_read() {
            // The receiver must not get the rows around a slice.
            Ok(batches) => partitions.push(slices::batches(&batches)?.unwrap_or_else(|| batches.clone())),
            Err(_) => {
                return exec_err!("a table in memory cannot be carried while rows are inserted into it");
            }
        }
    }
    write(&schema, &partitions)
}

fn write(schema: &SchemaRef, partitions: &[Vec<RecordBatch>]) -> Result<Payload> {
    let mut payload = Payload::concat(&[&count(partitions.len())?]);
    for partition in partitions {
        payload.extend_from_slice(&count(partition.len())?);
    }
    let mut writer = StreamWriter::try_new(&mut payload, schema)?;
    for batch in partitions.iter().flatten() {
        writer.write(batch)?;
    }
    writer.finish()?;
    drop(writer);
    Ok(payload)
}

fn count(number: usize) -> Result<[u8; 4]> {
    match u32::try_from(number) {
        Ok(number) => Ok(number.to_le_bytes()),
        Err(_) => exec_err!("a table of {number} partitions or batches cannot be carried"),
    }
}

/// Reads a table.
///
/// # Errors
///
/// If the bytes are not those of a table, or hold more or less than they say.
pub(crate) fn decode(payload: &[u8], limits: &Limits) -> Result<MemTable, Fault> {
    let (counts, stream) = check(payload, limits)?;

    let mut decoder = StreamDecoder::new();
    // Copied once, and in one piece: the columns are slices of this buffer.
    let mut buffer = Buffer::from(stream);
    let mut batches = Vec::new();
    while let Some(batch) = decoder.decode(&mut buffer).map_err(Fault::from_display)? {
        batches.push(batch);
    }
    decoder.finish().map_err(Fault::from_display)?;
    let Some(schema) = decoder.schema() else {
        return Err(Fault::Unsound("the stream has no schema".to_owned()));
    };

    let announced = counts.iter().try_fold(0_usize, |sum, count| sum.checked_add(*count));
    if announced != Some(batches.len()) {
        return Err(Fault::Unsound(format!(
            "{} batches, not as many as the partitions are said to have",
            batches.len()
        )));
    }
    let mut batches = batches.into_iter();
    let partitions = counts.iter().map(|count| batches.by_ref().take(*count).collect()).collect();
    MemTable::try_new(schema, partitions).map_err(Fault::from_display)
}

/// Checks the bytes of a table before anything is made of them, and returns them in their two parts.
///
/// # Errors
///
/// If they are cut, hold something else, or claim more than the limits let through.
pub(crate) fn check<'p>(payload: &'p [u8], limits: &Limits) -> Result<(Vec<usize>, &'p [u8]), Fault> {
    let (counts, stream) = split(payload)?;
    ipc_stream::check(stream, limits)?;
    Ok((counts, stream))
}

/// Takes the batch counts off the front.
fn split(payload: &[u8]) -> Result<(Vec<usize>, &[u8]), Fault> {
    let cut = || {
        Fault::Unsound(format!("truncated table: {} bytes do not hold the partitions' counts", payload.len()))
    };
    let (partitions, rest) = payload.split_first_chunk::<4>().ok_or_else(cut)?;
    let length = (u32::from_le_bytes(*partitions) as usize).checked_mul(4).ok_or_else(cut)?;
    let (counts, stream) = rest.split_at_checked(length).ok_or_else(cut)?;
    let (counts, _) = counts.as_chunks::<4>();
    Ok((counts.iter().map(|count| u32::from_le_bytes(*count) as usize).collect(), stream))
}

impl Fault {
    fn from_display(error: impl fmt::Display) -> Self {
        Self::Unsound(error.to_string())
    }
}
