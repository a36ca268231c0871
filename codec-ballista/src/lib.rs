//! Plans on an Apache Ballista cluster, with the code that they need.
//!
//! Ballista's own codecs forward no function: a plan that calls one goes by the function's name, and fails on
//! the executor. Here the codecs of a planwire session are used on the whole way:
//!
//! | from | to | as | by |
//! | --- | --- | --- | --- |
//! | client | scheduler | a logical plan, one message | [`ClusterPlan`] |
//! | scheduler | executor | a physical plan for each task | the family `ballista`, see [`BallistaFamily`] |
//!
//! The scheduler does not open functions that come in native frames, so [`codecs`] has them leave in those.

mod check;
mod client;
mod connection;
mod dictionaries;
mod executor;
mod executors;
mod family;
mod functions;
mod join;
mod plan;
mod progress;
mod query;
mod scheduler;
mod stores;
mod unset;

use std::net::IpAddr;
use std::sync::Arc;

pub use ballista_core::config::TaskSchedulingPolicy;
pub use ballista_core::error::BallistaError;

pub use client::client;
pub use connection::tls::{ClientTls, TlsFiles};
pub use executor::{Executor, Measure};
pub use family::BallistaFamily;
pub use plan::ClusterPlan;
pub use progress::{OperatorProgress, QueryProgress, StageProgress, Watch, known_rows};
pub use scheduler::Scheduler;
pub use stores::runtime;
pub use tonic::transport::ServerTlsConfig;

use planwire_registry::{FamilyConflict, FamilyMode, Frames, Member, SessionCodecs};

use crate::unset::Unset;

/// How often an executor tells its scheduler that it is there.
const HEARTBEAT_SECONDS: u64 = 5;

/// The size limit, in bytes, of a message between two processes. Ballista's own is 16 MiB, and it takes an executor
/// for lost that was sent a longer one.
const MESSAGE: u32 = 256 * 1024 * 1024;

/// The code of a query that cannot run.
const QUERY_FAILED: &str = "PW-X001";

/// The name of the family that carries Ballista's nodes.
const NAME: &str = "ballista";

/// Makes codecs for a cluster: Ballista's nodes are taken as DataFusion's own are, whatever the floor of the
/// process, and all functions leave in native frames.
///
/// Functions of 4 MiB and more need a store, see [`SessionCodecs::with_store`] for the codecs that are returned.
///
/// The family of its nodes is added, because sessions without a cluster have no use for it, and none has to refuse
/// it.
///
/// # Errors
///
/// [`FamilyConflict`] if another family is called `ballista`.
pub fn codecs(codecs: &SessionCodecs) -> Result<SessionCodecs, FamilyConflict> {
    let member = Member::new(Arc::new(BallistaFamily), env!("CARGO_PKG_NAME"));
    let codecs = codecs.with_member(member)?.with_store(Arc::new(Unset));
    let names: Vec<_> = codecs.families().map(|family| family.name).collect();
    let prepared = codecs.with_mode(NAME, FamilyMode::Inline).and_then(|codecs| {
        let codecs = codecs.with_engine(NAME)?;
        names.iter().try_fold(codecs, |codecs, name| codecs.with_frames(name.as_str(), Frames::Native))
    });
    // Every name comes from the list itself.
    Ok(prepared.unwrap_or(codecs))
}

/// Checks that tasks reach executors over connections that can be encrypted, where they are to be.
fn encryptable(policy: TaskSchedulingPolicy, is_encrypted: bool) -> Result<(), BallistaError> {
    match policy {
        TaskSchedulingPolicy::PushStaged if is_encrypted => Err(BallistaError::Configuration(
            "with TLS the policy is pull: executors that are sent their tasks have a port for them that Ballista \
             does not encrypt"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Checks an address at which the others are told to find a process.
fn advertised(host: &str) -> Result<(), BallistaError> {
    match host.parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() || address.is_ipv6() => Err(BallistaError::Configuration(
            format!("the others are told to find it at {host}, so it takes an IPv4 address of this machine"),
        )),
        _ => Ok(()),
    }
}
