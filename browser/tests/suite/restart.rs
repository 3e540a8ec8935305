//! A server that goes away, and comes back.

use crate::harness::{Ask, Browser, Server};
use serde_json::json;

#[tokio::test]
async fn a_server_that_is_killed_loses_nothing_that_was_typed() {
    let mut server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    browser.fill("#notes", "before").await;
    let cookie = server.cookie(&server.next_link().await).await;
    let mut others = Vec::new();
    for seed in 1..=8 {
        let body = json!({ "exercises": [{ "number": 7, "inputs": { "n": 20_000, "repeats": 200, "seed": seed } }] });
        others.push(
            Ask::post("/api/runs", body, server.port())
                .header("cookie", &cookie)
                .begin(server.port())
                .await,
        );
    }
    browser.click("#run-all").await;
    browser.until_text("[data-results='1']", "Running …").await;
    server.kill();
    drop(others);
    let said = browser
        .until_text(
            "#run-status",
            "start the server again and open its new link",
        )
        .await;
    assert!(said.contains("kept in this browser"), "{said}");
    assert_eq!(
        browser.text("[data-results='1']").await,
        "Not run to its end."
    );
    let free = "return !document.getElementById('run-all').disabled && document.getElementById('run-stop').hidden";
    browser.until("the buttons are usable", free, []).await;

    // While nobody answers, what is typed is kept, and every part of the page says what to do.
    browser.fill("#notes", "typed while nobody answered").await;
    browser.fill("#answer-1a", "x/p").await;
    browser
        .until_text("#echo-1a", "The server does not answer")
        .await;
    browser
        .click("form[data-answer='1a'] button[type='submit']")
        .await;
    browser
        .until_text("#verdict-1a", "The server does not answer")
        .await;
    browser.fill("#input-1-p", "0.4").await;
    browser
        .until_text("[data-inputs-error='1']", "The server does not answer")
        .await;
    browser.click("#run-all").await;
    browser
        .until_text("#run-status", "The server does not answer")
        .await;

    // It is back, and does not know this browser: that is said, with the remedy.
    server.restart().await;
    browser
        .click("form[data-answer='1a'] button[type='submit']")
        .await;
    browser
        .until_text("#verdict-1a", "open the link that it printed")
        .await;
    let complaints = browser.complaints().await;
    assert!(
        complaints
            .iter()
            .all(|it| it.contains("ERR_") || it.contains("401")),
        "{complaints:?}"
    );

    browser.enter(server.link()).await;
    assert_eq!(
        browser
            .js("return document.getElementById('notes').value", [])
            .await,
        json!("typed while nobody answered")
    );
    assert_eq!(
        browser
            .js("return document.getElementById('answer-1a').value", [])
            .await,
        json!("x/p")
    );
    browser
        .click("form[data-answer='1a'] button[type='submit']")
        .await;
    browser.until_text("#verdict-1a", "Not right").await;
    browser.close().await;
}
