//! How far a query on a cluster is: a scheduler tells, a client asks.
//!
//! Ballista's own answers leave out the stages that have not ended, so the scheduler serves `planwire.Progress`
//! beside them. Each operator is told of once, from the top of the last stage down; below a node that reads the rows
//! of a stage stands the plan of that stage, without the node that writes them.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use datafusion::common::stats::Precision;
use datafusion::physical_plan::{ExecutionPlan, StatisticsArgs};
use tokio::sync::OnceCell;
use tokio::time;
use tonic::body::Body;
use tonic::client;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::query::ClusterQueryExec;
use crate::scheduler::jobs::Jobs;

/// The method that is called; there is one.
const METHOD: PathAndQuery = PathAndQuery::from_static("/planwire.Progress/Get");

/// How long a scheduler has to answer; the query does not wait for it longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whose progress is asked for.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Asked {
    #[prost(string, tag = "1")]
    job: String,
}

/// How far a query is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct QueryProgress {
    /// Its stages, in the order of their numbers; none before it is planned.
    #[prost(message, repeated, tag = "1")]
    pub stages: Vec<StageProgress>,
    /// Its operators, from the top down.
    #[prost(message, repeated, tag = "2")]
    pub operators: Vec<OperatorProgress>,
}

/// How far a stage is.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StageProgress {
    /// The number of the stage, as `EXPLAIN` has it.
    #[prost(uint64, tag = "1")]
    pub stage: u64,
    /// How many partitions it has.
    #[prost(uint64, tag = "2")]
    pub partitions: u64,
    /// How many of them are done.
    #[prost(uint64, tag = "3")]
    pub partitions_done: u64,
}

/// What an operator has given in the tasks that have ended.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct OperatorProgress {
    /// Its name, such as `FilterExec`.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its depth below the top of the plan.
    #[prost(uint64, tag = "2")]
    pub depth: u64,
    /// The rows that it has given.
    #[prost(uint64, tag = "3")]
    pub rows: u64,
    /// The batches that it has given.
    #[prost(uint64, tag = "4")]
    pub batches: u64,
    /// The rows that it will give, if it is a source that knows the number.
    #[prost(uint64, optional, tag = "5")]
    pub expected_rows: Option<u64>,
}

/// The rows that a source gives, where it knows them before it has read them.
#[must_use]
pub fn known_rows(source: &dyn ExecutionPlan) -> Option<u64> {
    match source.statistics_from_inputs(&[], &StatisticsArgs::new()).ok()?.num_rows {
        Precision::Exact(rows) => Some(rows as u64),
        Precision::Inexact(_) | Precision::Absent => None,
    }
}

/// Asks the scheduler how far a query is.
#[derive(Debug)]
pub struct Watch {
    query: ClusterQueryExec,
    scheduler: OnceCell<Channel>,
}

impl Watch {
    /// For the plan of a query on a cluster; `None` for any other plan.
    #[must_use]
    pub fn of(plan: &Arc<dyn ExecutionPlan>) -> Option<Self> {
        let query: &ClusterQueryExec = plan.downcast_ref()?;
        Some(Self { query: query.clone(), scheduler: OnceCell::new() })
    }

    /// How far the query is; `None` if it has not been sent, or the scheduler does not answer.
    pub async fn progress(&self) -> Option<QueryProgress> {
        let job = self.query.job()?.to_string();
        let asking = async {
            let mut scheduler = client::Grpc::new(self.scheduler().await?);
            scheduler.ready().await.ok()?;
            let codec = ProstCodec::<Asked, QueryProgress>::default();
            scheduler.unary(Request::new(Asked { job }), METHOD, codec).await.ok().map(Response::into_inner)
        };
        time::timeout(PATIENCE, asking).await.ok().flatten()
    }

    async fn scheduler(&self) -> Option<Channel> {
        self.scheduler.get_or_try_init(|| self.query.connect()).await.ok().cloned()
    }
}

/// Answers clients.
#[derive(Clone)]
pub(crate) struct ProgressServer(pub(crate) Jobs);

impl NamedService for ProgressServer {
    const NAME: &'static str = "planwire.Progress";
}

impl Service<http::Request<Body>> for ProgressServer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answers = self.clone();
        Box::pin(async move { Ok(Grpc::new(ProstCodec::default()).unary(answers, request).await) })
    }
}

impl UnaryService<Asked> for ProgressServer {
    type Response = QueryProgress;
    type Future = BoxFuture<Response<QueryProgress>, Status>;

    fn call(&mut self, asked: Request<Asked>) -> Self::Future {
        let jobs = self.0.clone();
        Box::pin(async move {
            let progress = jobs.progress(&asked.into_inner().job.into()).await;
            progress.map(Response::new).ok_or_else(|| Status::not_found("there is no such job"))
        })
    }
}
