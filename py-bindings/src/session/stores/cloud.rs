//! Stores of clouds, which take from the environment what they are not given.

use std::env;
use std::str::FromStr;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::PyObjectStore;

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
        let has_key = access_key_id.is_some() || session_token.is_some();
        let mut builder = AmazonS3Builder::new();
        for (name, value) in environment::<AmazonS3ConfigKey>("AWS_") {
            // A token belongs to the key with which it was given out.
            if !(has_key && matches!(name, AmazonS3ConfigKey::Token)) {
                builder = builder.with_config(name, value);
            }
        }
        builder = builder.with_bucket_name(bucket_name);
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
        let has_credentials = [&access_key, &bearer_token, &client_id].into_iter().any(Option::is_some)
            || sas_query_pairs.is_some();
        let mut builder = MicrosoftAzureBuilder::new();
        for (name, value) in environment::<AzureConfigKey>("AZURE_") {
            if !(has_credentials && is_credential(name)) {
                builder = builder.with_config(name, value);
            }
        }
        builder = builder.with_container_name(container_name);
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

/// The variables of the environment that configure a store.
fn environment<Key: FromStr>(prefix: &str) -> impl Iterator<Item = (Key, String)> {
    env::vars_os().filter_map(move |(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        let name = name.starts_with(prefix).then(|| name.to_ascii_lowercase())?;
        Some((name.parse().ok()?, value))
    })
}

/// Whether an option says who one is.
const fn is_credential(name: AzureConfigKey) -> bool {
    use AzureConfigKey as Key;
    matches!(
        name,
        Key::AccessKey
            | Key::ClientId
            | Key::ClientSecret
            | Key::AuthorityId
            | Key::SasKey
            | Key::Token
            | Key::FederatedTokenFile
            | Key::UseAzureCli
    )
}
