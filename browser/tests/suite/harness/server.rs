//! `fisher serve`, as a reader starts it.

use super::process::Process;
use super::{Ask, until};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub(crate) struct Server {
    process: Option<Process>,
    port: u16,
    link: String,
    arguments: Vec<OsString>,
}

impl Server {
    /// At a port that is free, with the workbook alone.
    pub(crate) async fn start() -> Self {
        Self::with(None).await
    }

    /// With notebooks for reading.
    pub(crate) async fn with(notebooks: Option<&Path>) -> Self {
        Self::given(notebooks.map(Into::into).into_iter().collect()).await
    }

    /// With accounts in a folder, and one link for every browser.
    pub(crate) async fn with_accounts(folder: &Path) -> Self {
        Self::given(vec!["--shared-link".into(), "--sync".into(), folder.into()]).await
    }

    async fn given(arguments: Vec<OsString>) -> Self {
        let mut server = Self {
            process: None,
            port: 0,
            link: String::new(),
            arguments,
        };
        server.begin().await;
        server
    }

    /// Ends it at once, in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again at the same port, for what a browser keeps is kept by address and port.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.begin().await;
    }

    async fn begin(&mut self) {
        let mut command = Command::new(program());
        command
            .arg("serve")
            .args(&self.arguments)
            .args(["--port", &self.port.to_string()]);
        let mut process = Process::start(&mut command, "fisher cannot be started");
        self.link = until("the server prints its link", async || {
            assert!(
                !process.has_ended(),
                "the server ended at once: {:?}",
                process.lines()
            );
            latest_link(&process.lines())
        })
        .await;
        let rest = self
            .link
            .strip_prefix("http://127.0.0.1:")
            .expect(&self.link);
        self.port = rest[..rest.find('/').expect(rest)].parse().expect(rest);
        self.process = Some(process);
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The link that it printed when it started.
    pub(crate) fn link(&self) -> &str {
        &self.link
    }

    /// The link that it has printed for the next browser.
    pub(crate) async fn next_link(&self) -> String {
        let process = self.process.as_ref().expect("the server runs");
        until(
            "the server prints the link for another browser",
            async || latest_link(&process.lines()).filter(|link| *link != self.link),
        )
        .await
    }

    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Lets a client without a browser in, by the link that is good now: its cookie.
    pub(crate) async fn cookie(&self, link: &str) -> String {
        let path = link.strip_prefix(&self.address("")).expect(link);
        let answer = Ask::get(path).send(self.port).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let set = answer.header("set-cookie").expect("a cookie is set");
        set.split(';').next().unwrap_or_default().to_owned()
    }
}

fn latest_link(lines: &[String]) -> Option<String> {
    lines.iter().rev().find_map(|line| {
        let start = line.find("http://")?;
        Some(line[start..].trim().to_owned())
    })
}

/// The program: that of `FISHER_BINARY`, or the one that cargo builds now, in the profile of the tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(given) = std::env::var_os("FISHER_BINARY") {
            return given.into();
        }
        let test = std::env::current_exe().unwrap();
        let folder = test
            .parent()
            .and_then(Path::parent)
            .expect("tests lie in PROFILE/deps");
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(profile) => profile,
        };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "fisherinfo-cli",
            ])
            .args(["--profile", profile, "--target-dir"])
            .arg(folder.parent().expect("a target folder"))
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .status();
        assert!(
            status.is_ok_and(|it| it.success()),
            "fisher cannot be built"
        );
        folder.join("fisher")
    })
}
