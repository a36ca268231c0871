//! Object stores, with credentials that stay where they are.

use std::env;
use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use object_store::ObjectStore;
use object_store::parse_url_opts;
use url::Url;

/// The stores that are opened by their URLs, with the variables that say how.
const STORES: [(&[&str], &str); 3] =
    [(&["s3", "s3a"], "AWS_"), (&["gs"], "GOOGLE_"), (&["abfs", "abfss", "adl", "az", "azure"], "AZURE_")];

/// Makes the runtime of a process of a cluster. It reads `s3://`, `gs://` and `az://` with the credentials of its
/// own environment, e.g. `AWS_ACCESS_KEY_ID`, so that none has to travel.
///
/// # Errors
///
/// If DataFusion cannot make it.
pub fn runtime(spill_dir: Option<&str>) -> Result<Arc<RuntimeEnv>> {
    let mut builder =
        RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(EnvironmentStores::default()));
    if let Some(path) = spill_dir {
        builder = builder.with_temp_file_path(path);
    }
    builder.build_arc()
}

/// Stores that are registered, and others that the environment has credentials for.
#[derive(Debug, Default)]
struct EnvironmentStores(DefaultObjectStoreRegistry);

impl ObjectStoreRegistry for EnvironmentStores {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.0.register_store(url, store)
    }

    fn deregister_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        self.0.deregister_store(url)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        let unknown = match self.0.get_store(url) {
            Err(error) => error,
            store => return store,
        };
        let Some((_, prefix)) = STORES.iter().find(|(schemes, _)| schemes.contains(&url.scheme())) else {
            return Err(unknown);
        };
        let options = env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let value = value.into_string().ok()?;
            name.starts_with(prefix).then(|| (name.to_ascii_lowercase(), value))
        });
        let (store, _) = parse_url_opts(url, options)?;
        let store: Arc<dyn ObjectStore> = Arc::from(store);
        self.0.register_store(url, Arc::clone(&store));
        Ok(store)
    }
}
