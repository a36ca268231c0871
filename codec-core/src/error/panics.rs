//! Panics that are caught, and a hook by which they stay silent.
//!
//! A panic calls the hook of the process before anything can catch it, and the hook prints it. DataFusion
//! panics over some messages, so a sender of them could fill the log of a receiver, which gets an error anyway.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::thread;

thread_local! {
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is caught and becomes an error, e.g. while a message is decoded.
///
/// Ask it in a hook; [`silence_caught`] installs one that does.
#[must_use]
pub fn is_caught() -> bool {
    CAUGHT.get()
}

/// Runs a closure, and returns its value, or the panic as an error.
///
/// # Errors
///
/// The panic.
///
/// ```
/// use planwire_core::panics;
///
/// assert!(panics::catch(panics::is_caught)?);
/// assert!(!panics::is_caught());
/// # Ok::<(), Box<dyn std::any::Any + Send>>(())
/// ```
pub fn catch<T>(work: impl FnOnce() -> T) -> thread::Result<T> {
    let around = CAUGHT.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(around);
    outcome
}

/// The text of a panic, bounded by nothing: it may repeat bytes from outside.
#[must_use]
pub fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}

/// Declares that all panics of this thread are caught, as a runtime catches those of its tasks.
pub fn mark_thread_caught() {
    CAUGHT.set(true);
}

/// Keeps panics that are caught (see [`is_caught`]) from the panic hook of the process.
///
/// The installed hook still gets every other panic. A hook belongs to a program, so planwire never calls
/// this in a Rust program; the Python package calls it once for its own library.
pub fn silence_caught() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !is_caught() {
                hook(panic);
            }
        }));
    });
}
