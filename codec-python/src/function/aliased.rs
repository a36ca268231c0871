//! Aliased functions: DataFusion wraps them, and gives no access to the function inside.
//!
//! A wrapper passes on the question for a function's documentation. So that question is asked, and the
//! function that it reaches in the end says who it is.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::Debug;

thread_local! {
    /// Whether a function is to say who it is, and what it said.
    static ASKED: RefCell<Option<Option<Box<dyn Any>>>> = const { RefCell::new(None) };
}

/// Finds the function of type `T` inside a wrapper that gives it aliases; `ask` asks the wrapper for
/// its documentation.
pub(crate) fn inside<T: 'static, D>(wrapper: &(impl Debug + ?Sized), ask: impl FnOnce() -> D) -> Option<T> {
    ASKED.set(Some(None));
    drop(ask());
    let function = *ASKED.take().flatten()?.downcast().ok()?;
    // Another wrapper may pass on the question too, and do more than give aliases.
    format!("{wrapper:?}").starts_with("Aliased").then_some(function)
}

/// Says who a function is, if its documentation was asked for that purpose.
pub(crate) fn answer<T: Clone + 'static>(function: &T) {
    ASKED.with_borrow_mut(|asked| {
        if let Some(answer) = asked {
            *answer = Some(Box::new(function.clone()));
        }
    });
}
