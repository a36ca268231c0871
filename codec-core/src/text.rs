//! Text: how names and lists from outside stand in a message.

use std::fmt;

use crate::{FamilyName, Kind};

/// A name from outside: escaped, quoted and cut, so that it can neither forge nor flood a message.
///
/// ```
/// use planwire_core::error::Shown;
///
/// assert_eq!(Shown("größe").to_string(), "'größe'");
/// assert_eq!(Shown("a\nb").to_string(), r"'a\u{a}b'");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name) = *self;
        write!(f, "'{}'", Escaped(name))?;
        if Escaped(name).is_cut() { write!(f, " ({} bytes)", name.len()) } else { Ok(()) }
    }
}

/// A name from outside as [`Shown`] has it, without the quotes: for a log that has a field for it.
///
/// ```
/// use planwire_core::error::Escaped;
///
/// assert_eq!(Escaped("a\nb").to_string(), r"a\u{a}b");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl Escaped<'_> {
    const LONGEST: usize = 80;

    fn is_cut(self) -> bool {
        self.0.chars().nth(Self::LONGEST).is_some()
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.chars().take(Self::LONGEST) {
            // Letters of any script stay readable; quotes, controls and marks that reorder do not.
            if part == '\''
                || part == '\\'
                || !(part == ' ' || part.is_ascii_graphic() || part.is_alphanumeric())
            {
                write!(f, "{}", part.escape_unicode())?;
            } else {
                write!(f, "{part}")?;
            }
        }
        if self.is_cut() { f.write_str("…") } else { Ok(()) }
    }
}

/// What a family or a policy says of a fault: escaped and cut, because it may repeat what came from
/// outside.
pub(crate) struct Told<'a>(pub(crate) &'a str);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 512;
        for part in self.0.chars().take(LONGEST) {
            if part.is_control() {
                write!(f, "{}", part.escape_unicode())?;
            } else {
                write!(f, "{part}")?;
            }
        }
        if self.0.chars().nth(LONGEST).is_some() { f.write_str("…") } else { Ok(()) }
    }
}

/// What an error is about: a kind, with the name where plans give one.
pub(crate) struct Item<'a>(pub(crate) Kind, pub(crate) &'a str);

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kind, name) = *self;
        if is_nameless(kind, name) { write!(f, "{kind}") } else { write!(f, "{kind} {}", Shown(name)) }
    }
}

/// A name, or the kind of what has none.
pub(crate) struct Named<'a>(pub(crate) Kind, pub(crate) &'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kind, name) = *self;
        if is_nameless(kind, name) { write!(f, "the {kind}") } else { write!(f, "{}", Shown(name)) }
    }
}

/// Functions have names in every plan, so an empty one is the sender's.
const fn is_nameless(kind: Kind, name: &str) -> bool {
    name.is_empty() && !kind.is_function()
}

/// The remedy that only functions have, with what stands before and after it.
pub(crate) struct ByName(pub(crate) Kind, pub(crate) &'static str, pub(crate) &'static str);

impl fmt::Display for ByName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kind, before, after) = *self;
        if !kind.is_function() {
            return Ok(());
        }
        write!(f, "{before}re-encode it by name and register it on this receiver{after}")
    }
}

/// The tail of a codec's failure where families carry the kind that it failed over, and are refused.
pub(crate) struct Refusing<'a>(pub(crate) &'a [FamilyName]);

impl fmt::Display for Refusing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, "; families that carry this kind and are refused here: {}", List(self.0))
    }
}

/// What is known, for an error about something unknown.
pub(crate) struct List<'a, T>(pub(crate) &'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (position, item) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            write!(f, "`{item}`")?;
        }
        Ok(())
    }
}

/// The tail of an unknown name's message, if any known name is like it.
pub(crate) struct Similar<'a>(pub(crate) &'a [String]);

impl fmt::Display for Similar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, ", similar names are {}", List(self.0))
    }
}

/// The tail of a version error's message on a session that would refuse anyway.
pub(crate) struct StrictToo(pub(crate) bool);

impl fmt::Display for StrictToo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 {
            f.write_str(
                "; this session also refuses the family, so aligning the versions alone will not help",
            )
        } else {
            Ok(())
        }
    }
}
