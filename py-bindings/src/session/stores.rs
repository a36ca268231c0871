//! Object stores: what a session reads and writes besides files of this machine.

mod cloud;

pub(crate) use self::cloud::{PyAmazonS3, PyGoogleCloud, PyMicrosoftAzure};

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::datasource::object_store::ObjectStoreUrl;
use object_store::http::HttpBuilder;
use object_store::local::LocalFileSystem;
use object_store::{ClientOptions, ObjectStore, Result};
use planwire_registry::error::Shown;
use pyo3::PyClass;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use url::{Position, Url};

use super::PySessionContext;

/// A store of objects, which a session reads and writes once it is registered there.
///
/// Its credentials stay in this process: they are in no plan and no message, and it cannot be pickled.
#[pyclass(module = "planwire.object_store", name = "ObjectStore", frozen, subclass)]
pub(crate) struct PyObjectStore {
    store: Arc<dyn ObjectStore>,
    host: String,
}

impl PyObjectStore {
    fn over(store: Result<impl ObjectStore>, host: &str) -> PyResult<Self> {
        let store = store.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self { store: Arc::new(store), host: host.to_owned() })
    }

    fn with<Kind: PyClass<BaseType = Self>>(self, kind: Kind) -> PyClassInitializer<Kind> {
        PyClassInitializer::from(self).add_subclass(kind)
    }
}

#[pymethods]
impl PyObjectStore {
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("{}({})", slf.get_type().name()?, Shown(&slf.get().host)))
    }
}

/// A server of files, by HTTP or HTTPS; what it lists it has to list by WebDAV.
///
/// Args:
///     url: The URL of the server, such as `"https://example.com"`.
///
/// Raises:
///     ValueError: It is no URL.
#[pyclass(module = "planwire.object_store", name = "Http", frozen, extends = PyObjectStore)]
pub(crate) struct PyHttp;

#[pymethods]
impl PyHttp {
    #[new]
    fn new(url: &str) -> PyResult<PyClassInitializer<Self>> {
        let parsed =
            Url::parse(url).map_err(|fault| PyValueError::new_err(format!("{}: {fault}", Shown(url))))?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(PyValueError::new_err("the URL of a server has no user name and no password in it"));
        }
        let host = &parsed[Position::BeforeHost..Position::AfterPort];
        let options = ClientOptions::new().with_allow_http(true);
        let builder = HttpBuilder::new().with_url(url).with_client_options(options);
        Ok(PyObjectStore::over(builder.build(), host)?.with(Self))
    }
}

/// The files of this machine.
///
/// Args:
///     prefix: The directory below which its paths are; all files without it.
///
/// Raises:
///     ValueError: There is no such directory.
#[pyclass(module = "planwire.object_store", name = "LocalFileSystem", frozen, extends = PyObjectStore)]
pub(crate) struct PyLocalFileSystem;

#[pymethods]
impl PyLocalFileSystem {
    #[new]
    #[pyo3(signature = (prefix = None))]
    fn new(prefix: Option<PathBuf>) -> PyResult<PyClassInitializer<Self>> {
        let store = match prefix {
            Some(path) => LocalFileSystem::new_with_prefix(path),
            None => Ok(LocalFileSystem::new()),
        };
        Ok(PyObjectStore::over(store, "")?.with(Self))
    }
}

#[pymethods]
impl PySessionContext {
    /// Read and write the URLs of a store in this session.
    ///
    /// A plan has the URLs and no credentials. Its receiver registers a store of its own.
    ///
    /// Args:
    ///     schema: The beginning of the URLs, such as `"s3://"`.
    ///     store: The store.
    ///     host: The host of the URLs; the bucket, the container or the host of the store without it.
    ///
    /// Raises:
    ///     ValueError: Both together are no URL.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> from planwire.object_store import AmazonS3
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_object_store("s3://", AmazonS3("reports", region="eu-central-1"))
    ///     >>> ctx.register_object_store("s3", AmazonS3("reports", region="eu-central-1"))
    ///     Traceback (most recent call last):
    ///         ...
    ///     ValueError: the URLs of a store begin like s3://bucket, not 's3reports'
    #[pyo3(signature = (schema, store, host = None))]
    fn register_object_store(
        &self,
        schema: &str,
        store: &Bound<'_, PyObjectStore>,
        host: Option<&str>,
    ) -> PyResult<()> {
        let store = store.get();
        let url = at(schema, host.unwrap_or(&store.host))?;
        self.ctx.runtime_env().register_object_store(url.as_ref(), Arc::clone(&store.store));
        Ok(())
    }

    /// Stop reading and writing the URLs of a store in this session.
    ///
    /// Args:
    ///     schema: The beginning of the URLs, such as `"s3://"`.
    ///     host: The host of the URLs, such as the bucket.
    ///
    /// Raises:
    ///     ValueError: Both together are no URL, or there is no store for it.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> from planwire.object_store import AmazonS3
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_object_store("s3://", AmazonS3("reports", region="eu-central-1"))
    ///     >>> ctx.deregister_object_store("s3://", "reports")
    #[pyo3(signature = (schema, host = None))]
    fn deregister_object_store(&self, schema: &str, host: Option<&str>) -> PyResult<()> {
        let url = at(schema, host.unwrap_or_default())?;
        match self.ctx.runtime_env().deregister_object_store(url.as_ref()) {
            Ok(_) => Ok(()),
            Err(_) => {
                Err(PyValueError::new_err(format!("no store is registered for {}", Shown(url.as_str()))))
            }
        }
    }
}

fn at(schema: &str, host: &str) -> PyResult<ObjectStoreUrl> {
    let url = format!("{schema}{host}");
    ObjectStoreUrl::parse(&url).map_err(|_| {
        PyValueError::new_err(format!("the URLs of a store begin like s3://bucket, not {}", Shown(&url)))
    })
}
