//! The scheduler: plans the queries of clients, and gives their tasks to executors.

pub(crate) mod jobs;

use std::net::SocketAddr;
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpcServer;
use ballista_core::utils::default_session_builder;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::create_scheduler;
use datafusion::execution::SessionStateBuilder;
use planwire_registry::SessionCodecs;
use tokio::net::TcpListener;
use tonic::service::RoutesBuilder;

use self::jobs::Jobs;
use crate::check::CheckedPlanner;
use crate::executors::Executors;
use crate::plan::NoPlan;
use crate::progress::ProgressServer;
use crate::{ClusterPlan, HEARTBEAT_SECONDS, MESSAGE, advertised};

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
}

impl Scheduler {
    /// Serves clients and executors that connect to `listener`, until the future is dropped.
    ///
    /// # Errors
    ///
    /// When the listener fails, or executors could not tell in time that they are there.
    pub async fn serve(self, listener: TcpListener) -> Result<(), BallistaError> {
        let address: SocketAddr = listener.local_addr()?;
        advertised(&address.ip().to_string())?;
        let executors = Executors::new(self.executor_timeout);
        let planner = Arc::new(CheckedPlanner { codecs: self.codecs.clone(), executors: executors.clone() });
        let session = move |config| {
            let state = SessionStateBuilder::new_from_existing(default_session_builder(config)?);
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
        let jobs = Jobs { scheduler: scheduler.clone(), ended };
        let scheduler = SchedulerGrpcServer::new(scheduler)
            .max_decoding_message_size(MESSAGE as usize)
            .max_encoding_message_size(MESSAGE as usize);
        // Ballista's own function for this serves nothing else.
        let mut routes = RoutesBuilder::default();
        routes.add_service(scheduler).add_service(ProgressServer(jobs));
        let routes = routes.routes().into_axum_router();
        let served = routes.into_make_service_with_connect_info::<SocketAddr>();
        Ok(axum::serve(listener, served).await?)
    }
}
