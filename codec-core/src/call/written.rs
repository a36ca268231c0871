//! The frames written in this message: a function that occurs in it several times is encoded once, and a
//! large one at most twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};

use crate::plan::node::NodeRef;
use crate::wire::family_name::FamilyName;

/// The size limit, in bytes, for frames that are kept the first time that their function is met.
const SMALL: usize = 1024 * 1024;

/// The frames of the functions that families have carried in one message.
#[derive(Default)]
pub(crate) struct Written(Mutex<HashMap<usize, Carried>>);

struct Carried {
    family: FamilyName,
    /// `None` for a large frame until the function is met a second time: most functions occur once in a
    /// message, and the copy would take as much memory again.
    frame: Option<Arc<[u8]>>,
    /// Kept, so that no other function gets its address while the message is written.
    _function: Function,
}

#[expect(dead_code, reason = "it is held and not read")]
enum Function {
    Scalar(ScalarUDF),
    Aggregate(AggregateUDF),
    Window(WindowUDF),
    HigherOrder(HigherOrderUDF),
}

impl Written {
    /// The frame of the same function, if the message has it already.
    pub(crate) fn frame(&self, node: NodeRef<'_>) -> Option<(FamilyName, Arc<[u8]>)> {
        let written = self.written();
        let Carried { family, frame, .. } = written.get(&address(node)?)?;
        Some((*family, frame.clone()?))
    }

    /// Keeps the frame of a function, and of no other node.
    pub(crate) fn keep(&self, node: NodeRef<'_>, family: FamilyName, frame: &[u8]) {
        let (Some(address), Some(function)) = (address(node), function(node)) else { return };
        let mut written = self.written();
        let is_kept = frame.len() <= SMALL || written.contains_key(&address);
        let frame = is_kept.then(|| frame.into());
        written.insert(address, Carried { family, frame, _function: function });
    }

    fn written(&self) -> MutexGuard<'_, HashMap<usize, Carried>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of the function itself, which all references to it share.
fn address(node: NodeRef<'_>) -> Option<usize> {
    match node {
        NodeRef::ScalarUdf(udf) => Some(Arc::as_ptr(udf.inner()).addr()),
        NodeRef::AggregateUdf(udf) => Some(Arc::as_ptr(udf.inner()).addr()),
        NodeRef::WindowUdf(udf) => Some(Arc::as_ptr(udf.inner()).addr()),
        NodeRef::HigherOrderUdf(udf) => Some(Arc::as_ptr(udf.inner()).addr()),
        _ => None,
    }
}

fn function(node: NodeRef<'_>) -> Option<Function> {
    match node {
        NodeRef::ScalarUdf(udf) => Some(Function::Scalar(udf.clone())),
        NodeRef::AggregateUdf(udf) => Some(Function::Aggregate(udf.clone())),
        NodeRef::WindowUdf(udf) => Some(Function::Window(udf.clone())),
        NodeRef::HigherOrderUdf(udf) => Some(Function::HigherOrder(udf.clone())),
        _ => None,
    }
}
