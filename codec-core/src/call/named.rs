//! The functions that a message names, so that decoding it needs no copy of all registered functions.

use std::collections::HashSet;

use crate::call::settings::Settings;
use crate::error::panics;
use crate::family::Nested;
use crate::gate::{Inside, Slot};
use crate::plan::message_sort::Message;
use crate::preflight::shape;
use crate::wire::family_name::OWN;

/// The size limit, in bytes, up to which reading the names in a message costs less than copying the functions
/// of a session.
const SHORT: usize = 64 * 1024;

impl Settings {
    /// The names of all functions in a message, whether they go by name or not. `None` if payloads may name
    /// more functions, if the bytes are too many, or if they are no such message.
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
                // A node or a table without bytes belongs to a codec, which may look up any function.
                Inside::Nothing => seen.envelopes.is_empty() && buffer.kind.is_function(),
                Inside::Frame { owner, sound: Ok(sound), .. } => {
                    let nested = panics::catch(|| owner.family.nested(owner.kind, &sound.frame));
                    let looks_up = !owner.kind.is_function() && owner.family.name() != OWN;
                    seen.envelopes.is_empty() && !looks_up && matches!(nested, Ok(Nested::Nothing))
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
