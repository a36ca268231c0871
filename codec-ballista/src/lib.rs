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
mod executor;
mod family;
mod functions;
mod plan;
mod query;
mod scheduler;

pub use ballista_core::config::TaskSchedulingPolicy;
pub use ballista_core::error::BallistaError;

pub use client::client;
pub use executor::Executor;
pub use family::BallistaFamily;
pub use plan::ClusterPlan;
pub use scheduler::Scheduler;

use planwire_registry::{FamilyMode, Frames, SessionCodecs, UnknownFamilyName};

/// How often an executor tells its scheduler that it is there.
const HEARTBEAT_SECONDS: u64 = 5;

/// How long a scheduler waits for an executor that it does not hear of, and for one where there is none.
const PATIENCE_SECONDS: u64 = 30;

/// The name of the family that carries Ballista's nodes.
const NAME: &str = "ballista";

/// Makes codecs for a cluster: Ballista's nodes are taken as DataFusion's own are, whatever the floor of the
/// process, and all functions leave in native frames.
///
/// # Errors
///
/// [`UnknownFamilyName`] if the family of this crate is not among those of `codecs`.
pub fn codecs(codecs: &SessionCodecs) -> Result<SessionCodecs, UnknownFamilyName> {
    let names: Vec<_> = codecs.families().map(|family| family.name).collect();
    let codecs = codecs.with_mode(NAME, FamilyMode::Inline)?.with_engine(NAME)?;
    names.iter().try_fold(codecs, |codecs, name| codecs.with_frames(name.as_str(), Frames::Native))
}
