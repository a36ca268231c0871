//! The executor: runs the tasks of a scheduler.

mod connections;
mod engine;
mod failures;

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use ballista_core::ConfigProducer;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::extension::{EndpointOverrideFn, SessionConfigExt};
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::utils::{GrpcClientConfig, GrpcServerConfig, create_grpc_server, default_config_producer};
use ballista_executor::ArrowFlightServerProvider;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::executor_server::TERMINATING;
use ballista_executor::flight_service::BallistaFlightService;
use ballista_executor::shutdown::Shutdown;
use ballista_executor::terminate::sig_term;
use datafusion::execution::SessionStateBuilder;
use futures::future::{self, FutureExt as _};
use planwire_registry::SessionCodecs;
use tokio::net::TcpListener;
use tokio::{signal, time};
use tonic::Code;
use tonic::transport::ServerTlsConfig;
use tonic::transport::server::TcpIncoming;

use self::engine::Engine;
pub use self::engine::Measure;
use crate::connection::tls::{ClientTls, encrypting};
use crate::connection::{connect, greet, spelled};
use crate::{HEARTBEAT_SECONDS, MESSAGE, advertised, encryptable};

/// How often a free port is looked for, where others may take it before it is bound.
const ATTEMPTS: usize = 16;

/// How long an executor that has lost its scheduler waits until it looks for it again.
const PAUSE: Duration = Duration::from_secs(1);

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
    /// With what connections are encrypted: those that others make to it, and those that it makes. See
    /// [`crate::TlsFiles`]. The policy has to be pull.
    pub tls: Option<(ServerTlsConfig, ClientTls)>,
    /// Measures the plan of each task, for `EXPLAIN ANALYZE`.
    pub measure: Option<Measure>,
}

impl Executor {
    /// Runs tasks until the process is asked to end. The others fetch rows from `listener`, and reach it at the
    /// same address for tasks.
    ///
    /// Ballista's executor ends when it is sent its tasks and its scheduler has not answered for some time, and when
    /// the scheduler has not heard of it for some time. Then it begins again as a new one.
    ///
    /// # Errors
    ///
    /// When the scheduler cannot be reached at first, refuses the executor, a port is taken, or the policy is not for
    /// TLS.
    pub async fn run(self, listener: TcpListener) -> Result<(), BallistaError> {
        let address = listener.local_addr()?;
        let host = address.ip().to_string();
        advertised(&host)?;
        encryptable(self.policy, self.tls.is_some())?;
        let (server_tls, client_tls) = self.tls.unzip();
        let encrypted = client_tls.map(encrypting);
        let place = format!("executor {address}");
        let codecs = self.codecs.with_late_failures(&place);
        let scheduler = format!("http://{}:{}", self.scheduler_host, self.scheduler_port);
        let config = GrpcClientConfig::default();
        let connected = connect(&scheduler, &config, |endpoint| match &encrypted {
            Some(encrypted) => encrypted(endpoint),
            None => Ok(endpoint),
        });
        let greeted = match connected.await {
            Ok(connected) => greet(connected).await,
            Err(cause) => Err(cause),
        };
        greeted.map_err(|cause| {
            let place = spelled(&scheduler);
            BallistaError::GrpcConnectionError(format!("the scheduler at {place} does not answer: {cause}"))
        })?;
        let rows = listener.into_std()?;
        // Ballista's own list leaves out the functions of lists, maps and structs.
        let functions = SessionStateBuilder::new_with_default_features().build();
        let functions = Arc::new(BallistaFunctionRegistry::from(&functions));
        let engine = Arc::new(Engine::new(&place, self.measure));
        let mut attempts = if self.grpc_port == 0 { ATTEMPTS } else { 1 };
        let mut asked = Box::pin(asked_to_end());
        let mut was_registered = false;
        // Signals count from when it is polled for the first time.
        while (&mut asked).now_or_never().is_none() {
            // Ballista binds this port itself, and tells the others the number that it is given.
            let grpc_port = match self.grpc_port {
                0 => TcpListener::bind((address.ip(), 0)).await?.local_addr()?.port(),
                port => port,
            };
            let work_dir = self.work_dir.clone();
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
                override_runtime_producer: Some(Arc::new(move |_| crate::runtime(work_dir.as_deref()))),
                override_arrow_flight_service: Some(serving(rows.try_clone()?, server_tls.clone())),
                // The first is for the scheduler, the other for the rows of other executors.
                override_create_grpc_client_endpoint: encrypted.clone(),
                override_config_producer: encrypted.clone().map(configuring),
                ..ExecutorProcessConfig::default()
            };
            match start_executor_process(Arc::new(config)).await {
                Err(BallistaError::IoError(error)) if error.kind() == ErrorKind::AddrInUse => {
                    attempts -= 1;
                    if attempts == 0 {
                        let place = format!("cannot listen at {host}:{grpc_port}: {error}");
                        return Err(BallistaError::IoError(io::Error::new(error.kind(), place)));
                    }
                    continue;
                }
                Ok(()) if (&mut asked).now_or_never().is_none() => was_registered = true,
                Err(error) if was_registered && is_away(&error) => {}
                ended => return ended,
            }
            time::sleep(PAUSE).await;
            // Ballista keeps this for the whole process, and tells it to the scheduler.
            TERMINATING.store(false, Ordering::Release);
        }
        Ok(())
    }
}

/// Waits until the process is asked to end, as Ballista's executor does.
async fn asked_to_end() {
    future::select(Box::pin(signal::ctrl_c()), Box::pin(sig_term())).await;
}

/// Whether the scheduler does not answer, or is about to end.
fn is_away(error: &BallistaError) -> bool {
    match error {
        BallistaError::GrpcConnectionError(_) | BallistaError::TonicError(_) => true,
        BallistaError::GrpcError(status) => status.code() == Code::Unavailable,
        _ => false,
    }
}

/// Has tasks encrypt the connections over which they fetch rows.
fn configuring(encrypted: EndpointOverrideFn) -> ConfigProducer {
    Arc::new(move || {
        default_config_producer().with_ballista_override_create_grpc_client_endpoint(Arc::clone(&encrypted))
    })
}

/// Serves rows on a listener that is bound already: where Ballista binds it, after the scheduler has been told of the
/// executor, another process may have taken the port.
fn serving(rows: std::net::TcpListener, tls: Option<ServerTlsConfig>) -> Arc<ArrowFlightServerProvider> {
    Arc::new(move |work_dir: String, _, mut shutdown: Shutdown, server: GrpcServerConfig| {
        let service = FlightServiceServer::new(BallistaFlightService::new(work_dir))
            .max_decoding_message_size(MESSAGE as usize)
            .max_encoding_message_size(MESSAGE as usize);
        let listener = rows.try_clone().and_then(TcpListener::from_std);
        let tls = tls.clone();
        tokio::spawn(async move {
            let keepalive = Duration::from_secs(server.tcp_keepalive_seconds);
            let incoming =
                TcpIncoming::from(listener?).with_nodelay(Some(true)).with_keepalive(Some(keepalive));
            let mut server = create_grpc_server(&server);
            if let Some(tls) = tls {
                server = server.tls_config(tls)?;
            }
            let served = server.add_service(service);
            let ended = served.serve_with_incoming_shutdown(incoming, shutdown.recv()).await;
            ended.map_err(BallistaError::TonicError)
        })
    })
}
