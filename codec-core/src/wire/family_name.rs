//! Names of families, given in a constant or read while the process runs.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The name of a family, e.g. `python`: lower-case ASCII letters, digits and `-`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyName(&'static str);

/// The error for a text that is no name of a family.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a family's name holds lower-case ASCII letters, digits and '-', and is not empty")]
pub struct InvalidFamilyName;

/// The core's own family, which carries values of plans and no code.
pub(crate) const OWN: FamilyName = FamilyName::new("planwire");

/// Names that were read at run time. A process has few families, so the names are kept until it ends.
static READ: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl FamilyName {
    /// Makes a name; in a constant, a wrong character is a compile error.
    ///
    /// # Panics
    ///
    /// If the name is empty or holds anything but lower-case ASCII letters, digits and `-`.
    #[must_use]
    #[track_caller]
    pub const fn new(name: &'static str) -> Self {
        assert!(
            is_name(name),
            "a family's name holds lower-case ASCII letters, digits and '-', and is not empty"
        );
        Self(name)
    }

    /// Reads the name of a family that came at run time, e.g. with a plugin. Names are kept until the process
    /// ends, so this is not for texts from messages.
    ///
    /// ```
    /// use planwire_core::FamilyName;
    ///
    /// assert_eq!(FamilyName::parse("geo")?, FamilyName::new("geo"));
    /// assert!(FamilyName::parse("Geo").is_err());
    /// # Ok::<(), planwire_core::InvalidFamilyName>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the name is empty or holds anything but lower-case ASCII letters, digits and `-`.
    pub fn parse(name: &str) -> Result<Self, InvalidFamilyName> {
        if !is_name(name) {
            return Err(InvalidFamilyName);
        }
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = read.get(name).copied().unwrap_or_else(|| name.to_owned().leak());
        read.insert(kept);
        Ok(Self(kept))
    }

    /// Whether a text from outside is a valid name; the family need not exist.
    pub(crate) const fn is_sound(name: &str) -> bool {
        is_name(name)
    }

    /// The name as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

const fn is_name(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let [byte, tail @ ..] = rest {
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-') {
            return false;
        }
        rest = tail;
    }
    !name.is_empty()
}

impl fmt::Display for FamilyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for FamilyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
