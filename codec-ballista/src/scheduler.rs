//! The scheduler: plans the queries of clients, and gives their tasks to executors.

pub(crate) mod jobs;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpcServer;
use ballista_core::utils::default_session_builder;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::create_scheduler;
use datafusion::execution::SessionStateBuilder;
use futures::future::{self, Either};
use planwire_registry::SessionCodecs;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Server, ServerTlsConfig};

use self::jobs::Jobs;
use crate::check::CheckedPlanner;
use crate::executors::{Executors, end_losses};
use crate::plan::NoPlan;
use crate::progress::ProgressServer;
use crate::{ClusterPlan, HEARTBEAT_SECONDS, MESSAGE, advertised, encryptable};

/// After which silence a peer is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// A scheduler of a cluster.
#[derive(Debug, Clone)]
pub struct Scheduler {
    /// The codecs of what comes from clients and goes to executors, see [`crate::codecs`].
    pub codecs: SessionCodecs,
    /// Whether executors are sent their tasks or ask for them. All executors must have the same.
    pub policy: TaskSchedulingPolicy,
    /// After how many seconds an executor counts as lost of which nothing is heard, and a query fails for which
    /// there is no executor. Executors tell that they are there every 5 seconds.
    pub executor_timeout: u64,
    /// With what connections are encrypted, see [`crate::TlsFiles::server`]. The policy has to be pull.
    pub tls: Option<ServerTlsConfig>,
}

impl Scheduler {
    /// Serves clients and executors that connect to `listener`, until the future is dropped.
    ///
    /// # Errors
    ///
    /// When the listener fails, executors could not tell in time that they are there, or the policy is not for TLS.
    pub async fn serve(self, listener: TcpListener) -> Result<(), BallistaError> {
        let address: SocketAddr = listener.local_addr()?;
        advertised(&address.ip().to_string())?;
        encryptable(self.policy, self.tls.is_some())?;
        let executors = Executors::new(self.executor_timeout);
        let planner = Arc::new(CheckedPlanner { codecs: self.codecs.clone(), executors: executors.clone() });
        let runtime = crate::runtime(None)?;
        let session = move |config| {
            let state = SessionStateBuilder::new_from_existing(default_session_builder(config)?);
            let state = state.with_runtime_env(Arc::clone(&runtime));
            Ok(state.with_query_planner(Arc::clone(&planner) as _).build())
        };
        let config = SchedulerConfig {
            bind_host: address.ip().to_string(),
            external_host: address.ip().to_string(),
            bind_port: address.port(),
            scheduling_policy: self.policy,
            executor_timeout_seconds: self.executor_timeout,
            expire_dead_executor_interval_seconds: HEARTBEAT_SECONDS,
            no_executors_grace_period_seconds: self.executor_timeout,
            grpc_server_max_decoding_message_size: MESSAGE,
            grpc_server_max_encoding_message_size: MESSAGE,
            grpc_client_max_message_size: MESSAGE,
            // Nobody listens there whom the scheduler knows.
            override_create_grpc_client_endpoint: matches!(self.policy, TaskSchedulingPolicy::PullStaged)
                .then(|| Arc::new(|_| Err("executors that ask for tasks are not connected to".into())) as _),
            override_session_builder: Some(Arc::new(session)),
            override_logical_codec: Some(Arc::new(self.codecs.logical().clone())),
            override_physical_codec: Some(Arc::new(self.codecs.physical().clone())),
            ..SchedulerConfig::default()
        };
        if self.executor_timeout <= HEARTBEAT_SECONDS {
            return Err(BallistaError::Configuration(format!(
                "executors tell that they are there every {HEARTBEAT_SECONDS} seconds, so they cannot count as \
                 lost after {}",
                self.executor_timeout
            )));
        }
        config.validate()?;
        let cluster = BallistaCluster::new_from_config(&config).await?;
        executors.are_of(cluster.cluster_state());
        let ended = cluster.job_state();
        let scheduler = create_scheduler::<ClusterPlan, NoPlan>(cluster, Arc::new(config)).await?;
        let losses = pin!(end_losses(scheduler.clone()));
        let progress = ProgressServer(Jobs { scheduler: scheduler.clone(), ended });
        let service = SchedulerGrpcServer::new(scheduler)
            .max_decoding_message_size(MESSAGE as usize)
            .max_encoding_message_size(MESSAGE as usize);
        // Ballista's own server serves nothing else, and has no TLS. There is no limit of time, because a query waits for an executor.
        let mut server = Server::builder().http2_keepalive_interval(Some(KEEPALIVE));
        if let Some(tls) = self.tls {
            server = server.tls_config(tls)?;
        }
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(KEEPALIVE));
        let serving = pin!(server.add_service(service).add_service(progress).serve_with_incoming(incoming));
        match future::select(serving, losses).await {
            Either::Left((ended, _)) => Ok(ended?),
            Either::Right(((), serving)) => Ok(serving.await?),
        }
    }
}
