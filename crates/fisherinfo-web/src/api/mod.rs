//! What the page asks the server for while it is read: runs, verdicts, formulas, figures.

pub(crate) mod answers;
pub(crate) mod figures;
pub(crate) mod inputs;
pub(crate) mod run;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that cannot be answered: one sentence that names the place and the remedy.
pub(crate) fn refused(status: StatusCode, message: impl Into<String>) -> Response {
    (status, Json(json!({ "error": message.into() }))).into_response()
}

/// The server is ending.
pub(crate) fn ending() -> Response {
    refused(StatusCode::SERVICE_UNAVAILABLE, "The server is ending.")
}
