//! Fragments of messages: how names, lists and other texts from outside stand in them.

use std::fmt::{self, Write as _};

use crate::plan::kind::Kind;
use crate::wire::family_name::FamilyName;

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

/// The value of an option.
pub(super) struct Value<'a>(pub(super) &'a Option<String>);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(f, "{}", Shown(value)),
            None => f.write_str("no value"),
        }
    }
}

/// A name from outside, as [`Shown`] without the quotes: for a field of a log.
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
            // Quotes end a name, and spaces of other widths pass for the ordinary one.
            let plain = match part {
                ' ' => true,
                '\'' | '\\' => false,
                _ => is_plain(part) && !part.is_whitespace(),
            };
            if plain {
                write!(f, "{part}")?;
            } else {
                write!(f, "{}", part.escape_unicode())?;
            }
        }
        if self.is_cut() { f.write_str("…") } else { Ok(()) }
    }
}

/// A text that may repeat what came from outside, such as an error of DataFusion's: on one line, escaped
/// as [`is_plain`] says, and cut.
///
/// Quotes and backslashes stay, so that a text that was escaped before comes out as it is.
///
/// ```
/// use planwire_core::error::OneLine;
///
/// let text = "no column 'größe'\nis there";
/// assert_eq!(OneLine::new(text, 100).to_string(), r"no column 'größe'\u{a}is there");
/// assert_eq!(OneLine::new(text, 9).to_string(), "no column…");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct OneLine<T> {
    text: T,
    longest: usize,
}

impl<T> OneLine<T> {
    /// Shows a text in at most `longest` bytes, plus an ellipsis if it was cut.
    pub const fn new(text: T, longest: usize) -> Self {
        Self { text, longest }
    }
}

impl<T: fmt::Display> fmt::Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line { out: f, room: self.longest, is_full: false };
        let outcome = write!(line, "{}", self.text);
        if line.is_full { f.write_str("…") } else { outcome }
    }
}

/// The room left on a line. It stops the formatting itself, so that a text of many megabytes is never
/// written.
struct Line<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    room: usize,
    is_full: bool,
}

impl fmt::Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.chars() {
            let plain = is_plain(part);
            let size = if plain { part.len_utf8() } else { part.escape_unicode().len() };
            // The first character that does not fit is the last one that is tried.
            self.is_full |= size > self.room;
            if self.is_full {
                return Err(fmt::Error);
            }
            self.room -= size;
            if plain {
                self.out.write_char(part)?;
            } else {
                write!(self.out, "{}", part.escape_unicode())?;
            }
        }
        Ok(())
    }
}

/// Whether a character stands for itself wherever it is printed: it neither begins a line, nor speaks to a
/// terminal, nor turns around or hides what is next to it.
///
/// Letters, marks, digits, punctuation, symbols and spaces do, in every script. Controls, separators of
/// lines and paragraphs, format characters, fillers and selectors that nobody sees, and what is for private
/// use or not assigned do not.
#[must_use]
pub fn is_plain(part: char) -> bool {
    match part {
        ' '..='~' => true,
        '\u{2028}' | '\u{2029}' => false,
        // No format characters, and as invisible.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}' => false,
        _ if part.is_whitespace() => !part.is_control(),
        _ => is_printable(part),
    }
}

/// Whether the standard library prints a character as it is.
fn is_printable(part: char) -> bool {
    // Asked of a text, and after a letter, where a mark of that letter is printed too.
    let mut text = *b"a\0\0\0\0";
    let [_, rest @ ..] = &mut text;
    let size = part.encode_utf8(rest).len();
    let text = text.get(..=size).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
    text.escape_debug().eq(text.chars())
}

/// A family's or a policy's text about a fault: escaped and cut, because it may repeat bytes from outside.
pub(crate) struct Told<'a>(pub(crate) &'a str);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine::new(self.0, 512).fmt(f)
    }
}

/// The subject of an error: a kind, with its name if plans give one.
pub(crate) struct Item<'a>(pub(crate) Kind, pub(crate) &'a str);

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kind, name) = *self;
        if is_nameless(kind, name) { write!(f, "{kind}") } else { write!(f, "{kind} {}", Shown(name)) }
    }
}

/// A name, or the kind of a thing without one.
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

/// The remedy that only functions have, with the text before and after it.
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

/// The type of a node that nothing carries, if its name does not say it.
pub(crate) struct Made<'a>(pub(crate) &'a str);

impl fmt::Display for Made<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " ({})", OneLine::new(&self.0, Escaped::LONGEST)) }
    }
}

/// A replacement for a node that nothing carries.
pub(crate) struct Instead(pub(crate) Kind);

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::TableProvider => "read its rows into memory and send those, or register the table at the receiver and send the SQL",
            Kind::PhysicalNode => "send the logical plan, or the query",
            _ => "enable or write a family for it, or install a codec",
        })
    }
}

/// The known names, for an error about an unknown one.
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
            write!(f, "`{}`", OneLine::new(item, Escaped::LONGEST))?;
        }
        Ok(())
    }
}

/// The end of a message about an unknown name, if any known name is similar.
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
pub(crate) struct RefusedToo(pub(crate) bool);

impl fmt::Display for RefusedToo {
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
