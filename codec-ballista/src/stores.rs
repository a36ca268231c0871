//! Object stores, with credentials that stay where they are.

use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::error::Result;
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use object_store::ObjectStore;
use object_store::parse_url_opts;
use url::{Position, Url};

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
struct EnvironmentStores {
    registered: DefaultObjectStoreRegistry,
    /// Those of the environment, and those of containers, by the beginnings of their URLs: the name of a container
    /// stands before the host, which is all that DataFusion looks at.
    others: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
}

impl EnvironmentStores {
    fn others(&self) -> MutexGuard<'_, HashMap<String, Arc<dyn ObjectStore>>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The beginning of a URL, up to its path.
fn beginning(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}

impl ObjectStoreRegistry for EnvironmentStores {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        if url.username().is_empty() {
            self.registered.register_store(url, store)
        } else {
            self.others().insert(beginning(url), store)
        }
    }

    fn deregister_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        match self.others().remove(&beginning(url)) {
            Some(store) => Ok(store),
            None => self.registered.deregister_store(url),
        }
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        if url.username().is_empty()
            && let Ok(store) = self.registered.get_store(url)
        {
            return Ok(store);
        }
        let Some((_, prefix)) = STORES.iter().find(|(schemes, _)| schemes.contains(&url.scheme())) else {
            return self.registered.get_store(url);
        };
        if let Some(store) = self.others().get(&beginning(url)) {
            return Ok(Arc::clone(store));
        }
        let options = env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let value = value.into_string().ok()?;
            name.starts_with(prefix).then(|| (name.to_ascii_lowercase(), value))
        });
        let (store, _) = parse_url_opts(url, options)?;
        let store: Arc<dyn ObjectStore> = Arc::from(store);
        self.others().insert(beginning(url), Arc::clone(&store));
        Ok(store)
    }
}
