//! What is too much.

use super::{Account, FRESH, Server, address};
use crate::sync::limits::{ITEM_BYTES, Limits};
use crate::sync::rate::Limit;
use axum::http::StatusCode;
use std::time::Duration;

#[tokio::test]
async fn an_item_may_be_as_large_as_it_may() {
    let server = Server::new();
    let me = server.account(1).await;
    let largest = vec![7; ITEM_BYTES];
    assert_eq!(
        server
            .by(&me, "PUT", &address(1), &[FRESH], &largest)
            .await
            .status,
        StatusCode::CREATED
    );
    let more = vec![7; ITEM_BYTES + 1];
    let refused = server.by(&me, "PUT", &address(2), &[FRESH], &more).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        refused.json()["error"]
            .as_str()
            .unwrap()
            .contains("128 KiB"),
        "{refused:?}"
    );
    assert_eq!(
        server.by(&me, "GET", &address(2), &[], b"").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_account_may_have_so_many_bytes() {
    let server = Server::with(Limits {
        account_bytes: 100,
        ..Limits::default()
    });
    let (me, other) = (server.account(1).await, server.account(2).await);
    let first = server
        .by(&me, "PUT", &address(1), &[FRESH], &[1; 60])
        .await
        .etag();
    let refused = server.by(&me, "PUT", &address(2), &[FRESH], &[2; 41]).await;
    assert_eq!(refused.status, StatusCode::INSUFFICIENT_STORAGE);
    // What is replaced does not count, what others have does not, and what is deleted no more.
    let second = server
        .by(&me, "PUT", &address(1), &[("if-match", &first)], &[3; 100])
        .await;
    assert_eq!(second.status, StatusCode::NO_CONTENT);
    assert_eq!(
        server
            .by(&other, "PUT", &address(1), &[FRESH], &[4; 100])
            .await
            .status,
        StatusCode::CREATED
    );
    let full = server.by(&me, "PUT", &address(2), &[FRESH], b"x").await;
    assert_eq!(full.status, StatusCode::INSUFFICIENT_STORAGE);
    server
        .by(
            &me,
            "DELETE",
            &address(1),
            &[("if-match", &second.etag())],
            b"",
        )
        .await;
    assert_eq!(
        server
            .by(&me, "PUT", &address(2), &[FRESH], &[5; 100])
            .await
            .status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn an_account_may_have_so_many_items() {
    let server = Server::with(Limits {
        items: 3,
        ..Limits::default()
    });
    let me = server.account(1).await;
    let mut versions = Vec::new();
    for number in 0..3 {
        versions.push(
            server
                .by(&me, "PUT", &address(number), &[FRESH], b"x")
                .await
                .etag(),
        );
    }
    let refused = server.by(&me, "PUT", &address(3), &[FRESH], b"x").await;
    assert_eq!(refused.status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(
        refused.json()["error"]
            .as_str()
            .unwrap()
            .contains("3 items"),
        "{refused:?}"
    );
    // Those that are there can still be changed, and the oldest mark gives way to a new item.
    let changed = server
        .by(&me, "PUT", &address(0), &[("if-match", &versions[0])], b"y")
        .await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    for number in [2, 1] {
        server
            .by(
                &me,
                "DELETE",
                &address(number),
                &[("if-match", &versions[number])],
                b"",
            )
            .await;
    }
    assert_eq!(
        server
            .by(&me, "PUT", &address(3), &[FRESH], b"x")
            .await
            .status,
        StatusCode::CREATED
    );
    let states = [0, 1, 2, 3].map(async |number| {
        server
            .by(&me, "GET", &address(number), &[], b"")
            .await
            .header("sync-state")
            .to_owned()
    });
    let mut found = Vec::new();
    for state in states {
        found.push(state.await);
    }
    assert_eq!(found, ["live", "deleted", "absent", "live"]);
}

#[tokio::test]
async fn a_server_may_have_so_many_accounts() {
    let server = Server::with(Limits {
        accounts: 2,
        ..Limits::default()
    });
    let first = server.account(1).await;
    server.account(2).await;
    let refused = server
        .by(&Account::new(3), "POST", "/sync/account", &[], b"")
        .await;
    assert_eq!(refused.status, StatusCode::INSUFFICIENT_STORAGE);
    let taken = server.by(&first, "POST", "/sync/account", &[], b"").await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    server.by(&first, "DELETE", "/sync/account", &[], b"").await;
    server.account(3).await;
}

#[tokio::test]
async fn an_account_is_not_taken_over() {
    let server = Server::new();
    let me = server.account(1).await;
    let thief = Account {
        bearer: Account::new(2).bearer,
        ..me.clone()
    };
    assert_eq!(
        server
            .by(&thief, "POST", "/sync/account", &[], b"")
            .await
            .status,
        StatusCode::CONFLICT
    );
    assert_eq!(
        server
            .by(&thief, "GET", "/sync/items", &[], b"")
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        server.by(&me, "GET", "/sync/items", &[], b"").await.status,
        StatusCode::OK
    );
    let malformed = Account {
        id: "1".into(),
        ..me
    };
    assert_eq!(
        server
            .by(&malformed, "POST", "/sync/account", &[], b"")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}

fn so_many(requests: u32) -> Limit {
    Limit {
        requests,
        per: Duration::from_secs(3_600),
    }
}

#[tokio::test]
async fn a_browser_may_ask_so_often() {
    let server = Server::with(Limits {
        browser_requests: so_many(3),
        ..Limits::default()
    });
    let me = server.account(1).await;
    // What is wrong counts too, so that nobody tries tokens.
    server
        .by(&Account::new(9), "GET", "/sync/items", &[], b"")
        .await;
    assert_eq!(
        server.by(&me, "GET", "/sync/items", &[], b"").await.status,
        StatusCode::OK
    );
    let refused = server.by(&me, "GET", "/sync/items", &[], b"").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1_100..=1_200).contains(&wait), "{wait}");
    // Another browser of the same account is another, and the pages are not limited.
    let second = server.let_in();
    assert_eq!(
        server
            .by(&me, "GET", "/sync/items", &[("cookie", &second)], b"")
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        server.ask("GET", "/workbook", &[], b"").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_account_may_ask_so_often_and_others_cannot_use_that_up() {
    let server = Server::with(Limits {
        account_requests: so_many(2),
        ..Limits::default()
    });
    let (me, other) = (server.account(1).await, server.account(2).await);
    let thief = Account {
        bearer: other.bearer.clone(),
        ..me.clone()
    };
    for _ in 0..5 {
        assert_eq!(
            server
                .by(&thief, "GET", "/sync/items", &[], b"")
                .await
                .status,
            StatusCode::UNAUTHORIZED
        );
    }
    let second = server.let_in();
    assert_eq!(
        server.by(&me, "GET", "/sync/items", &[], b"").await.status,
        StatusCode::OK
    );
    assert_eq!(
        server
            .by(&me, "GET", "/sync/items", &[("cookie", &second)], b"")
            .await
            .status,
        StatusCode::OK
    );
    let refused = server.by(&me, "PUT", &address(1), &[FRESH], b"x").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        server
            .by(&other, "GET", "/sync/items", &[], b"")
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_browser_may_create_so_many_accounts() {
    let server = Server::with(Limits {
        creations: so_many(2),
        ..Limits::default()
    });
    server.account(1).await;
    server.account(2).await;
    let refused = server
        .by(&Account::new(3), "POST", "/sync/account", &[], b"")
        .await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let second = server.let_in();
    let made = server
        .by(
            &Account::new(3),
            "POST",
            "/sync/account",
            &[("cookie", &second)],
            b"",
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
}
