//! For everyone: automatic checks of every page in both colours on a desk and on a telephone, and
//! everything by keyboard.

use crate::harness::{Browser, Server};
use crate::notebook;
use serde_json::{Value, json};
use thirtyfour::Key;

const AXE: &str = include_str!("../../vendor/axe.min.js");

/// Checks a page as it stands, in light and dark, wide and narrow; what it finds, as text.
pub(crate) async fn violations(browser: &Browser, page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (width, height, phone) in [(1280, 900, false), (360, 740, true)] {
        browser.resize(width, height, phone).await;
        for theme in ["light", "dark"] {
            if browser
                .js("return document.documentElement.dataset.theme", [])
                .await
                != json!(theme)
            {
                // Also while a dialog keeps everybody from the button.
                browser
                    .js("document.getElementById('theme').click()", [])
                    .await;
            }
            browser
                .until(
                    "the colours",
                    "return document.documentElement.dataset.theme === arguments[0]",
                    [json!(theme)],
                )
                .await;
            let at = format!("{page}, {theme}, {width} px");
            let reach = browser
                .js(
                    "return [document.scrollingElement.scrollWidth, innerWidth]",
                    [],
                )
                .await;
            if reach[0].as_u64() > Some(u64::from(width)) || reach[1] != json!(width) {
                let wide = browser.js(WIDE, [json!(width)]).await;
                found.push(format!("{at}: wider than the screen ({reach}): {wide}"));
            }
            for violation in axe(browser).await.as_array().expect("a list") {
                found.push(format!("{at}: {violation:#}"));
            }
        }
    }
    found
}

const WIDE: &str = "return Array.from(document.querySelectorAll('body *'))
    .filter((it) => it.getBoundingClientRect().right > arguments[0] + 1)
    .slice(0, 5).map((it) => it.outerHTML.slice(0, 120))";

/// Targets too small for a finger, on a telephone.
pub(crate) const SMALL_TARGETS: &str = "return Array.from(document.querySelectorAll('button, .button, summary, textarea, input:not([type=radio]), .option, nav a'))
        .filter((it) => it.checkVisibility())
        .map((it) => [it.getBoundingClientRect(), it])
        .filter(([box]) => box.height < 43.5 || box.width < 43.5)
        .map(([box, it]) => `${box.width} × ${box.height}: ${it.outerHTML.slice(0, 100)}`)";

async fn axe(browser: &Browser) -> Value {
    if browser.js("return typeof window.axe", []).await == json!("undefined") {
        browser.js(AXE, []).await;
    }
    let script = "const done = arguments[arguments.length - 1];
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        axe.run(document, { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] })
            .then(({ violations, passes }) => {
                if (passes.length < 10) return done([{ id: 'axe found next to nothing to check' }]);
                done(violations.map(({ id, help, nodes }) => ({
                    id, help, count: nodes.length,
                    nodes: nodes.slice(0, 4).map((it) => `${it.target.join(' ')}: ${it.failureSummary}`),
                })));
            }, (error) => done([{ id: String(error) }]));";
    browser.js_async(script, []).await
}

#[tokio::test]
async fn the_workbook_with_everything_opened() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    browser.fill("#answer-1a", "x/p").await;
    browser
        .click("form[data-answer='1a'] button[type='submit']")
        .await;
    browser.until_text("#verdict-1a", "Not right").await;
    browser.fill("#answer-1b", "1/(p*(1-p))").await;
    browser
        .click("form[data-answer='1b'] button[type='submit']")
        .await;
    browser.until_text("#verdict-1b", "Right").await;
    browser.fill("#answer-2a", "n/(").await;
    browser
        .until(
            "an error",
            "return document.querySelector('#echo-2a.error') !== null",
            [],
        )
        .await;
    browser.click("#run-all").await;
    browser.until_text("#run-status", "0 failed").await;
    browser.js("for (const it of document.querySelectorAll('details')) { it.hidden = false; it.open = true; }", []).await;
    let found = violations(&browser, "workbook").await;
    assert!(found.is_empty(), "{}", found.join("\n"));

    assert_eq!(
        browser.js(SMALL_TARGETS, []).await,
        json!([]),
        "targets below 44 px"
    );
    browser.close().await;
}

#[tokio::test]
async fn every_other_page() {
    let folder = tempfile::tempdir().unwrap();
    notebook::ordinary(folder.path());
    let server = Server::with(Some(folder.path())).await;
    let browser = Browser::open().await;
    let mut found = Vec::new();
    // Before it is let in, with and without a token that was never good.
    browser.visit(&server.address("/workbook")).await;
    assert_eq!(browser.text("h1").await, "The link is needed");
    found.extend(violations(&browser, "locked").await);
    browser
        .visit(&server.address("/workbook?token=spent"))
        .await;
    assert_eq!(browser.text("h1").await, "This link is spent");
    found.extend(violations(&browser, "spent").await);
    let complaints = browser.complaints().await;
    assert!(
        complaints.iter().all(|it| it.contains("401")),
        "{complaints:?}"
    );

    browser.visit(server.link()).await;
    assert_eq!(browser.text("h1").await, "Library");
    assert_eq!(
        browser
            .js("return document.querySelectorAll('.cards li').length", [])
            .await,
        json!(3)
    );
    found.extend(violations(&browser, "library").await);

    browser.visit(&server.address("/notebooks/ordinary")).await;
    assert!(browser.text("main").await.contains("What the coin says"));
    browser
        .js(
            "for (const it of document.querySelectorAll('details')) it.open = true",
            [],
        )
        .await;
    found.extend(violations(&browser, "notebook").await);
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:?}");

    browser.visit(&server.address("/no/such/page")).await;
    assert_eq!(browser.text("h1").await, "Not here");
    found.extend(violations(&browser, "404").await);
    let complaints = browser.complaints().await;
    assert!(
        complaints.iter().all(|it| it.contains("404")),
        "{complaints:?}"
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
}

/// What has the focus: how to find it again, and what is wrong with how it shows.
const FOCUS: &str = "const it = document.activeElement;
    if (!it || it === document.body) return null;
    const style = getComputedStyle(it);
    const box = it.getBoundingClientRect();
    const bar = document.querySelector('.bar');
    const top = bar.contains(it) || it.matches('.skip') ? 0 : bar.getBoundingClientRect().bottom;
    const drawn = it.matches(':focus-visible') && (it.namespaceURI.includes('svg') || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2));
    const seen = box.bottom > top && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    window.order ??= new Map();
    if (!order.has(it)) order.set(it, order.size);
    return { place: order.get(it), id: it.id, what: it.outerHTML.slice(0, 100), drawn, seen };";

#[tokio::test]
async fn everything_by_keyboard() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;

    // Once around the page: every stop is new, shows that it has the focus, and can be left.
    let mut stops = Vec::new();
    loop {
        browser.press(Key::Tab).await;
        let at = browser.js(FOCUS, []).await;
        if at.is_null() || at["place"] == json!(0) && !stops.is_empty() {
            break;
        }
        assert_eq!(at["place"], json!(stops.len()), "the focus goes on: {at}");
        assert_eq!(at["drawn"], json!(true), "the focus is seen: {at}");
        assert_eq!(
            at["seen"],
            json!(true),
            "what has the focus is on the screen: {at}"
        );
        stops.push(at["id"].as_str().unwrap_or_default().to_owned());
        assert!(stops.len() < 1_000, "it has no end");
    }
    let script = "return Array.from(document.querySelectorAll('a[href], button, textarea, input, summary, [tabindex=\"0\"]'))
        .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled)
        .filter((it) => it.type !== 'radio' || it.value === '1').filter((it) => !order.has(it)).map((it) => it.outerHTML.slice(0, 100))";
    assert_eq!(
        browser.js(script, []).await,
        json!([]),
        "what the keyboard does not reach"
    );
    let place = |id: &str| {
        stops
            .iter()
            .position(|it| it == id)
            .unwrap_or_else(|| panic!("no stop at {id}"))
    };
    assert!(place("run-all") < place("answer-1a") && place("answer-1a") < place("answer-10b"));
    assert!(place("answer-10b") < place("notes"));

    // Backwards too.
    browser
        .js("document.getElementById('answer-2a').focus()", [])
        .await;
    browser.press(Key::Shift + Key::Tab).await;
    let before = browser.js(FOCUS, []).await;
    assert_eq!(before["place"], json!(place("answer-2a") - 1), "{before}");

    // The skip link leads past the bar.
    browser.reload().await;
    browser.press(Key::Tab).await;
    assert_eq!(
        browser
            .js("return document.activeElement.className", [])
            .await,
        json!("skip")
    );
    browser.press(Key::Enter).await;
    browser
        .until(
            "the text has the focus",
            "return document.activeElement.id === 'main'",
            [],
        )
        .await;

    // An answer typed and checked.
    browser
        .js("document.getElementById('answer-9a').focus()", [])
        .await;
    browser.press("1/(p*(1-p))").await;
    for _ in 0..2 {
        browser.press(Key::Tab).await;
    }
    assert_eq!(
        browser
            .js("return document.activeElement.textContent", [])
            .await,
        json!("Check 9a")
    );
    browser.press(Key::Enter).await;
    browser.until_text("#verdict-9a", "Right").await;

    // A statement chosen by the arrows, and checked.
    browser
        .js(
            "document.querySelector(`form[data-answer='4b'] input`).focus()",
            [],
        )
        .await;
    browser.press(Key::Down).await;
    browser.press(Key::Control + Key::Enter).await;
    browser.until_text("#verdict-4b", "Right").await;

    // A run, and a hint.
    browser
        .js("document.querySelector(`[data-run='9']`).focus()", [])
        .await;
    browser.press(Key::Enter).await;
    browser.until_text("#run-status", "0 failed").await;
    browser
        .js(
            "document.querySelector(`[data-hints='9'] summary`).focus()",
            [],
        )
        .await;
    browser.press(Key::Space).await;
    browser
        .until(
            "the hint is open",
            "return document.querySelector(`[data-hints='9'] details`).open",
            [],
        )
        .await;
    browser.close().await;
}
