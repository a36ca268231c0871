//! Connections: encrypted ones, and those to a scheduler that planwire makes itself.

pub(crate) mod tls;

use std::error::Error;

use ballista_core::serde::protobuf::GetJobStatusParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use planwire_registry::error::OneLine;
use tonic::transport::{Channel, Endpoint};

/// The size limit, in bytes, of the text of a cause.
const LONGEST: usize = 512;

/// Connects to a scheduler at an address such as `http://localhost:50050`.
///
/// # Errors
///
/// The innermost cause.
pub(crate) async fn connect(
    scheduler: &str,
    config: &GrpcClientConfig,
    customize: impl FnOnce(Endpoint) -> Result<Endpoint, Box<dyn Error + Send + Sync>>,
) -> Result<Channel, String> {
    let endpoint = create_grpc_client_endpoint(scheduler.to_owned(), Some(config));
    let endpoint = customize(endpoint.map_err(|error| cause(&error))?);
    let endpoint = endpoint.map_err(|error| cause(error.as_ref()))?;
    endpoint.connect().await.map_err(|error| cause(&error))
}

/// Asks a scheduler something: one that wants a certificate says so only then.
///
/// # Errors
///
/// The innermost cause.
pub(crate) async fn greet(scheduler: Channel) -> Result<(), String> {
    match SchedulerGrpcClient::new(scheduler).get_job_status(GetJobStatusParams::default()).await {
        // What has a source is no answer.
        Err(error) if error.source().is_some() => Err(cause(&error)),
        _ => Ok(()),
    }
}

/// What is at the end of the causes of an error, such as a connection that was refused.
pub(crate) fn cause(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    OneLine::new(last, LONGEST).to_string()
}

/// The address of a scheduler as users spell it.
pub(crate) fn spelled(scheduler: &str) -> String {
    let (_, address) = scheduler.split_once("://").unwrap_or(("", scheduler));
    format!("df://{address}")
}
