//! Where requests to stores wait: two threads beside those that calculate.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, sync_channel};
use tokio::runtime::{Builder, Runtime};

/// What comes of `work`, which begins at once; nothing if no thread could be had for it.
pub(super) fn start<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Receiver<T> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads(2).thread_name("object-store");
        threads.enable_all().build().ok()
    });
    let (sender, receiver) = sync_channel(1);
    if let Some(runtime) = runtime {
        runtime.spawn(async move {
            // Whoever asked may be gone.
            let _ = sender.send(work.await);
        });
    }
    receiver
}

/// What comes of `work`, when it has come.
pub(super) fn wait<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    start(work).recv().ok()
}
