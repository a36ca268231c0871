//! Descriptions of functions, read from the headers of native frames and checked against the limits.

use std::sync::Arc;

use datafusion::arrow::ipc::reader::StreamReader;

use crate::limits::{Limit, Limits};
use crate::plan::described::Described;
use crate::preflight::ipc_stream;
use crate::wire::native::About;

/// Reads the description of a function from a header, or returns the fault in it.
pub(crate) fn read(about: &About<'_>, limits: &Limits) -> Result<Described, String> {
    let (Some(name), Some(volatility), Some((arguments, stream))) =
        (about.name, about.volatility, about.types)
    else {
        return Err("the header does not describe the function".to_owned());
    };
    let within = |limit, found| {
        limits.check(limit, found).map_err(|_| format!("limit `{limit}` exceeded: {found} {}", limit.unit()))
    };
    within(Limit::Name, name.len())?;
    within(Limit::Schema, stream.len())?;
    ipc_stream::check(stream, limits).map_err(|fault| fault.to_string())?;
    let schema = StreamReader::try_new(stream, None).map_err(|fault| fault.to_string())?.schema();
    within(Limit::Fields, schema.fields().len())?;
    let Some((declared, [result, state @ ..])) = schema.fields().split_at_checked(arguments) else {
        return Err(format!("{arguments} arguments and a result in {} fields", schema.fields().len()));
    };
    Ok(Described {
        name: name.to_owned(),
        arguments: declared.to_vec(),
        result: Arc::clone(result),
        state: state.to_vec(),
        volatility,
    })
}
