//! Guarded modes: a choice of payloads that may run, between all and none.
//!
//! [`Signed`] admits payloads that the holder of a key has signed for this receiver, [`Pinned`] those that
//! were reviewed and put on a list; both are [`StrictMode`](planwire_core::StrictMode)s, and
//! [`AllOf`](planwire_core::AllOf) asks for both. [`seal`] and [`open`] sign a whole message, as [`Signed`]
//! signs each payload in it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use planwire_core::{AllOf, FamilyMode};
//! use planwire_guard::{Algorithm, Keyring, Pinned, Signed, generate};
//!
//! // One line for the sender, one for the receivers; the command `planwire keygen` prints the same.
//! let [sender, receiver] = generate(Algorithm::Ed25519, "driver-1")?;
//! let signs = Signed::new(Arc::new(Keyring::parse(&sender)?), "workers")?;
//! let verifies = Signed::new(Arc::new(Keyring::parse(&receiver)?), "workers")?;
//!
//! let mode = FamilyMode::Guarded(Arc::new(signs));
//! let both = FamilyMode::Guarded(Arc::new(AllOf(vec![Arc::new(verifies), Arc::new(Pinned::default())])));
//! # let _ = (mode, both);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A signature says who made the bytes and that nobody has changed them. It is not a sandbox: an admitted
//! payload runs with all rights of the process.

#![forbid(unsafe_code)]

mod domain;
mod file;
mod key;
mod keyring;
mod pair;
mod pinned;
mod sealed;
mod signed;

pub use domain::Distrust;
pub use key::{Algorithm, GenerateError, LineFault, generate};
pub use keyring::{Keyring, KeyringError};
pub use pinned::{Pin, Pinned, PinsError};
pub use sealed::{SealError, SealedError, is_sealed, open, seal, unverified};
pub use signed::{AudienceError, Signed};
