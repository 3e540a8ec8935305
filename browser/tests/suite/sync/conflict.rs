//! Texts that were changed in two places: nothing is lost, and somebody chooses.

use super::*;

/// Both texts are shown, and the focus is on no button.
async fn shown(browser: &Browser, what: &str, mine: &str, other: &str) {
    until_open(browser, "conflict-dialog", true).await;
    assert_eq!(value(browser, "#conflict-mine").await, mine);
    assert_eq!(value(browser, "#conflict-other").await, other);
    let said = browser.text("#conflict-what").await;
    assert!(said.contains(what), "{said}");
    until_focus(browser, "conflict-title").await;
}

/// Chooses in the second browser, and waits until both have it.
async fn choose(both: [&Browser; 2], button: &str, field: &str, kept: &str) {
    let [first, second] = both;
    second.click(button).await;
    until_open(second, "conflict-dialog", false).await;
    assert_eq!(value(second, field).await, kept);
    sent(second).await;
    pull(first).await;
    until_value(first, field, kept).await;
    sent(first).await;
    for browser in both {
        browser.until_text("#notes-place", "cannot read them").await;
        assert_eq!(browser.text("#account").await, "Account");
    }
}

#[tokio::test]
async fn somebody_chooses_between_two_texts() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::with_accounts(folder.path()).await;
    let [here, there] = Browser::open_pair().await;
    let both = [&here, &there];
    enter(&here, server.link()).await;
    here.fill("#notes", "before").await;
    here.fill("#answer-1b", "1/p").await;
    let key = create(&here).await;
    enter(&there, server.link()).await;
    join(&there, &key).await;
    assert_eq!(value(&there, "#notes").await, "before");

    typed_apart(&mut server, both, "#notes", ["typed here", "typed there"]).await;
    shown(&there, "notes on the workbook", "typed there", "typed here").await;
    // Nothing is decided by going away.
    reload(&there).await;
    shown(&there, "notes on the workbook", "typed there", "typed here").await;
    assert_eq!(value(&there, "#notes").await, "typed there");
    there
        .until_text("#notes-place", "you have not decided between the two yet")
        .await;
    assert_eq!(value(&here, "#notes").await, "typed here");
    choose(
        both,
        "#conflict-keep-both",
        "#notes",
        "typed there\n\ntyped here",
    )
    .await;

    typed_apart(&mut server, both, "#answer-1b", ["n/p", "n/(1-p)"]).await;
    shown(&there, "answer 1b", "n/(1-p)", "n/p").await;
    choose(both, "#conflict-keep-mine", "#answer-1b", "n/(1-p)").await;

    typed_apart(&mut server, both, "#answer-1b", ["n/(p*(1-p))", "n"]).await;
    shown(&there, "answer 1b", "n", "n/(p*(1-p))").await;
    choose(both, "#conflict-keep-other", "#answer-1b", "n/(p*(1-p))").await;
    assert_eq!(value(&here, "#notes").await, "typed there\n\ntyped here");

    // The same change in both is none to decide on.
    server.kill();
    for browser in both {
        put(browser, "#notes", "the same").await;
    }
    server.restart().await;
    for browser in both {
        enter(browser, server.link()).await;
        sent(browser).await;
        until_open(browser, "conflict-dialog", false).await;
        browser.complaints().await;
    }
    for browser in [here, there] {
        browser.close_but(&["412"]).await;
    }
}

#[tokio::test]
async fn two_texts_that_are_too_long_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::with_accounts(folder.path()).await;
    let [here, there] = Browser::open_pair().await;
    let both = [&here, &there];
    enter(&here, server.link()).await;
    let key = create(&here).await;
    enter(&there, server.link()).await;
    join(&there, &key).await;

    let [one, other] = ["a", "b"].map(|letter| letter.repeat(5_000));
    typed_apart(&mut server, both, "#notes", [&one, &other]).await;
    shown(&there, "notes on the workbook", &other, &one).await;
    let disabled = "return document.getElementById('conflict-keep-both').disabled";
    assert_eq!(there.js(disabled, []).await, json!(true));
    let said = there.text("#conflict-message").await;
    assert!(said.contains("10,002") && said.contains("8,000"), "{said}");

    // Put off, and shortened in the meantime: now both can be kept.
    there.click("#conflict-later").await;
    until_open(&there, "conflict-dialog", false).await;
    assert_eq!(there.text("#account").await, "Account (1 to decide)");
    assert_eq!(value(&there, "#notes").await, other);
    there.fill("#notes", "shorter").await;
    open_account(&there).await;
    there.click("#account-decide").await;
    shown(&there, "notes on the workbook", "shorter", &one).await;
    assert_eq!(there.js(disabled, []).await, json!(false));
    assert_eq!(there.text("#conflict-message").await, "");
    choose(
        both,
        "#conflict-keep-both",
        "#notes",
        &format!("shorter\n\n{one}"),
    )
    .await;
    for browser in [here, there] {
        browser.close_but(&["412"]).await;
    }
}
