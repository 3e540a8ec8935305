//! The objects that an address stands for.

use super::object::{Object, Version, head, location};
use super::registry::{Address, store};
use super::{ObjectError, runtime};
use futures::TryStreamExt;
use glob::{MatchOptions, Pattern};
use object_store::path::Path as Location;
use object_store::{ObjectMeta, ObjectStore};
use std::sync::Arc;

/// The object of that name, or the objects that match a pattern (`*`, `?`, `[a-c]`, `**`), in the order
/// that files of such names have: folder by folder. None where no object matches.
pub(in crate::source) fn find(url: &str, is_pattern: bool) -> Result<Vec<Object>, ObjectError> {
    let address = Address::parse(url)?;
    let store = store(&address)?;
    let asked = {
        let (address, store) = (address.clone(), Arc::clone(&store));
        runtime::wait(async move {
            if is_pattern {
                matching(&address, &store).await
            } else {
                one(&address, &store).await.map(|found| vec![found])
            }
        })
    };
    let found = asked.unwrap_or_else(|| Err(ObjectError::unanswered(url.to_owned())))?;
    let object = |found: ObjectMeta| {
        let named = address.with_key(found.location.as_ref());
        let version = Version::of(&found);
        Object::new(named, Arc::clone(&store), found.location, version)
    };
    Ok(found.into_iter().map(object).collect())
}

async fn one(address: &Address, store: &Arc<dyn ObjectStore>) -> Result<ObjectMeta, ObjectError> {
    let named = location(address)?;
    let is_folder = address.key.is_empty() || address.key.ends_with('/');
    if !is_folder {
        match head(store, &named).await {
            Ok(found) => return Ok(found),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(ObjectError::of(address, &error)),
        }
    }
    // The answer to a question about one object does not say whether it has a bucket.
    let mut below = store.list(Some(&named));
    match below.try_next().await {
        Err(error) => Err(ObjectError::of(address, &error)),
        Ok(Some(_)) => {
            let url = address.to_string().trim_end_matches('/').to_owned();
            Err(ObjectError::Folder { url })
        }
        Ok(None) => Err(ObjectError::NoSuchObject {
            url: address.to_string(),
        }),
    }
}

async fn matching(
    address: &Address,
    store: &Arc<dyn ObjectStore>,
) -> Result<Vec<ObjectMeta>, ObjectError> {
    let pattern = Pattern::new(&address.key).map_err(|error| ObjectError::Address {
        url: address.to_string(),
        reason: error.to_string(),
    })?;
    let options = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::new()
    };
    let literal = address.key.split(['*', '?', '[']).next();
    let folder = literal.and_then(|start| Some(start.rsplit_once('/')?.0));
    let folder = folder.map(|folder| location(&address.with_key(folder)));
    let folder: Option<Location> = folder.transpose()?;
    let listed = store.list(folder.as_ref()).try_filter(|found| {
        let key = found.location.as_ref();
        std::future::ready(key == address.key || pattern.matches_with(key, options))
    });
    let mut found: Vec<ObjectMeta> = listed
        .try_collect()
        .await
        .map_err(|error| ObjectError::of(address, &error))?;
    // An object of that very name, brackets and all.
    let exact = found
        .iter()
        .position(|found| found.location.as_ref() == address.key);
    if let Some(exact) = exact {
        return Ok(vec![found.swap_remove(exact)]);
    }
    found.sort_by(|one, other| one.location.parts().cmp(other.location.parts()));
    Ok(found)
}
