//! Connections to a scheduler that planwire makes itself.

use std::error::Error;

use ballista_core::error::BallistaError;
use ballista_core::serde::protobuf::GetJobStatusParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use tonic::transport::{Channel, Endpoint};

/// Connects to a scheduler and asks it something, because one that wants a certificate says so only then.
/// Ballista says of a failure no more than that there was one.
///
/// # Errors
///
/// [`BallistaError::GrpcConnectionError`] with the address and the innermost cause.
pub(crate) async fn connect(
    scheduler: &str,
    config: &GrpcClientConfig,
    customize: impl FnOnce(Endpoint) -> Result<Endpoint, Box<dyn Error + Send + Sync>>,
) -> Result<SchedulerGrpcClient<Channel>, BallistaError> {
    let (_, address) = scheduler.split_once("://").unwrap_or(("", scheduler));
    let unreachable = |error: &dyn Error| {
        let cause = root(error);
        BallistaError::GrpcConnectionError(format!("cannot connect to the scheduler at {address}: {cause}"))
    };
    let endpoint = create_grpc_client_endpoint(scheduler.to_owned(), Some(config));
    let endpoint = customize(endpoint.map_err(|error| unreachable(&error))?);
    let endpoint = endpoint.map_err(|error| unreachable(error.as_ref()))?;
    let connection = endpoint.connect().await.map_err(|error| unreachable(&error))?;
    let mut scheduler = SchedulerGrpcClient::new(connection);
    match scheduler.get_job_status(GetJobStatusParams::default()).await {
        // What has a source is no answer.
        Err(error) if error.source().is_some() => Err(BallistaError::GrpcConnectionError(format!(
            "the scheduler at {address} ended the connection: {}; it may want TLS, or a certificate that it knows",
            root(&error)
        ))),
        _ => Ok(scheduler),
    }
}

/// The innermost cause of an error; the others say only that it is about transport.
pub(crate) fn root(error: &dyn Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}
