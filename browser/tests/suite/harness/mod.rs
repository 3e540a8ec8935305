//! A server, a browser, a client without one, and patience.

mod browser;
mod http;
mod process;
mod server;

pub(crate) use browser::Browser;
pub(crate) use http::Ask;
pub(crate) use server::Server;

use std::time::{Duration, Instant};

/// Longer than anything here takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until there is an answer.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "this did not come about in {PATIENCE:?}: {what}"
        );
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}
