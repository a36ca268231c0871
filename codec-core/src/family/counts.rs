//! Counts of the payloads that this process has encoded, decoded or refused, for each family.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// The numbers of payloads of one family that a process has encoded, decoded or refused since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FamilyCounts {
    /// Nodes that left inline.
    pub encoded: u64,
    /// Payloads that became nodes again.
    pub decoded: u64,
    /// Payloads that a mode, a policy or the floor refused.
    pub refused: u64,
}

/// The counters behind [`FamilyCounts`], which all sessions share.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    encoded: AtomicU64,
    decoded: AtomicU64,
    refused: AtomicU64,
}

impl Counters {
    pub(crate) fn count_encoded(&self) {
        self.encoded.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_decoded(&self) {
        self.decoded.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(crate) fn now(&self) -> FamilyCounts {
        let Self { encoded, decoded, refused } = self;
        FamilyCounts {
            encoded: encoded.load(Relaxed),
            decoded: decoded.load(Relaxed),
            refused: refused.load(Relaxed),
        }
    }
}
