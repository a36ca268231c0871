//! The trailer: who signed the bytes before it, for whom, and until when.
//!
//! A trailer stands behind a frame's payload, where a reader that does not know it has long stopped
//! reading, and behind a sealed message. It is found from the end:
//!
//! `<expires: u64 LE><audience length: u8><audience><key id length: u8><key id><signature>`
//! `<length of all of this: u16 LE><version: u8 = 1><"PLANSIG">`
//!
//! This module knows only the places of the parts. A [`StrictMode`](crate::StrictMode) decides what a
//! signature is worth; `docs/wire-format.md` is the normative description.

use std::time::{Duration, SystemTime};

use crate::wire::digest::Digest;
use crate::wire::frame::{Magic, Payload};

/// The magic at the end of a trailer.
pub const MAGIC: Magic = Magic::new(b"PLANSIG");

/// The first bytes of a sealed message; neither protobuf nor text begins with them.
pub const SEALED: &[u8; 4] = b"\x8fDFS";

/// The version that is written and read.
pub const VERSION: u8 = 1;

/// The largest size of an audience or a key id, in bytes.
pub const LONGEST_CLAIM: usize = u8::MAX as usize;

/// Bytes after the signature: the length, the version and the magic.
const FOOTER_LEN: usize = 2 + 1 + Magic::LEN;

/// The purpose of a signature, which is signed too, so that no other use of the same key can be taken for
/// one.
const CONTEXT: &[u8] = b"planwire signature 1\0";

/// The claims of a signer about a signature. They come with the bytes, so they are true only once the
/// signature has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The id of the key that the signature was made with.
    pub key_id: String,
    /// The audience that the bytes are meant for.
    pub audience: String,
    /// The last second in which the signature is valid, since 1970 in UTC; `None` if it is valid for good.
    pub expires: Option<u64>,
}

impl Claims {
    /// The bytes that are signed: the claims, and the digest of all that stands before the trailer.
    #[must_use]
    pub fn statement(&self, signed: Digest) -> Vec<u8> {
        let mut statement = CONTEXT.to_vec();
        self.write(&mut statement);
        statement.extend_from_slice(&signed.0);
        statement
    }

    /// Whether the signature is no longer valid at `now`.
    #[must_use]
    pub fn is_expired(&self, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::MAX);
        self.expires.is_some_and(|expires| now.as_secs() > expires)
    }

    /// Assembles the bytes of a trailer with these claims.
    #[must_use]
    pub fn trailer(&self, signature: &[u8]) -> Vec<u8> {
        let mut trailer = Vec::new();
        self.write(&mut trailer);
        trailer.extend_from_slice(signature);
        let length = u16::try_from(trailer.len() + FOOTER_LEN).unwrap_or(u16::MAX);
        trailer.extend_from_slice(&length.to_le_bytes());
        trailer.push(VERSION);
        trailer.extend_from_slice(MAGIC.as_bytes());
        trailer
    }

    fn write(&self, to: &mut Vec<u8>) {
        // 0 means that it never expires, so an expiry of 0 is written as 1; both lie in 1970.
        let expires = self.expires.map_or(0, |expires| expires.max(1));
        to.extend_from_slice(&expires.to_le_bytes());
        for claim in [&self.audience, &self.key_id] {
            // The configuration refuses longer ones.
            let claim = claim.as_bytes().get(..LONGEST_CLAIM).unwrap_or(claim.as_bytes());
            to.push(u8::try_from(claim.len()).unwrap_or(u8::MAX));
            to.extend_from_slice(claim);
        }
    }
}

/// The trailer behind signed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// Its claims.
    pub claims: Claims,
    /// The bytes that prove the claims.
    pub signature: Vec<u8>,
}

impl Trailer {
    /// The bytes of the trailer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.claims.trailer(&self.signature)
    }
}

/// A fault in bytes that end as a trailer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrailerError {
    /// The version is not one that this build reads.
    #[error("signature trailer of version {found}, this build reads {VERSION}")]
    Version {
        /// The version found.
        found: u8,
    },
    /// The length is more than the bytes present, or less than the parts take.
    #[error("the lengths in the signature trailer do not fit the {found} bytes there are")]
    Length {
        /// The bytes that the trailer may be a part of.
        found: usize,
    },
    /// A payload ends as a trailer does, and no trailer follows it.
    #[error("the payload ends in {MAGIC}, as only a signature does")]
    Mistakable,
    /// The audience or the key id is not UTF-8.
    #[error("the {0} in the signature trailer is not UTF-8")]
    Text(&'static str),
}

/// Splits a trailer off, if the bytes end with one. Nothing has verified it.
///
/// # Errors
///
/// If they end as a trailer does and are none.
pub fn split(bytes: &[u8]) -> Result<(&[u8], Option<Trailer>), TrailerError> {
    let Some((rest, footer)) = bytes.split_last_chunk::<FOOTER_LEN>() else { return Ok((bytes, None)) };
    let [low, high, version, magic @ ..] = footer;
    if magic != MAGIC.as_bytes() {
        return Ok((bytes, None));
    }
    if *version != VERSION {
        return Err(TrailerError::Version { found: *version });
    }
    let unfit = TrailerError::Length { found: bytes.len() };
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    let inner = length.checked_sub(FOOTER_LEN).ok_or(unfit)?;
    let signed = rest.len().checked_sub(inner).ok_or(unfit)?;
    let (signed, parts) = rest.split_at_checked(signed).ok_or(unfit)?;
    let (expires, parts) = parts.split_first_chunk::<8>().ok_or(unfit)?;
    let (audience, parts) = claim(parts).ok_or(unfit)?;
    let (key_id, signature) = claim(parts).ok_or(unfit)?;
    let text = |claim, what| match std::str::from_utf8(claim) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(TrailerError::Text(what)),
    };
    let claims = Claims {
        key_id: text(key_id, "key id")?,
        audience: text(audience, "audience")?,
        expires: Some(u64::from_le_bytes(*expires)).filter(|expires| *expires != 0),
    };
    Ok((signed, Some(Trailer { claims, signature: signature.to_vec() })))
}

/// Rejects a payload that ends in the magic of a trailer and has none, because a reader would look for one.
///
/// # Errors
///
/// If it does.
pub(crate) fn reject_trailing_magic(payload: &Payload) -> Result<(), TrailerError> {
    if payload.ends_with(MAGIC.as_bytes()) { Err(TrailerError::Mistakable) } else { Ok(()) }
}

fn claim(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}
