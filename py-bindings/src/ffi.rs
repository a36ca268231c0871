//! What crosses between planwire and other libraries built on DataFusion, by the capsules of `datafusion-ffi`.
//!
//! A structure of C functions stands for a function, a codec, a table or a session. Where a structure
//! comes back to the library that made it, that library finds its own object in it.

// The one place where memory is read that another library wrote.
#[expect(unsafe_code, reason = "a capsule is a bare pointer")]
mod capsule;
mod codec;
mod codecs;
mod foreign;
mod getter;
mod id;
mod opaque_plan;
mod table;
mod translation;
mod udf;

pub(crate) use table::{is_foreign_table, table_provider};
pub(crate) use udf::{aggregate_udf, scalar_udf, window_udf};
