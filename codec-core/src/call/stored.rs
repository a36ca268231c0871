//! Payloads in a store: put there when a function leaves, and taken from there when it is decoded.

use bytes::Bytes;

use crate::call::Call;
use crate::error::WireError;
use crate::gate::{Inside, Seen, Slot};
use crate::limits::Excess;
use crate::policy::modes::FamilyMode;
use crate::store::Kept;
use crate::wire::native;
use crate::wire::parts::Parts;

impl<C: ?Sized> Call<C> {
    /// Puts the payload of a function that leaves into the store of the session, if it is large, and returns what is
    /// to stand in the message. Tables and nodes stay whole, because every process that plans reads them.
    pub(crate) fn put_away(&self, frame: Parts, slot: Slot<'_>) -> Result<Parts, WireError> {
        let store = self.state.settings.store().filter(|_| slot.kind.is_function());
        let Some(store) = store.map(Kept::store) else { return Ok(frame) };
        let Some((digest, payload, stored)) = native::without_payload(&frame, store.smallest()) else {
            return Ok(frame);
        };
        store.put(digest, &payload).map_err(|error| {
            let (kind, name) = (slot.kind, slot.name.to_owned());
            WireError::EncodeStore { kind, name, reason: error.to_string() }
        })?;
        Ok(stored.into())
    }

    /// Takes the payload of a stored frame from the store of the session, and returns the whole frame; `None` where
    /// nothing is to be decoded, or there is no store, which the gate says.
    pub(crate) fn fetched(&self, seen: &Seen<'_, '_>, slot: Slot<'_>) -> Result<Option<Bytes>, WireError> {
        let Inside::Stored { owner, native, bytes } = &seen.inside else { return Ok(None) };
        let settings = &self.state.settings;
        let (Some(store), Some(elsewhere)) = (settings.store(), native.elsewhere) else { return Ok(None) };
        if matches!(settings.policy().mode(owner.family.name()), FamilyMode::Refuse)
            || self.state.registered(slot.kind, slot.name).is_some()
        {
            return Ok(None);
        }
        // By what stands outside of the payload, which is examined when it is there.
        settings.gate().admit_stored(*owner, native.clone(), slot)?;
        let size = usize::try_from(elsewhere.size).unwrap_or(usize::MAX);
        self.state.within_limits(size, slot.name).map_err(Excess::on_decode)?;
        store.whole(bytes, elsewhere).map(Some).map_err(|error| {
            let (kind, name) = (slot.kind, slot.name.to_owned());
            WireError::Store { kind, name, reason: error.to_string() }
        })
    }

    /// What is seen once the payload has been fetched.
    pub(crate) fn with_fetched<'a, 'b>(
        &'a self,
        seen: Seen<'a, 'b>,
        fetched: Option<&'b Bytes>,
        slot: Slot<'_>,
    ) -> Seen<'a, 'b> {
        let Some(whole) = fetched else { return seen };
        let inside = self.state.settings.families().examine_read(native::read_checked(whole), whole, slot);
        Seen { inside, ..seen }
    }
}
