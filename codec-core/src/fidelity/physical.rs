//! Physical plans: the parts of nodes that planwire carries beside DataFusion's messages.

pub(crate) mod dynamic;
pub(crate) mod exprs;
pub(crate) mod groups;
pub(crate) mod kept;
pub(crate) mod parquet_sinks;
pub(crate) mod partitions;
pub(crate) mod projections;
pub(crate) mod recursion;
pub(crate) mod row_index;
pub(crate) mod scans;
pub(crate) mod series;
pub(crate) mod sinks;
pub(crate) mod sorts;
pub(crate) mod streams;
pub(crate) mod windows;
