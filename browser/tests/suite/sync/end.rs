//! The way out: everything is exported, somebody signs out, and an account is deleted.

use super::*;

const NOTES: &str = "The variance of the score is the information.";

#[tokio::test]
async fn an_account_is_exported_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with_accounts(folder.path()).await;
    let browser = Browser::open().await;
    enter(&browser, server.link()).await;
    browser.fill("#notes", NOTES).await;
    browser.fill("#answer-1a", "x/p").await;
    put(&browser, "#input-1-p", "0.25").await;
    browser
        .click("[data-exercise='1'] [data-hint='1'] summary")
        .await;
    let kept = "return localStorage.getItem('fisherinfo.v2/workbook/inputs/1')";
    browser.until("the input is kept", kept, []).await;
    let key = create(&browser).await;

    // What «Export everything» writes, caught where the browser would save it.
    let catch = "const make = URL.createObjectURL;
        URL.createObjectURL = (it) => { window.exported = it; return make(it); };
        HTMLAnchorElement.prototype.click = function () { window.saved = this.download; };";
    browser.js(catch, []).await;
    open_account(&browser).await;
    browser.click("#account-export").await;
    let name = browser
        .until("it is saved", "return window.saved", [])
        .await;
    assert_eq!(name, json!("fisherinfo-account.json"));
    let read = "exported.text().then((text) => arguments[0](JSON.parse(text)))";
    let all = browser.js_async(read, []).await;
    assert_eq!(all["format"], json!("fisherinfo account"));
    assert_eq!(all["unsent"], json!([]));
    assert_eq!(all["unreadable"], json!([]));
    let item = |name: &str| {
        let items = all["items"].as_array().expect("items");
        let found = items.iter().find(|it| it["name"] == json!(name));
        found.unwrap_or_else(|| panic!("no {name}: {all}"))["value"].clone()
    };
    assert_eq!(item("workbook/notes"), json!(NOTES));
    assert_eq!(item("workbook/answer/1a"), json!("x/p"));
    assert_eq!(item("workbook/inputs/1")["p"], json!(0.25));
    assert_eq!(item("workbook/hints/1"), json!(1));
    assert_eq!(item("workbook/progress/1")["seen"], json!(true));
    let names = "return Object.keys(localStorage).map((it) => it.replace('fisherinfo.v2/', ''))
        .filter((it) => it.startsWith('workbook/')).sort()";
    let items = all["items"].as_array().unwrap();
    let exported: Vec<&Value> = items.iter().map(|it| &it["name"]).collect();
    assert_eq!(browser.js(names, []).await, json!(exported));

    // Signed out, and nothing is left here: neither texts nor keys.
    browser.click("#account-leave input[value='remove']").await;
    browser.click("#account-leave button").await;
    browser.until_text("#account-status", "Signed out").await;
    until_focus(&browser, "account-title").await;
    assert_eq!(value(&browser, "#notes").await, "");
    assert_eq!(value(&browser, "#answer-1a").await, "");
    assert!(
        browser
            .text("#notes-place")
            .await
            .contains("this browser only")
    );
    let left = browser.js("return JSON.stringify(localStorage)", []).await;
    for part in ["variance", "x/p", "sync/", "0.25"] {
        assert!(!left.as_str().unwrap().contains(part), "{left}");
    }
    let keys = "const done = arguments[0];
        const opening = indexedDB.open('fisherinfo');
        opening.onsuccess = () => {
            const request = opening.result.transaction('keys').objectStore('keys').count();
            request.onsuccess = () => { opening.result.close(); done(request.result); };
        };";
    assert_eq!(browser.js_async(keys, []).await, json!(0));
    close_account(&browser).await;

    // The key brings everything back.
    reload(&browser).await;
    assert_eq!(value(&browser, "#notes").await, "");
    join(&browser, &key).await;
    assert_eq!(value(&browser, "#notes").await, NOTES);
    assert_eq!(value(&browser, "#answer-1a").await, "x/p");
    assert_eq!(value(&browser, "#input-1-p").await, "0.25");
    assert_eq!(browser.js_async(keys, []).await, json!(1));

    // Signed out once more: what was typed stays.
    open_account(&browser).await;
    browser.click("#account-leave button").await;
    browser.until_text("#account-status", "Signed out").await;
    assert_eq!(value(&browser, "#notes").await, NOTES);
    assert!(
        browser
            .text("#notes-place")
            .await
            .contains("this browser only")
    );
    browser.close().await;
}

#[tokio::test]
async fn an_account_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with_accounts(folder.path()).await;
    let [here, there] = Browser::open_pair().await;
    enter(&here, server.link()).await;
    let key = create(&here).await;
    enter(&there, server.link()).await;
    join(&there, &key).await;

    // What goes to the server, as it goes there.
    let listen = "window.bodies = [];
        const ask = window.fetch;
        window.fetch = (path, options) => {
            if (options?.method === 'PUT') bodies.push(Array.from(options.body, (it) => it.toString(16).padStart(2, '0')).join(''));
            return ask(path, options);
        };";
    here.js(listen, []).await;
    here.fill("#notes", NOTES).await;
    sent(&here).await;
    let bodies = here.js("return bodies", []).await;
    let bodies: Vec<Vec<u8>> = bodies
        .as_array()
        .unwrap()
        .iter()
        .map(|it| unhex(it.as_str().unwrap()))
        .collect();
    let account = account_of(&here).await;
    let before = bytes_in(folder.path());
    let body = bodies.last().expect("the notes were sent");
    assert!(contains(&before, body) && contains(&before, &account));
    pull(&there).await;
    until_value(&there, "#notes", NOTES).await;

    // Not by accident.
    open_account(&here).await;
    here.click("#account-dialog details summary").await;
    here.click("#account-delete button").await;
    here.until_text("#account-delete-message", "Type the word delete first")
        .await;
    until_focus(&here, "account-delete-word").await;
    assert!(contains(&bytes_in(folder.path()), &account));

    here.fill("#account-delete-word", "delete").await;
    here.click("#account-delete button").await;
    here.until_text("#account-status", "deleted from this server")
        .await;
    until_focus(&here, "account-title").await;
    close_account(&here).await;
    assert_eq!(value(&here, "#notes").await, NOTES);
    assert!(
        here.text("#notes-place")
            .await
            .contains("this browser only")
    );

    // Nothing of it is in the files any more, and the other browser says so and keeps what it has.
    let after = bytes_in(folder.path());
    assert!(!contains(&after, &account), "the account is still there");
    for body in &bodies {
        assert!(!contains(&after, body), "what it had is still there");
    }
    pull(&there).await;
    there
        .until_text("#notes-place", "does not know your account")
        .await;
    assert_eq!(value(&there, "#notes").await, NOTES);
    there.fill("#notes", "Typed afterwards.").await;
    assert!(
        there
            .text("#notes-place")
            .await
            .contains("this browser only")
    );
    for browser in [here, there] {
        browser.close_but(&["401", "412"]).await;
    }
}
