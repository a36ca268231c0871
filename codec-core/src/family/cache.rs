//! The cache of decoded functions: identical bytes are decoded once per process and give the same function.

use std::sync::{Mutex, MutexGuard, TryLockError};

use datafusion::execution::cache::lru_queue::LruQueue;
use datafusion::logical_expr::Volatility;

use crate::family::{Nested, WireFamily};
use crate::limits::Limits;
use crate::plan::kind::Kind;
use crate::plan::node::Node;
use crate::wire::digest::Digest;
use crate::wire::frame::Frame;

/// The limit of functions in a cache.
const MOST_ENTRIES: usize = 256;

/// The limit, in bytes, of the frames whose functions are in a cache.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The lookups in the cache of one family, and the size of its content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheFigures {
    /// Lookups that found a function.
    pub hits: u64,
    /// Lookups that found no function.
    pub misses: u64,
    /// Functions in the cache.
    pub entries: usize,
    /// Bytes of the frames that they came in.
    pub bytes: usize,
}

/// The key of a function in the cache: the plan's name for it, on which its family may depend; its frame with
/// the signature; and the limits that it was checked against.
///
/// A process that forwards a function forwards its signature too, so another signature makes another
/// function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    kind: Kind,
    name: String,
    frame: Digest,
    limits: Limits,
}

impl Key {
    /// The key of a frame that policy has let in; `None` if its function is never kept.
    pub(crate) fn of(
        family: &dyn WireFamily,
        kind: Kind,
        name: &str,
        frame: &Frame<'_>,
        limits: &Limits,
    ) -> Option<Self> {
        // The parts inside a payload have to pass the policy of each session.
        if !kind.is_function() || !matches!(family.nested(kind, frame), Nested::Nothing) {
            return None;
        }
        let digest = if frame.trailer.is_some() { Digest::of(frame.received()) } else { frame.digest() };
        Some(Self { kind, name: name.to_owned(), frame: digest, limits: *limits })
    }
}

/// The functions that were decoded last. Every session asks its own policy before it asks the cache.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Held>);

struct Held {
    functions: LruQueue<Key, (Node, usize)>,
    figures: CacheFigures,
}

impl Default for Held {
    fn default() -> Self {
        Self { functions: LruQueue::new(), figures: CacheFigures::default() }
    }
}

impl Cache {
    /// The function of these bytes, if the cache has it.
    pub(crate) fn get(&self, key: &Key) -> Option<Node> {
        let mut held = self.held()?;
        let found = held.functions.get(key).map(|(function, _)| function.clone());
        match found {
            Some(_) => held.figures.hits += 1,
            None => held.figures.misses += 1,
        }
        found
    }

    /// Keeps a function whose frame has `bytes` bytes, unless it is volatile. If another thread was first,
    /// returns the function of that thread.
    pub(crate) fn keep(&self, key: Key, function: Node, bytes: usize) -> Node {
        if volatility(&function).is_none_or(|found| found == Volatility::Volatile) || bytes > MOST_BYTES {
            return function;
        }
        // Dropped after the lock is released, because a function may run code of its own when it is dropped.
        let mut gone = Vec::new();
        let Some(mut held) = self.held() else { return function };
        if let Some((first, _)) = held.functions.get(&key) {
            return first.clone();
        }
        held.functions.put(key, (function.clone(), bytes));
        held.figures.bytes += bytes;
        while held.functions.len() > MOST_ENTRIES || held.figures.bytes > MOST_BYTES {
            let Some((_, (oldest, freed))) = held.functions.pop() else { break };
            held.figures.bytes -= freed;
            gone.push(oldest);
        }
        drop(held);
        function
    }

    /// Removes all functions. Functions in plans stay as they are.
    pub(crate) fn clear(&self) {
        let Some(mut held) = self.held() else { return };
        held.figures.bytes = 0;
        let gone = std::mem::replace(&mut held.functions, LruQueue::new());
        drop(held);
        drop(gone);
    }

    pub(crate) fn figures(&self) -> CacheFigures {
        self.held().map_or_else(CacheFigures::default, |held| CacheFigures {
            entries: held.functions.len(),
            ..held.figures
        })
    }

    /// Locks the content. `None` in a process that was forked while another thread had the lock, because
    /// nobody releases it there; such a process decodes without a cache.
    fn held(&self) -> Option<MutexGuard<'_, Held>> {
        for _ in 0..PATIENCE {
            match self.0.try_lock() {
                Ok(held) => return Some(held),
                Err(TryLockError::Poisoned(held)) => return Some(held.into_inner()),
                Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            }
        }
        None
    }
}

/// How often a thread tries to take a lock that others hold for a few lookups.
const PATIENCE: usize = 1_000;

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.figures().fmt(f)
    }
}

fn volatility(function: &Node) -> Option<Volatility> {
    match function {
        Node::ScalarUdf(udf) => Some(udf.signature().volatility),
        Node::AggregateUdf(udf) => Some(udf.signature().volatility),
        Node::WindowUdf(udf) => Some(udf.signature().volatility),
        Node::HigherOrderUdf(udf) => Some(udf.signature().volatility),
        _ => None,
    }
}
