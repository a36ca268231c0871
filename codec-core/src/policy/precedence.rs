//! Precedence: what runs where a payload comes under the name of a function that is registered here.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};

use crate::plan::kind::Kind;
use crate::plan::node::Node;

/// Who wins where a payload comes under the name of a function that is registered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Precedence {
    /// The payload wins, if the mode of its family lets it in. DataFusion does the same.
    #[default]
    Payload,
    /// The registered function. The payload has to be sound and is then left alone, whatever the mode
    /// of its family, so that no code of the sender's runs under a name that the receiver has.
    Registered,
}

impl Precedence {
    /// Every precedence there is.
    pub const ALL: [Self; 2] = [Self::Payload, Self::Registered];

    /// The precedence's name: `payload` or `registered`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Registered => "registered",
        }
    }
}

impl fmt::Display for Precedence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The functions that are registered where a message is decoded.
///
/// DataFusion shows its codecs no registry when it has them decode a function, so a call keeps its own.
#[derive(Debug)]
pub(crate) struct Registered {
    scalar: HashMap<String, Arc<ScalarUDF>>,
    aggregate: HashMap<String, Arc<AggregateUDF>>,
    window: HashMap<String, Arc<WindowUDF>>,
    higher_order: HashMap<String, Arc<HigherOrderUDF>>,
}

impl Registered {
    pub(crate) fn of(task: &TaskContext) -> Self {
        Self {
            scalar: task.scalar_functions().clone(),
            aggregate: task.aggregate_functions().clone(),
            window: task.window_functions().clone(),
            higher_order: task.higher_order_functions().clone(),
        }
    }

    pub(crate) fn function(&self, kind: Kind, name: &str) -> Option<Node> {
        match kind {
            Kind::ScalarUdf => found(&self.scalar, name).map(Node::ScalarUdf),
            Kind::AggregateUdf => found(&self.aggregate, name).map(Node::AggregateUdf),
            Kind::WindowUdf => found(&self.window, name).map(Node::WindowUdf),
            Kind::HigherOrderUdf => found(&self.higher_order, name).map(Node::HigherOrderUdf),
            _ => None,
        }
    }
}

fn found<F>(functions: &HashMap<String, Arc<F>>, name: &str) -> Option<Arc<F>> {
    functions.get(name).map(Arc::clone)
}
