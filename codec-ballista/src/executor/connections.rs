//! The connections of an executor to others, from which it reads rows.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ballista_core::client::BallistaClient;
use ballista_core::client_pool::{BallistaClientPool, PooledClient};
use ballista_core::error::Result;
use ballista_core::extension::BallistaConfigGrpcEndpoint;
use ballista_core::utils::GrpcClientConfig;

/// How long a connection that nobody uses is kept, and then until another one is asked for.
const KEPT: Duration = Duration::from_secs(30);

/// Where a connection leads, and how it is made.
type Place = (String, u16, GrpcClientConfig);

/// Connections that are kept for the next task.
///
/// Ballista has such a pool, and makes it only for its own engine.
#[derive(Default)]
pub(crate) struct Connections {
    idle: Arc<Mutex<HashMap<Place, Vec<Idle>>>>,
}

/// A connection, and since when nobody uses it.
struct Idle {
    client: BallistaClient,
    since: Instant,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}

#[async_trait]
impl BallistaClientPool for Connections {
    async fn acquire(
        &self,
        host: &str,
        port: u16,
        config: &GrpcClientConfig,
        endpoint: Option<Arc<BallistaConfigGrpcEndpoint>>,
    ) -> Result<PooledClient> {
        self.evict_idle().await;
        let place = (host.to_owned(), port, config.clone());
        let kept = change(&self.idle, |idle| idle.get_mut(&place).and_then(Vec::pop));
        let client = match kept {
            Some(kept) => kept.client,
            None => {
                BallistaClient::try_new(
                    host,
                    port,
                    config.max_message_size,
                    config.use_tls,
                    endpoint,
                    config.io_retries_times,
                    config.io_retry_wait_time_ms,
                    config.initial_connection_window_size,
                    config.initial_stream_window_size,
                )
                .await?
            }
        };
        let idle = Arc::clone(&self.idle);
        let keep = move |client| {
            let kept = Idle { client, since: Instant::now() };
            change(&idle, |idle| idle.entry(place).or_default().push(kept));
        };
        Ok(PooledClient::new(client, Box::new(keep)))
    }

    async fn evict_idle(&self) {
        change(&self.idle, |idle| {
            idle.retain(|_, kept| {
                kept.retain(|one| one.since.elapsed() < KEPT);
                !kept.is_empty()
            });
        });
    }
}

fn change<T>(
    idle: &Mutex<HashMap<Place, Vec<Idle>>>,
    change: impl FnOnce(&mut HashMap<Place, Vec<Idle>>) -> T,
) -> T {
    // A panic in between leaves connections, which any task may use.
    change(&mut idle.lock().unwrap_or_else(PoisonError::into_inner))
}
