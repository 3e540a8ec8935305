//! Style sheets, scripts and the font, built into the program. Their addresses carry a hash of all
//! of them, so that a browser may keep them for ever and still never mixes two versions.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Embedded;

/// The address of a file.
pub(crate) fn address(file: &str) -> String {
    format!("/assets/{}/{file}", version())
}

/// A hash of all files.
fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut names: Vec<_> = Embedded::iter().collect();
        names.sort_unstable();
        let mut all = Sha256::new();
        for name in names {
            if let Some(file) = Embedded::get(&name) {
                all.update(name.as_bytes());
                all.update(file.metadata.sha256_hash());
            }
        }
        all.finalize()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    })
}

/// A file. Scripts name each other relative to themselves, so the version is in their folder.
pub(crate) async fn file(Path((asked, file)): Path<(String, String)>) -> Response {
    let Some(found) = Embedded::get(&file).filter(|_| asked == version()) else {
        return (
            StatusCode::NOT_FOUND,
            "There is no such file; reload the page.\n",
        )
            .into_response();
    };
    let kind = match file.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "woff2")) => "font/woff2",
        _ => "text/plain; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, found.data.into_owned()).into_response()
}
