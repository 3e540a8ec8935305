//! Why there is no sync.

use std::path::PathBuf;
use thiserror::Error;

/// Why the accounts cannot be kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The folder is missing and cannot be made, is no folder, or cannot be written to.
    #[error(
        "the accounts cannot be kept in {}: {source}; name a folder with --sync that this user may write to",
        folder.display()
    )]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is damaged, or something else.
    #[error(
        "{} is no database of accounts, or a damaged one ({reason}); nothing was changed: restore it from a copy, or name another folder with --sync",
        file.display()
    )]
    NotAccounts {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer version has written it.
    #[error(
        "{} has version {found} of the accounts, and this program knows {known}; nothing was changed: use a newer version of the program",
        file.display()
    )]
    Newer {
        /// Which file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that is known.
        known: i64,
    },
    /// SQLite cannot do what it should.
    #[error("{}: {source}", file.display())]
    Database {
        /// Which file.
        file: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}
