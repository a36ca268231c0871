//! The runtime of a session that was sent: what the sender's had, within what the receiver's has.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::disk_manager::DiskManager;
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool};
use datafusion::execution::runtime_env::RuntimeEnv;

use super::limits::RuntimeLimits;
use super::shared_pool::SharedPool;
use super::{Disk, Pool, RuntimeSpec};

/// How DataFusion names what it makes in a directory that it was told, rather than in the system's.
const TOLD: &str = "datafusion-";

impl RuntimeSpec {
    /// What a runtime is now, whatever it was made of.
    pub(crate) fn of(runtime: &RuntimeEnv) -> Self {
        let pool = match runtime.memory_pool.memory_limit() {
            MemoryLimit::Finite(size) if runtime.memory_pool.name() == "fair" => Pool::Fair(size),
            MemoryLimit::Finite(size) => Pool::Greedy(size),
            MemoryLimit::Infinite | MemoryLimit::Unknown => Pool::Unbounded,
        };
        Self { pool, disk: Disk::of(&runtime.disk_manager), limits: RuntimeLimits::of(runtime) }
    }

    /// Makes the runtime of a session that was sent, which gets no more than the receiver has: memory out of
    /// the receiver's, the smaller of both limits, and no temporary files where the receiver's do not go.
    ///
    /// # Errors
    ///
    /// A directory for temporary files that is not there: no message makes one.
    pub(crate) fn build_within(&self, receiver: &RuntimeEnv) -> Result<RuntimeEnv> {
        let whole = Self::of(receiver);
        let disk = self.disk.within(whole.disk.clone())?;
        let spec = Self { pool: self.pool, disk, limits: self.limits.within(whole.limits) };
        let mut runtime = spec.build()?;
        if spec.disk == whole.disk && spec.limits == whole.limits {
            // The bytes of temporary files are counted together.
            runtime.disk_manager = Arc::clone(&receiver.disk_manager);
        }
        if whole.pool != Pool::Unbounded {
            let whole = Arc::clone(&receiver.memory_pool);
            let own = runtime.memory_pool;
            let shared = || Arc::new(SharedPool::new(own, Arc::clone(&whole))) as Arc<dyn MemoryPool>;
            runtime.memory_pool = if spec.pool == Pool::Unbounded { whole } else { shared() };
        }
        Ok(runtime)
    }
}

impl Disk {
    fn of(disk: &DiskManager) -> Self {
        if !disk.tmp_files_enabled() {
            return Self::Disabled;
        }
        let told = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(TOLD.as_bytes()))
        };
        let directories: Vec<_> = disk
            .temp_dir_paths()
            .into_iter()
            .filter(told)
            .filter_map(|path| path.parent().map(PathBuf::from))
            .collect();
        if directories.is_empty() { Self::System } else { Self::Directories(directories) }
    }

    /// Where the temporary files go of a session that was sent.
    fn within(&self, receiver: Self) -> Result<Self> {
        match (self, receiver) {
            (Self::Disabled, _) | (_, Self::Disabled) => Ok(Self::Disabled),
            (_, Self::Directories(own)) => Ok(Self::Directories(own)),
            (Self::System, Self::System) => Ok(Self::System),
            (Self::Directories(sent), Self::System) => match sent.iter().find(|path| !path.is_dir()) {
                Some(missing) => Err(DataFusionError::Plan(format!(
                    "there is no directory {missing:?} here for temporary files, and a message makes none"
                ))),
                None => Ok(Self::Directories(sent.clone())),
            },
        }
    }
}
