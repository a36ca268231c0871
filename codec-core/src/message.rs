//! Messages: protobuf checked, written and read; the converter of physical plans, parcels, room on the stack.

pub(crate) mod converter;
pub mod parcel;
pub(crate) mod stack;

use std::sync::Arc;

use datafusion::common::exec_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion_proto::logical_plan::LogicalExtensionCodec;

use crate::error::{WireError, panics};
use crate::limits::Limits;
use crate::plan::message_sort::Message;
use crate::policy::writes;
use crate::preflight::budget;
use crate::preflight::shape::{self, Fault, Shape};
use crate::wire::parts::Parts;
use crate::wire::trailer;

/// Runs a conversion of DataFusion's, which panics over some messages that protobuf accepts.
///
/// # Errors
///
/// What the panic said.
pub(crate) fn unwound<T>(convert: impl FnOnce() -> Result<T>) -> Result<Result<T>, String> {
    let convert = || stack::with_room(convert);
    panics::catch(convert).map_err(|panic| panics::text(&*panic))
}

/// Bytes that an expression of a few nodes takes.
const SMALL: usize = 256;

/// Writes a message that a receiver with the same limits can read.
///
/// Neither protobuf nor DataFusion limits the written message, so the receiver's check is applied here.
///
/// `inside` is the size of all payloads, some of which may go into the table.
pub(crate) fn write<M: prost::Message>(
    limits: &Limits,
    what: Message,
    message: &M,
    inside: usize,
) -> Result<Vec<u8>> {
    // Prost makes the length of each message anew at each level around it; the buffer grows, so that of
    // the whole is not needed besides, unless growing would copy much.
    let mut bytes = Vec::with_capacity(if inside < Parts::LARGE { SMALL } else { message.encoded_len() });
    message.encode_raw(&mut bytes);
    match count(&bytes, what, limits) {
        Ok(_) => Ok(bytes),
        Err(Fault::Excess(excess)) => Err(excess.on_encode().into()),
        Err(Fault::Malformed(fault)) => exec_err!("it would not be read: {fault}"),
    }
}

/// Reads a message, of which nothing has been turned into a plan yet, and returns it with the levels of
/// the tree that it becomes; `stand_ins` stand for its functions while its expressions are tried.
pub(crate) fn read<M: prost::Message + Default>(
    limits: &Limits,
    what: Message,
    bytes: &[u8],
    task: &TaskContext,
    stand_ins: &dyn LogicalExtensionCodec,
) -> Result<(M, usize), WireError> {
    let not_a_message = |source| Err(WireError::NotAMessage { what, source });
    let shape = match count(bytes, what, limits) {
        Ok(shape) => shape,
        Err(Fault::Excess(excess)) => return Err(excess.on_decode()),
        Err(Fault::Malformed(fault)) => {
            let sealed = bytes.starts_with(trailer::SEALED);
            let fault = if sealed { "it is a sealed message, to be opened first" } else { fault };
            return not_a_message(Arc::new(DataFusionError::Execution(fault.to_owned())));
        }
    };
    writes::check(what, || shape.writes.map(str::to_owned))?;
    let message = match M::decode(bytes) {
        Ok(message) => message,
        Err(error) => return not_a_message(Arc::new(error)),
    };
    if shape.exprs > SHALLOW {
        shape::probe_exprs(bytes, what, task, stand_ins)
            .map_err(|source| WireError::DecodeMessage { what, source: Arc::new(source) })?;
    }
    Ok((message, shape.levels))
}

/// Checks the bytes of a message by themselves, and then together with those around or inside.
fn count(bytes: &[u8], what: Message, limits: &Limits) -> Result<Shape, Fault> {
    let shape = shape::check(bytes, what, limits)?;
    budget::spend(&shape, limits)?;
    Ok(shape)
}

/// The nesting of expressions up to which DataFusion's error texts stay in the megabytes: a call takes two
/// levels.
const SHALLOW: usize = 32;
