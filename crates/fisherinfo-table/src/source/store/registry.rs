//! Which store an address is in.

use super::ObjectError;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// `scheme://bucket/key`, the key as it is, without percent signs for what is rare in a web address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) scheme: String,
    pub(super) bucket: String,
    pub(super) key: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}", self.scheme, self.bucket, self.key)
    }
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, ObjectError> {
        let wrong = |reason: &str| ObjectError::Address {
            url: url.to_owned(),
            reason: reason.to_owned(),
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("no scheme"))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(wrong("no bucket is named"));
        }
        Ok(Self {
            scheme: scheme.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    pub(super) fn with_key(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    fn root(&self) -> String {
        format!("{}://{}", self.scheme, self.bucket)
    }
}

type Stores = HashMap<String, Arc<dyn ObjectStore>>;

/// The stores of this process, by scheme and bucket.
static STORES: LazyLock<Mutex<Stores>> = LazyLock::new(Mutex::default);

/// Has objects under `bucket`, as `s3://flights` or `memory://tables`, read from a store of your own
/// instead of one that is made of the environment; the scheme may be any. It holds for the whole
/// process, and for what is found in it from now on.
///
/// # Errors
/// [`ObjectError::Address`] where `bucket` names none, or a key in it.
///
/// ```
/// use fisherinfo_table::source::{TableFiles, register_object_store};
/// use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
/// use std::sync::Arc;
///
/// let store = InMemory::new();
/// let key = Path::from("mice/a.csv");
/// let put = store.put(&key, "dose,alive\n1,1\n8,0\n".into());
/// tokio::runtime::Builder::new_current_thread().build()?.block_on(put)?;
/// register_object_store("memory://laboratory", Arc::new(store))?;
/// let files = TableFiles::find(&["memory://laboratory/mice/*.csv"])?;
/// assert_eq!(files.columns()?, ["dose", "alive"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn register_object_store(bucket: &str, store: Arc<dyn ObjectStore>) -> Result<(), ObjectError> {
    let address = Address::parse(bucket)?;
    if !address.key.is_empty() {
        return Err(ObjectError::Address {
            url: bucket.to_owned(),
            reason: "a store has a bucket and no key".into(),
        });
    }
    let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
    stores.insert(address.root(), store);
    Ok(())
}

/// Tries again for half a minute at most: what lasts longer is told.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 5,
        retry_timeout: Duration::from_secs(30),
    }
}

/// The store of an address: one that was registered, or that of its bucket, with the credentials of the
/// environment.
pub(super) fn store(address: &Address) -> Result<Arc<dyn ObjectStore>, ObjectError> {
    let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = stores.get(&address.root()) {
        return Ok(Arc::clone(store));
    }
    let bucket = address.bucket.as_str();
    let made: Result<Arc<dyn ObjectStore>, object_store::Error> = match address.scheme.as_str() {
        "s3" => AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(retries())
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        "gs" => GoogleCloudStorageBuilder::from_env()
            .with_bucket_name(bucket)
            .with_retry(retries())
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        "az" => MicrosoftAzureBuilder::from_env()
            .with_container_name(bucket)
            .with_retry(retries())
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        _ => {
            return Err(ObjectError::Address {
                url: address.to_string(),
                reason: "no store is known for such addresses".into(),
            });
        }
    };
    let store = made.map_err(|error| ObjectError::of(address, &error))?;
    stores.insert(address.root(), Arc::clone(&store));
    Ok(store)
}
