//! One call: the chain, whole messages, what is inside of their payloads, and the report.

pub(crate) mod by_name;
pub(crate) mod chain;
pub(crate) mod messages;
pub(crate) mod nested;
pub(crate) mod report;
