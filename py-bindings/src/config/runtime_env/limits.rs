//! Limits of a runtime that only SQL sets: how much its caches and its temporary files may take.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::cache::cache_manager::CacheManagerConfig;
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionContext;

/// What the names of all options of a runtime open with.
pub(crate) const PREFIX: &str = "datafusion.runtime.";

const TEMPORARY_FILES: &str = "datafusion.runtime.max_temp_directory_size";
const MERGED_FILES: &str = "datafusion.runtime.max_spill_merge_fan_in";
const METADATA: &str = "datafusion.runtime.metadata_cache_limit";
const LISTINGS: &str = "datafusion.runtime.list_files_cache_limit";
const LISTED_FOR: &str = "datafusion.runtime.list_files_cache_ttl";
const STATISTICS: &str = "datafusion.runtime.file_statistics_cache_limit";

/// A cache adds this to the time that it is, which must not overflow; nobody waits for 136 years.
const LONGEST: u64 = u32::MAX as u64;

/// The limits, in bytes where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RuntimeLimits {
    temporary_files: u64,
    /// Files that one merge opens; 0 stands for any number.
    merged_files: usize,
    metadata: usize,
    listings: usize,
    /// Seconds for which a listing of files is not made again; nothing stands for ever.
    listed_for: Option<u64>,
    statistics: usize,
}

impl Default for RuntimeLimits {
    /// DataFusion's own.
    fn default() -> Self {
        Self::of(&RuntimeEnv::default())
    }
}

impl RuntimeLimits {
    /// The limits of a runtime as it is.
    pub(crate) fn of(runtime: &RuntimeEnv) -> Self {
        let RuntimeEnv { disk_manager: disk, cache_manager: caches, .. } = runtime;
        Self {
            temporary_files: disk.max_temp_directory_size(),
            merged_files: disk.max_spill_merge_fan_in(),
            metadata: caches.get_metadata_cache_limit(),
            listings: caches.get_list_files_cache_limit(),
            listed_for: caches.get_list_files_cache_ttl().map(|ttl| ttl.as_secs().max(1)),
            statistics: caches.get_file_statistic_cache_limit(),
        }
    }

    /// Those that are not DataFusion's, as `SET` spells names and values.
    pub(crate) fn options(&self) -> Vec<(String, String)> {
        let options = Self::default().spelled();
        let options = self.spelled().into_iter().zip(options).filter(|(own, default)| own != default);
        options.filter_map(|((name, value), _)| Some((name.to_owned(), value?))).collect()
    }

    fn spelled(&self) -> [(&'static str, Option<String>); 6] {
        [
            (TEMPORARY_FILES, Some(size(self.temporary_files))),
            (MERGED_FILES, Some(self.merged_files.to_string())),
            (METADATA, Some(size(self.metadata as u64))),
            (LISTINGS, Some(size(self.listings as u64))),
            (LISTED_FOR, self.listed_for.map(|seconds| format!("{seconds}s"))),
            (STATISTICS, Some(size(self.statistics as u64))),
        ]
    }

    /// Sets a limit as `SET` does, of what [`Self::options`] gives.
    ///
    /// # Errors
    ///
    /// There is no such limit, or it has no such value.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let size = || SessionContext::parse_capacity_limit(name, value);
        match name {
            TEMPORARY_FILES => self.temporary_files = size()? as u64,
            MERGED_FILES => self.merged_files = number(name, value)?,
            METADATA => self.metadata = size()?,
            LISTINGS => self.listings = size()?,
            LISTED_FOR => {
                let seconds: u64 = number(name, value.strip_suffix('s').unwrap_or(value))?;
                self.listed_for = Some(seconds.clamp(1, LONGEST));
            }
            STATISTICS => self.statistics = size()?,
            _ => return Err(DataFusionError::Plan("it is for the receiver to set".to_owned())),
        }
        Ok(())
    }

    /// The smaller of each limit.
    pub(crate) fn within(self, other: Self) -> Self {
        let fewer = |one: usize, other: usize| match (one, other) {
            (0, limit) | (limit, 0) => limit,
            (one, other) => one.min(other),
        };
        Self {
            temporary_files: self.temporary_files.min(other.temporary_files),
            merged_files: fewer(self.merged_files, other.merged_files),
            metadata: self.metadata.min(other.metadata),
            listings: self.listings.min(other.listings),
            listed_for: self.listed_for.into_iter().chain(other.listed_for).min(),
            statistics: self.statistics.min(other.statistics),
        }
    }

    pub(super) fn caches(&self) -> CacheManagerConfig {
        CacheManagerConfig::default()
            .with_metadata_cache_limit(self.metadata)
            .with_list_files_cache_limit(self.listings)
            .with_list_files_cache_ttl(self.listed_for.map(Duration::from_secs))
            .with_file_statistics_cache_limit(self.statistics)
    }

    pub(super) fn disk(&self) -> DiskManagerBuilder {
        DiskManagerBuilder::default()
            .with_max_temp_directory_size(self.temporary_files)
            .with_max_spill_merge_fan_in(self.merged_files)
    }
}

/// Bytes as `SET` reads them, to the byte: what DataFusion shows of a limit is rounded.
fn size(bytes: u64) -> String {
    match bytes {
        0 => "0".to_owned(),
        // No size of memory or disk has more than the 53 bits that stay as they are.
        bytes => format!("{}K", bytes as f64 / 1024.0),
    }
}

fn number<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|fault| DataFusionError::Plan(format!("{name} cannot be {value:?}: {fault}")))
}
