//! The database by itself: what stays in it and what does not.

use super::{Account, FRESH, Server, address};
use crate::sync::limits::Limits;
use crate::sync::names::{AccountId, ItemName, TokenHash};
use crate::sync::store::{Created, Expected, Item, Store, Written};
use axum::http::StatusCode;
use std::path::Path;

/// All bytes of all files of a folder: the database and its log.
fn bytes(folder: &Path) -> Vec<u8> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[tokio::test]
async fn the_files_hold_what_was_sent_and_no_token() {
    let server = Server::new();
    let me = server.account(1).await;
    server
        .by(
            &me,
            "PUT",
            &address(0x1234_5678),
            &[FRESH],
            b"ciphertext-of-mine",
        )
        .await;
    let kept = bytes(server.folder());
    // The test sees what there is to see …
    assert!(holds(&kept, b"ciphertext-of-mine") && holds(&kept, &unhex(&me.id)));
    assert!(holds(&kept, &TokenHash::of(&me.token).unwrap().0));
    // … and the token is not there, neither as sent nor as bytes.
    assert!(!holds(&kept, me.token.as_bytes()));
    assert!(!holds(&kept, &unhex(&me.token)));
}

#[tokio::test]
async fn nothing_of_a_deleted_account_stays_in_the_files() {
    let server = Server::new();
    let (me, other) = (server.account(1).await, server.account(2).await);
    let mut last = String::new();
    for number in 0..40 {
        let body = format!("mine-{number}-").repeat(200);
        last = server
            .by(&me, "PUT", &address(number), &[FRESH], body.as_bytes())
            .await
            .etag();
    }
    server
        .by(&me, "DELETE", &address(39), &[("if-match", &last)], b"")
        .await;
    server
        .by(&other, "PUT", &address(1), &[FRESH], b"not-mine")
        .await;
    assert!(holds(&bytes(server.folder()), b"mine-7-"));
    let gone = server.by(&me, "DELETE", "/sync/account", &[], b"").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(
        server.by(&me, "GET", "/sync/items", &[], b"").await.status,
        StatusCode::UNAUTHORIZED
    );
    let kept = bytes(server.folder());
    assert!(holds(&kept, b"not-mine"));
    assert!(!holds(&kept, b"mine-7-") && !holds(&kept, &unhex(&me.id)));

    let connection = rusqlite::Connection::open(server.folder().join("accounts.sqlite")).unwrap();
    let count = |query: &str| {
        connection
            .query_row(query, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(count("SELECT count(*) FROM accounts"), 1);
    assert_eq!(count("SELECT count(*) FROM items"), 1);
    // The same key can be used again, and finds nothing.
    server.account(1).await;
    let list = server.by(&me, "GET", "/sync/items", &[], b"").await.json();
    assert_eq!(list, serde_json::json!({ "revision": 0, "items": [] }));
}

fn id(number: u8) -> AccountId {
    AccountId([number; 16])
}

fn token(number: u8) -> TokenHash {
    TokenHash::of(&Account::new(number).token).unwrap()
}

#[test]
fn what_is_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let name = ItemName([5; 32]);
    let version = {
        let mut store = Store::open(folder.path(), Limits::default()).unwrap();
        assert_eq!(store.create(id(1), &token(1)).unwrap(), Created::Done);
        assert_eq!(store.create(id(1), &token(2)).unwrap(), Created::Taken);
        let written = store.put(id(1), name, Expected::Nothing, b"text").unwrap();
        let Written::Done {
            version,
            fresh: true,
        } = written
        else {
            panic!("{written:?}")
        };
        version
    };
    let store = Store::open(folder.path(), Limits::default()).unwrap();
    assert!(store.knows(id(1), &token(1)).unwrap());
    assert!(!store.knows(id(1), &token(2)).unwrap() && !store.knows(id(2), &token(1)).unwrap());
    // An account that is not there has no hash, and zeros are not taken for it.
    assert!(!store.knows(id(2), &TokenHash([0; 32])).unwrap());
    let there = Item {
        version,
        body: Some(b"text".to_vec()),
    };
    assert_eq!(store.item(id(1), name).unwrap(), Some(there));
    assert_eq!(store.revision(id(1)).unwrap(), 1);
}

#[test]
fn two_processes_may_have_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut stores = [0, 1].map(|_| Store::open(folder.path(), Limits::default()).unwrap());
    stores[0].create(id(1), &token(1)).unwrap();
    let name = ItemName([5; 32]);
    assert!(matches!(
        stores[1].put(id(1), name, Expected::Nothing, b"b").unwrap(),
        Written::Done { .. }
    ));
    let late = stores[0].put(id(1), name, Expected::Nothing, b"a").unwrap();
    assert!(matches!(late, Written::Conflict(Some(Item { body: Some(body), .. })) if body == b"b"));
    // Of an account that the other has removed, nothing comes back to life.
    stores[1].remove(id(1)).unwrap();
    assert!(stores[0].put(id(1), name, Expected::Nothing, b"a").is_err());
    assert!(stores[0].entries(id(1)).unwrap().is_empty());
}
