//! Precedence: whether a payload or a registered function of the same name runs.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use strum::{Display, IntoStaticStr, VariantArray};

use crate::plan::kind::Kind;
use crate::plan::node::Node;

/// Who wins where a payload comes under the name of a function that is registered here.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Display, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum Precedence {
    /// The payload wins, if the mode of its family lets it in. DataFusion does the same.
    #[default]
    Payload,
    /// The registered function wins. The payload has to be sound and is not decoded, whatever the mode of its
    /// family, so that no code of the sender runs under a name that the receiver has.
    Registered,
}

impl Precedence {
    /// All precedences, in the order of declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The precedence's name: `payload` or `registered`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The functions that are registered where a message is decoded.
///
/// DataFusion gives its codecs no registry when they decode a function, so a call keeps its own.
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
