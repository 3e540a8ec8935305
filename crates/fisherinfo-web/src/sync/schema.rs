//! The database file: made private, recognised, and carried over from older versions.

use super::error::SyncError;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file in the folder.
pub(super) const FILE: &str = "accounts.sqlite";

/// Written into the file, so that another program's is not taken for it: «FISH».
const APPLICATION: i64 = 0x4649_5348;

/// What leads from each version to the next; the version of a file is how many it has had.
pub(super) const STEPS: &[&str] = &[
    "CREATE TABLE accounts (
        id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
        token_hash BLOB NOT NULL CHECK (length(token_hash) = 32)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE items (
        account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        name BLOB NOT NULL CHECK (length(name) = 32),
        version BLOB NOT NULL CHECK (length(version) = 16),
        body BLOB,
        PRIMARY KEY (account, name)
    ) STRICT;",
    // Counts the writes of an account, so that a browser sees when the file was put back to an
    // older copy, and the oldest marks of deleted items can make room.
    "ALTER TABLE accounts ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE items ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;",
];

/// How long a writer waits for another process with the same file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the database of a folder, or makes both, readable by this user only.
pub(super) fn open(folder: &Path) -> Result<Connection, SyncError> {
    let file = folder.join(FILE);
    prepare(folder, &file).map_err(|source| SyncError::Folder {
        folder: folder.to_owned(),
        source,
    })?;
    connect(&file).map_err(|error| match error {
        Trouble::Ours(error) => error,
        Trouble::Sqlite(source) => refused(folder, file, source),
    })
}

enum Trouble {
    Ours(SyncError),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn refused(folder: &Path, file: PathBuf, source: rusqlite::Error) -> SyncError {
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => SyncError::NotAccounts {
            file,
            reason: source.to_string(),
        },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            SyncError::Folder {
                folder: folder.to_owned(),
                source: std::io::Error::other(source),
            }
        }
        _ => SyncError::Database { file, source },
    }
}

/// The folder and an empty file, before SQLite makes them for everyone to read.
fn prepare(folder: &Path, file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
        // A folder that is there keeps its permissions: it may hold other things.
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let opened = options.mode(0o600).open(file)?;
        opened.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    {
        std::fs::create_dir_all(folder)?;
        options.open(file)?;
    }
    Ok(())
}

fn connect(file: &Path) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    recognised(&connection, file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A browser that was told that its text is kept must find it again after a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is written over.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    carry_over(&mut connection, file)?;
    Ok(connection)
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

/// Looks before anything is changed.
fn recognised(connection: &Connection, file: &Path) -> Result<(), Trouble> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(());
    }
    if number(connection, "application_id")? != APPLICATION {
        return Err(Trouble::Ours(SyncError::NotAccounts {
            file: file.to_owned(),
            reason: "it belongs to another program".into(),
        }));
    }
    newer(connection, file)?;
    let verdict: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Trouble::Ours(SyncError::NotAccounts {
            file: file.to_owned(),
            reason: verdict,
        }));
    }
    Ok(())
}

/// How many steps a file has had, unless it has had more than there are.
fn newer(connection: &Connection, file: &Path) -> Result<usize, Trouble> {
    let found = number(connection, "user_version")?;
    usize::try_from(found)
        .ok()
        .filter(|&done| done <= STEPS.len())
        .ok_or_else(|| {
            Trouble::Ours(SyncError::Newer {
                file: file.to_owned(),
                found,
                known: STEPS.len() as i64,
            })
        })
}

/// All steps that are missing, or none.
fn carry_over(connection: &mut Connection, file: &Path) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = newer(&transaction, file)?;
    for step in &STEPS[done..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", STEPS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}
