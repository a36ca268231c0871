//! The executor: runs the tasks of a scheduler.

use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use planwire_registry::SessionCodecs;

use crate::{HEARTBEAT_SECONDS, advertised};

/// An executor of a cluster.
#[derive(Debug, Clone)]
pub struct Executor {
    /// The codecs of the tasks, see [`crate::codecs`]: their modes decide what runs here.
    pub codecs: SessionCodecs,
    /// The host of the scheduler.
    pub scheduler_host: String,
    /// The port of the scheduler.
    pub scheduler_port: u16,
    /// The address on which it listens, which the others reach it at.
    pub bind_host: String,
    /// The port for rows. Ballista tells the others this number, so it cannot be 0.
    pub port: u16,
    /// The port for tasks. It cannot be 0 either.
    pub grpc_port: u16,
    /// The directory for rows that others fetch; Ballista makes one that everybody can read if there is none.
    pub work_dir: Option<String>,
    /// How many partitions it works on at the same time; 0 for as many as there are cores.
    pub vcores: usize,
    /// Whether it is sent its tasks or asks for them, as its scheduler has it.
    pub policy: TaskSchedulingPolicy,
}

impl Executor {
    /// Runs tasks until the process is asked to end.
    ///
    /// # Errors
    ///
    /// When the scheduler cannot be reached, or a port is taken.
    pub async fn run(self) -> Result<(), BallistaError> {
        // Ballista gives a client one fixed text for whatever goes wrong when a task is decoded.
        let place = format!("executor {}:{}", self.bind_host, self.port);
        let codecs = self.codecs.with_late_failures(&place);
        advertised(&self.bind_host)?;
        let config = ExecutorProcessConfig {
            work_dir: self.work_dir,
            scheduler_host: self.scheduler_host,
            scheduler_port: self.scheduler_port,
            bind_host: self.bind_host.clone(),
            external_host: Some(self.bind_host),
            port: self.port,
            grpc_port: self.grpc_port,
            vcores: self.vcores,
            task_scheduling_policy: self.policy,
            executor_heartbeat_interval_seconds: HEARTBEAT_SECONDS,
            override_logical_codec: Some(Arc::new(codecs.logical().clone())),
            override_physical_codec: Some(Arc::new(codecs.physical().clone())),
            ..ExecutorProcessConfig::default()
        };
        start_executor_process(Arc::new(config)).await
    }
}
