//! An object of a store, as it was when it was found.

use super::ahead::Sequential;
use super::registry::{Address, store};
use super::{ObjectError, runtime};
use crate::source::file::ReadSeek;
use crate::wire::wire_fields;
use bytes::Bytes;
use object_store::path::Path as Location;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

/// What tells an object from others of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(super) size: u64,
    /// Without its quotation marks, which some answers have and others of the same store have not.
    tag: Option<String>,
    /// The second of the last change: of some answers the fractions are missing.
    seconds: u64,
}

wire_fields!(Version { size, tag, seconds });

impl Version {
    pub(super) fn of(found: &ObjectMeta) -> Self {
        let plain = |tag: &String| tag.trim_start_matches("W/").trim_matches('"').to_owned();
        Self {
            size: found.size,
            tag: found.e_tag.as_ref().map(plain),
            seconds: found.last_modified.timestamp().unsigned_abs(),
        }
    }

    /// Whether another answer is of the same bytes; times say so only where there are no tags.
    fn is_still(&self, other: &Self) -> bool {
        self.size == other.size
            && match (&self.tag, &other.tag) {
                (Some(tag), Some(other)) => tag == other,
                _ => self.seconds == other.seconds,
            }
    }
}

/// An object, as it was when it was found.
#[derive(Clone)]
pub(in crate::source) struct Object {
    address: Address,
    path: PathBuf,
    store: Arc<dyn ObjectStore>,
    location: Location,
    version: Version,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.address, self.version)
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address && self.version == other.version
    }
}

impl Eq for Object {}

impl Object {
    pub(super) fn new(
        address: Address,
        store: Arc<dyn ObjectStore>,
        location: Location,
        version: Version,
    ) -> Self {
        Self {
            path: address.to_string().into(),
            address,
            store,
            location,
            version,
        }
    }

    /// One that was found before, elsewhere.
    pub(in crate::source) fn known(url: &str, version: Version) -> Result<Self, ObjectError> {
        let address = Address::parse(url)?;
        let location = location(&address)?;
        Ok(Self::new(
            address.clone(),
            store(&address)?,
            location,
            version,
        ))
    }

    /// Its address.
    pub(in crate::source) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn url(&self) -> String {
        self.address.to_string()
    }

    pub(in crate::source) fn size(&self) -> u64 {
        self.version.size
    }

    /// From its first byte on; what goes wrong is noted.
    pub(in crate::source) fn reader(&self, trouble: Trouble) -> Box<dyn ReadSeek> {
        Box::new(Sequential::new(self, trouble))
    }

    pub(in crate::source) fn version(&self) -> &Version {
        &self.version
    }

    /// What tells it from others, and from itself when it has changed.
    pub(in crate::source) fn fingerprint(&self) -> String {
        let Version { size, tag, seconds } = &self.version;
        let tag = tag.as_deref().unwrap_or_default();
        format!("{} {size} {seconds} {tag}\n", self.address)
    }

    /// Bytes of it, which are asked for at once.
    pub(super) fn fetch(&self, range: Range<u64>) -> Receiver<Result<Bytes, ObjectError>> {
        let object = self.clone();
        runtime::start(async move { object.bytes(range).await })
    }

    async fn bytes(&self, range: Range<u64>) -> Result<Bytes, ObjectError> {
        let changed = || ObjectError::Changed { url: self.url() };
        let options = GetOptions {
            range: Some(GetRange::Bounded(range.clone())),
            ..GetOptions::default()
        };
        let answer = match self.store.get_opts(&self.location, options).await {
            Ok(answer) => answer,
            Err(object_store::Error::NotFound { .. }) => return Err(changed()),
            Err(error) => {
                // Of an object that has become shorter the range is refused.
                return Err(match head(&self.store, &self.location).await {
                    Ok(found) if !self.version.is_still(&Version::of(&found)) => changed(),
                    _ => ObjectError::of(&self.address, &error),
                });
            }
        };
        if !self.version.is_still(&Version::of(&answer.meta)) {
            return Err(changed());
        }
        let bytes = answer.bytes().await;
        let bytes = bytes.map_err(|error| ObjectError::of(&self.address, &error))?;
        if bytes.len() as u64 != range.end - range.start {
            return Err(changed());
        }
        Ok(bytes)
    }
}

/// What a store calls a key.
pub(super) fn location(address: &Address) -> Result<Location, ObjectError> {
    Location::parse(&address.key).map_err(|error| ObjectError::Address {
        url: address.to_string(),
        reason: error.to_string(),
    })
}

/// What is said of an object.
pub(super) async fn head(
    store: &Arc<dyn ObjectStore>,
    location: &Location,
) -> Result<ObjectMeta, object_store::Error> {
    let options = GetOptions {
        head: true,
        ..GetOptions::default()
    };
    Ok(store.get_opts(location, options).await?.meta)
}

/// What went wrong below a decoder, which may say it in words of its own, or not at all.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Trouble(Arc<Mutex<Option<ObjectError>>>);

impl Trouble {
    /// Notes it, and makes it an error of input.
    pub(super) fn note(&self, error: ObjectError) -> std::io::Error {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get_or_insert_with(|| error.clone());
        std::io::Error::other(error)
    }

    pub(in crate::source) fn told(&self) -> Option<ObjectError> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.clone()
    }
}
