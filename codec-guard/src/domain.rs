//! Domains: keys with their audience, and the reasons to reject a signature.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use planwire_core::Digest;
use planwire_core::error::Shown;
use planwire_core::trailer::{Claims, Trailer};

use crate::Keyring;
use crate::signed::AudienceError;

/// Why bytes are rejected, or not signed.
///
/// An unknown key and a wrong signature give the same error, so that nobody learns which keys exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// There is no signature.
    #[error("it is not signed")]
    Unsigned,
    /// No key here has made the signature.
    #[error("its signature is not one of a key held here")]
    Unverified,
    /// The signature is sound and has expired.
    #[error("its signature has expired")]
    Expired,
    /// The signature is sound and is for another audience.
    #[error("it is signed for the audience {}, not for {}", Shown(found), Shown(wanted))]
    Audience {
        /// The audience signed for.
        found: String,
        /// The audience here.
        wanted: String,
    },
    /// No key here signs.
    #[error("it is not signed, and the keyring holds no key that signs")]
    NoSigner,
}

/// Keys with their audience.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    keyring: Arc<Keyring>,
    audience: String,
    valid_for: Option<Duration>,
}

impl Domain {
    pub(crate) fn new(keyring: Arc<Keyring>, audience: String) -> Result<Self, AudienceError> {
        match audience.len() {
            1..=planwire_core::trailer::LONGEST_CLAIM => Ok(Self { keyring, audience, valid_for: None }),
            found => Err(AudienceError { found }),
        }
    }

    pub(crate) fn valid_for(self, time: Duration) -> Self {
        Self { valid_for: Some(time), ..self }
    }

    /// Makes the trailer for bytes with this digest, if a key here signs.
    pub(crate) fn sign(&self, signed: Digest) -> Option<Trailer> {
        let expires = self.valid_for.map(|time| seconds(SystemTime::now()).saturating_add(time.as_secs()));
        let claims = |key_id| Claims { key_id, audience: self.audience.clone(), expires };
        let (key_id, signature) = self.keyring.sign(|id| claims(id.to_owned()).statement(signed))?;
        Some(Trailer { claims: claims(key_id), signature })
    }

    /// Checks that bytes with this digest are signed by a key held here, for this audience, and not expired.
    pub(crate) fn check(&self, signed: Digest, trailer: Option<&Trailer>) -> Result<(), Distrust> {
        let trailer = trailer.ok_or(Distrust::Unsigned)?;
        // First, because until then anybody may have written the claims.
        if !self.keyring.verifies(signed, trailer) {
            return Err(Distrust::Unverified);
        }
        if trailer.claims.audience != self.audience {
            let (found, wanted) = (trailer.claims.audience.clone(), self.audience.clone());
            return Err(Distrust::Audience { found, wanted });
        }
        if trailer.claims.is_expired(SystemTime::now()) {
            return Err(Distrust::Expired);
        }
        Ok(())
    }
}

fn seconds(time: SystemTime) -> u64 {
    // A clock before 1970 makes a signature that has expired everywhere else.
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
