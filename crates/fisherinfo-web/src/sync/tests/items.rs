//! Items through the whole router: who may, which version, who wins.

use super::{Account, FRESH, Server, address};
use axum::http::StatusCode;

#[tokio::test]
async fn an_item_is_written_read_changed_and_deleted() {
    let server = Server::new();
    let me = server.account(1).await;
    let at = address(1);
    let absent = server.by(&me, "GET", &at, &[], b"").await;
    assert_eq!(
        (absent.status, absent.header("sync-state")),
        (StatusCode::NOT_FOUND, "absent")
    );

    let first = server.by(&me, "PUT", &at, &[FRESH], b"one").await;
    assert_eq!(first.status, StatusCode::CREATED);
    let read = server.by(&me, "GET", &at, &[], b"").await;
    assert_eq!(
        (read.status, read.body.as_slice()),
        (StatusCode::OK, &b"one"[..])
    );
    assert_eq!(
        (read.etag(), read.header("cache-control")),
        (first.etag(), "no-store")
    );

    let second = server
        .by(&me, "PUT", &at, &[("if-match", &first.etag())], b"two")
        .await;
    assert_eq!(second.status, StatusCode::NO_CONTENT);
    assert_ne!(second.etag(), first.etag());

    let gone = server
        .by(&me, "DELETE", &at, &[("if-match", &second.etag())], b"")
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let read = server.by(&me, "GET", &at, &[], b"").await;
    assert_eq!(
        (read.status, read.header("sync-state")),
        (StatusCode::GONE, "deleted")
    );
    assert_eq!((read.etag(), read.body.len()), (gone.etag(), 0));
    let list = server.by(&me, "GET", "/sync/items", &[], b"").await.json();
    assert_eq!(
        (&list["items"][0]["deleted"], &list["revision"]),
        (&true.into(), &3.into())
    );

    // What was deleted can be written again, as the version it is or as nothing.
    let again = server
        .by(&me, "PUT", &at, &[("if-match", &gone.etag())], b"three")
        .await;
    assert_eq!(again.status, StatusCode::CREATED);
    let gone = server
        .by(&me, "DELETE", &at, &[("if-match", &again.etag())], b"")
        .await;
    let again = server.by(&me, "PUT", &at, &[FRESH], b"four").await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_ne!(again.etag(), gone.etag());
}

#[tokio::test]
async fn whoever_is_late_gets_what_is_there() {
    let server = Server::new();
    let me = server.account(1).await;
    let at = address(1);
    let first = server.by(&me, "PUT", &at, &[FRESH], b"one").await.etag();
    let second = server
        .by(&me, "PUT", &at, &[("if-match", &first)], b"two")
        .await
        .etag();
    for (method, condition) in [
        ("PUT", FRESH),
        ("PUT", ("if-match", first.as_str())),
        ("DELETE", ("if-match", first.as_str())),
    ] {
        let late = server.by(&me, method, &at, &[condition], b"late").await;
        assert_eq!(
            late.status,
            StatusCode::PRECONDITION_FAILED,
            "{method} {condition:?}"
        );
        assert_eq!(
            (late.body.as_slice(), late.etag()),
            (&b"two"[..], second.clone())
        );
        assert_eq!(late.header("sync-state"), "live");
    }
    let gone = server
        .by(&me, "DELETE", &at, &[("if-match", &second)], b"")
        .await
        .etag();
    let late = server
        .by(&me, "PUT", &at, &[("if-match", &second)], b"late")
        .await;
    assert_eq!((late.header("sync-state"), late.etag()), ("deleted", gone));
    let absent = server
        .by(&me, "PUT", &address(2), &[("if-match", &second)], b"late")
        .await;
    assert_eq!(
        (absent.status, absent.header("sync-state")),
        (StatusCode::PRECONDITION_FAILED, "absent")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_one_wins() {
    let server = Server::new();
    let me = server.account(1).await;
    let at = address(1);
    let mut version = String::new();
    for round in 0..5 {
        let condition = match round {
            0 => FRESH,
            _ => ("if-match", version.as_str()),
        };
        let writers: Vec<_> = (0..24_u8)
            .map(|writer| {
                let (server, me, at) = (server.clone(), me.clone(), at.clone());
                let (name, value) = (condition.0, condition.1.to_owned());
                tokio::spawn(async move {
                    server
                        .by(&me, "PUT", &at, &[(name, &value)], &[round, writer])
                        .await
                })
            })
            .collect();
        let mut winners = Vec::new();
        for (writer, answered) in writers.into_iter().enumerate() {
            let answered = answered.await.unwrap();
            if answered.status.is_success() {
                winners.push((writer as u8, answered.etag()));
            } else {
                assert_eq!(answered.status, StatusCode::PRECONDITION_FAILED);
            }
        }
        let [(winner, etag)] = winners.as_slice() else {
            panic!("round {round}: {winners:?}")
        };
        let kept = server.by(&me, "GET", &at, &[], b"").await;
        assert_eq!(
            (kept.body.as_slice(), kept.etag()),
            (&[round, *winner][..], etag.clone())
        );
        version = etag.clone();
    }
}

#[tokio::test]
async fn a_write_says_which_version_it_replaces() {
    let server = Server::new();
    let me = server.account(1).await;
    let at = address(1);
    for method in ["PUT", "DELETE"] {
        let bare = server.by(&me, method, &at, &[], b"x").await;
        assert_eq!(bare.status, StatusCode::PRECONDITION_REQUIRED, "{method}");
    }
    let version = server.by(&me, "PUT", &at, &[FRESH], b"x").await.etag();
    let weak = format!("W/{version}");
    let list = format!("{version}, {version}");
    for conditions in [
        vec![("if-match", "*")],
        vec![("if-match", "")],
        vec![("if-match", weak.as_str())],
        vec![("if-match", list.as_str())],
        vec![
            ("if-match", version.as_str()),
            ("if-match", version.as_str()),
        ],
        vec![("if-match", version.as_str()), FRESH],
        vec![("if-none-match", version.as_str())],
    ] {
        let answer = server.by(&me, "PUT", &at, &conditions, b"y").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{conditions:?}");
    }
    assert_eq!(
        server.by(&me, "DELETE", &at, &[FRESH], b"").await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(server.by(&me, "GET", &at, &[], b"").await.body, b"x");
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_account_look_the_same() {
    let server = Server::new();
    let me = server.account(1).await;
    server.by(&me, "PUT", &address(1), &[FRESH], b"mine").await;
    let wrong = Account {
        bearer: Account::new(2).bearer,
        ..me.clone()
    };
    let unknown = Account::new(3);
    let uppercase = Account {
        bearer: format!("Bearer {}", me.token.to_uppercase()),
        ..me.clone()
    };
    let basic = Account {
        bearer: format!("Basic {}", me.token),
        ..me.clone()
    };
    let empty = Account {
        bearer: "Bearer ".into(),
        ..me.clone()
    };
    let no_id = Account {
        id: "../../etc/passwd".into(),
        ..me.clone()
    };
    for (method, path) in [
        ("GET", "/sync/items".to_owned()),
        ("GET", address(1)),
        ("PUT", address(1)),
        ("DELETE", address(1)),
        ("GET", "/sync/export".to_owned()),
        ("DELETE", "/sync/account".to_owned()),
    ] {
        let expected = server.by(&wrong, method, &path, &[FRESH], b"x").await;
        assert_eq!(expected.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(expected.header("www-authenticate"), "Bearer");
        for other in [&unknown, &uppercase, &basic, &empty, &no_id] {
            let answer = server.by(other, method, &path, &[FRESH], b"x").await;
            assert_eq!(answer.status, expected.status, "{method} {path}");
            assert_eq!(
                (&answer.headers, &answer.body),
                (&expected.headers, &expected.body)
            );
        }
        assert_eq!(
            server.ask(method, &path, &[], b"").await.body,
            expected.body
        );
    }
    assert_eq!(
        server.by(&me, "GET", &address(1), &[], b"").await.body,
        b"mine"
    );
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let server = Server::new();
    let (me, other) = (server.account(1).await, server.account(2).await);
    let mine = server
        .by(&me, "PUT", &address(1), &[FRESH], b"mine")
        .await
        .etag();
    assert_eq!(
        server.by(&other, "GET", &address(1), &[], b"").await.status,
        StatusCode::NOT_FOUND
    );
    let late = server
        .by(
            &other,
            "PUT",
            &address(1),
            &[("if-match", &mine)],
            b"theirs",
        )
        .await;
    assert_eq!(
        (late.status, late.body.len()),
        (StatusCode::PRECONDITION_FAILED, 0)
    );
    server
        .by(&other, "PUT", &address(1), &[FRESH], b"theirs")
        .await;
    assert_eq!(
        server.by(&me, "GET", &address(1), &[], b"").await.body,
        b"mine"
    );
    let list = server
        .by(&other, "GET", "/sync/items", &[], b"")
        .await
        .json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    server.by(&other, "DELETE", "/sync/account", &[], b"").await;
    assert_eq!(
        server.by(&me, "GET", &address(1), &[], b"").await.body,
        b"mine"
    );
}

#[tokio::test]
async fn the_guard_stands_in_front() {
    let server = Server::new();
    let me = server.account(1).await;
    let at = address(1);
    let no_cookie = server
        .by(&me, "GET", "/sync/items", &[("cookie", "a=b")], b"")
        .await;
    assert_eq!(no_cookie.status, StatusCode::UNAUTHORIZED);
    // So that a page can tell this from an account that is not known.
    assert_eq!(no_cookie.header("www-authenticate"), "");
    for origin in ["http://evil.example", "null"] {
        let answer = server
            .by(&me, "PUT", &at, &[FRESH, ("origin", origin)], b"x")
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
    }
    let cross = server
        .by(
            &me,
            "DELETE",
            "/sync/account",
            &[("sec-fetch-site", "cross-site")],
            b"",
        )
        .await;
    assert_eq!(cross.status, StatusCode::FORBIDDEN);
    assert_eq!(
        server.by(&me, "GET", &at, &[], b"").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_list_that_is_known_is_not_sent_again() {
    let server = Server::new();
    let me = server.account(1).await;
    let empty = server.by(&me, "GET", "/sync/items", &[], b"").await;
    assert_eq!(
        empty.json(),
        serde_json::json!({ "revision": 0, "items": [] })
    );
    let first = server.by(&me, "PUT", &address(7), &[FRESH], b"x").await;
    let list = server
        .by(
            &me,
            "GET",
            "/sync/items",
            &[("if-none-match", &empty.etag())],
            b"",
        )
        .await;
    assert_eq!(list.status, StatusCode::OK);
    let item = &list.json()["items"][0];
    assert_eq!(item["name"], format!("{:064x}", 7));
    assert_eq!(
        format!("\"{}\"", item["version"].as_str().unwrap()),
        first.etag()
    );
    let same = server
        .by(
            &me,
            "GET",
            "/sync/items",
            &[("if-none-match", &list.etag())],
            b"",
        )
        .await;
    assert_eq!(
        (same.status, same.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

#[tokio::test]
async fn an_export_has_all_that_is_there() {
    let server = Server::new();
    let me = server.account(1).await;
    server
        .by(&me, "PUT", &address(1), &[FRESH], b"\x00one\xff")
        .await;
    let two = server
        .by(&me, "PUT", &address(2), &[FRESH], b"two")
        .await
        .etag();
    server
        .by(&me, "DELETE", &address(2), &[("if-match", &two)], b"")
        .await;
    let all = server.by(&me, "GET", "/sync/export", &[], b"").await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert_eq!(all["items"][0]["body"], "AG9uZf8=");
}

#[tokio::test]
async fn hostile_names_and_bodies_are_refused() {
    let server = Server::new();
    let me = server.account(1).await;
    let upper = "A".repeat(64);
    let long = "a".repeat(65);
    for name in [
        "x",
        "..%2f..%2faccount",
        "%00",
        upper.as_str(),
        long.as_str(),
        "a'%20OR%201=1--",
        "%f0%9f%98%80",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = server
                .by(&me, method, &format!("/sync/items/{name}"), &[FRESH], b"x")
                .await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {name}");
        }
    }
    // Not UTF-8: no name at all.
    let answer = server.by(&me, "GET", "/sync/items/%ff", &[], b"").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        server
            .by(&me, "PUT", &address(1), &[FRESH], b"")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    // Any bytes are an item, and come back as they are, never as a page.
    let script = b"<script>alert(1)</script>\0\xff'; DROP TABLE items; --";
    assert_eq!(
        server
            .by(&me, "PUT", &address(1), &[FRESH], script)
            .await
            .status,
        StatusCode::CREATED
    );
    let read = server.by(&me, "GET", &address(1), &[], b"").await;
    assert_eq!(read.body, script);
    assert_eq!(read.header("content-type"), "application/octet-stream");
    assert_eq!(read.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn without_accounts_there_is_nothing_to_ask() {
    use crate::app::{App, router};
    use std::sync::Arc;
    let mut server = Server::new();
    let with = String::from_utf8(server.ask("GET", "/workbook", &[], b"").await.body).unwrap();
    assert!(with.contains("account.js") && with.contains("id=\"account\""));
    server.router = router(Arc::new(App::new(None, 1, None)), server.guard.clone());
    for (method, path) in [
        ("GET", "/sync/items"),
        ("POST", "/sync/account"),
        ("GET", "/sync/export"),
    ] {
        let answer = server.by(&Account::new(1), method, path, &[], b"").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
    }
    let without = String::from_utf8(server.ask("GET", "/workbook", &[], b"").await.body).unwrap();
    assert!(!without.contains("account.js") && !without.contains("id=\"account\""));
}
