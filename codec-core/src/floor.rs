//! The floor: what every session of this process refuses, whatever its own modes say.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// How far the modes of all sessions in this process are narrowed.
///
/// The mode in effect for a family is the narrower of the session's and the floor. It holds in every
/// thread from the moment it is raised, for calls that are under way too, and a forked process
/// inherits it. It is never lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Floor {
    /// No floor: each session's own modes hold.
    Inline,
    /// Every family is refused, by guarded sessions too.
    Refuse,
}

/// Whether the floor is [`Floor::Refuse`]. Nothing stores `false`, so the floor only rises.
static REFUSES: AtomicBool = AtomicBool::new(false);

/// Someone tried to lower the floor of this process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the floor of this process is `{found}` and cannot be lowered to `{wanted}`")]
pub struct FloorLowered {
    /// The floor there is.
    pub found: Floor,
    /// The one that was asked for.
    pub wanted: Floor,
}

impl Floor {
    /// The floor of this process.
    ///
    /// ```standalone_crate
    /// use planwire_core::Floor;
    ///
    /// assert_eq!(Floor::of_process(), Floor::Inline);
    /// Floor::Refuse.raise()?;
    /// assert_eq!(Floor::of_process(), Floor::Refuse);
    /// assert!(Floor::Inline.raise().is_err());
    /// # Ok::<(), planwire_core::FloorLowered>(())
    /// ```
    #[must_use]
    pub fn of_process() -> Self {
        if REFUSES.load(SeqCst) { Self::Refuse } else { Self::Inline }
    }

    /// Makes this the floor of this process, for good.
    ///
    /// # Errors
    ///
    /// [`FloorLowered`] if the floor is higher already.
    pub fn raise(self) -> Result<(), FloorLowered> {
        match (self, Self::of_process()) {
            (Self::Refuse, _) => REFUSES.store(true, SeqCst),
            (Self::Inline, Self::Inline) => {}
            (wanted, found) => return Err(FloorLowered { found, wanted }),
        }
        Ok(())
    }

    /// The floor's name: `inline` or `refuse`, after the mode that it allows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Refuse => "refuse",
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
