//! The process around DataFusion: calls from Python, the runtime, waiting, and errors.

pub(crate) mod awaitable;
pub(crate) mod call;
pub(crate) mod error;
pub(crate) mod runtime;
pub(crate) mod shown;
pub(crate) mod similar;
pub(crate) mod stack;
