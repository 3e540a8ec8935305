//! What browsers ask of the accounts. Whoever asks has been let in by the guard already; here they
//! say whose items they mean, and prove it with the token.

use super::names::{AccountId, ItemName, TokenHash, Version, hex};
use super::store::{Created, Expected, Item, Store, StoreError, Written};
use super::{Accounts, Limits};
use crate::api::{ending, refused};
use crate::guard::Browser;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Names the account, beside the token in `Authorization`.
const ACCOUNT: HeaderName = HeaderName::from_static("sync-account");

/// Says of an answer what is there now: `live`, `deleted` or `absent`.
const STATE: HeaderName = HeaderName::from_static("sync-state");

/// Which handler answers what.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(accounts: Arc<Accounts>) -> Router<S> {
    let Limits { item_bytes, .. } = accounts.limits;
    Router::new()
        .route("/sync/account", post(create).delete(remove))
        .route("/sync/items", get(items))
        .route("/sync/items/{name}", get(item).put(put).delete(delete))
        .route("/sync/export", get(export))
        .layer(DefaultBodyLimit::max(item_bytes))
        .with_state(accounts)
}

/// Why a request is not answered.
enum Refusal {
    /// It is not well-formed.
    Malformed(&'static str),
    /// The account is not known, or the token is not its own: nobody learns which.
    Unknown,
    TooOften(Duration),
    Failed(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(message) => refused(StatusCode::BAD_REQUEST, message),
            Self::Unknown => {
                let message = "This server knows no account with this key.";
                let mut response = refused(StatusCode::UNAUTHORIZED, message);
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                response
            }
            Self::TooOften(wait) => {
                let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
                let message = format!("Too many requests: try again in {seconds} s.");
                let mut response = refused(StatusCode::TOO_MANY_REQUESTS, message);
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
            Self::Failed(error) => {
                // For whoever runs the server: a full disk, for example. It holds nothing of the
                // request.
                eprintln!("Sync: the database does not do what it should: {error}");
                let message =
                    "The server cannot keep this at the moment. It stays in this browser.";
                refused(StatusCode::INTERNAL_SERVER_ERROR, message)
            }
        }
    }
}

type Answer = Result<Response, Refusal>;

/// Who they say they are.
fn credentials(headers: &HeaderMap) -> Option<(AccountId, TokenHash)> {
    let id = AccountId::parse(only(headers, &ACCOUNT)?)?;
    let token = only(headers, &header::AUTHORIZATION)?.strip_prefix("Bearer ")?;
    Some((id, TokenHash::of(token)?))
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

impl Accounts {
    /// Does `work` for an account, if they are its owner and do not ask too often.
    async fn with_account(
        self: Arc<Self>,
        browser: Browser,
        headers: &HeaderMap,
        work: impl FnOnce(&mut Store, AccountId) -> Answer + Send + 'static,
    ) -> Response {
        if let Err(wait) = self.rates.browsers.take(browser.0, Instant::now()) {
            return Refusal::TooOften(wait).into_response();
        }
        let Some((id, token)) = credentials(headers) else {
            return Refusal::Unknown.into_response();
        };
        let accounts = self.clone();
        let answered = self
            .work(move |store| {
                if !store.knows(id, &token)? {
                    return Err(Refusal::Unknown);
                }
                // Only now: nobody can use up what belongs to another's account.
                let who = Sha256::digest(id.0).into();
                accounts
                    .rates
                    .accounts
                    .take(who, Instant::now())
                    .map_err(Refusal::TooOften)?;
                work(store, id)
            })
            .await;
        match answered {
            Some(answer) => answer.into_response(),
            None => ending(),
        }
    }
}

/// Makes an account.
async fn create(
    State(accounts): State<Arc<Accounts>>,
    Extension(browser): Extension<Browser>,
    headers: HeaderMap,
) -> Response {
    let now = Instant::now();
    if let Err(wait) = accounts.rates.browsers.take(browser.0, now) {
        return Refusal::TooOften(wait).into_response();
    }
    let Some((id, token)) = credentials(&headers) else {
        let message = "An account has an id of 32 and a token of 64 hexadecimal digits.";
        return Refusal::Malformed(message).into_response();
    };
    if let Err(wait) = accounts.rates.creations.take(browser.0, now) {
        return Refusal::TooOften(wait).into_response();
    }
    match accounts.work(move |store| store.create(id, &token)).await {
        Some(Ok(Created::Done)) => StatusCode::CREATED.into_response(),
        Some(Ok(Created::Taken)) => {
            refused(StatusCode::CONFLICT, "There is such an account already.")
        }
        Some(Ok(Created::Full)) => {
            let message = "This server has as many accounts as it may have.";
            refused(StatusCode::INSUFFICIENT_STORAGE, message)
        }
        Some(Err(error)) => Refusal::Failed(error).into_response(),
        None => ending(),
    }
}

/// Deletes an account and everything of it.
async fn remove(
    State(accounts): State<Arc<Accounts>>,
    Extension(browser): Extension<Browser>,
    headers: HeaderMap,
) -> Response {
    let work = |store: &mut Store, id| {
        store.remove(id)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    accounts.with_account(browser, &headers, work).await
}

/// The names and versions of all items, unless the browser has this list already.
async fn items(
    State(accounts): State<Arc<Accounts>>,
    Extension(browser): Extension<Browser>,
    headers: HeaderMap,
) -> Response {
    let seen = only(&headers, &header::IF_NONE_MATCH).map(str::to_owned);
    let work = move |store: &mut Store, id| {
        let items: Vec<_> = store
            .entries(id)?
            .iter()
            .map(|it| {
                json!({ "name": it.name.to_string(), "version": it.version.to_string(), "deleted": it.deleted })
            })
            .collect();
        let list = json!({ "revision": store.revision(id)?, "items": items }).to_string();
        let tag = format!("\"{}\"", hex(&Sha256::digest(&list)[..16]));
        if seen.is_some_and(|seen| seen == tag) {
            return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
        }
        let head = [
            (header::ETAG, tag),
            (header::CONTENT_TYPE, "application/json".into()),
        ];
        Ok((head, list).into_response())
    };
    accounts.with_account(browser, &headers, work).await
}

/// What is there, with a status for it.
fn shown(status: StatusCode, item: Option<Item>) -> Response {
    let Some(Item { version, body }) = item else {
        return (status, [(STATE, "absent")]).into_response();
    };
    let tag = (header::ETAG, version.tag());
    match body {
        None => (status, [tag, (STATE, "deleted".into())]).into_response(),
        Some(body) => {
            let kind = (header::CONTENT_TYPE, "application/octet-stream".into());
            (status, [tag, (STATE, "live".into()), kind], body).into_response()
        }
    }
}

fn named(name: &str) -> Result<ItemName, Refusal> {
    ItemName::parse(name).ok_or(Refusal::Malformed(
        "An item's name has 64 hexadecimal digits.",
    ))
}

/// An item.
async fn item(
    State(accounts): State<Arc<Accounts>>,
    Extension(browser): Extension<Browser>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let work = move |store: &mut Store, id| {
        let item = store.item(id, named(&name)?)?;
        let status = match &item {
            None => StatusCode::NOT_FOUND,
            Some(Item { body: None, .. }) => StatusCode::GONE,
            Some(_) => StatusCode::OK,
        };
        Ok(shown(status, item))
    };
    accounts.with_account(browser, &headers, work).await
}

/// What the writer takes to be there; none if they do not say.
fn expected(headers: &HeaderMap) -> Result<Option<Expected>, Refusal> {
    let malformed =
        Refusal::Malformed("Give either If-Match with one version, or If-None-Match: *.");
    match (
        headers.contains_key(header::IF_MATCH),
        headers.contains_key(header::IF_NONE_MATCH),
    ) {
        (false, false) => Ok(None),
        (true, false) => only(headers, &header::IF_MATCH)
            .and_then(Version::parse)
            .map(|version| Some(Expected::Version(version)))
            .ok_or(malformed),
        (false, true) if only(headers, &header::IF_NONE_MATCH) == Some("*") => {
            Ok(Some(Expected::Nothing))
        }
        _ => Err(malformed),
    }
}

fn unconditional() -> Response {
    let message = "Say which version this replaces: If-Match, or If-None-Match: * for none.";
    refused(StatusCode::PRECONDITION_REQUIRED, message)
}

fn written(written: Written, limits: &Limits) -> Response {
    match written {
        Written::Done { version, fresh } => {
            let status = if fresh {
                StatusCode::CREATED
            } else {
                StatusCode::NO_CONTENT
            };
            (status, [(header::ETAG, version.tag())]).into_response()
        }
        Written::Conflict(there) => shown(StatusCode::PRECONDITION_FAILED, there),
        Written::TooMany => {
            let message = format!(
                "The account has {} items, and may not have more.",
                limits.items
            );
            refused(StatusCode::INSUFFICIENT_STORAGE, message)
        }
        Written::TooLarge => {
            let most = limits.account_bytes / 1024;
            let message = format!("The account would have more than {most} KiB, which it may not.");
            refused(StatusCode::INSUFFICIENT_STORAGE, message)
        }
    }
}

/// Writes an item.
async fn put(
    State(accounts): State<Arc<Accounts>>,
    Extension(browser): Extension<Browser>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let limits = accounts.limits;
    let asked = expected(&headers);
    let work = move |store: &mut Store, id| {
        let name = named(&name)?;
        let Some(expected) = asked? else {
            return Ok(unconditional());
        };
        let body = match &body {
            Ok(body) if body.is_empty() => {
                return Err(Refusal::Malformed("An item has at least one byte."));
            }
            Ok(body) => body,
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                let message = format!("An item may have {} KiB at most.", limits.item_bytes / 1024);
                return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE, message));
            }
            Err(_) => return Err(Refusal::Malformed("The body broke off.")),
        };
        Ok(written(store.put(id, name, expected, body)?, &limits))
    };
    accounts.with_account(browser, &headers, work).await
}

/// Deletes an item.
async fn delete(
    State(accounts): State<Arc<Accounts>>,
    Extension(browser): Extension<Browser>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let limits = accounts.limits;
    let asked = expected(&headers);
    let work = move |store: &mut Store, id| {
        let name = named(&name)?;
        match asked? {
            None => Ok(unconditional()),
            Some(Expected::Nothing) => Err(Refusal::Malformed(
                "Say with If-Match which version is deleted.",
            )),
            Some(Expected::Version(version)) => {
                Ok(written(store.delete(id, name, version)?, &limits))
            }
        }
    };
    accounts.with_account(browser, &headers, work).await
}

/// All items, encrypted as they are.
async fn export(
    State(accounts): State<Arc<Accounts>>,
    Extension(browser): Extension<Browser>,
    headers: HeaderMap,
) -> Response {
    let work = |store: &mut Store, id| {
        let items: Vec<_> = store
            .all(id)?
            .iter()
            .map(|(name, version, body)| {
                json!({ "name": name.to_string(), "version": version.to_string(), "body": STANDARD.encode(body) })
            })
            .collect();
        Ok(Json(json!({ "items": items })).into_response())
    };
    accounts.with_account(browser, &headers, work).await
}
