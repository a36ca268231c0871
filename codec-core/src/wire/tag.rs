//! Tags: the magic that frames of one family and kind open with, and the versions that are read.

use std::fmt;

/// Seven upper-case ASCII bytes that open every frame of one family and kind.
///
/// All magics have the same length, so none can be a prefix of another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Magic([u8; Magic::LEN]);

impl Magic {
    /// Bytes in a magic.
    pub const LEN: usize = 7;

    /// Makes a magic; in a constant, a wrong byte is a compile error.
    ///
    /// # Panics
    ///
    /// If a byte is not an upper-case ASCII letter.
    #[must_use]
    #[track_caller]
    pub const fn new(bytes: &[u8; Self::LEN]) -> Self {
        assert!(all_upper_case(bytes), "a magic is seven upper-case ASCII letters");
        Self(*bytes)
    }

    /// Reads a magic that came at run time, e.g. with a plugin.
    ///
    /// ```
    /// use planwire_core::Magic;
    ///
    /// assert_eq!(Magic::parse("DFDEMOF")?, Magic::new(b"DFDEMOF"));
    /// assert!(Magic::parse("DFdemo").is_err());
    /// # Ok::<(), planwire_core::InvalidMagic>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not seven upper-case ASCII letters.
    pub fn parse(text: &str) -> Result<Self, InvalidMagic> {
        let found = Self::sniff(text.as_bytes()).filter(|_| text.len() == Self::LEN);
        found.ok_or(InvalidMagic)
    }

    /// Reads the magic that `bytes` open with, whether or not anyone knows it.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let magic = bytes.first_chunk::<{ Self::LEN }>()?;
        all_upper_case(magic).then_some(Self(*magic))
    }

    /// The magic as text, as it stands in a hexdump.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Upper-case ASCII is UTF-8, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The bytes on the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

const fn all_upper_case(bytes: &[u8; Magic::LEN]) -> bool {
    let [a, b, c, d, e, f, g] = bytes;
    a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && c.is_ascii_uppercase()
        && d.is_ascii_uppercase()
        && e.is_ascii_uppercase()
        && f.is_ascii_uppercase()
        && g.is_ascii_uppercase()
}

impl fmt::Display for Magic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Magic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The magic or the name by which a frame names its family, if no such family is linked.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unlinked {
    /// Its magic.
    Magic(Magic),
    /// The name in the header of a native frame.
    Name(String),
}

impl fmt::Display for Unlinked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic(magic) => write!(f, "the magic {magic}"),
            Self::Name(name) => write!(f, "the name `{name}`"),
        }
    }
}

impl fmt::Debug for Unlinked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic(magic) => write!(f, "{magic}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// The error for a text that is no magic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a magic is seven upper-case ASCII letters")]
pub struct InvalidMagic;

/// A magic and the versions of its payload that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// The magic that the frame opens with.
    pub magic: Magic,
    /// The oldest version that can be read.
    pub oldest: u8,
    /// The newest version that can be read, and the one that is written.
    pub newest: u8,
    /// The version that is written in native frames.
    pub native: u8,
}

impl Tag {
    /// Makes a tag with a single version.
    ///
    /// # Panics
    ///
    /// If a byte of the magic is not an upper-case ASCII letter; in a constant, a compile error.
    #[must_use]
    #[track_caller]
    pub const fn new(magic: &[u8; Magic::LEN], version: u8) -> Self {
        Self { magic: Magic::new(magic), oldest: version, newest: version, native: version }
    }

    /// Lowers the oldest version that is still read.
    ///
    /// # Panics
    ///
    /// If `oldest` is newer than the version that is written; in a constant, a compile error.
    #[must_use]
    pub const fn reading_from(self, oldest: u8) -> Self {
        assert!(oldest <= self.newest, "the oldest version read is newer than the one written");
        Self { oldest, ..self }
    }

    /// Gives native frames a layout of their own, with a newer version that other frames never have.
    ///
    /// # Panics
    ///
    /// If the version is not newer than the others; in a constant, a compile error.
    #[must_use]
    pub const fn with_native(self, version: u8) -> Self {
        assert!(version > self.newest, "a layout of native frames is newer than the others");
        Self { native: version, ..self }
    }

    /// The versions that are read in native frames, the oldest and the newest.
    pub(crate) const fn native_versions(self) -> (u8, u8) {
        if self.native > self.newest { (self.native, self.native) } else { (self.oldest, self.newest) }
    }
}
