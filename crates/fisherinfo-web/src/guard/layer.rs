//! The order of the questions: which host, from where, who.

use super::{Browser, Hosts, Sessions, policy};
use crate::page;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// What every request is held against.
pub(crate) struct Guard {
    pub(crate) hosts: Hosts,
    pub(crate) sessions: Sessions,
    /// Told the token for the next browser when one has been let in.
    pub(crate) on_spent: Box<dyn Fn(&str) + Send + Sync>,
}

/// Lets a request through, or answers it here.
pub(crate) async fn guard(
    State(guard): State<Arc<Guard>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.refusal(&request) {
        Some(refused) => refused,
        None => {
            if let Some(browser) = guard.browser(request.headers()) {
                request.extensions_mut().insert(browser);
            }
            next.run(request).await
        }
    };
    policy::apply(response.headers_mut());
    response
}

impl Guard {
    fn refusal(&self, request: &Request) -> Option<Response> {
        let headers = request.headers();
        let host = text(headers, header::HOST.as_str()).unwrap_or_default();
        if !self.hosts.accepts(host) {
            let message = "This server does not answer under this name. Open it at the address it printed, or \
                 start it with --allow-host NAME.\n";
            return Some((StatusCode::MISDIRECTED_REQUEST, message).into_response());
        }
        if !is_safe(request.method()) && !self.is_from_own_page(headers) {
            let message = "This request did not come from a page of this server.\n";
            return Some((StatusCode::FORBIDDEN, message).into_response());
        }
        if let Some(token) = token(request.uri())
            && *request.method() == Method::GET
            && !is_cross_site(headers)
        {
            return Some(self.admission(token, request));
        }
        if is_public(request.uri().path()) || self.browser(headers).is_some() {
            return None;
        }
        Some(if wants_page(headers) {
            (StatusCode::UNAUTHORIZED, page::locked()).into_response()
        } else {
            let message =
                "This browser has not been let in: open the link that the server printed.\n";
            (StatusCode::UNAUTHORIZED, message).into_response()
        })
    }

    /// Exchanges a token for a cookie, and leads away from the address that holds the token.
    fn admission(&self, token: &str, request: &Request) -> Response {
        let clean = Redirect::to(without_token(request.uri()).as_str());
        if self.browser(request.headers()).is_some() {
            // Already inside: the link of another browser stays good.
            return clean.into_response();
        }
        let Some(admitted) = self.sessions.admit(token) else {
            return (StatusCode::UNAUTHORIZED, page::spent()).into_response();
        };
        if let Some(token) = &admitted.next_token {
            (self.on_spent)(token);
        }
        let cookie = format!(
            "{}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000",
            self.cookie_name(),
            admitted.session
        );
        let mut response = clean.into_response();
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Cookies do not keep ports apart, so the name does.
    fn cookie_name(&self) -> String {
        format!("fisher-{}", self.hosts.port())
    }

    fn browser(&self, headers: &HeaderMap) -> Option<Browser> {
        let name = self.cookie_name();
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .find_map(|(_, value)| self.sessions.browser(value))
    }

    fn is_from_own_page(&self, headers: &HeaderMap) -> bool {
        let own = text(headers, "origin").is_some_and(|origin| self.hosts.is_own(origin));
        let site = text(headers, "sec-fetch-site");
        own && site.is_none_or(|site| site == "same-origin")
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// A link from elsewhere to the printed address must not spend the token.
fn is_cross_site(headers: &HeaderMap) -> bool {
    text(headers, "sec-fetch-site").is_some_and(|site| site == "cross-site")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn wants_page(headers: &HeaderMap) -> bool {
    text(headers, header::ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html"))
}

/// Style sheets, scripts and fonts: the same for everyone, and what the page at the door needs.
fn is_public(path: &str) -> bool {
    path.starts_with("/assets/")
}

fn token(uri: &Uri) -> Option<&str> {
    uri.query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
}

fn without_token(uri: &Uri) -> String {
    let rest: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("token="))
        .collect();
    // One slash at the start: two would be another host.
    let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
    if rest.is_empty() {
        path
    } else {
        format!("{path}?{}", rest.join("&"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{token, without_token};

    #[test]
    fn the_token_leaves_the_address() {
        let uri = "/workbook?a=1&token=abc&b=2".parse().unwrap();
        assert_eq!(token(&uri), Some("abc"));
        assert_eq!(without_token(&uri), "/workbook?a=1&b=2");
        let hostile = "//evil.example/?token=abc".parse().unwrap();
        assert_eq!(without_token(&hostile), "/evil.example/");
    }
}
