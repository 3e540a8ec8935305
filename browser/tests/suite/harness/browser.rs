//! A browser with an empty profile.

use super::process::Process;
use super::{PATIENCE, until};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::common::capabilities::desiredcapabilities::DesiredCapabilities;
use thirtyfour::prelude::*;
use thirtyfour::{BrowserLogEntry, ChromiumLikeCapabilities, LoggingPrefsLogLevel, TypingData};
use tokio::sync::{Semaphore, SemaphorePermit};

const MISSING: &str = "The browser tests need Chromium and its driver, and do not run without them: \
    apt-get install chromium chromium-driver";

const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
    // Nothing is to be waited for but the page itself.
    "--force-prefers-reduced-motion",
];

/// Browsers at the same time: each is several processes.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| {
    Semaphore::new(
        std::thread::available_parallelism()
            .map_or(2, usize::from)
            .clamp(2, 4),
    )
});

/// Fields are dropped in order: the session ends before its driver does, and the profile goes last.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    _chromedriver: Process,
    _profile: TempDir,
    _place: SemaphorePermit<'static>,
}

impl Browser {
    /// A window of 1280 × 900.
    pub(crate) async fn open() -> Self {
        Self::at(PLACES.acquire().await.unwrap()).await
    }

    /// Two that know nothing of each other. Their places are taken together: of tests that wait with one
    /// browser open for a second, none would ever get it.
    pub(crate) async fn open_pair() -> [Self; 2] {
        let mut both = PLACES.acquire_many(2).await.unwrap();
        let one = both.split(1).expect("two places");
        [Self::at(one).await, Self::at(both).await]
    }

    async fn at(place: SemaphorePermit<'static>) -> Self {
        let on_path = |name: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path)
                .map(|folder| folder.join(name))
                .find(|file| file.is_file())
        };
        let chromium = on_path("chromium").expect(MISSING);
        let mut command = Command::new(on_path("chromedriver").expect(MISSING));
        command
            .args(["--port=0", "--log-level=SEVERE"])
            .stderr(Stdio::null());
        let mut chromedriver = Process::start(&mut command, MISSING);
        let port: u16 = until("chromedriver says where it listens", async || {
            assert!(
                !chromedriver.has_ended(),
                "chromedriver ended at once. {MISSING}"
            );
            chromedriver.lines().iter().find_map(|line| {
                line.split_once("successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse()
                    .ok()
            })
        })
        .await;
        let profile = TempDir::new().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(&chromium.to_string_lossy()).unwrap();
        for flag in FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg("--window-size=1280,900").unwrap();
        wanted
            .add_arg(&format!("--user-data-dir={}", profile.path().display()))
            .unwrap();
        wanted
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .unwrap();
        let driver = WebDriver::builder(format!("http://127.0.0.1:{port}"), wanted)
            .request_timeout(2 * PATIENCE)
            .connect()
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start: {error}. {MISSING}"));
        driver.set_script_timeout(2 * PATIENCE).await.unwrap();
        Self {
            driver,
            _chromedriver: chromedriver,
            _profile: profile,
            _place: place,
        }
    }

    /// Ends it. Fails if a page has complained in the console: an error, or what its policy forbids.
    pub(crate) async fn close(self) {
        self.close_but(&[]).await;
    }

    /// Ends it, where answers with such a status were asked for.
    pub(crate) async fn close_but(self, expected: &[&str]) {
        let mut complaints = self.complaints().await;
        complaints.retain(|it| {
            !expected
                .iter()
                .any(|status| it.contains(&format!("a status of {status}")))
        });
        self.driver.clone().quit().await.unwrap();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    /// What pages have complained of since this was asked last.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.unwrap();
        let bad = |entry: &BrowserLogEntry| entry.level == "SEVERE" || entry.level == "WARNING";
        log.into_iter()
            .filter(bad)
            .map(|entry| entry.message)
            .collect()
    }

    pub(crate) async fn visit(&self, address: &str) {
        self.driver
            .goto(address)
            .await
            .unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Opens the link of a server, and waits until the scripts of the workbook have begun.
    pub(crate) async fn enter(&self, link: &str) {
        self.visit(link).await;
        self.ready().await;
    }

    pub(crate) async fn reload(&self) {
        self.driver.refresh().await.unwrap();
        self.ready().await;
    }

    async fn ready(&self) {
        self.until(
            "the workbook is ready",
            "return document.body?.dataset.ready === 'yes'",
            [],
        )
        .await;
    }

    /// The value of a script; what is given is `arguments[0]` and so on.
    pub(crate) async fn js<const N: usize>(&self, script: &str, given: [Value; N]) -> Value {
        let value = self.driver.execute(script, given.to_vec()).await;
        value
            .unwrap_or_else(|error| panic!("{script}: {error}"))
            .json()
            .clone()
    }

    /// The value of a script that calls its last argument when it is done.
    pub(crate) async fn js_async<const N: usize>(&self, script: &str, given: [Value; N]) -> Value {
        let value = self.driver.execute_async(script, given.to_vec()).await;
        value
            .unwrap_or_else(|error| panic!("{script}: {error}"))
            .json()
            .clone()
    }

    /// Waits until a script gives what counts as true, and gives it.
    pub(crate) async fn until<const N: usize>(
        &self,
        what: &str,
        script: &str,
        given: [Value; N],
    ) -> Value {
        let ask = async || {
            let value = self.js(script, given.clone()).await;
            let counts = !matches!(&value, Value::Null | Value::Bool(false))
                && value != json!("")
                && value != json!(0);
            counts.then_some(value)
        };
        until(what, ask).await
    }

    /// The first element, as soon as there is one.
    pub(crate) async fn find(&self, css: &str) -> WebElement {
        until(css, async || self.driver.find(By::Css(css)).await.ok()).await
    }

    /// Clicks where a reader would: in the middle of the screen, clear of the bar at the top.
    pub(crate) async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.js(
            "arguments[0].scrollIntoView({ block: 'center' })",
            [element.to_json().unwrap()],
        )
        .await;
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Replaces what stands in a field, key by key.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.click(css).await;
        let field = self.find(css).await;
        field.send_keys(Key::Control + "a").await.unwrap();
        field
            .send_keys(if text.is_empty() {
                Key::Delete + ""
            } else {
                text.into()
            })
            .await
            .unwrap();
    }

    /// The text of an element, shown or not.
    pub(crate) async fn text(&self, css: &str) -> String {
        let text = self
            .js(
                "return document.querySelector(arguments[0])?.textContent ?? null",
                [json!(css)],
            )
            .await;
        text.as_str()
            .unwrap_or_else(|| panic!("there is no {css}"))
            .to_owned()
    }

    /// Waits until the text of an element contains a part, and gives all of it.
    pub(crate) async fn until_text(&self, css: &str, part: &str) -> String {
        let began = std::time::Instant::now();
        loop {
            let text = self.text(css).await;
            if text.contains(part) {
                return text;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{css} does not say «{part}» but «{}»",
                text.chars().take(2_000).collect::<String>()
            );
        }
    }

    /// Keys, to whatever has the focus; control and shift are held until the end.
    pub(crate) async fn press(&self, keys: impl Into<TypingData>) {
        let held = [char::from(Key::Control), char::from(Key::Shift)];
        let mut chain = self
            .driver
            .action_chain_with_delay(Some(Duration::ZERO), Some(Duration::ZERO));
        let keys = keys.into().as_vec();
        for key in &keys {
            chain = chain.key_down(*key);
            if !held.contains(key) {
                chain = chain.key_up(*key);
            }
        }
        for key in keys.iter().filter(|key| held.contains(key)) {
            chain = chain.key_up(*key);
        }
        chain.perform().await.unwrap();
    }

    /// A screen of that width in CSS pixels, as a telephone or a desk has it.
    pub(crate) async fn resize(&self, width: u32, height: u32, phone: bool) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone,
        });
        self.driver
            .cdp()
            .send_raw("Emulation.setDeviceMetricsOverride", size)
            .await
            .unwrap();
    }
}

impl Drop for Browser {
    /// After a failed test: the session goes with its driver, instead of being waited for.
    fn drop(&mut self) {
        let _ = self.driver.clone().leak();
    }
}
