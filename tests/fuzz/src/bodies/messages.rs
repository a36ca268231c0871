//! Whole messages: a strict session gets bytes, looks into them, uses what it made of them, and sends it on.

use std::sync::{Arc, LazyLock};

use datafusion::execution::TaskContext;
use datafusion::prelude::SessionContext;
use planwire_arrow::ArrowFamily;
use planwire_python::PythonFamily;
use planwire_registry::error::Message;
use planwire_registry::{FamilyList, FamilyMode, Member, SessionCodecs, WireError};

use super::{Carrier, bounded, uses};

/// Reads bytes as an expression, plans with it, and sends it on.
pub fn expr(bytes: &[u8]) {
    let Receiver { codecs, task, .. } = &*RECEIVER;
    look(bytes, Message::Expr);
    let Some(expr) = received(codecs.logical().expr_from_bytes(bytes, task)) else { return };
    uses::expr(&expr);
    if let Some(bytes) = received(codecs.logical().expr_to_bytes(&expr)) {
        sound(codecs.logical().expr_from_bytes(&bytes, task));
    }
}

/// Reads bytes as a logical plan, plans it, and sends it on.
pub fn logical_plan(bytes: &[u8]) {
    let Receiver { codecs, task, .. } = &*RECEIVER;
    look(bytes, Message::LogicalPlan);
    let Some(plan) = received(codecs.logical().logical_plan_from_bytes(bytes, task)) else { return };
    uses::logical_plan(&plan);
    if let Some(bytes) = received(codecs.logical().logical_plan_to_bytes(&plan)) {
        sound(codecs.logical().logical_plan_from_bytes(&bytes, task));
    }
}

/// Reads bytes as a physical plan, shows it, and sends it on.
pub fn physical_plan(bytes: &[u8]) {
    let Receiver { codecs, task, .. } = &*RECEIVER;
    look(bytes, Message::PhysicalPlan);
    let Some(plan) = received(codecs.physical().physical_plan_from_bytes(bytes, task)) else { return };
    uses::physical_plan(&plan);
    if let Some(bytes) = received(codecs.physical().physical_plan_to_bytes(&plan)) {
        sound(codecs.physical().physical_plan_from_bytes(&bytes, task));
    }
}

/// Looks into bytes, as a message of one sort and as one that may be any.
fn look(bytes: &[u8], what: Message) {
    let Receiver { codecs, task, .. } = &*RECEIVER;
    for what in [Some(what), None] {
        received(codecs.inspect(bytes, what, task));
    }
}

/// A session as a new one in Python that was told to refuse Python functions: tables are decoded.
struct Receiver {
    codecs: SessionCodecs,
    forbidden: Arc<Carrier>,
    task: Arc<TaskContext>,
}

static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| {
    let forbidden = Carrier::forbidden();
    let arrow = Member::new(Arc::new(ArrowFamily), "planwire-arrow");
    let python = Member::new(Arc::new(PythonFamily), "planwire-python");
    let families = FamilyList::new([arrow, forbidden.member(), python]).expect("the families differ");
    let mode = |codecs: SessionCodecs, family, mode| codecs.with_mode(family, mode).expect("it is linked");
    let codecs = mode(SessionCodecs::new(families), "arrow", FamilyMode::Inline);
    let codecs = mode(codecs, "python", FamilyMode::Refuse);
    Receiver { codecs, forbidden, task: SessionContext::new().task_ctx() }
});

/// Takes what came of bytes, and holds the session to what it refuses.
fn received<T>(outcome: Result<T, WireError>) -> Option<T> {
    assert_eq!(RECEIVER.forbidden.decoded(), 0, "a family was decoded that the session refuses");
    let outcome = bounded(outcome);
    // What the family `python` says once it was asked to decode.
    let asked = matches!(&outcome, Err(WireError::Payload { family, .. }) if family.as_str() == "python");
    assert!(!asked, "a Python function was decoded");
    outcome.ok()
}

/// Holds a session to taking back what it sends itself.
fn sound<T>(outcome: Result<T, WireError>) {
    if let Err(error) = outcome {
        assert!(
            !matches!(error, WireError::LimitExceeded { .. } | WireError::NotAMessage { .. }),
            "sent and not taken: {error}"
        );
    }
}
