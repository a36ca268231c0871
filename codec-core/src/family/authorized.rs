//! The authorized frame: permission to decode, as a type.

use bytes::Bytes;

use crate::error::WireError;
use crate::family::described;
use crate::limits::Limits;
use crate::plan::described::Described;
use crate::policy::judge::Permit;
use crate::wire::digest::Digest;
use crate::wire::frame::Frame;
use crate::wire::inspection::Inspection;

/// A frame that has passed the gate. Only a permit of the policy makes one, so holding one is the permission.
///
/// ```compile_fail
/// # fn forge(frame: planwire_core::frame::Frame<'_>, seen: planwire_core::Inspection) {
/// let forged = planwire_core::AuthorizedFrame { frame, seen };
/// # }
/// ```
#[derive(Debug)]
pub struct AuthorizedFrame<'a> {
    frame: Frame<'a>,
    seen: Inspection,
    floor: &'static str,
    /// The bytes of the frame, where the message has them once.
    kept: Option<Bytes>,
    _permit: Permit,
}

impl<'a> AuthorizedFrame<'a> {
    pub(crate) const fn new(permit: Permit, floor: &'static str, frame: Frame<'a>, seen: Inspection) -> Self {
        Self { frame, seen, floor, kept: None, _permit: permit }
    }

    /// The same frame, which was read from these bytes.
    pub(crate) fn kept(self, bytes: Option<&Bytes>) -> Self {
        Self { kept: bytes.cloned(), ..self }
    }

    /// The name of the process's [floor](crate::Floor) at the time when the policy let the frame in.
    #[must_use]
    pub const fn floor(&self) -> &'static str {
        self.floor
    }

    pub(crate) const fn frame(&self) -> &Frame<'a> {
        &self.frame
    }

    /// The version of the payload's layout.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.frame.version
    }

    /// The bytes that may be turned into running code.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.frame.payload
    }

    /// The whole frame as it came, with the signature, if it had one.
    ///
    /// A family may keep these bytes and return them by [`Payload::received`](crate::Payload::received) when
    /// it encodes the decoded node again. It then forwards the bytes that others signed or pinned.
    #[must_use]
    pub const fn received(&self) -> &'a [u8] {
        self.frame.received()
    }

    /// [`Self::received`] for a family that keeps the bytes. A large native frame is not copied where the caller
    /// [shares the memory](crate::CodecChain::over) of the message.
    #[must_use]
    pub fn received_shared(&self) -> Bytes {
        self.kept.clone().unwrap_or_else(|| Bytes::copy_from_slice(self.received()))
    }

    /// The description in a native frame's header of the function in its payload; `None` for another frame.
    ///
    /// # Errors
    ///
    /// [`WireError::Malformed`] if the header does not describe a function, or if the limits do not let the
    /// function through.
    pub fn described(&self, limits: &Limits) -> Result<Option<Described>, WireError> {
        let Some(about) = self.frame.about() else { return Ok(None) };
        described::read(about, limits).map(Some).map_err(|fault| self.malformed(fault))
    }

    /// The SHA-256 by which the frame is pinned, computed once, see [`Frame::digest`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.frame.digest()
    }

    /// The gate's inspection of the payload.
    #[must_use]
    pub const fn inspection(&self) -> &Inspection {
        &self.seen
    }

    /// The error for a payload that does not have the layout its tag promises.
    #[must_use]
    pub fn malformed(&self, fault: impl Into<String>) -> WireError {
        let Inspection { family, kind, ref name, .. } = self.seen;
        WireError::Malformed { family, kind, name: name.clone(), fault: fault.into() }
    }

    /// The error for a payload that a lower layer could not decode.
    ///
    /// A cause that is a [`WireError`] already, e.g. of a function inside the node, is returned unchanged.
    #[must_use]
    pub fn undecodable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WireError {
        let Inspection { family, kind, ref name, .. } = self.seen;
        let source = source.into();
        match WireError::find(&*source) {
            Some(found) => found.clone(),
            None => WireError::Payload { family, kind, name: name.clone(), source: source.into() },
        }
    }
}
