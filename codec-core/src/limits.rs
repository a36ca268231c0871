//! Limits: how large a message and its parts may be, in both directions.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use strum::{Display, IntoStaticStr, VariantArray};

/// One thing that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of a whole message.
    Message,
    /// Nested messages of protobuf, of which more than 100 cannot be read, whatever this limit is; and nested
    /// frames, counted by themselves.
    Nesting,
    /// Messages of protobuf, and texts and numbers in lists, within one message; also the grouping sets and
    /// partitions that DataFusion makes of them at once.
    Nodes,
    /// Levels of a plan or expression. The operands of a chain such as `a AND b AND c` stand in one list
    /// on the wire, and a level each in the tree that is made of it.
    Depth,
    /// Frames within one message.
    Frames,
    /// Bytes of one frame's payload.
    Payload,
    /// Bytes of all frames' payloads within one message.
    Inlined,
    /// Bytes of a name that a plan has for something that a frame carries.
    Name,
    /// Bytes of one schema, or of one type that stands outside of schemas, as in a cast.
    Schema,
    /// Fields of one schema or type, with those inside of others.
    Fields,
    /// Bytes of one value of a type, as far as the type fixes them, e.g. for a list of fixed size.
    Width,
    /// Rows and elements of tables in memory and of literals that are claimed without bytes for them.
    Rows,
    /// Work of computing the names and fields of a message's expressions, in bytes of names.
    Work,
}

impl Limit {
    /// Every limit, in the order they are declared.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The limit's name, by which it is raised or lowered.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What is counted, as words for a message.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Message => "bytes in the message",
            Self::Nesting => "messages or frames within each other",
            Self::Nodes => "protobuf nodes in the message",
            Self::Depth => "levels of plan and expression",
            Self::Frames => "frames in the message",
            Self::Payload => "bytes in one payload",
            Self::Inlined => "bytes in all payloads of the message",
            Self::Name => "bytes in a name",
            Self::Schema => "bytes in one schema",
            Self::Fields => "fields in one schema",
            Self::Width => "bytes in one value of a type",
            Self::Rows => "rows or elements without bytes",
            Self::Work => "units of work to plan it",
        }
    }

    const fn default(self) -> usize {
        const MIB: usize = 1024 * 1024;
        match self {
            Self::Message => 64 * MIB,
            Self::Schema | Self::Width => MIB,
            Self::Rows => 16 * MIB,
            Self::Work => 256 * MIB,
            Self::Nesting => 100,
            Self::Nodes => 100_000,
            Self::Depth | Self::Frames | Self::Fields => 4096,
            Self::Payload => 256 * MIB,
            Self::Inlined => 512 * MIB,
            Self::Name => 256,
        }
    }
}

/// The limits that a session applies to every message.
///
/// ```
/// use planwire_core::{Limit, Limits};
///
/// let limits = Limits::default().with(Limit::Payload, 1024);
/// assert_eq!(limits.get(Limit::Payload), 1024);
/// assert_eq!(limits.get(Limit::Depth), 4096);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits([usize; Limit::ALL.len()]);

impl Limits {
    /// Sets one limit and leaves the others as they are.
    #[must_use]
    pub fn with(mut self, limit: Limit, most: usize) -> Self {
        if let Some(slot) = self.0.get_mut(limit as usize) {
            *slot = most;
        }
        self
    }

    /// The largest value of a limit that passes.
    #[must_use]
    pub fn get(&self, limit: Limit) -> usize {
        self.0.get(limit as usize).copied().unwrap_or_else(|| limit.default())
    }

    /// The lesser of each limit and of the other's.
    #[must_use]
    pub fn narrowed_by(&self, other: &Self) -> Self {
        let mut narrowed = *self;
        for (most, other) in narrowed.0.iter_mut().zip(other.0) {
            *most = other.min(*most);
        }
        narrowed
    }

    /// Fails if `found` exceeds a limit.
    pub(crate) fn check(&self, limit: Limit, found: usize) -> Result<(), Excess> {
        let most = self.get(limit);
        if found <= most { Ok(()) } else { Err(Excess { limit, found, most }) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let mut defaults = [0; Limit::ALL.len()];
        for (most, limit) in defaults.iter_mut().zip(Limit::ALL) {
            *most = limit.default();
        }
        Self(defaults)
    }
}

/// A count that exceeds a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Excess {
    pub(crate) limit: Limit,
    /// The count. Counting ends at the first excess, so the whole may be more.
    pub(crate) found: usize,
    pub(crate) most: usize,
}

/// The sums over the frames of one call.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    frames: AtomicUsize,
    inlined: AtomicUsize,
}

impl Usage {
    /// The bytes of all frames.
    pub(crate) fn inlined(&self) -> usize {
        self.inlined.load(Relaxed)
    }

    /// Counts one more frame of `size` bytes.
    pub(crate) fn count(&self, size: usize, limits: &Limits) -> Result<(), Excess> {
        let before = self.frames.fetch_add(1, Relaxed);
        limits.check(Limit::Frames, before.saturating_add(1))?;
        let before = self.inlined.fetch_add(size, Relaxed);
        limits.check(Limit::Inlined, before.saturating_add(size))
    }
}
