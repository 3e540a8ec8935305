//! A scheduler and executors, each a process of its own on this machine.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A process that ends with the test.
pub(crate) struct Running(Child);

impl Running {
    /// Starts it, and waits for its first line.
    fn start(arguments: &[&str]) -> (Self, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fisher-cluster"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        (Self(child), line)
    }

    /// Ends it as `kill -9` does, at once and without a word.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A scheduler, and the port that it has and keeps.
pub(crate) struct Scheduler {
    pub(crate) process: Running,
    port: u16,
}

impl Scheduler {
    pub(crate) fn start() -> Self {
        Self::on(0)
    }

    fn on(port: u16) -> Self {
        let arguments = [
            "scheduler",
            "--port",
            &port.to_string(),
            "--executor-timeout",
            "8",
        ];
        let (process, line) = Running::start(&arguments);
        let port = line.trim().rsplit_once(':').unwrap().1.parse().unwrap();
        Self { process, port }
    }

    /// Another one in its place.
    pub(crate) fn again(&mut self) {
        *self = Self::on(self.port);
    }

    pub(crate) fn address(&self) -> String {
        format!("df://127.0.0.1:{}", self.port)
    }
}

/// An executor, and the folder in which its sums wait.
pub(crate) struct Executor {
    pub(crate) process: Running,
    folder: tempfile::TempDir,
}

impl Executor {
    pub(crate) fn start(scheduler: &Scheduler) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let path = folder.path().display().to_string();
        let address = scheduler.address();
        let (process, line) = Running::start(&[
            "executor",
            "--scheduler",
            &address,
            "--port",
            &port,
            "--parts",
            "1",
            "--folder",
            &path,
        ]);
        assert!(line.starts_with("executor"), "{line}");
        Self { process, folder }
    }

    /// The parts of passes that it has added up.
    pub(crate) fn done(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        list(self.folder.path(), &mut files);
        files
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}
