//! The functions that a message names, so that decoding it takes no copy of all that are registered.

use std::collections::HashSet;

use crate::call::settings::Settings;
use crate::error::panics;
use crate::family::Nested;
use crate::gate::{Inside, Slot};
use crate::plan::message::Message;
use crate::preflight::shape;

/// Bytes of a message up to which reading its names takes less than copying the functions of a session.
const SHORT: usize = 64 * 1024;

impl Settings {
    /// The names of all functions in a message, whether they go by name or not; nothing where payloads may name
    /// more, or where the bytes are many, or no such message.
    #[must_use]
    pub fn functions_named(&self, what: Message, bytes: &[u8]) -> Option<HashSet<String>> {
        if bytes.len() > SHORT {
            return None;
        }
        let found = shape::found(bytes, what, self.limits()).ok()?.found;
        let mut names = HashSet::new();
        for buffer in found {
            let slot = Slot { kind: buffer.kind, name: &buffer.name };
            let seen = self.families().examine(buffer.bytes, slot);
            let is_told = match &seen.inside {
                Inside::Nothing => seen.envelopes.is_empty(),
                Inside::Frame { owner, sound: Ok(sound), .. } => {
                    let nested = panics::catch(|| owner.family.nested(owner.kind, &sound.frame));
                    seen.envelopes.is_empty() && matches!(nested, Ok(Nested::Nothing))
                }
                _ => false,
            };
            if !is_told {
                return None;
            }
            if buffer.kind.is_function() {
                names.insert(buffer.name);
            }
        }
        Some(names)
    }
}
