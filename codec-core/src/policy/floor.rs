//! The floor: a limit on the modes of every session in this process.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, OnceLock};

use crate::policy::modes::StrictMode;

/// How far the modes of all sessions in this process are narrowed.
///
/// The mode in effect for a family is the narrower of the session's and the floor. It holds in every
/// thread from the moment it is raised, for calls that are under way too, and a forked process
/// inherits it. It is never lowered.
#[derive(Debug, Clone)]
pub enum Floor {
    /// No floor: each session's own modes hold.
    Inline,
    /// A payload that a session admits has to pass this mode too.
    Guarded(Arc<dyn StrictMode>),
    /// Every family is refused, by guarded sessions too.
    Refuse,
}

/// Whether the floor is [`Floor::Refuse`]. Nothing stores `false`, so the floor only rises.
static REFUSES: AtomicBool = AtomicBool::new(false);

/// Whether no message whose plan writes is decoded. Nothing stores `false`.
static READS_ONLY: AtomicBool = AtomicBool::new(false);

/// The mode of [`Floor::Guarded`], set once.
static GUARD: OnceLock<Arc<dyn StrictMode>> = OnceLock::new();

/// An attempt to lower the floor of this process, or to replace its guard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the floor of this process is `{found}` and cannot be changed to {}", Wanted(wanted))]
pub struct FloorConflict {
    /// The current floor.
    pub found: &'static str,
    /// The requested floor.
    pub wanted: &'static str,
}

/// The requested floor, as the error shows it.
struct Wanted<'a>(&'a str);

impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "guarded" => f.write_str("another guard"),
            wanted => write!(f, "`{wanted}`"),
        }
    }
}

impl Floor {
    /// The floor of this process.
    ///
    /// ```standalone_crate
    /// use planwire_core::Floor;
    ///
    /// assert!(matches!(Floor::of_process(), Floor::Inline));
    /// Floor::Refuse.raise()?;
    /// assert!(matches!(Floor::of_process(), Floor::Refuse));
    /// assert!(Floor::Inline.raise().is_err());
    /// # Ok::<(), planwire_core::FloorConflict>(())
    /// ```
    #[must_use]
    pub fn of_process() -> Self {
        if REFUSES.load(SeqCst) {
            return Self::Refuse;
        }
        match GUARD.get() {
            Some(guard) => Self::Guarded(Arc::clone(guard)),
            None => Self::Inline,
        }
    }

    /// Makes this the floor of this process, for good.
    ///
    /// # Errors
    ///
    /// [`FloorConflict`] if the floor is higher already, or guarded by another mode.
    pub fn raise(self) -> Result<(), FloorConflict> {
        let (wanted, found) = (self.as_str(), Self::of_process());
        let raised = match (self, &found) {
            (Self::Refuse, _) => {
                REFUSES.store(true, SeqCst);
                true
            }
            (Self::Guarded(guard), Self::Inline) => GUARD.set(guard).is_ok(),
            (Self::Inline, Self::Inline) => true,
            _ => false,
        };
        // Asked again, because another thread may just have raised it.
        if raised { Ok(()) } else { Err(FloorConflict { found: Self::of_process().as_str(), wanted }) }
    }

    /// Refuses, for good, to decode messages with a plan that writes: one that changes files, tables or the
    /// session, e.g. `COPY TO`, `INSERT`, `CREATE VIEW` and the sinks of physical plans, anywhere in the message.
    /// No guard on payloads sees such a plan.
    ///
    /// ```standalone_crate
    /// use planwire_core::Floor;
    ///
    /// assert!(!Floor::refuses_writes());
    /// Floor::refuse_writes();
    /// assert!(Floor::refuses_writes());
    /// ```
    pub fn refuse_writes() {
        READS_ONLY.store(true, SeqCst);
    }

    /// Whether this process refuses messages with a plan that writes.
    #[must_use]
    pub fn refuses_writes() -> bool {
        READS_ONLY.load(SeqCst)
    }

    /// The floor's name: `inline`, `guarded` or `refuse`, after the mode that it allows.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Guarded(_) => "guarded",
            Self::Refuse => "refuse",
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
