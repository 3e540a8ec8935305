//! Private notes: kept as typed, counted as people count, carried out and in.

use crate::harness::{Browser, Server};
use serde_json::{Value, json};

const FIELD: &str = "return document.getElementById('notes').value";

/// Puts text in as a paste does: all of it at once, where the caret is.
async fn paste(browser: &Browser, text: &str) {
    let script = "const field = document.getElementById('notes');
        field.focus();
        field.setRangeText(arguments[0], field.selectionStart, field.selectionEnd, 'end');
        field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));";
    browser.js(script, [json!(text)]).await;
}

async fn empty(browser: &Browser) {
    browser
        .js("document.getElementById('notes').select()", [])
        .await;
    paste(browser, "").await;
    browser
        .until_text("#notes-count", "0 of 8,000 characters")
        .await;
}

#[tokio::test]
async fn notes_and_drafts_are_kept_as_typed() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    assert_eq!(browser.text("#notes-count").await, "0 of 8,000 characters");
    browser
        .fill(
            "#notes",
            "The score has the mean zero.\nThe rest follows — ∂²!",
        )
        .await;
    browser.until_text("#notes-state", "Kept").await;
    assert_eq!(browser.text("#notes-count").await, "51 of 8,000 characters");
    browser.fill("#answer-10b", "-eta*solve(F,").await;
    browser.reload().await;
    assert_eq!(
        browser.js(FIELD, []).await,
        json!("The score has the mean zero.\nThe rest follows — ∂²!")
    );
    assert_eq!(browser.text("#notes-count").await, "51 of 8,000 characters");
    assert_eq!(
        browser
            .js("return document.getElementById('answer-10b').value", [])
            .await,
        json!("-eta*solve(F,")
    );
    // Half an answer that comes back is typeset again, as far as it goes.
    browser
        .until(
            "the error of half an answer",
            "return document.querySelector('#echo-10b.error')?.textContent",
            [],
        )
        .await;
    browser.close().await;
}

#[tokio::test]
async fn characters_are_those_that_people_count() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    for (text, count) in [
        ("👩‍👩‍👧", 1),
        ("e\u{301}", 1),
        ("🇩🇪", 1),
        ("👍🏽", 1),
        ("🇩🇪🇫🇷", 2),
        ("a👩‍👩‍👧e\u{301}🇩🇪z", 5),
        ("नमस्ते", 3),
        ("\u{1112}\u{1161}\u{11ab}", 1),
        ("a\nb", 3),
    ] {
        empty(&browser).await;
        paste(&browser, text).await;
        assert_eq!(
            browser.text("#notes-count").await,
            format!("{count} of 8,000 characters"),
            "{text}"
        );
    }

    // The limit: all that fits is taken, what is too much is not, and it says so.
    empty(&browser).await;
    let family = "👩‍👩‍👧".repeat(7_998);
    paste(&browser, &family).await;
    assert_eq!(
        browser.text("#notes-count").await,
        "7,998 of 8,000 characters"
    );
    assert_eq!(browser.text("#notes-message").await, "");
    browser.press("xyz").await;
    browser
        .until_text(
            "#notes-message",
            "The limit of 8,000 characters is reached: one character was not taken.",
        )
        .await;
    assert_eq!(
        browser.text("#notes-count").await,
        "8,000 of 8,000 characters"
    );
    assert_eq!(
        browser
            .js(
                "return document.getElementById('notes').value.endsWith('👩‍👩‍👧xy')",
                []
            )
            .await,
        json!(true)
    );
    // A mark on the last letter is no letter of its own.
    browser
        .js(
            "document.getElementById('notes').setSelectionRange(1e9, 1e9)",
            [],
        )
        .await;
    paste(&browser, "\u{301}").await;
    assert_eq!(
        browser.text("#notes-count").await,
        "8,000 of 8,000 characters"
    );
    assert_eq!(
        browser
            .js(
                "return document.getElementById('notes').value.endsWith('y\\u0301')",
                []
            )
            .await,
        json!(true)
    );

    // A paste in the middle is cut where it was put, and not at the end of what was there.
    empty(&browser).await;
    paste(&browser, &format!("{}END", "a".repeat(7_990))).await;
    browser
        .js(
            "document.getElementById('notes').setSelectionRange(2, 2)",
            [],
        )
        .await;
    paste(&browser, &"b".repeat(20)).await;
    let value = browser.js(FIELD, []).await;
    let value = value.as_str().unwrap();
    assert_eq!(value.len(), 8_000);
    assert!(
        value.starts_with(&format!("aa{}aa", "b".repeat(7))) && value.ends_with("aEND"),
        "{}",
        &value[..30]
    );
    browser
        .until_text("#notes-message", "13 characters were not taken")
        .await;
    assert_eq!(
        browser
            .js("return document.getElementById('notes').selectionStart", [])
            .await,
        json!(9)
    );
    browser.reload().await;
    assert_eq!(browser.js(FIELD, []).await, json!(value));
    browser.close().await;
}

/// Gives a file to «Import», and waits for what is said of it.
async fn import(browser: &Browser, file: &std::path::Path, said: &str) {
    browser
        .js(
            "document.getElementById('notes-message').textContent = ''",
            [],
        )
        .await;
    let field = browser.find("#notes-file").await;
    field
        .send_keys(file.to_string_lossy().into_owned())
        .await
        .unwrap();
    browser.until_text("#notes-message", said).await;
}

#[tokio::test]
async fn notes_are_exported_and_imported() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let [browser, other_browser] = Browser::open_pair().await;
    browser.enter(server.link()).await;
    paste(&browser, "mine: é 👩‍👩‍👧 \"quoted\"").await;
    browser.until_text("#notes-state", "Kept").await;
    // What «Export» writes, caught where the browser would save it.
    let script = "const done = arguments[arguments.length - 1];
        document.addEventListener('click', async (event) => {
            const link = event.target.closest('a[download]');
            if (!link) return;
            event.preventDefault();
            done([link.download, await (await fetch(link.href)).text()]);
        }, { capture: true });
        const make = document.createElement.bind(document);
        document.createElement = (name) => { const made = make(name); if (name === 'a') document.body.append(made); return made; };
        document.getElementById('notes-export').click();";
    // A page may fetch nothing but its own server, so the text is read from the object instead.
    let script = script.replace(
        "await (await fetch(link.href)).text()",
        "await window.exported.text()",
    );
    let script = format!(
        "const url = URL.createObjectURL; URL.createObjectURL = (it) => {{ window.exported = it; return url(it); }}; {script}"
    );
    let exported = browser.js_async(&script, []).await;
    assert_eq!(exported[0], json!("fisherinfo-notes.json"));
    let text = exported[1].as_str().unwrap();
    let read: Value = serde_json::from_str(text).unwrap();
    assert_eq!(read["format"], json!("fisherinfo notes"));
    assert_eq!(
        read["notes"],
        json!({ "workbook": "mine: é 👩‍👩‍👧 \"quoted\"" })
    );
    browser
        .until_text("#notes-message", "The notes of 1 notebook were exported.")
        .await;
    let good = folder.path().join("good.json");
    std::fs::write(&good, text).unwrap();
    browser.close().await;

    // In another browser.
    let browser = other_browser;
    browser.enter(&server.next_link().await).await;
    assert_eq!(
        browser.js(FIELD, []).await,
        json!(""),
        "another browser knows nothing"
    );
    let other = |name: &str, content: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        file
    };
    let notes = |version: u8, notes: Value| {
        json!({ "format": "fisherinfo notes", "version": version, "notes": notes }).to_string()
    };
    for (name, content, said) in [
        ("text.json", "no JSON".to_owned(), "This file is no JSON"),
        (
            "other.json",
            "{\"a\": 1}".to_owned(),
            "no notes of this page",
        ),
        ("null.json", "null".to_owned(), "no notes of this page"),
        (
            "newer.json",
            notes(2, json!({ "workbook": "x" })),
            "newer version",
        ),
        (
            "number.json",
            notes(1, json!({ "workbook": "x", "b": 7 })),
            "are no text",
        ),
        (
            "long.json",
            notes(1, json!({ "workbook": "x".repeat(8_001) })),
            "longer than the limit",
        ),
        ("huge.json", " ".repeat(4_000_001), "too large to be notes"),
    ] {
        import(&browser, &other(name, &content), said).await;
        let message = browser.text("#notes-message").await;
        assert!(
            message.to_lowercase().contains("nothing was imported"),
            "{name}: {message}"
        );
        assert_eq!(
            browser.js(FIELD, []).await,
            json!(""),
            "{name}: nothing of a bad file is taken"
        );
    }
    import(&browser, &good, "Imported the notes of 1 notebook.").await;
    assert_eq!(browser.js(FIELD, []).await, json!("mine: é 👩‍👩‍👧 \"quoted\""));
    import(&browser, &good, "Nothing new in this file.").await;
    // What is there is not written over.
    import(
        &browser,
        &other("more.json", &notes(1, json!({ "workbook": "theirs" }))),
        "Imported",
    )
    .await;
    assert_eq!(
        browser.js(FIELD, []).await,
        json!("mine: é 👩‍👩‍👧 \"quoted\"\n\ntheirs")
    );
    browser.reload().await;
    assert_eq!(
        browser.js(FIELD, []).await,
        json!("mine: é 👩‍👩‍👧 \"quoted\"\n\ntheirs")
    );
    browser.close().await;
}

#[tokio::test]
async fn notes_of_the_first_version_are_carried_over() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let script = "localStorage.clear();
        localStorage.setItem('fisherinfo.notes.workbook', 'from long ago');
        localStorage.setItem('fisherinfo.notes.notebook:second', 'of another');
        localStorage.setItem('somebody.else', 'untouched');";
    browser.js(script, []).await;
    browser.reload().await;
    assert_eq!(browser.js(FIELD, []).await, json!("from long ago"));
    let kept = browser.js("return Object.fromEntries(Object.keys(localStorage).map((key) => [key, localStorage.getItem(key)]))", []).await;
    assert_eq!(kept["fisherinfo.version"], json!("2"), "{kept}");
    assert!(kept["fisherinfo.notes.workbook"].is_null(), "{kept}");
    assert!(
        kept["fisherinfo.v2/notebook:second/notes"]
            .as_str()
            .unwrap()
            .contains("of another"),
        "{kept}"
    );
    assert_eq!(kept["somebody.else"], json!("untouched"));
    browser.reload().await;
    assert_eq!(
        browser.js(FIELD, []).await,
        json!("from long ago"),
        "once is enough"
    );

    // What a newer version has kept is neither read nor written over.
    browser
        .js("localStorage.setItem('fisherinfo.version', '3')", [])
        .await;
    browser.reload().await;
    browser
        .until_text("#notes-message", "A newer version of this page")
        .await;
    browser.fill("#notes", "typed into an old page").await;
    let kept = browser
        .js(
            "return localStorage.getItem('fisherinfo.v2/workbook/notes')",
            [],
        )
        .await;
    assert!(kept.as_str().unwrap().contains("from long ago"), "{kept}");
    browser.close().await;
}

#[tokio::test]
async fn two_tabs_write_over_nothing() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let first = browser.driver.window().await.unwrap();
    let second = browser.driver.new_tab().await.unwrap();
    browser
        .driver
        .switch_to_window(second.clone())
        .await
        .unwrap();
    browser.enter(&server.address("/workbook")).await;
    browser.fill("#answer-1b", "1/p").await;
    browser.driver.switch_to_window(first).await.unwrap();
    browser
        .until(
            "the draft of the other tab",
            "return document.getElementById('answer-1b').value === '1/p'",
            [],
        )
        .await;
    browser.fill("#notes", "from the first").await;
    browser.driver.switch_to_window(second).await.unwrap();
    browser
        .until(
            "the notes of the other tab",
            "return document.getElementById('notes').value === 'from the first'",
            [],
        )
        .await;
    assert_eq!(
        browser
            .js("return document.getElementById('answer-1b').value", [])
            .await,
        json!("1/p")
    );
    browser
        .until_text("#notes-state", "Changed in another tab")
        .await;
    browser.close().await;
}
