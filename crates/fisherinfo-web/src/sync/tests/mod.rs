//! The accounts from the database up to the whole router with its guard.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod files;
mod items;
mod limited;
mod store;

use super::Accounts;
use super::limits::Limits;
use crate::app::{App, router};
use crate::guard::{Guard, Hosts, Link, Sessions};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:8417";

/// A server with accounts, and one browser that it has let in.
#[derive(Clone)]
struct Server {
    router: Router,
    guard: Arc<Guard>,
    cookie: String,
    _folder: Arc<TempDir>,
}

/// What was answered.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn etag(&self) -> String {
        self.header("etag").to_owned()
    }
}

impl Server {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        let folder = TempDir::new().unwrap();
        let accounts = Accounts::open(folder.path(), limits).unwrap();
        let guard = Arc::new(Guard {
            hosts: Hosts::new(HOST.parse().unwrap(), &[]),
            sessions: Sessions::new(Link::Shared).unwrap(),
            on_spent: Box::new(|_| {}),
        });
        let mut server = Self {
            router: router(Arc::new(App::new(None, 1, Some(accounts))), guard.clone()),
            cookie: String::new(),
            guard,
            _folder: Arc::new(folder),
        };
        server.cookie = server.let_in();
        server
    }

    /// Lets another browser in.
    fn let_in(&self) -> String {
        let token = self.guard.sessions.token();
        format!(
            "fisher-8417={}",
            self.guard.sessions.admit(&token).unwrap().session
        )
    }

    fn folder(&self) -> &std::path::Path {
        self._folder.path()
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let method: Method = method.parse().unwrap();
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header("host", HOST);
        if !headers.iter().any(|(name, _)| *name == "cookie") {
            request = request.header("cookie", &self.cookie);
        }
        if method != Method::GET && !headers.iter().any(|(name, _)| *name == "origin") {
            request = request.header("origin", format!("http://{HOST}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_vec())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer {
            status: head.status,
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    /// As an account.
    async fn by(
        &self,
        account: &Account,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut headers = vec![
            ("sync-account", account.id.as_str()),
            ("authorization", account.bearer.as_str()),
        ];
        headers.extend_from_slice(more);
        self.ask(method, path, &headers, body).await
    }

    async fn account(&self, number: u8) -> Account {
        let account = Account::new(number);
        let made = self.by(&account, "POST", "/sync/account", &[], b"").await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        account
    }
}

/// What a browser derives from a key.
#[derive(Clone)]
struct Account {
    id: String,
    token: String,
    bearer: String,
}

impl Account {
    fn new(number: u8) -> Self {
        let token = format!("{number:02x}c4").repeat(16);
        Self {
            id: format!("{number:02x}").repeat(16),
            bearer: format!("Bearer {token}"),
            token,
        }
    }
}

/// The address of an item.
fn address(number: usize) -> String {
    format!("/sync/items/{number:064x}")
}

const FRESH: (&str, &str) = ("if-none-match", "*");
