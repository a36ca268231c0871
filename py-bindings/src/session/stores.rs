//! Object stores: what a session reads and writes besides files of this machine.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::datasource::object_store::ObjectStoreUrl;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::local::LocalFileSystem;
use object_store::{ClientOptions, ObjectStore, Result};
use planwire_registry::error::Shown;
use pyo3::PyClass;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

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

/// A bucket of Amazon S3, or of a server that speaks its protocol.
///
/// What is not given is taken from the environment, e.g. `AWS_ACCESS_KEY_ID` and `AWS_ENDPOINT_URL`.
///
/// Args:
///     bucket_name: The bucket, under whose name the store is registered.
///     region: The region, such as `"eu-central-1"`.
///     access_key_id: The key.
///     secret_access_key: The secret of the key.
///     session_token: The token of temporary credentials.
///     endpoint: The URL of the server, if it is not Amazon's.
///     allow_http: Whether the server may be reached without encryption.
///     imdsv1_fallback: Whether an instance of Amazon's may be asked by the first version of its metadata service.
///
/// Raises:
///     ValueError: The arguments contradict each other.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> from planwire.object_store import AmazonS3
///     >>> ctx = SessionContext()
///     >>> ctx.register_object_store("s3://", AmazonS3("reports", region="eu-central-1"))
#[pyclass(module = "planwire.object_store", name = "AmazonS3", frozen, extends = PyObjectStore)]
pub(crate) struct PyAmazonS3;

#[pymethods]
impl PyAmazonS3 {
    #[new]
    #[pyo3(signature = (
        bucket_name, region = None, access_key_id = None, secret_access_key = None, session_token = None,
        endpoint = None, allow_http = false, imdsv1_fallback = false
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are those of the datafusion wheel")]
    fn new(
        bucket_name: &str,
        region: Option<String>,
        access_key_id: Option<String>,
        secret_access_key: Option<String>,
        session_token: Option<String>,
        endpoint: Option<String>,
        allow_http: bool,
        imdsv1_fallback: bool,
    ) -> PyResult<PyClassInitializer<Self>> {
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket_name);
        if let Some(region) = region {
            builder = builder.with_region(region);
        }
        if let Some(key) = access_key_id {
            builder = builder.with_access_key_id(key);
        }
        if let Some(secret) = secret_access_key {
            builder = builder.with_secret_access_key(secret);
        }
        if let Some(token) = session_token {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if allow_http {
            builder = builder.with_allow_http(true);
        }
        if imdsv1_fallback {
            builder = builder.with_imdsv1_fallback();
        }
        Ok(PyObjectStore::over(builder.build(), bucket_name)?.with(Self))
    }
}

/// A bucket of Google Cloud Storage.
///
/// What is not given is taken from the environment, e.g. `GOOGLE_SERVICE_ACCOUNT`.
///
/// Args:
///     bucket_name: The bucket, under whose name the store is registered.
///     service_account_path: A file with the credentials of a service account.
///
/// Raises:
///     ValueError: The arguments contradict each other, or there is no such file.
#[pyclass(module = "planwire.object_store", name = "GoogleCloud", frozen, extends = PyObjectStore)]
pub(crate) struct PyGoogleCloud;

#[pymethods]
impl PyGoogleCloud {
    #[new]
    #[pyo3(signature = (bucket_name, service_account_path = None))]
    fn new(bucket_name: &str, service_account_path: Option<String>) -> PyResult<PyClassInitializer<Self>> {
        let mut builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket_name);
        if let Some(path) = service_account_path {
            builder = builder.with_service_account_path(path);
        }
        Ok(PyObjectStore::over(builder.build(), bucket_name)?.with(Self))
    }
}

/// A container of Microsoft Azure's Blob Storage.
///
/// What is not given is taken from the environment, e.g. `AZURE_STORAGE_ACCOUNT_NAME`.
///
/// Args:
///     container_name: The container, under whose name the store is registered.
///     account: The storage account.
///     access_key: The key of the account.
///     bearer_token: A token, in place of a key.
///     client_id: The client of OAuth, with `client_secret` and `tenant_id`.
///     client_secret: The secret of the client.
///     tenant_id: The tenant of the client.
///     sas_query_pairs: The pairs of a shared access signature.
///     use_emulator: Whether the store is Azurite, on this machine.
///     allow_http: Whether the server may be reached without encryption.
///     use_fabric_endpoint: Whether the store is OneLake.
///
/// Raises:
///     ValueError: The arguments contradict each other.
#[pyclass(module = "planwire.object_store", name = "MicrosoftAzure", frozen, extends = PyObjectStore)]
pub(crate) struct PyMicrosoftAzure;

#[pymethods]
impl PyMicrosoftAzure {
    #[new]
    #[pyo3(signature = (
        container_name, account = None, access_key = None, bearer_token = None, client_id = None,
        client_secret = None, tenant_id = None, sas_query_pairs = None, use_emulator = None, allow_http = None,
        use_fabric_endpoint = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are those of the datafusion wheel")]
    fn new(
        container_name: &str,
        account: Option<String>,
        access_key: Option<String>,
        bearer_token: Option<String>,
        client_id: Option<String>,
        client_secret: Option<String>,
        tenant_id: Option<String>,
        sas_query_pairs: Option<Vec<(String, String)>>,
        use_emulator: Option<bool>,
        allow_http: Option<bool>,
        use_fabric_endpoint: Option<bool>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let mut builder = MicrosoftAzureBuilder::from_env().with_container_name(container_name);
        if let Some(account) = account {
            builder = builder.with_account(account);
        }
        if let Some(key) = access_key {
            builder = builder.with_access_key(key);
        }
        if let Some(token) = bearer_token {
            builder = builder.with_bearer_token_authorization(token);
        }
        match (client_id, client_secret, tenant_id) {
            (Some(id), Some(secret), Some(tenant)) => {
                builder = builder.with_client_secret_authorization(id, secret, tenant);
            }
            (None, None, None) => {}
            _ => return Err(PyValueError::new_err("client_id, client_secret and tenant_id go together")),
        }
        if let Some(pairs) = sas_query_pairs {
            builder = builder.with_sas_authorization(pairs);
        }
        if let Some(emulator) = use_emulator {
            builder = builder.with_use_emulator(emulator);
        }
        if let Some(allowed) = allow_http {
            builder = builder.with_allow_http(allowed);
        }
        if let Some(fabric) = use_fabric_endpoint {
            builder = builder.with_use_fabric_endpoint(fabric);
        }
        Ok(PyObjectStore::over(builder.build(), container_name)?.with(Self))
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
        let host = url.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default();
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
    /// Plans carry the URLs and no credentials: whoever receives one registers a store of its own.
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
