//! The signed mode: payloads from holders of a key.

use std::sync::Arc;
use std::time::Duration;

use planwire_core::trailer::LONGEST_CLAIM;
use planwire_core::{Candidate, Crossing, Made, StrictMode, Verdict};

use crate::Keyring;
use crate::domain::{Distrust, Domain};

/// A mode that admits only payloads signed by a key of a keyring for an audience.
///
/// A session whose keyring holds a signing key signs each payload that it sends. A session without one sends
/// on the payloads that it received signed, and refuses to send others. Both accept payloads that any key of
/// the keyring has signed for their audience, until the signature expires. The bytes are verified before
/// anything in the payload is parsed.
#[derive(Debug, Clone)]
pub struct Signed(Domain);

/// An audience that is empty or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an audience has 1 to {LONGEST_CLAIM} bytes, not {found}")]
pub struct AudienceError {
    /// Its bytes.
    pub found: usize,
}

impl Signed {
    /// Signs for `audience` without expiry, and accepts payloads signed for it.
    ///
    /// # Errors
    ///
    /// If the audience is empty, or longer than 255 bytes.
    pub fn new(keyring: Arc<Keyring>, audience: impl Into<String>) -> Result<Self, AudienceError> {
        Domain::new(keyring, audience.into()).map(Self)
    }

    /// Sets how long its signatures are valid, in whole seconds by the receiver's clock.
    #[must_use]
    pub fn valid_for(self, time: Duration) -> Self {
        Self(self.0.valid_for(time))
    }
}

impl StrictMode for Signed {
    fn verdict(&self, crossing: Crossing, candidate: &Candidate<'_>) -> Verdict {
        if candidate.is_made_by(self) {
            return Verdict::Inline;
        }
        match self.0.check(candidate.frame.digest(), candidate.frame.trailer.as_ref()) {
            Ok(()) => Verdict::Inline,
            // It would have been signed, were there a key to do so.
            Err(Distrust::Unsigned) if crossing == Crossing::Encode => {
                Verdict::Refuse(Distrust::NoSigner.to_string())
            }
            Err(distrust) => Verdict::Refuse(distrust.to_string()),
        }
    }

    fn sign<'m>(&'m self, candidate: &Candidate<'_>) -> Result<Option<Made<'m>>, String> {
        let trailer = self.0.sign(candidate.frame.digest());
        Ok(trailer.map(|trailer| Made { trailer, maker: self }))
    }
}
