//! Listening, and ending.

use crate::app::{App, router};
use crate::guard::{Guard, Hosts, Link, Sessions};
use crate::sync::{Accounts, Limits, SyncError};
use axum::Router;
use fisherinfo_notebook::document::{DocumentError, Library};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The port that is taken if none is named. What a browser keeps, it keeps by address and port, so
/// it is the same every time.
const PORT: u16 = 8417;

/// Connections that are open at the same time; more wait.
const CONNECTIONS: usize = 2_000;

/// A connection that has not said what it wants for so long is closed.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is served, where, and to whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen at. Anything but a loopback address lets other machines connect.
    pub host: IpAddr,
    /// The port; 0 takes one that is free.
    pub port: u16,
    /// More names under which browsers may ask, such as that of a proxy in front.
    pub allowed_hosts: Vec<String>,
    /// A notebook, or a folder of them, to be read beside the workbook.
    pub notebooks: Option<PathBuf>,
    /// Is the link good for everyone who has it, instead of for one browser?
    pub shared_link: bool,
    /// The folder of the accounts, made if it is missing; with it, readers may have the same notes,
    /// drafts and progress in several browsers, encrypted by each browser before they leave it.
    pub sync: Option<PathBuf>,
    /// Threads that run solutions and grade answers; 0 for as many as there are cores.
    pub workers: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: PORT,
            allowed_hosts: Vec::new(),
            notebooks: None,
            shared_link: false,
            sync: None,
            workers: 0,
        }
    }
}

/// Why there is no page.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The address is taken, or not of this machine.
    #[error("cannot listen at {address}: {source}; name another with --port or --host")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The notebooks cannot be read.
    #[error(transparent)]
    Notebooks(#[from] DocumentError),
    /// The accounts cannot be kept.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// The system gave no random numbers for the link.
    #[error("the system gives no random numbers, so nobody could be let in safely: {0}")]
    Random(String),
    /// The system gave no threads.
    #[error("the server could not be started: {0}")]
    Runtime(#[source] std::io::Error),
}

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    guard: Arc<Guard>,
    start: String,
}

impl std::fmt::Debug for Server {
    /// Without the link, which is a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Reads the notebooks, opens the accounts and takes the port. `on_link` is told the link for the next browser
    /// whenever one has been used.
    ///
    /// # Errors
    /// As [`ServeError`] lists them.
    pub async fn bind(
        options: Options,
        on_link: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, ServeError> {
        let library = options
            .notebooks
            .as_deref()
            .map(Library::from_path)
            .transpose()?;
        let accounts = options
            .sync
            .as_deref()
            .map(|folder| Accounts::open(folder, Limits::default()))
            .transpose()?;
        let asked = SocketAddr::new(options.host, options.port);
        let listener = TcpListener::bind(asked)
            .await
            .map_err(|source| ServeError::Listen {
                address: asked,
                source,
            })?;
        let address = listener.local_addr().map_err(ServeError::Runtime)?;
        let link = if options.shared_link {
            Link::Shared
        } else {
            Link::Once
        };
        let sessions =
            Sessions::new(link).map_err(|error| ServeError::Random(error.to_string()))?;
        let workers = match options.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let app = Arc::new(App::new(library, workers, accounts));
        // Typeset before the first reader asks, who then waits for nothing.
        let early = app.clone();
        tokio::task::spawn_blocking(move || {
            early.shelf.workbook();
        });
        let start = app.shelf.start();
        let base = format!("{}{start}", base(address, &options.allowed_hosts));
        let guard = Arc::new(Guard {
            hosts: Hosts::new(address, &options.allowed_hosts),
            sessions,
            on_spent: Box::new(move |token| on_link(&format!("{base}?token={token}"))),
        });
        Ok(Self {
            router: router(app, guard.clone()),
            listener,
            address,
            start: format!("{}{start}", self::base(address, &options.allowed_hosts)),
            guard,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The link that lets a browser in.
    pub fn link(&self) -> String {
        format!("{}?token={}", self.start, self.guard.sessions.token())
    }

    /// Answers until `end` is ready; then finishes what it is at, for a few seconds at most.
    pub async fn run(self, end: impl Future<Output = ()> + Send) {
        const LAST_ANSWERS: Duration = Duration::from_secs(2);
        let graceful = hyper_util::server::graceful::GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        tokio::pin!(end);
        loop {
            let place = tokio::select! {
                () = &mut end => break,
                place = places.clone().acquire_owned() => place,
            };
            let stream = tokio::select! {
                () = &mut end => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    // Out of file handles, or the other side has gone: others may still be served.
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            let service = TowerToHyperService::new(self.router.clone());
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                let _place = place;
                // Whatever goes wrong on a connection is the end of that connection only.
                let _ = connection.await;
            });
        }
        drop(self.listener);
        let _ = tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await;
    }
}

/// The address of the page, as a person would open it.
fn base(address: SocketAddr, names: &[String]) -> String {
    match names.first() {
        Some(name) if name.contains(':') => format!("http://{name}"),
        Some(name) => format!("http://{name}:{}", address.port()),
        None if address.ip().is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
        None => format!("http://{address}"),
    }
}

/// Serves until the process is interrupted (Ctrl-C, or the signal to end). `on_link` is told the
/// link that lets a browser in, at the start and again whenever it has been used.
///
/// # Errors
/// As [`ServeError`] lists them.
pub fn serve(
    options: Options,
    on_link: impl Fn(&str) + Send + Sync + 'static,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    runtime.block_on(async {
        let on_link = Arc::new(on_link);
        let again = on_link.clone();
        let server = Server::bind(options, move |link| again(link)).await?;
        on_link(&server.link());
        server.run(interrupted()).await;
        Ok(())
    })
}

async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = ended.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
