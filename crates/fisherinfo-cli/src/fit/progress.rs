//! How far a fit of streamed rows is: shown on a terminal, ended by Ctrl-C, kept in a file.

use crate::error::Failure;
use fisherinfo_table::glm::{Checkpoint, Watch};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Set by the first Ctrl-C; the second ends the process.
static ENDED: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Rows of a whole pass, once one was made.
    rows: AtomicUsize,
    /// The most rows seen in the pass at hand.
    seen: AtomicUsize,
    state: Option<State>,
    /// Iterations finished.
    iterations: AtomicUsize,
    /// Why the state could not be written.
    not_written: OnceLock<std::io::Error>,
}

/// The file that a fit goes on from.
#[derive(Debug)]
struct State {
    path: PathBuf,
    /// What tells the fit from others.
    identity: String,
    checkpoint: Option<Checkpoint>,
}

impl Progress {
    /// Reads the state of an earlier fit of the same `identity`, if there is a file to go on from.
    pub(crate) fn new(state: Option<&Path>, identity: &str) -> Result<Self, Failure> {
        let state = state.map(|path| State::read(path, identity)).transpose()?;
        listen();
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4))
        } else {
            ProgressBar::hidden()
        };
        let finished = state
            .as_ref()
            .and_then(|state| state.checkpoint.as_ref())
            .map_or(0, |checkpoint| checkpoint.iteration);
        Ok(Self {
            bar,
            rows: AtomicUsize::new(0),
            seen: AtomicUsize::new(0),
            state,
            iterations: AtomicUsize::new(finished),
            not_written: OnceLock::new(),
        })
    }

    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.state.as_ref()?.checkpoint.clone()
    }

    /// Why the fit was ended.
    pub(crate) fn interrupted(&self) -> Failure {
        self.bar.finish_and_clear();
        let path = self
            .state
            .as_ref()
            .map(|state| state.path.display().to_string());
        if let (Some(error), Some(file)) = (self.not_written.get(), path.clone()) {
            let error = std::io::Error::new(error.kind(), error.to_string());
            return Failure::NotWritten { file, error };
        }
        let iterations = self.iterations.load(Ordering::Relaxed);
        let remedy = match path {
            Some(path) if iterations > 0 => format!("the same command goes on from {path}"),
            Some(_) => "nothing was finished that could be gone on from".into(),
            None => "with --resume FILE a fit can be gone on with".into(),
        };
        Failure::Interrupted { iterations, remedy }
    }

    /// Takes the bar and the state away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
        if let Some(state) = &self.state {
            // What cannot be removed is found to be of this fit the next time.
            let _ = std::fs::remove_file(&state.path);
        }
    }
}

impl Watch for Progress {
    fn pass(&self, name: &str) {
        self.rows
            .fetch_max(self.seen.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        let rows = self.rows.load(Ordering::Relaxed);
        let (template, length) = if rows > 0 {
            (
                "{msg} {bar:30} {percent} %, {per_sec}, {eta} left",
                Some(rows as u64),
            )
        } else {
            ("{msg} {spinner} {human_pos} rows, {per_sec}", None)
        };
        self.bar.reset();
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        match length {
            Some(length) => self.bar.set_length(length),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(name.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(250));
    }

    fn rows(&self, done: usize) -> ControlFlow<()> {
        self.seen.fetch_max(done, Ordering::Relaxed);
        self.bar.set_position(done as u64);
        if ENDED.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn iteration(&self, checkpoint: &Checkpoint) -> ControlFlow<()> {
        self.iterations
            .store(checkpoint.iteration, Ordering::Relaxed);
        let Some(state) = &self.state else {
            return ControlFlow::Continue(());
        };
        match state.write(checkpoint) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                let _ = self.not_written.set(error);
                ControlFlow::Break(())
            }
        }
    }
}

/// Was Ctrl-C pressed?
pub(crate) fn ended() -> bool {
    ENDED.load(Ordering::Relaxed)
}

/// Waits for Ctrl-C in a thread of its own.
pub(crate) fn listen() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        // Without a handler Ctrl-C ends the process as it ends any other.
        let Ok(runtime) = runtime else { return };
        std::thread::spawn(move || {
            runtime.block_on(async {
                if tokio::signal::ctrl_c().await.is_ok() {
                    ENDED.store(true, Ordering::Relaxed);
                }
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(INTERRUPTED.into());
                }
            });
        });
    });
}

/// The exit code of a process that Ctrl-C has ended: 128 and the number of the signal.
pub(crate) const INTERRUPTED: u8 = 130;

impl State {
    fn read(path: &Path, identity: &str) -> Result<Self, Failure> {
        let hash = Sha256::digest(identity.as_bytes());
        let identity = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut state = Self {
            path: path.to_owned(),
            identity,
            checkpoint: None,
        };
        let refused = |reason: &str| Failure::State {
            file: path.display().to_string(),
            reason: reason.into(),
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(state),
            Err(error) => return Err(refused(&format!("it cannot be read: {error}"))),
        };
        let value: Value =
            serde_json::from_str(&text).map_err(|_| refused("it is no state of a fit"))?;
        let found = value["identity"].as_str();
        if found.is_none() {
            return Err(refused("it is no state of a fit"));
        }
        if found != Some(state.identity.as_str()) {
            return Err(refused(
                "it is the state of another fit: other files, or files that have changed, another formula, family, link or treatment of missing cells",
            ));
        }
        state.checkpoint = checkpoint(&value);
        if state.checkpoint.is_none() {
            return Err(refused("it is damaged"));
        }
        Ok(state)
    }

    /// Writes a file beside it and renames that: there is a whole state at any moment.
    fn write(&self, checkpoint: &Checkpoint) -> std::io::Result<()> {
        // As bits, of which no digit is lost; the second list is for people.
        let bits = |value: f64| format!("{:016x}", value.to_bits());
        let value = json!({
            "fit": "fisher fit --resume",
            "identity": self.identity,
            "iteration": checkpoint.iteration,
            "coefficients": checkpoint.stored.iter().map(|&value| bits(value)).collect::<Vec<_>>(),
            "offset": bits(checkpoint.offset),
            "newton": checkpoint.newton,
            "coefficients_of_stored_columns": checkpoint.stored,
        });
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let mut file = std::fs::File::create(&name)?;
        file.write_all(format!("{value:#}\n").as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&name, &self.path)
    }
}

fn checkpoint(value: &Value) -> Option<Checkpoint> {
    let number = |value: &Value| {
        let bits = u64::from_str_radix(value.as_str()?, 16).ok()?;
        Some(f64::from_bits(bits))
    };
    let coefficients = value["coefficients"].as_array()?;
    Some(Checkpoint {
        iteration: value["iteration"].as_u64()?.try_into().ok()?,
        stored: coefficients.iter().map(number).collect::<Option<_>>()?,
        offset: number(&value["offset"])?,
        newton: value["newton"].as_bool()?,
    })
}
