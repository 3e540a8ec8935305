//! Accounts and their items in SQLite. Every write is one transaction.

use super::error::SyncError;
use super::limits::Limits;
use super::names::{AccountId, ItemName, TokenHash, Version};
use super::schema;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::Path;

/// The database.
pub(super) struct Store {
    connection: Connection,
    limits: Limits,
}

/// Why nothing came back, or nothing was written.
#[derive(Debug)]
pub(super) enum StoreError {
    Sqlite(rusqlite::Error),
    Random(getrandom::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(error) => error.fmt(f),
            Self::Random(error) => error.fmt(f),
        }
    }
}

/// What became of an account that was to be made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Created {
    Done,
    Taken,
    /// The server has as many as it may.
    Full,
}

/// An item; without a body it was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) version: Version,
    pub(super) body: Option<Vec<u8>>,
}

/// An item in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: ItemName,
    pub(super) version: Version,
    pub(super) deleted: bool,
}

/// What is there now, as the writer takes it to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// Nothing, or the mark of something that was deleted.
    Nothing,
    /// This version.
    Version(Version),
}

/// What became of a write.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Done; `fresh` if nothing was there.
    Done { version: Version, fresh: bool },
    /// Not done: this is there.
    Conflict(Option<Item>),
    /// Not done: the account has as many items as it may.
    TooMany,
    /// Not done: the account has as many bytes as it may.
    TooLarge,
}

type Outcome<T> = Result<T, StoreError>;

impl Store {
    pub(super) fn open(folder: &Path, limits: Limits) -> Result<Self, SyncError> {
        Ok(Self {
            connection: schema::open(folder)?,
            limits,
        })
    }

    /// Makes an account.
    pub(super) fn create(&mut self, id: AccountId, token: &TokenHash) -> Outcome<Created> {
        let most = self.limits.accounts;
        self.transaction(|transaction| {
            let taken = "SELECT 1 FROM accounts WHERE id = ?1";
            if transaction
                .query_row(taken, [id.0], |_| Ok(()))
                .optional()?
                .is_some()
            {
                return Ok(Created::Taken);
            }
            if count(transaction, "SELECT count(*) FROM accounts", [])? >= most {
                return Ok(Created::Full);
            }
            transaction.execute(
                "INSERT INTO accounts (id, token_hash) VALUES (?1, ?2)",
                params![id.0, token.0],
            )?;
            Ok(Created::Done)
        })
    }

    /// Is there such an account, with this token? The answer takes as long either way.
    pub(super) fn knows(&self, id: AccountId, token: &TokenHash) -> Outcome<bool> {
        let kept: Option<[u8; 32]> = self
            .connection
            .prepare("SELECT token_hash FROM accounts WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        let same = TokenHash(kept.unwrap_or_default()).is(token);
        Ok(same && kept.is_some())
    }

    /// Removes an account and everything of it, from the file too.
    pub(super) fn remove(&mut self, id: AccountId) -> Outcome<()> {
        self.transaction(|transaction| {
            transaction.execute("DELETE FROM items WHERE account = ?1", [id.0])?;
            transaction.execute("DELETE FROM accounts WHERE id = ?1", [id.0])?;
            Ok(())
        })?;
        // The log still has the pages as they were. Another process that reads keeps it for a
        // while; that is no failure.
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// How many writes an account has had.
    pub(super) fn revision(&self, id: AccountId) -> Outcome<i64> {
        let query = "SELECT revision FROM accounts WHERE id = ?1";
        Ok(self.connection.query_row(query, [id.0], |row| row.get(0))?)
    }

    /// All items of an account, in the order of their names.
    pub(super) fn entries(&self, id: AccountId) -> Outcome<Vec<Entry>> {
        let query =
            "SELECT name, version, body IS NULL FROM items WHERE account = ?1 ORDER BY name";
        let mut statement = self.connection.prepare(query)?;
        let entries = statement.query_map([id.0], |row| {
            Ok(Entry {
                name: ItemName(row.get(0)?),
                version: Version(row.get(1)?),
                deleted: row.get(2)?,
            })
        })?;
        Ok(entries.collect::<Result<_, _>>()?)
    }

    /// An item, or the mark of one that was deleted.
    pub(super) fn item(&self, id: AccountId, name: ItemName) -> Outcome<Option<Item>> {
        Ok(item(&self.connection, id, name)?)
    }

    /// All items with their bodies, without those that were deleted.
    pub(super) fn all(&self, id: AccountId) -> Outcome<Vec<(ItemName, Version, Vec<u8>)>> {
        let query = "SELECT name, version, body FROM items
            WHERE account = ?1 AND body IS NOT NULL ORDER BY name";
        let mut statement = self.connection.prepare(query)?;
        let items = statement.query_map([id.0], |row| {
            Ok((ItemName(row.get(0)?), Version(row.get(1)?), row.get(2)?))
        })?;
        Ok(items.collect::<Result<_, _>>()?)
    }

    /// Writes an item if what is there is what the writer takes it to be.
    pub(super) fn put(
        &mut self,
        id: AccountId,
        name: ItemName,
        expected: Expected,
        body: &[u8],
    ) -> Outcome<Written> {
        let limits = self.limits;
        self.transaction(|transaction| {
            let there = item(transaction, id, name)?;
            if !fits(expected, there.as_ref()) {
                return Ok(Written::Conflict(there));
            }
            let replaced = there
                .as_ref()
                .and_then(|it| it.body.as_ref())
                .map_or(0, Vec::len);
            let bytes = "SELECT coalesce(sum(length(body)), 0) FROM items WHERE account = ?1";
            let others = count(transaction, bytes, [id.0])?.saturating_sub(replaced);
            if others + body.len() > limits.account_bytes {
                return Ok(Written::TooLarge);
            }
            if there.is_none() && !make_room(transaction, id, limits.items)? {
                return Ok(Written::TooMany);
            }
            let version = write(transaction, id, name, Some(body))?;
            let fresh = there.is_none_or(|it| it.body.is_none());
            Ok(Written::Done { version, fresh })
        })
    }

    /// Deletes an item if what is there is what the writer takes it to be. A mark stays, from which
    /// other browsers learn of it.
    pub(super) fn delete(
        &mut self,
        id: AccountId,
        name: ItemName,
        expected: Version,
    ) -> Outcome<Written> {
        self.transaction(|transaction| {
            let there = item(transaction, id, name)?;
            match &there {
                Some(found) if found.version == expected => {}
                _ => return Ok(Written::Conflict(there)),
            }
            let version = write(transaction, id, name, None)?;
            Ok(Written::Done {
                version,
                fresh: false,
            })
        })
    }

    fn transaction<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Outcome<T>) -> Outcome<T> {
        // At once the writer: what is read in it cannot change before it is written.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn count(
    connection: &Connection,
    query: &str,
    of: impl rusqlite::Params,
) -> rusqlite::Result<usize> {
    let number: i64 = connection.prepare(query)?.query_row(of, |row| row.get(0))?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

fn item(connection: &Connection, id: AccountId, name: ItemName) -> rusqlite::Result<Option<Item>> {
    let read = |row: &Row<'_>| {
        Ok(Item {
            version: Version(row.get(0)?),
            body: row.get(1)?,
        })
    };
    connection
        .prepare("SELECT version, body FROM items WHERE account = ?1 AND name = ?2")?
        .query_row(params![id.0, name.0], read)
        .optional()
}

fn fits(expected: Expected, there: Option<&Item>) -> bool {
    match expected {
        Expected::Nothing => there.is_none_or(|it| it.body.is_none()),
        Expected::Version(version) => there.is_some_and(|it| it.version == version),
    }
}

/// Is there room for one more item? The oldest mark of a deleted one gives way.
fn make_room(transaction: &Transaction<'_>, id: AccountId, most: usize) -> rusqlite::Result<bool> {
    if count(
        transaction,
        "SELECT count(*) FROM items WHERE account = ?1",
        [id.0],
    )? < most
    {
        return Ok(true);
    }
    let gone = transaction.execute(
        "DELETE FROM items WHERE account = ?1 AND name =
            (SELECT name FROM items WHERE account = ?1 AND body IS NULL ORDER BY revision LIMIT 1)",
        [id.0],
    )?;
    Ok(gone > 0)
}

fn write(
    transaction: &Transaction<'_>,
    id: AccountId,
    name: ItemName,
    body: Option<&[u8]>,
) -> Outcome<Version> {
    let version = Version::random().map_err(StoreError::Random)?;
    let revision: i64 = transaction.query_row(
        "UPDATE accounts SET revision = revision + 1 WHERE id = ?1 RETURNING revision",
        [id.0],
        |row| row.get(0),
    )?;
    transaction.execute(
        "INSERT INTO items (account, name, version, body, revision) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (account, name) DO UPDATE
            SET version = excluded.version, body = excluded.body, revision = excluded.revision",
        params![id.0, name.0, version.0, body, revision],
    )?;
    Ok(version)
}
