//! The authorized frame: permission to decode, as a type.

use crate::error::WireError;
use crate::family::described;
use crate::limits::Limits;
use crate::plan::described::Described;
use crate::policy::judge::Permit;
use crate::wire::digest::Digest;
use crate::wire::frame::Frame;
use crate::wire::inspection::Inspection;

/// A frame that has passed the gate. Making one takes the word of the policy, so holding one is the permission.
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
    _permit: Permit,
}

impl<'a> AuthorizedFrame<'a> {
    pub(crate) const fn new(permit: Permit, floor: &'static str, frame: Frame<'a>, seen: Inspection) -> Self {
        Self { frame, seen, floor, _permit: permit }
    }

    /// The [floor](crate::Floor) of the process when the policy let the frame in, by its name.
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
    /// A family that keeps it, and returns it by [`Payload::received`](crate::Payload::received) when it
    /// encodes what it decoded, forwards what others signed or pinned.
    #[must_use]
    pub const fn received(&self) -> &'a [u8] {
        self.frame.received()
    }

    /// What the header of a native frame says of the function that its payload holds; nothing for another frame.
    ///
    /// # Errors
    ///
    /// [`WireError::Malformed`] if the header does not describe a function, or one that the limits do not let
    /// through.
    pub fn described(&self, limits: &Limits) -> Result<Option<Described>, WireError> {
        let Some(about) = self.frame.about() else { return Ok(None) };
        described::read(about, limits).map(Some).map_err(|fault| self.malformed(fault))
    }

    /// The SHA-256 by which the frame is pinned, computed once, see [`Frame::digest`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.frame.digest()
    }

    /// What the gate knows of the payload.
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

    /// The error for a payload that something below could not decode.
    ///
    /// A cause that is a [`WireError`] already, e.g. of a function inside the node, stays what it is.
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
