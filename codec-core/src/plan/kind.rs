//! Kinds: the things that DataFusion lets a codec carry.

use strum::{Display, IntoStaticStr, VariantArray};

/// One kind of thing that an extension codec can carry inside a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Display, IntoStaticStr, VariantArray)]
#[non_exhaustive]
pub enum Kind {
    /// A scalar function.
    #[strum(to_string = "scalar UDF")]
    ScalarUdf,
    /// An aggregate function.
    #[strum(to_string = "aggregate UDF")]
    AggregateUdf,
    /// A window function.
    #[strum(to_string = "window UDF")]
    WindowUdf,
    /// A function that takes lambdas.
    #[strum(to_string = "higher-order UDF")]
    HigherOrderUdf,
    /// A table of a logical plan.
    #[strum(to_string = "table provider")]
    TableProvider,
    /// The file format of a `COPY TO`.
    #[strum(to_string = "file format")]
    FileFormat,
    /// An extension node of a logical plan.
    #[strum(to_string = "logical node")]
    LogicalNode,
    /// A node of a physical plan.
    #[strum(to_string = "physical node")]
    PhysicalNode,
    /// A physical expression.
    #[strum(to_string = "physical expression")]
    PhysicalExpr,
}

impl Kind {
    /// Every kind, in the order they are declared.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Whether a receiver can look the thing up by its name in a function registry.
    #[must_use]
    pub const fn is_function(self) -> bool {
        matches!(self, Self::ScalarUdf | Self::AggregateUdf | Self::WindowUdf | Self::HigherOrderUdf)
    }

    /// The kind as words for a message, e.g. `scalar UDF`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
