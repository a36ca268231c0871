//! Limits: how large a message and its parts may be, on the way out as on the way in.

use std::fmt;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// One thing that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of a whole message.
    Message,
    /// Messages of protobuf within each other, of which more than 100 cannot be read, whatever is set; and
    /// frames within each other, counted by themselves.
    Nesting,
    /// Messages of protobuf, and texts and numbers in lists, within one message; and what DataFusion makes of
    /// them at once: grouping sets and partitions.
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
    /// Bytes of one value of a type, as far as the type says them, e.g. those of a list of fixed size.
    Width,
    /// Rows and elements of tables in memory and of literals that none of their bytes stand for.
    Rows,
    /// Work of computing the names and fields of a message's expressions, in bytes of names.
    Work,
}

impl Limit {
    /// Every limit, in the order they are declared.
    pub const ALL: [Self; 13] = [
        Self::Message,
        Self::Nesting,
        Self::Nodes,
        Self::Depth,
        Self::Frames,
        Self::Payload,
        Self::Inlined,
        Self::Name,
        Self::Schema,
        Self::Fields,
        Self::Width,
        Self::Rows,
        Self::Work,
    ];

    /// The limit's name, by which it is raised or lowered.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Nesting => "nesting",
            Self::Nodes => "nodes",
            Self::Depth => "depth",
            Self::Frames => "frames",
            Self::Payload => "payload",
            Self::Inlined => "inlined",
            Self::Name => "name",
            Self::Schema => "schema",
            Self::Fields => "fields",
            Self::Width => "width",
            Self::Rows => "rows",
            Self::Work => "work",
        }
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
            Self::Payload => 16 * MIB,
            Self::Inlined => 256 * MIB,
            Self::Name => 256,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The limits that a session applies to every message.
///
/// ```
/// use planwire_core::{Limit, Limits};
///
/// let limits = Limits::default().with(Limit::Payload, 1024);
/// assert_eq!(limits.most(Limit::Payload), 1024);
/// assert_eq!(limits.most(Limit::Depth), 4096);
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
    pub fn most(&self, limit: Limit) -> usize {
        self.0.get(limit as usize).copied().unwrap_or_else(|| limit.default())
    }

    /// The lesser of each limit and of the other's.
    #[must_use]
    pub fn narrowed_by(&self, other: &Self) -> Self {
        Limit::ALL
            .into_iter()
            .fold(*self, |limits, limit| limits.with(limit, self.most(limit).min(other.most(limit))))
    }

    /// Lets through what is within a limit.
    pub(crate) fn check(&self, limit: Limit, found: usize) -> Result<(), Excess> {
        let most = self.most(limit);
        if found <= most { Ok(()) } else { Err(Excess { limit, found, most }) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self(Limit::ALL.map(Limit::default))
    }
}

/// More than a limit lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Excess {
    pub(crate) limit: Limit,
    /// What was found. Counting ends at the first excess, so the whole may be more.
    pub(crate) found: usize,
    pub(crate) most: usize,
}

/// What the frames of one call add up to.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    frames: AtomicUsize,
    inlined: AtomicUsize,
}

impl Usage {
    /// Counts one more frame of `size` bytes.
    pub(crate) fn count(&self, size: usize, limits: &Limits) -> Result<(), Excess> {
        let before = self.frames.fetch_add(1, Relaxed);
        limits.check(Limit::Frames, before.saturating_add(1))?;
        let before = self.inlined.fetch_add(size, Relaxed);
        limits.check(Limit::Inlined, before.saturating_add(size))
    }
}
