//! What a reader sees.

mod account;
mod door;
mod exercise;
mod figure;
mod index;
mod reading;
mod shelf;
mod shell;
mod workbook;

pub(crate) use door::{locked, spent};
pub(crate) use figure::{WIDTH, block, chart, dragged, figures};
pub(crate) use shelf::Shelf;

use crate::app::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;

/// The library; the workbook itself if there is nothing else.
pub(crate) async fn index(State(app): State<Arc<App>>) -> Response {
    Html(app.shelf.index().to_owned()).into_response()
}

/// The ten exercises.
pub(crate) async fn workbook(State(app): State<Arc<App>>) -> Response {
    match app
        .clone()
        .runs
        .work(move || app.shelf.workbook().to_owned())
        .await
    {
        Some(page) => Html(page).into_response(),
        None => crate::api::ending(),
    }
}

/// A notebook, for reading.
pub(crate) async fn notebook(State(app): State<Arc<App>>, Path(slug): Path<String>) -> Response {
    let found = app
        .clone()
        .runs
        .work(move || app.shelf.notebook(&slug))
        .await;
    match found {
        Some(Some(page)) => Html(page.as_str().to_owned()).into_response(),
        Some(None) => missing().await,
        None => crate::api::ending(),
    }
}

/// Nothing of this name.
pub(crate) async fn missing() -> Response {
    (StatusCode::NOT_FOUND, door::missing()).into_response()
}
