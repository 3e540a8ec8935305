//! What the handlers share, and which of them answers what.

use crate::api::{self, run::Stops};
use crate::guard::{Guard, guard};
use crate::runs::Runs;
use crate::sync::{self, Accounts};
use crate::{assets, page};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use fisherinfo_notebook::document::Library;
use std::sync::Arc;

/// The most that a request may carry, in bytes.
const LARGEST_REQUEST: usize = 256 * 1024;

/// What the handlers share.
pub(crate) struct App {
    pub(crate) runs: Runs,
    pub(crate) stops: Stops,
    pub(crate) shelf: page::Shelf,
    /// None where sync is off.
    pub(crate) accounts: Option<Arc<Accounts>>,
}

impl App {
    pub(crate) fn new(
        library: Option<Library>,
        workers: usize,
        accounts: Option<Accounts>,
    ) -> Self {
        Self {
            runs: Runs::new(workers),
            stops: Stops::default(),
            shelf: page::Shelf::new(library, accounts.is_some()),
            accounts: accounts.map(Arc::new),
        }
    }
}

/// Which handler answers what.
pub(crate) fn router(app: Arc<App>, keeper: Arc<Guard>) -> Router {
    let pages = Router::new()
        .route("/", get(page::index))
        .route("/workbook", get(page::workbook))
        .route("/notebooks/{slug}", get(page::notebook))
        .route("/figures/{exercise}", get(api::figures::all))
        .route("/figures/{exercise}/{file}", get(api::figures::file))
        .route("/api/echo", post(api::answers::echo))
        .route("/api/check", post(api::answers::check))
        .route("/api/runs", post(api::run::start))
        .route("/api/runs/{number}/stop", post(api::run::stop))
        .route("/assets/{version}/{*file}", get(assets::file))
        .fallback(page::missing)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST));
    let pages = match app.accounts.clone() {
        Some(accounts) => pages.merge(sync::router(accounts)),
        None => pages,
    };
    pages
        .layer(from_fn_with_state(keeper, guard))
        .with_state(app)
}
