//! Panics: one that planwire catches goes on, one that leaves a body is a crash.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::panic::{catch_unwind, set_hook};
use std::process::abort;

thread_local! {
    static LAST: RefCell<Option<(String, Backtrace)>> = const { RefCell::new(None) };
}

/// Takes the place of libFuzzer's panic hook, which ends the process at once.
///
/// DataFusion panics over some messages, and planwire makes an error of that. A hook hears of a panic
/// before anyone can catch it, so libFuzzer's would report what planwire promises as a crash. This
/// one keeps what the panic said, for [`reported`].
pub fn keep() {
    set_hook(Box::new(|panic| {
        let said = (panic.to_string(), Backtrace::capture());
        LAST.with_borrow_mut(|last| *last = Some(said));
    }));
}

/// Runs a body, and ends the process with what the panic said if one leaves it.
pub fn reported(body: fn(&[u8]), bytes: &[u8]) {
    if catch_unwind(|| body(bytes)).is_err() {
        if let Some((said, backtrace)) = LAST.take() {
            eprintln!("{said}\n{backtrace}");
        }
        // libFuzzer keeps the bytes of a run that aborts.
        abort();
    }
}
