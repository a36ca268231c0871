//! Kinds: what DataFusion lets a codec carry.

use std::fmt;

/// One kind of thing that an extension codec can carry inside a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A scalar function.
    ScalarUdf,
    /// An aggregate function.
    AggregateUdf,
    /// A window function.
    WindowUdf,
    /// A function that takes lambdas.
    HigherOrderUdf,
    /// A table of a logical plan.
    TableProvider,
    /// The file format of a `COPY TO`.
    FileFormat,
    /// An extension node of a logical plan.
    LogicalNode,
    /// A node of a physical plan.
    PhysicalNode,
    /// A physical expression.
    PhysicalExpr,
}

impl Kind {
    /// Every kind, in the order they are declared.
    pub const ALL: [Self; 9] = [
        Self::ScalarUdf,
        Self::AggregateUdf,
        Self::WindowUdf,
        Self::HigherOrderUdf,
        Self::TableProvider,
        Self::FileFormat,
        Self::LogicalNode,
        Self::PhysicalNode,
        Self::PhysicalExpr,
    ];

    /// Whether a receiver can look the thing up by its name in a function registry.
    #[must_use]
    pub const fn is_function(self) -> bool {
        matches!(self, Self::ScalarUdf | Self::AggregateUdf | Self::WindowUdf | Self::HigherOrderUdf)
    }

    /// The kind as words for a message, e.g. `scalar UDF`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScalarUdf => "scalar UDF",
            Self::AggregateUdf => "aggregate UDF",
            Self::WindowUdf => "window UDF",
            Self::HigherOrderUdf => "higher-order UDF",
            Self::TableProvider => "table provider",
            Self::FileFormat => "file format",
            Self::LogicalNode => "logical node",
            Self::PhysicalNode => "physical node",
            Self::PhysicalExpr => "physical expression",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
