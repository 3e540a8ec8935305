//! An account is made in one browser, and joined in another.

use super::*;
use crate::accessibility::{SMALL_TARGETS, violations};

const NOTES: &str = "The score has the mean zero.";

#[tokio::test]
async fn without_an_account_nothing_leaves_the_browser() {
    let browser = Browser::open().await;
    let loaded =
        "return performance.getEntriesByType('resource').map((it) => new URL(it.name).pathname)
        .filter((it) => new RegExp(arguments[0]).test(it))";

    // A server without accounts has nothing of them.
    let server = Server::start().await;
    browser.enter(server.link()).await;
    assert_eq!(
        browser
            .js(
                "return document.querySelectorAll('#account, dialog').length",
                []
            )
            .await,
        json!(0)
    );
    assert_eq!(
        browser.js(loaded, [json!("sync|account|crypto")]).await,
        json!([])
    );
    // Its icon may still be on the way.
    browser.visit("about:blank").await;
    drop(server);

    // One with accounts is not told anything before there is one.
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with_accounts(folder.path()).await;
    enter(&browser, server.link()).await;
    let scripts = browser.js(loaded, [json!("sync|account|crypto")]).await;
    assert_eq!(scripts.as_array().map(Vec::len), Some(3), "{scripts}");
    browser.fill("#notes", NOTES).await;
    browser.until_text("#notes-state", "Kept").await;
    pull(&browser).await;
    // Something else has been to the server and back.
    browser.fill("#answer-1a", "x/p").await;
    browser
        .until(
            "the answer is typeset",
            "return document.querySelector('#echo-1a math') !== null",
            [],
        )
        .await;
    assert_eq!(browser.js(loaded, [json!("^/sync/")]).await, json!([]));
    assert!(
        browser
            .text("#notes-place")
            .await
            .contains("this browser only")
    );

    create(&browser).await;
    let asked = browser.js(loaded, [json!("^/sync/")]).await;
    assert_ne!(
        asked,
        json!([]),
        "requests are seen here when there are some"
    );
    browser.close().await;
}

#[tokio::test]
async fn an_account_is_made_here_and_joined_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with_accounts(folder.path()).await;
    let [here, there] = Browser::open_pair().await;
    enter(&here, server.link()).await;
    here.fill("#notes", NOTES).await;
    here.fill("#answer-1a", "x/p - (n-x)/(1-p)").await;

    open_account(&here).await;
    here.click("#account-create").await;
    let key = here
        .until(
            "the key is shown",
            "return document.getElementById('account-new-key').textContent",
            [],
        )
        .await;
    let key = key.as_str().unwrap();
    assert_eq!(key.len(), 69, "{key}");
    until_focus(&here, "account-title").await;
    assert!(
        !contains(&bytes_in(folder.path()), NOTES.as_bytes()),
        "nothing is sent before the key is kept"
    );
    here.click("#account-kept").await;
    sent(&here).await;
    assert_eq!(here.text("#account-new-key").await, "");
    here.until_text("#notes-place", "cannot read them").await;
    until_focus(&here, "account-title").await;
    close_account(&here).await;

    // The server has the account, and can read nothing of it.
    let all = bytes_in(folder.path());
    assert!(contains(&all, &account_of(&here).await));
    for secret in [
        NOTES,
        "x/p - (n-x)",
        "workbook/notes",
        "answer/1a",
        key,
        &key.replace('-', ""),
    ] {
        assert!(!contains(&all, secret.as_bytes()), "«{secret}» is readable");
    }
    assert!(!contains(&all, &bytes_of(key)), "the key is on the server");

    // In another browser, with a typo and without.
    enter(&there, server.link()).await;
    let (start, last) = key.split_at(key.len() - 1);
    let typo = format!("{start}{}", if last == "7" { "8" } else { "7" });
    open_account(&there).await;
    there.fill("#account-key", &typo).await;
    there.press(Key::Enter).await;
    there.until_text("#account-key-message", "typo").await;
    until_focus(&there, "account-key").await;
    let spoken = key.to_lowercase().replace('-', " ");
    there.fill("#account-key", &spoken).await;
    there.press(Key::Enter).await;
    sent(&there).await;
    assert_eq!(there.text("#account-key-message").await, "");
    assert_eq!(value(&there, "#account-key").await, "");
    until_focus(&there, "account-title").await;
    close_account(&there).await;
    assert_eq!(value(&there, "#notes").await, NOTES);
    assert_eq!(value(&there, "#answer-1a").await, "x/p - (n-x)/(1-p)");
    assert_eq!(account_of(&there).await, account_of(&here).await);

    // Everything else that is kept goes the same way: hints and inputs, and texts in both directions.
    let second = "return !document.querySelector(`[data-exercise='1'] [data-hint='2']`).hidden";
    assert_eq!(there.js(second, []).await, json!(false));
    here.click("[data-exercise='1'] [data-hint='1'] summary")
        .await;
    // An input is put in whole: typed key by key it is refused on the way.
    put(&here, "#input-1-p", "0.25").await;
    let kept = "return JSON.parse(localStorage.getItem('fisherinfo.v2/workbook/inputs/1'))?.value.p === 0.25";
    here.until("the input is kept", kept, []).await;
    sent(&here).await;
    pull(&there).await;
    until_value(&there, "#input-1-p", "0.25").await;
    there
        .until("the second hint can be opened", second, [])
        .await;
    there.fill("#notes", "Typed there.").await;
    sent(&there).await;
    pull(&here).await;
    until_value(&here, "#notes", "Typed there.").await;

    // What is emptied in one is empty in the other, and nothing comes back after a reload.
    here.fill("#answer-1a", "").await;
    sent(&here).await;
    pull(&there).await;
    until_value(&there, "#answer-1a", "").await;
    reload(&here).await;
    sent(&here).await;
    assert_eq!(value(&here, "#answer-1a").await, "");
    assert_eq!(value(&here, "#notes").await, "Typed there.");
    for browser in [here, there] {
        browser.close_but(&["412"]).await;
    }
}

/// The bytes that a key is written for: five bits a letter, and three bytes of check at the end.
fn bytes_of(key: &str) -> Vec<u8> {
    let digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits: Vec<u8> = key
        .chars()
        .filter(|it| *it != '-')
        .flat_map(|letter| {
            let digit = digits.find(letter).expect("a digit");
            (0..5).rev().map(move |bit| u8::from(digit >> bit & 1 == 1))
        })
        .collect();
    let bytes = bits
        .chunks(8)
        .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit));
    bytes.take(32).collect()
}

#[tokio::test]
async fn the_dialogs_are_for_everyone() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::with_accounts(folder.path()).await;
    let [here, there] = Browser::open_pair().await;
    enter(&here, server.link()).await;
    let mut found = Vec::new();
    let mut check = async |browser: &Browser, view: &str| {
        found.extend(violations(browser, view).await);
        let small = browser.js(SMALL_TARGETS, []).await;
        if small != json!([]) {
            found.push(format!("{view}: targets below 44 px: {small:#}"));
        }
    };
    open_account(&here).await;
    check(&here, "signed out").await;
    here.click("#account-create").await;
    let key = here
        .until(
            "the key is shown",
            "return document.getElementById('account-new-key').textContent",
            [],
        )
        .await;
    check(&here, "the key is shown").await;
    here.click("#account-kept").await;
    sent(&here).await;
    here.click("#account-dialog summary").await;
    check(&here, "signed in").await;
    close_account(&here).await;

    enter(&there, server.link()).await;
    join(&there, key.as_str().unwrap()).await;
    typed_apart(&mut server, [&here, &there], "#notes", ["one", "two"]).await;
    check(&there, "a conflict").await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    for browser in [here, there] {
        browser.close_but(&["412"]).await;
    }
}
