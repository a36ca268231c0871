//! The executor: runs the tasks of a scheduler.

mod connections;
mod engine;

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::utils::{GrpcServerConfig, create_grpc_server};
use ballista_executor::ArrowFlightServerProvider;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::flight_service::BallistaFlightService;
use ballista_executor::shutdown::Shutdown;
use datafusion::execution::SessionStateBuilder;
use planwire_registry::SessionCodecs;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;

use self::engine::Engine;
pub use self::engine::Measure;
use crate::{HEARTBEAT_SECONDS, MESSAGE, advertised};

/// How often a free port is looked for, where others may take it before it is bound.
const ATTEMPTS: usize = 16;

/// An executor of a cluster.
#[derive(Debug, Clone)]
pub struct Executor {
    /// The codecs of the tasks, see [`crate::codecs`]: their modes decide what runs here.
    pub codecs: SessionCodecs,
    /// The host of the scheduler.
    pub scheduler_host: String,
    /// The port of the scheduler.
    pub scheduler_port: u16,
    /// The port for tasks; 0 for a free one.
    pub grpc_port: u16,
    /// The directory for rows that others fetch; Ballista makes one that everybody can read if there is none.
    pub work_dir: Option<String>,
    /// How many partitions it works on at the same time; 0 for as many as there are cores.
    pub vcores: usize,
    /// Whether it is sent its tasks or asks for them, as its scheduler has it.
    pub policy: TaskSchedulingPolicy,
    /// Measures the plan of each task, for `EXPLAIN ANALYZE`.
    pub measure: Option<Measure>,
}

impl Executor {
    /// Runs tasks until the process is asked to end. The others fetch rows from `listener`, and reach it at the
    /// same address for tasks.
    ///
    /// # Errors
    ///
    /// When the scheduler cannot be reached, or a port is taken.
    pub async fn run(self, listener: TcpListener) -> Result<(), BallistaError> {
        let address = listener.local_addr()?;
        let host = address.ip().to_string();
        advertised(&host)?;
        let codecs = self.codecs.with_late_failures(&format!("executor {address}"));
        let rows = listener.into_std()?;
        // Ballista's own list leaves out the functions of lists, maps and structs.
        let functions = SessionStateBuilder::new_with_default_features().build();
        let functions = Arc::new(BallistaFunctionRegistry::from(&functions));
        let engine = Arc::new(Engine::new(self.measure));
        let mut attempts = if self.grpc_port == 0 { ATTEMPTS } else { 1 };
        loop {
            // Ballista binds this port itself, and tells the others the number that it is given.
            let grpc_port = match self.grpc_port {
                0 => TcpListener::bind((address.ip(), 0)).await?.local_addr()?.port(),
                port => port,
            };
            let config = ExecutorProcessConfig {
                work_dir: self.work_dir.clone(),
                scheduler_host: self.scheduler_host.clone(),
                scheduler_port: self.scheduler_port,
                bind_host: host.clone(),
                external_host: Some(host.clone()),
                port: address.port(),
                grpc_port,
                vcores: self.vcores,
                task_scheduling_policy: self.policy,
                executor_heartbeat_interval_seconds: HEARTBEAT_SECONDS,
                grpc_max_decoding_message_size: MESSAGE,
                grpc_max_encoding_message_size: MESSAGE,
                override_execution_engine: Some(Arc::clone(&engine) as _),
                override_function_registry: Some(Arc::clone(&functions)),
                override_logical_codec: Some(Arc::new(codecs.logical().clone())),
                override_physical_codec: Some(Arc::new(codecs.physical().clone())),
                override_arrow_flight_service: Some(serving(rows.try_clone()?)),
                ..ExecutorProcessConfig::default()
            };
            match start_executor_process(Arc::new(config)).await {
                Err(BallistaError::IoError(error)) if error.kind() == ErrorKind::AddrInUse => {
                    attempts -= 1;
                    if attempts == 0 {
                        let place = format!("cannot listen at {host}:{grpc_port}: {error}");
                        return Err(BallistaError::IoError(io::Error::new(error.kind(), place)));
                    }
                }
                ended => return ended,
            }
        }
    }
}

/// Serves rows on a listener that is bound already: where Ballista binds it, after the scheduler has been told of the
/// executor, another process may have taken the port.
fn serving(rows: std::net::TcpListener) -> Arc<ArrowFlightServerProvider> {
    Arc::new(move |work_dir: String, _, mut shutdown: Shutdown, server: GrpcServerConfig| {
        let service = FlightServiceServer::new(BallistaFlightService::new(work_dir))
            .max_decoding_message_size(MESSAGE as usize)
            .max_encoding_message_size(MESSAGE as usize);
        let listener = rows.try_clone().and_then(TcpListener::from_std);
        tokio::spawn(async move {
            let keepalive = Duration::from_secs(server.tcp_keepalive_seconds);
            let incoming =
                TcpIncoming::from(listener?).with_nodelay(Some(true)).with_keepalive(Some(keepalive));
            let served = create_grpc_server(&server).add_service(service);
            let ended = served.serve_with_incoming_shutdown(incoming, shutdown.recv()).await;
            ended.map_err(BallistaError::TonicError)
        })
    })
}
