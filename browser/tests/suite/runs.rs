//! Runs: of everything, of one exercise with other inputs, and stopped.

use crate::harness::{Ask, Browser, Server};
use serde_json::json;

const BUTTONS: &str = "return Array.from(document.querySelectorAll('[data-run], #run-all')).every((it) => !it.disabled)
    && document.getElementById('run-stop').hidden";

#[tokio::test]
async fn the_whole_notebook_with_the_answers_given() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    browser.fill("#answer-1b", "1/(p*(1-p))").await;
    browser.fill("#answer-2a", "1/sigma2").await;
    browser
        .click("form[data-answer='4b'] input[value='2']")
        .await;
    assert_eq!(
        browser.text("#verdict-1b").await,
        "",
        "nothing is judged before the run"
    );
    browser.click("#run-all").await;
    let summary = browser.until_text("#run-status", " failed").await;
    let words =
        "return Array.from(document.querySelectorAll('.results .word'), (it) => it.textContent)";
    let words = browser.js(words, []).await;
    let words: Vec<&str> = words
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    assert!(
        words.len() > 40 && words.iter().all(|word| *word == "PASS"),
        "{words:?}"
    );
    let wanted = format!(
        "{} passed, 0 failed; 2 of 3 given answers right",
        words.len()
    );
    assert!(summary.starts_with(&wanted), "{summary}");
    assert!(!summary.contains("Stopped"), "{summary}");
    for number in 1..=10 {
        let shown = "const place = document.querySelector(`[data-results='${arguments[0]}']`);
            return place.querySelectorAll('dt').length > 0 && place.querySelectorAll('li').length > 0";
        assert_eq!(
            browser.js(shown, [json!(number)]).await,
            json!(true),
            "exercise {number}"
        );
    }
    assert!(browser.text("#verdict-1b").await.starts_with("Right."));
    assert!(browser.text("#verdict-2a").await.starts_with("Not right"));
    assert!(browser.text("#verdict-4b").await.starts_with("Right."));
    assert_eq!(
        browser.text("#verdict-1a").await,
        "",
        "what was not answered is not judged"
    );
    browser.until("the buttons are back", BUTTONS, []).await;
    browser.close().await;
}

#[tokio::test]
async fn one_exercise_with_other_inputs() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let value = "const list = document.querySelector(`[data-results='9'] dl`);
        return list && Array.from(list.querySelectorAll('dd'), (it) => it.firstChild.textContent).join(' ')";
    browser.click("[data-run='9']").await;
    browser.until_text("#run-status", "0 failed").await;
    // 1/(0.3·0.7) first, 1/(0.2·0.8) = 6.25 then.
    let before = browser.js(value, []).await.to_string();
    assert!(
        before.contains("4.76190476") && !before.contains("6.25"),
        "{before}"
    );
    browser.fill("#input-9-p", "0.2").await;
    browser.click("[data-run='9']").await;
    browser.until("the new value", "const list = document.querySelector(`[data-results='9'] dl`); return list?.textContent.includes('6.25')", []).await;
    browser.until_text("#run-status", "0 failed").await;
    let after = browser.js(value, []).await.to_string();
    assert!(!after.contains("4.7619"), "{after}");
    assert_eq!(
        browser.text("[data-results='8']").await,
        "",
        "no other exercise was run"
    );

    // An input that the exercise refuses is refused in words, and the buttons are usable.
    browser.fill("#input-9-p", "7").await;
    browser.click("[data-run='9']").await;
    let refused = browser.until_text("#run-status", "p").await;
    assert!(
        refused.contains("0.01") && refused.contains("0.99"),
        "{refused}"
    );
    browser.until("the buttons are back", BUTTONS, []).await;
    browser.close_but(&["422"]).await;
}

#[tokio::test]
async fn stop_ends_a_run_at_once() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    // Others keep every worker busy with long runs, each different from the others.
    let cookie = server.cookie(&server.next_link().await).await;
    let mut others = Vec::new();
    for seed in 1..=40 {
        let body = json!({ "exercises": [{ "number": 7, "inputs": { "n": 20_000, "repeats": 200, "seed": seed } }] });
        let ask = Ask::post("/api/runs", body, server.port()).header("cookie", &cookie);
        others.push(ask.begin(server.port()).await);
    }
    browser.click("#run-all").await;
    browser.until_text("[data-results='1']", "Running …").await;
    assert_eq!(browser.js(BUTTONS, []).await, json!(false));
    browser.click("#run-stop").await;
    let stopped = browser.until_text("#run-status", "Stopped after").await;
    assert!(
        stopped.starts_with("Stopped after 0 of 10 exercises: 0 passed, 0 failed"),
        "{stopped}"
    );
    browser.until("the buttons are back", BUTTONS, []).await;
    assert_eq!(
        browser.text("[data-results='1']").await,
        "Not run to its end."
    );

    // The others leave; what they had asked for and was not begun is not run.
    drop(others);
    browser.click("[data-run='9']").await;
    browser.until_text("#run-status", "0 failed").await;
    assert_eq!(
        browser.text("#run-status").await.split(',').next(),
        Some("5 passed")
    );
    browser.close().await;
}
