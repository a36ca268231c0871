//! Text: how names and lists from outside stand in a message.

use std::fmt;

/// A name from outside: escaped, quoted and cut, so that it can neither forge nor flood a message.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl Shown<'_> {
    const LONGEST: usize = 80;
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("'")?;
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
        if self.0.chars().nth(Self::LONGEST).is_some() {
            write!(f, "…' ({} bytes)", self.0.len())
        } else {
            f.write_str("'")
        }
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
