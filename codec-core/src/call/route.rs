//! The route of a buffer: through limits, structure and policy to its decoder.

use crate::call::Call;
use crate::call::chain::Installed;
use crate::error::WireError;
use crate::family::own;
use crate::gate::{Admission, Inside, Seen, Slot};
use crate::limits::Excess;
use crate::plan::node::Node;
use crate::wire::envelope::OWN_ID;

/// The decoder of a buffer.
#[expect(clippy::large_enum_variant, reason = "one is made for each buffer and taken apart at once")]
pub(crate) enum Route<'a, 'b, C: ?Sized> {
    /// None: this registered function takes precedence.
    Registered(Node),
    /// The installed codec that wrote it.
    Installed(&'a Installed<C>, &'b [u8]),
    /// The decoder to which the gate admits the buffer.
    Admitted(Admission<'a, 'b>),
}

impl<C: ?Sized> Call<C> {
    /// Examines a buffer that is within the limits.
    pub(crate) fn see<'a, 'b>(&'a self, bytes: &'b [u8], slot: Slot<'_>) -> Result<Seen<'a, 'b>, WireError> {
        self.state.within_limits(bytes.len(), slot.name).map_err(Excess::on_decode)?;
        Ok(self.state.settings.families().examine(bytes, slot))
    }

    fn installed(&self, id: &str) -> Option<&Installed<C>> {
        self.layer.installed.iter().find(|installed| installed.id == id)
    }

    /// Takes an examined buffer through the policy.
    pub(crate) fn route<'a, 'b>(
        &'a self,
        seen: Seen<'a, 'b>,
        slot: Slot<'_>,
    ) -> Result<Route<'a, 'b, C>, WireError> {
        let gate = self.state.settings.gate();
        let Seen { envelopes, inside } = seen;
        let is_by_name = envelopes.is_empty() && matches!(inside, Inside::Nothing);
        // A frame may go before a registered function only if no installed codec gets it.
        let is_bare =
            envelopes.iter().all(|envelope| envelope.id == OWN_ID && self.installed(OWN_ID).is_none());
        let is_own = is_bare
            && matches!(&inside, Inside::Frame { owner, .. } if own::tag_of(owner.tag.magic).is_some());
        if !is_by_name
            && !is_own
            && let Some(registered) = self.state.registered(slot.kind, slot.name)
        {
            gate.overlook(inside, slot)?;
            return Ok(Route::Registered(registered));
        }
        for envelope in &envelopes {
            if let Some(installed) = self.installed(envelope.id) {
                // The gate is asked here too, so an envelope lets in nothing that a bare frame could not.
                gate.admit(inside, slot)?;
                return Ok(Route::Installed(installed, envelope.bytes));
            }
            if envelope.id != OWN_ID {
                let known = self.layer.installed_ids().map(str::to_owned).collect();
                let (id, kind, name) = (envelope.id.to_owned(), slot.kind, slot.name.to_owned());
                return Err(WireError::UnknownCodec { id, kind, name, known });
            }
        }
        gate.admit(inside, slot).map(Route::Admitted)
    }
}
