//! Accounts, in two browsers that know nothing of each other: what is typed in one comes back in the
//! other, and the server never sees it.

mod account;
mod conflict;
mod end;

use crate::harness::{Browser, Server};
use serde_json::{Value, json};
use std::path::Path;
use thirtyfour::Key;

/// Opens the link of a server with accounts.
async fn enter(browser: &Browser, link: &str) {
    browser.enter(link).await;
    account_ready(browser).await;
}

async fn reload(browser: &Browser) {
    browser.reload().await;
    account_ready(browser).await;
}

async fn account_ready(browser: &Browser) {
    let script = "return document.getElementById('account').dataset.ready === 'yes'";
    browser.until("the account is ready", script, []).await;
}

/// Waits until everything that was typed is on the server.
async fn sent(browser: &Browser) {
    browser
        .until_text("#account-status", "Everything is on the server")
        .await;
}

/// Has the page look for what other browsers have changed, as it does when somebody comes back to it.
async fn pull(browser: &Browser) {
    browser
        .js("window.dispatchEvent(new Event('focus'))", [])
        .await;
}

async fn value(browser: &Browser, css: &str) -> String {
    let script = "return document.querySelector(arguments[0]).value";
    let value = browser.js(script, [json!(css)]).await;
    value.as_str().expect("a field").to_owned()
}

async fn until_value(browser: &Browser, css: &str, value: &str) {
    let script = "return document.querySelector(arguments[0]).value === arguments[1]";
    let what = format!("{css} is «{value}»");
    browser
        .until(&what, script, [json!(css), json!(value)])
        .await;
}

/// Replaces what stands in a field, all at once, as a paste does.
async fn put(browser: &Browser, css: &str, text: &str) {
    let script = "const field = document.querySelector(arguments[0]);
        field.value = arguments[1];
        field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));";
    browser.js(script, [json!(css), json!(text)]).await;
}

async fn until_open(browser: &Browser, dialog: &str, open: bool) {
    let script = "return document.getElementById(arguments[0]).open === arguments[1]";
    let what = format!("{dialog} is {}", if open { "open" } else { "closed" });
    browser
        .until(&what, script, [json!(dialog), json!(open)])
        .await;
}

async fn until_focus(browser: &Browser, id: &str) {
    let script = "return document.activeElement.id === arguments[0]";
    let what = format!("the focus is on {id}");
    browser.until(&what, script, [json!(id)]).await;
}

/// Opens the dialog of the account by keyboard.
async fn open_account(browser: &Browser) {
    browser
        .js("document.getElementById('account').focus()", [])
        .await;
    browser.press(Key::Enter).await;
    until_open(browser, "account-dialog", true).await;
    until_focus(browser, "account-title").await;
}

/// Closes it by keyboard; the focus goes back to where it came from.
async fn close_account(browser: &Browser) {
    browser.press(Key::Escape).await;
    until_open(browser, "account-dialog", false).await;
    until_focus(browser, "account").await;
}

/// Makes an account, as somebody who keeps the key does; the key.
async fn create(browser: &Browser) -> String {
    open_account(browser).await;
    browser.click("#account-create").await;
    let key = browser
        .until(
            "the key is shown",
            "return document.getElementById('account-new-key').textContent",
            [],
        )
        .await;
    browser.click("#account-kept").await;
    sent(browser).await;
    close_account(browser).await;
    key.as_str().expect("a key").to_owned()
}

/// Signs in with a key, as it was typed.
async fn join(browser: &Browser, key: &str) {
    open_account(browser).await;
    browser.fill("#account-key", key).await;
    browser.press(Key::Enter).await;
    sent(browser).await;
    close_account(browser).await;
}

/// Has two browsers type different texts in a field while nobody answers, and come back one after
/// the other: the second one is asked.
async fn typed_apart(server: &mut Server, both: [&Browser; 2], field: &str, texts: [&str; 2]) {
    server.kill();
    for (browser, text) in both.into_iter().zip(texts) {
        put(browser, field, text).await;
        if field == "#notes" {
            browser
                .until_text("#notes-place", "not on this server yet")
                .await;
        }
    }
    server.restart().await;
    let [first, second] = both;
    enter(first, server.link()).await;
    sent(first).await;
    enter(second, server.link()).await;
    until_open(second, "conflict-dialog", true).await;
    for browser in both {
        let complaints = browser.complaints().await;
        let known = ["ERR_", "401", "412"];
        assert!(
            complaints
                .iter()
                .all(|it| known.iter().any(|part| it.contains(part))),
            "{complaints:?}"
        );
    }
}

/// The bytes of all files in a folder.
fn bytes_in(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        all.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    all
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    assert!(!part.is_empty());
    all.windows(part.len()).any(|it| it == part)
}

/// The bytes that are written as hexadecimal digits.
fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("digits"))
        .collect()
}

/// The id of the account that a browser is signed in to.
async fn account_of(browser: &Browser) -> Vec<u8> {
    let script = "return JSON.parse(localStorage.getItem('fisherinfo.v2/sync/account')).value.id";
    let Value::String(id) = browser.js(script, []).await else {
        panic!("no account")
    };
    unhex(&id)
}
