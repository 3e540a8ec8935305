//! What a page of this server may do, in the headers of every answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Nothing but what this server sends; no script or style in the markup; pictures also from the
/// text itself, for notebooks that carry them.
const CONTENT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
frame-ancestors 'none'";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=()",
    ),
    // Unless an answer says that it may be kept.
    ("cache-control", "no-store"),
];

/// Adds the policy to an answer.
pub(super) fn apply(headers: &mut HeaderMap) {
    for &(name, value) in HEADERS {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
}
