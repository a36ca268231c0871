//! Sessions whose queries run on a cluster.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use planwire_ballista::TlsFiles;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use super::{Origin, PySessionContext};
use crate::cluster::{self, Cluster, misconfigured};
use crate::config::session_config;
use crate::host::call::Call;
use crate::host::error::from_query;

/// The processes of a cluster, held by the options of its sessions, and so by their queries.
struct Held(#[expect(dead_code, reason = "it is held and not read")] Py<PyAny>);

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

#[pymethods]
impl PySessionContext {
    /// Return a session whose queries run on an Apache Ballista cluster of planwire's schedulers and executors.
    ///
    /// Python functions travel with the queries, in native frames. The executors run them, if their policy lets
    /// them; the scheduler does not open them. Files are read by the executors, under the paths that the session
    /// gives them.
    ///
    /// Args:
    ///     address: The scheduler, such as `"df://localhost:50050"`.
    ///     cluster_config: Options of Ballista and DataFusion by their names, as `SET` spells them.
    ///     store: A directory that the executors share with this process, for functions of 256 KiB and more.
    ///         Each executor takes one from there once. Without it, functions of 4 MiB and more are not sent.
    ///     tls_ca: A file with the certificates of the authorities, in PEM, that those of the scheduler and of the
    ///         executors have to be from. With it, all connections are encrypted.
    ///     tls_cert: A file with the certificate that this session shows, in PEM, for a cluster that asks for one.
    ///     tls_key: A file with the private key of that certificate, in PEM.
    ///     tls_server_name: The name in the certificates of the scheduler and of the executors, where those do not
    ///         carry their addresses.
    ///
    /// Raises:
    ///     ValueError: The address is spelled otherwise, there is no such option or value, or a file holds no
    ///         certificate or key.
    ///     OSError: There is no such directory or file.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext.cluster("df://localhost:50050", {"ballista.job.name": "nightly"})
    ///     >>> SessionContext.cluster("localhost")
    ///     Traceback (most recent call last):
    ///         ...
    ///     ValueError: a cluster's address is like df://localhost:50050, not 'localhost'
    #[classmethod]
    #[pyo3(signature = (
        address, cluster_config = None, store = None, *,
        tls_ca = None, tls_cert = None, tls_key = None, tls_server_name = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "Python gives them by name")]
    fn cluster(
        cls: &Bound<'_, PyType>,
        address: &str,
        cluster_config: Option<&Bound<'_, PyDict>>,
        store: Option<PathBuf>,
        tls_ca: Option<PathBuf>,
        tls_cert: Option<PathBuf>,
        tls_key: Option<PathBuf>,
        tls_server_name: Option<String>,
    ) -> PyResult<Self> {
        let files = TlsFiles {
            ca: tls_ca,
            cert: tls_cert,
            key: tls_key,
            client_ca: None,
            server_name: tls_server_name,
        };
        let cluster = Cluster::at(address, files.client().map_err(misconfigured)?)?;
        let call = Call::begin(cls.py())?;
        let runtime = planwire_ballista::runtime(None).map_err(|error| from_query(cls.py(), &error))?;
        let session = Self::build(&call, session_config::starting(), runtime, Origin::default())?;
        let codecs = cluster::codecs(&session.codecs, store)?;
        let ctx = cluster.client(&session.ctx, &codecs);
        for (key, value) in cluster_config.into_iter().flatten() {
            let (key, value): (String, String) = (key.extract()?, value.extract()?);
            session_config::set(ctx.state_ref().write().config_mut(), &key, &value)?;
        }
        let origin = Origin { cluster: Some(cluster), ..Origin::default() };
        Ok(Self { ctx: Arc::new(ctx), codecs, origin })
    }

    /// Return a session whose queries run on a cluster of its own: a scheduler and executors on this machine.
    ///
    /// They are processes of their own, which end with the session and its queries, or with this process.
    ///
    /// Args:
    ///     executors: How many executors there are.
    ///     vcores: On how many partitions each executor works at the same time.
    ///     cluster_config: As in `cluster`.
    ///
    /// Raises:
    ///     ValueError: As in `cluster`, or there is no executor.
    ///     RuntimeError: A process did not start.
    ///
    /// Example:
    ///     >>> import pyarrow as pa, pyarrow.compute as pc
    ///     >>> from planwire import SessionContext, col, udf
    ///     >>> double = udf(lambda a: pc.multiply(a, 2), pa.int64(), pa.int64(), "immutable", "double")
    ///     >>> ctx = SessionContext.standalone_cluster(executors=1)
    ///     >>> ctx.from_pydict({"a": [1, 2]}).select(double(col("a")).alias("b")).to_pydict()
    ///     {'b': [2, 4]}
    #[classmethod]
    #[pyo3(signature = (executors = 2, vcores = 1, cluster_config = None))]
    fn standalone_cluster<'py>(
        cls: &Bound<'py, PyType>,
        executors: usize,
        vcores: usize,
        cluster_config: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Self> {
        let standalone =
            cls.py().import("planwire._cluster")?.call_method1("Standalone", (executors, vcores))?;
        let address: String = standalone.getattr("address")?.extract()?;
        let store: PathBuf = standalone.getattr("store")?.extract()?;
        let session = Self::cluster(cls, &address, cluster_config, Some(store), None, None, None, None)?;
        session.ctx.state_ref().write().config_mut().set_extension(Arc::new(Held(standalone.unbind())));
        Ok(session)
    }
}
