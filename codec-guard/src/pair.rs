//! Ed25519 signing keys that leave no copies behind.

use std::hint;

use ed25519_dalek::SigningKey;
use zeroize::Zeroize as _;

/// Makes the key of a seed; the key is wiped when it is dropped.
pub(crate) fn of(seed: &[u8; 32]) -> Box<SigningKey> {
    let pair = boxed(seed);
    wipe_stack();
    pair
}

/// In a call of its own, so that all copies on the way are below the frame of the caller.
#[inline(never)]
fn boxed(seed: &[u8; 32]) -> Box<SigningKey> {
    Box::new(SigningKey::from_bytes(seed))
}

/// Overwrites the stack that earlier calls have used.
#[inline(never)]
fn wipe_stack() {
    let mut left = [0_u8; 16 * 1024];
    // As far as a compiler knows, someone reads it.
    left.zeroize();
    hint::black_box(&left);
}
