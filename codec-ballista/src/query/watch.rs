//! The scheduler of a query that runs: it may end, or be started again and know nothing of the query.

use std::time::Duration;

use ballista_core::JobId;
use ballista_core::serde::protobuf::job_status::Status;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{CancelJobParams, GetJobStatusParams};
use datafusion::error::DataFusionError;
use futures::future;
use planwire_registry::error::Failure;
use tokio::time;

use super::ClusterQueryExec;
use crate::QUERY_FAILED;
use crate::connection::{cause, greet, spelled};

/// How often it is asked.
const PAUSE: Duration = Duration::from_secs(2);

/// How long it has to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it may say of a query that it does not know it, before it has said that it does.
const LATE: usize = 15;

/// What a scheduler says of a query.
enum Said {
    Nothing(String),
    Unknown,
    Runs,
    IsOver,
}

impl ClusterQueryExec {
    /// Waits until the scheduler does not know the query any more. Ballista's client takes that for a query that has
    /// not begun, and waits for ever.
    pub(crate) async fn lost(self) -> DataFusionError {
        let (mut was_known, mut unknown) = (false, 0);
        loop {
            time::sleep(PAUSE).await;
            let Some(job) = self.job() else { continue };
            match self.ask(job).await {
                Said::Nothing(_) => {}
                Said::Unknown if was_known || unknown == LATE => return self.forgotten(),
                Said::Unknown => unknown += 1,
                Said::Runs => was_known = true,
                Said::IsOver => future::pending().await,
            }
        }
    }

    /// Finds out whether an error comes of a scheduler that is not there or does not know the query, and whether the
    /// query is over.
    pub(crate) async fn explain(self, error: DataFusionError) -> (DataFusionError, bool) {
        let said = match self.job() {
            Some(job) => self.ask(job).await,
            None => self.greet().await.map_or_else(Said::Nothing, |()| Said::Runs),
        };
        match said {
            Said::Nothing(why) => (self.failed(&format!("does not answer: {why}")), false),
            Said::Unknown => (self.forgotten(), true),
            Said::Runs => (error, false),
            Said::IsOver => (error, true),
        }
    }

    /// Tells the scheduler that nobody reads the rows of a job.
    pub(crate) async fn cancel(self, job: JobId) {
        let Ok(scheduler) = self.connect().await else { return };
        // A scheduler that does not answer has ended, and the job with it.
        drop(
            SchedulerGrpcClient::new(scheduler).cancel_job(CancelJobParams { job_id: job.to_string() }).await,
        );
    }

    async fn greet(&self) -> Result<(), String> {
        greet(self.connect().await?).await
    }

    async fn ask(&self, job: JobId) -> Said {
        let asking = async {
            let asked = GetJobStatusParams { job_id: job.to_string() };
            let mut scheduler = SchedulerGrpcClient::new(self.connect().await?);
            let answer = scheduler.get_job_status(asked).await;
            answer.map_err(|fault| cause(&fault))
        };
        let answer = match time::timeout(PATIENCE, asking).await {
            Ok(Ok(answer)) => answer.into_inner(),
            Ok(Err(why)) => return Said::Nothing(why),
            Err(_) => return Said::Nothing(format!("it said nothing for {} seconds", PATIENCE.as_secs())),
        };
        match answer.status {
            None => Said::Unknown,
            Some(said) => match said.status {
                Some(Status::Successful(_) | Status::Failed(_)) => Said::IsOver,
                _ => Said::Runs,
            },
        }
    }

    fn forgotten(&self) -> DataFusionError {
        self.failed("was started again while it ran the query, which is lost")
    }

    fn failed(&self, what: &str) -> DataFusionError {
        let failure = Failure {
            message: format!("the scheduler at {} {what}", spelled(self.scheduler())),
            code: QUERY_FAILED.to_owned(),
            help: "see that a scheduler runs there, and that TLS and certificates are as it wants them; then run the query again".to_owned(),
            ..Failure::default()
        };
        DataFusionError::External(Box::new(failure))
    }
}
