//! Sealed messages: whole messages, signed for an audience.
//!
//! `<0x8F "DFS"><version: u8 = 1><content><trailer>`: nothing that protobuf or text opens with, and the
//! [trailer](planwire_core::trailer) of signed frames. `docs/wire-format.md` is the normative description.

use std::sync::Arc;
use std::time::Duration;

use planwire_core::Digest;
use planwire_core::trailer::{self, Claims, SEALED, Trailer, TrailerError};

use crate::Keyring;
use crate::domain::{Distrust, Domain};
use crate::signed::AudienceError;

/// The version that is written and read.
const VERSION: u8 = 1;

/// Why a message is not sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The audience is invalid.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// No key of the keyring signs.
    #[error("the message cannot be sealed: the keyring holds no key that signs")]
    NoSigner,
}

/// Why a message is not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// The audience is invalid.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// The bytes do not begin as a sealed message.
    #[error("the bytes are not a sealed message")]
    NotSealed,
    /// The version is not one that this build reads.
    #[error("sealed message of version {found}, this build reads {VERSION}")]
    Version {
        /// The version found.
        found: u8,
    },
    /// The trailer is unsound.
    #[error("malformed sealed message: {0}")]
    Trailer(#[from] TrailerError),
    /// The message is sound and not trusted here.
    #[error("policy refused the sealed message: {0}")]
    Distrusted(Distrust),
}

/// Whether bytes begin as a sealed message. Only [`open`] tells whether they are sound, and who signed them.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(SEALED)
}

/// Signs bytes as a whole for an audience, until a time from now if one is given.
///
/// Anybody can read the content, but nobody can change it, assemble it from parts or pass it to another
/// audience unnoticed.
///
/// # Errors
///
/// If the keyring holds no key that signs.
pub fn seal(
    content: &[u8],
    keyring: Arc<Keyring>,
    audience: &str,
    valid_for: Option<Duration>,
) -> Result<Vec<u8>, SealError> {
    let mut domain = Domain::new(keyring, audience.to_owned())?;
    if let Some(time) = valid_for {
        domain = domain.valid_for(time);
    }
    let mut sealed = [SEALED.as_slice(), &[VERSION], content].concat();
    let trailer = domain.sign(Digest::of(&sealed)).ok_or(SealError::NoSigner)?;
    sealed.extend(trailer.to_bytes());
    Ok(sealed)
}

/// Returns the content of a sealed message, once its signature is verified.
///
/// # Errors
///
/// If the bytes are not a sealed message, or it is not signed by a key of the keyring for this audience, or
/// has expired.
pub fn open<'a>(sealed: &'a [u8], keyring: Arc<Keyring>, audience: &str) -> Result<&'a [u8], SealedError> {
    let domain = Domain::new(keyring, audience.to_owned())?;
    let (signed, trailer) = split(sealed)?;
    domain.check(Digest::of(signed), trailer.as_ref()).map_err(SealedError::Distrusted)?;
    content(signed)
}

/// Returns the content of a sealed message and the claims of its signature, both unverified: only for
/// inspection.
///
/// # Errors
///
/// If the bytes are not a sealed message.
pub fn unverified(sealed: &[u8]) -> Result<(&[u8], Option<Claims>), SealedError> {
    let (signed, trailer) = split(sealed)?;
    Ok((content(signed)?, trailer.map(|trailer| trailer.claims)))
}

/// Splits a sealed message into the signed bytes and the signature.
fn split(sealed: &[u8]) -> Result<(&[u8], Option<Trailer>), SealedError> {
    let (version, _) =
        sealed.strip_prefix(SEALED).and_then(<[u8]>::split_first).ok_or(SealedError::NotSealed)?;
    if *version != VERSION {
        return Err(SealedError::Version { found: *version });
    }
    Ok(trailer::split(sealed)?)
}

fn content(signed: &[u8]) -> Result<&[u8], SealedError> {
    signed.get(SEALED.len() + 1..).ok_or(SealedError::NotSealed)
}
