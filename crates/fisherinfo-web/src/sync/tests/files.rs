//! Folders and files that are not as they should be.

use crate::sync::SyncError;
use crate::sync::limits::Limits;
use crate::sync::names::{AccountId, ItemName};
use crate::sync::schema::{FILE, STEPS};
use crate::sync::store::{Expected, Store, Written};
use crate::{Options, ServeError, Server};
use rusqlite::{Connection, params};
use std::path::Path;

fn open(folder: &Path) -> Result<Store, SyncError> {
    Store::open(folder, Limits::default())
}

#[cfg(unix)]
#[test]
fn what_is_made_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("a/b");
    let mut store = open(&folder).unwrap();
    store
        .create(AccountId([1; 16]), &crate::sync::names::TokenHash([2; 32]))
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&outer.path().join("a")), mode(&folder)),
        (0o700, 0o700)
    );
    let files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 2, "the log is a file of its own: {files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    // A file that became readable for others is made private again.
    drop(store);
    let file = folder.join(FILE);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    open(&folder).unwrap();
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn a_file_of_an_older_version_is_carried_over() {
    for done in 1..STEPS.len() {
        let folder = tempfile::tempdir().unwrap();
        let (account, name, token) = ([1_u8; 16], [2_u8; 32], [3_u8; 32]);
        {
            let old = Connection::open(folder.path().join(FILE)).unwrap();
            for step in &STEPS[..done] {
                old.execute_batch(step).unwrap();
            }
            old.execute(
                "INSERT INTO accounts (id, token_hash) VALUES (?1, ?2)",
                params![account, token],
            )
            .unwrap();
            old.execute(
                "INSERT INTO items (account, name, version, body) VALUES (?1, ?2, ?3, ?4)",
                params![account, name, [4_u8; 16], b"kept"],
            )
            .unwrap();
            old.pragma_update(None, "application_id", 0x4649_5348)
                .unwrap();
            old.pragma_update(None, "user_version", done as i64)
                .unwrap();
        }
        let mut store = open(folder.path()).unwrap();
        let there = store
            .item(AccountId(account), ItemName(name))
            .unwrap()
            .unwrap();
        assert_eq!(there.body.as_deref(), Some(&b"kept"[..]));
        let expected = Expected::Version(there.version);
        let written = store
            .put(AccountId(account), ItemName(name), expected, b"new")
            .unwrap();
        assert!(
            matches!(written, Written::Done { fresh: false, .. }),
            "{written:?}"
        );
        assert_eq!(store.revision(AccountId(account)).unwrap(), 1);
        drop(store);
        open(folder.path()).unwrap();
    }
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let file = folder.path().join(FILE);
    Connection::open(&file)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = open(folder.path()).err().unwrap();
    assert!(
        matches!(
            error,
            SyncError::Newer {
                found: 99,
                known: 2,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains("newer version of the program"),
        "{error}"
    );
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn what_is_no_database_of_accounts_is_left_alone() {
    let text = "This is somebody's diary, and no database at all.\n"
        .repeat(200)
        .into_bytes();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    std::fs::write(&file, &text).unwrap();
    let error = open(folder.path()).err().unwrap();
    assert!(matches!(error, SyncError::NotAccounts { .. }), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), text);

    std::fs::remove_file(&file).unwrap();
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE bookmarks (url TEXT)")
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("another program"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_damaged_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    {
        let mut store = open(folder.path()).unwrap();
        store
            .create(AccountId([1; 16]), &crate::sync::names::TokenHash([2; 32]))
            .unwrap();
        for number in 0..50 {
            let written = store.put(
                AccountId([1; 16]),
                ItemName([number; 32]),
                Expected::Nothing,
                &[number; 3_000],
            );
            assert!(matches!(written.unwrap(), Written::Done { .. }));
        }
    }
    let mut bytes = std::fs::read(&file).unwrap();
    let half = bytes.len() / 2;
    for byte in &mut bytes[4_096..half] {
        *byte = 0xa5;
    }
    std::fs::write(&file, &bytes).unwrap();
    let error = open(folder.path()).err().unwrap();
    assert!(matches!(error, SyncError::NotAccounts { .. }), "{error}");
    assert!(
        error.to_string().contains("restore it from a copy"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_does_not_begin_without_its_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for at in [file.clone(), file.join("below")] {
        let options = Options {
            port: 0,
            sync: Some(at.clone()),
            ..Options::default()
        };
        let error = Server::bind(options, |_| {}).await.err().unwrap();
        assert!(
            matches!(error, ServeError::Sync(SyncError::Folder { .. })),
            "{error}"
        );
        let message = error.to_string();
        assert!(
            message.contains("--sync") && message.contains(&at.display().to_string()),
            "{message}"
        );
    }
    let options = Options {
        port: 0,
        sync: Some(folder.path().join("new")),
        ..Options::default()
    };
    Server::bind(options, |_| {}).await.unwrap();
    assert!(folder.path().join("new").join(FILE).exists());
}
