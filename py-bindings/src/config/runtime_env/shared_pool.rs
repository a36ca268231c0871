//! A memory pool with a limit of its own, within the pool of the session that received it.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// A pool that takes from another one what it gives, so that any number of them give no more than that one.
#[derive(Debug)]
pub(super) struct SharedPool {
    own: Arc<dyn MemoryPool>,
    whole: Arc<dyn MemoryPool>,
}

impl SharedPool {
    pub(super) fn new(own: Arc<dyn MemoryPool>, whole: Arc<dyn MemoryPool>) -> Self {
        Self { own, whole }
    }
}

impl Display for SharedPool {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {}", self.own, self.whole)
    }
}

#[deny(clippy::missing_trait_methods)]
impl MemoryPool for SharedPool {
    // A session that is sent on has a pool of its own kind.
    fn name(&self) -> &str {
        self.own.name()
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.own.register(consumer);
        self.whole.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.own.unregister(consumer);
        self.whole.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.own.grow(reservation, additional);
        self.whole.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.own.shrink(reservation, shrink);
        self.whole.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.own.try_grow(reservation, additional)?;
        let grown = self.whole.try_grow(reservation, additional);
        if grown.is_err() {
            self.own.shrink(reservation, additional);
        }
        grown
    }

    fn reserved(&self) -> usize {
        self.own.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        match (self.own.memory_limit(), self.whole.memory_limit()) {
            (MemoryLimit::Finite(own), MemoryLimit::Finite(whole)) => MemoryLimit::Finite(own.min(whole)),
            (MemoryLimit::Infinite, limit) | (limit, _) => limit,
        }
    }
}
