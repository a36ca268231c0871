//! The functions that a message names, so that decoding it needs no copy of all registered functions.

use std::collections::HashSet;

use crate::call::settings::Settings;
use crate::error::panics;
use crate::family::Nested;
use crate::gate::{Inside, Slot};
use crate::plan::kind::Kind;
use crate::plan::message_sort::Message;
use crate::preflight::shape;
use crate::wire::family_name::OWN;
use crate::wire::native;
use crate::wire::reference::{self, TABLE};

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
            // The table, which has the function that a reference is to, is asked below.
            if !(buffer.kind.is_function() && reference::starts(buffer.bytes)) {
                let slot = Slot { kind: buffer.kind, name: &buffer.name };
                let seen = self.families().examine(buffer.bytes, slot);
                if !(seen.envelopes.is_empty() && tells_all(&seen.inside, buffer.kind)) {
                    return None;
                }
            }
            if buffer.kind.is_function() {
                names.insert(buffer.name);
            }
        }
        for frame in shape::fields_of(bytes, TABLE) {
            let native = native::read_checked(frame).ok()?;
            let kind = native.kind;
            let inside = self.families().examine_read(Ok(native), frame, Slot { kind, name: "" });
            if !tells_all(&inside, kind) {
                return None;
            }
        }
        Some(names)
    }
}

/// Whether a buffer of this kind looks up no function but the one that it stands for.
fn tells_all(inside: &Inside<'_, '_>, kind: Kind) -> bool {
    match inside {
        // A node or a table without bytes belongs to a codec, which may look up any function.
        Inside::Nothing => kind.is_function(),
        Inside::Frame { owner, sound: Ok(sound), .. } => {
            let nested = panics::catch(|| owner.family.nested(owner.kind, &sound.frame));
            let looks_up = !owner.kind.is_function() && owner.family.name() != OWN;
            !looks_up && matches!(nested, Ok(Nested::Nothing))
        }
        _ => false,
    }
}
