//! Account sync: the same notes, drafts and progress in several browsers of one person.
//!
//! A person has one key of 256 random bits, and everything is derived from it in the browser: the
//! account's id, a token that signs in, and the keys that encrypt. What arrives here is encrypted
//! and so is its name, so that whoever holds the database sees how many items there are, about how
//! large they are and when they change, and nothing else.
//!
//! A write names the version that it replaces. Of two browsers that change the same item, one is
//! told of the other's version and neither is lost.

mod api;
mod error;
mod limits;
mod names;
mod rate;
mod schema;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use api::router;
pub use error::SyncError;
pub(crate) use limits::Limits;

use rate::Rates;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;
use tokio::sync::Semaphore;

/// The accounts of this server.
pub(crate) struct Accounts {
    store: Arc<Mutex<Store>>,
    /// SQLite has one writer at a time; the others wait here and not on threads.
    turn: Arc<Semaphore>,
    rates: Rates,
    limits: Limits,
}

impl Accounts {
    /// Opens the database of a folder, or makes both.
    pub(crate) fn open(folder: &Path, limits: Limits) -> Result<Self, SyncError> {
        Ok(Self {
            store: Arc::new(Mutex::new(Store::open(folder, limits)?)),
            turn: Arc::new(Semaphore::new(1)),
            rates: Rates::new(limits),
            limits,
        })
    }

    /// Does work on the database, off the threads that answer. None while the server is ending.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Option<T> {
        let turn = self.turn.clone().acquire_owned().await.ok()?;
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&mut store.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await
        .ok()
    }
}
