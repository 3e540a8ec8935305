//! The picture of the page in the documents, made from the page as it is.

use crate::harness::{Browser, Server};
use serde_json::json;
use std::path::Path;

/// The top of the workbook with an exercise, an answer that is right, and a figure: with
/// `FISHERINFO_SCREENSHOT=1` to `docs/page.png`, otherwise to a file that is looked at and thrown away.
#[tokio::test]
async fn the_workbook_as_it_looks() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    browser.resize(1360, 1600, false).await;
    browser
        .fill("#answer-9a", "p*(1/p)^2 + (1 - p)*(1/(1 - p))^2")
        .await;
    browser
        .click("form[data-answer='9a'] button[type='submit']")
        .await;
    browser.until_text("#verdict-9a", "Right.").await;
    browser
        .until("the font", "return document.fonts.status === 'loaded'", [])
        .await;
    let script = "document.activeElement.blur();
        const first = document.querySelector(`[data-exercise='9']`);
        scrollTo({ top: first.getBoundingClientRect().top + scrollY - 60, behavior: 'instant' });
        return scrollY > 0";
    assert_eq!(browser.js(script, []).await, json!(true));
    let picture = browser.driver.screenshot_as_png().await.unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(
        (20_000..400_000).contains(&picture.len()),
        "{} bytes",
        picture.len()
    );
    let kept = tempfile::tempdir().unwrap();
    let file = if std::env::var_os("FISHERINFO_SCREENSHOT").is_some_and(|it| it == "1") {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/page.png")
    } else {
        kept.path().join("page.png")
    };
    std::fs::write(&file, &picture).unwrap();
    browser.close().await;
}
