//! Notebooks that come from anywhere: whatever stands in them, nothing of it runs, nothing is asked
//! of other hosts, and the server goes on.

use crate::harness::{Ask, Browser, Server};
use crate::notebook::{code, result, text, write};
use serde_json::{Value, json};
use std::path::Path;

/// What every attempt does if it succeeds.
const RUN: &str = "window.hacked=1";

fn cells() -> Vec<Value> {
    let in_markdown = [
        format!("# Title <script>{RUN}</script> <img src=x onerror=\"{RUN}\">"),
        format!("<script>{RUN}</script>"),
        format!("text <img src=x onerror=\"{RUN}\"> text"),
        format!("<svg onload=\"{RUN}\"><script>{RUN}</script></svg>"),
        format!("<math><mtext><script>{RUN}</script></mtext><annotation-xml encoding=\"text/html\"><img src=x onerror=\"{RUN}\"></annotation-xml></math>"),
        format!("<iframe srcdoc=\"<script>parent.hacked=1</script>\"></iframe><object data=\"javascript:{RUN}\"></object><embed src=\"javascript:{RUN}\">"),
        format!("[click](javascript:{RUN}) <a class=bad href=\"javascript:{RUN}\">click</a> <a class=bad href=\"java\tscript:{RUN}\">click</a> [click](JaVaScRiPt&#58;{RUN}) <a class=bad href=\"data:text/html,<script>{RUN}</script>\">click</a>"),
        format!("<details open ontoggle=\"{RUN}\"><summary onclick=\"{RUN}\">x</summary></details> <input autofocus onfocus=\"{RUN}\"> <video src=x onerror=\"{RUN}\"></video>"),
        "<meta http-equiv=\"refresh\" content=\"0;url=http://evil.invalid/\"><base href=\"http://evil.invalid/\"><link rel=stylesheet href=\"http://evil.invalid/x.css\">".to_owned(),
        "<style>body { display: none }</style><p style=\"position:fixed;inset:0;background:url(http://evil.invalid/x)\">over everything</p>".to_owned(),
        "![picture](http://evil.invalid/x.png) <img src=\"//evil.invalid/y.png\" srcset=\"http://evil.invalid/z.png 2x\">".to_owned(),
        "<form action=\"http://evil.invalid/\"><input id=\"notes\" name=\"body\"><button id=\"theme\">Send</button></form>".to_owned(),
        format!("$\\operatorname{{<script>{RUN}</script>}}$ $\\text{{<img src=x onerror=\"{RUN}\">}}$ $$\\href{{javascript:{RUN}}}{{x}}$$"),
        format!("`<script>{RUN}</script>`\n\n```html\n</code></pre><script>{RUN}</script>\n```\n\n| <script>{RUN}</script> |\n|---|\n| <img src=x onerror=\"{RUN}\"> |"),
        format!("[x]: javascript:{RUN} \"title\"\n\n[reference][x] <javascript:{RUN}> <http://evil.invalid/\"onmouseover=\"{RUN}>"),
    ];
    let mut cells: Vec<Value> = in_markdown.iter().map(|source| text(source)).collect();
    let html = format!(
        "<p>before</p><script>{RUN}</script><img src=x onerror=\"{RUN}\"><iframe src=\"javascript:{RUN}\"></iframe><a class=bad href=\"javascript:{RUN}\">click</a><p>after</p>"
    );
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"20\" onload=\"{RUN}\"><script>{RUN}</script><image href=\"http://evil.invalid/x.png\"/><foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><script>parent.hacked=1</script></body></foreignObject><rect width=\"20\" height=\"20\"/></svg>"
    );
    let latex = format!("$\\text{{<script>{RUN}</script>}}$ <script>{RUN}</script>");
    cells.extend([
        code("html", json!([result(json!({ "text/html": html }))])),
        code("svg", json!([result(json!({ "image/svg+xml": svg }))])),
        code("latex", json!([result(json!({ "text/latex": latex }))])),
        code("markdown", json!([result(json!({ "text/markdown": format!("<script>{RUN}</script> [click](javascript:{RUN})") }))])),
        code("javascript", json!([result(json!({ "application/javascript": RUN }))])),
        code("picture", json!([result(json!({ "image/png": format!("\" onerror=\"{RUN}") }))])),
        code(
            &format!("</code></pre><script>{RUN}</script>"),
            json!([
                { "output_type": "stream", "name": "stdout", "text": format!("</pre><script>{RUN}</script>") },
                { "output_type": "error", "ename": format!("<img src=x onerror={RUN}>"), "evalue": format!("<script>{RUN}</script>"), "traceback": [format!("\u{1b}[0m<script>{RUN}</script>")] },
            ]),
        ),
        text("The end."),
    ]);
    cells
}

/// Brackets a hundred thousand deep, of every kind there is.
fn deep(folder: &Path) {
    let n = 100_000;
    let nested = |open: &str, close: &str| format!("{}x{}", open.repeat(n), close.repeat(n));
    write(
        &folder.join("deep.ipynb"),
        &[
            text("# Deep"),
            text(&format!("${}$", nested("{", "}"))),
            text(&format!("$${}$$", nested("\\sqrt{", "}"))),
            text(&nested("(", ")")),
            text(&nested("[", "](x)")),
            text(&format!("{} x", ">".repeat(n))),
            text(&nested("<div>", "</div>")),
            text(&"*a **b ".repeat(n / 4)),
            code(
                &nested("(", ")"),
                json!([result(
                    json!({ "text/html": nested("<div><table>", "</table></div>") })
                )]),
            ),
            code(
                "json",
                json!([result(
                    json!({ "application/json": nested("[", "]"), "text/latex": format!("${}$", nested("{", "}")) })
                )]),
            ),
            text("The end."),
        ],
    );
    let brackets = format!(
        "{{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{}{},\"cells\":[]}}",
        "[".repeat(n),
        "]".repeat(n)
    );
    std::fs::write(folder.join("nested.ipynb"), brackets).unwrap();
}

#[tokio::test]
async fn nothing_in_a_notebook_runs() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("hostile.ipynb"), &cells());
    write(
        &folder
            .path()
            .join("<img src=x onerror=\"window.hacked=1\">.ipynb"),
        &cells()[..1],
    );
    let server = Server::with(Some(folder.path())).await;
    let browser = Browser::open().await;
    browser.visit(server.link()).await;
    assert_eq!(browser.text("h1").await, "Library");
    untouched(&browser, &server).await;

    browser.visit(&server.address("/notebooks/hostile")).await;
    let main = browser.text("main").await;
    assert!(
        main.contains("before") && main.contains("after") && main.contains("The end."),
        "what is harmless is shown: {main}"
    );
    untouched(&browser, &server).await;
    // What can be clicked is.
    let links = browser
        .js(
            "return document.querySelectorAll('main a, main summary').length",
            [],
        )
        .await
        .as_u64()
        .unwrap();
    for place in 0..links {
        let script = "const it = document.querySelectorAll('main a, main summary')[arguments[0]];
            const away = it.href && new URL(it.href, location).origin !== location.origin && /^https?:/.test(it.href);
            if (!away) it.click();";
        browser.js(script, [json!(place)]).await;
    }
    untouched(&browser, &server).await;
    let bad = "return Array.from(document.querySelectorAll('main *')).filter((it) =>
        it.matches('script, iframe, object, embed, base, meta, link, form, input:enabled, style')
        || it.getAttributeNames().some((name) => name.startsWith('on') || name === 'style' || name === 'srcset')
        || /^\\s*(javascript|data:text)/i.test(it.getAttribute('href') ?? '')).map((it) => it.outerHTML)";
    assert_eq!(
        browser.js(bad, []).await,
        json!([]),
        "what could run was not even sent"
    );
    assert_eq!(browser.js("return document.querySelectorAll('#notes').length === 1 && document.getElementById('notes').matches('textarea')", []).await, json!(true), "no name of the page is taken");
    assert_eq!(
        browser
            .js(
                "return document.querySelector('.bar').checkVisibility()",
                []
            )
            .await,
        json!(true)
    );
    browser.close().await;
}

/// Nothing ran, nothing asks, nothing was fetched from elsewhere, and this is still the page.
async fn untouched(browser: &Browser, server: &Server) {
    assert!(
        browser.driver.get_alert_text().await.is_err(),
        "an alert is open"
    );
    assert_eq!(
        browser.js("return window.hacked ?? null", []).await,
        json!(null),
        "something ran"
    );
    let elsewhere = "return performance.getEntriesByType('resource').map((it) => it.name).filter((it) => new URL(it).origin !== location.origin && !it.startsWith('data:'))";
    assert_eq!(
        browser.js(elsewhere, []).await,
        json!([]),
        "something was fetched from elsewhere"
    );
    let url = browser.driver.current_url().await.unwrap();
    assert!(
        url.as_str().starts_with(&server.address("/")),
        "led away to {url}"
    );
    assert_eq!(
        browser.driver.windows().await.unwrap().len(),
        1,
        "a window was opened"
    );
}

#[tokio::test]
async fn what_is_deep_large_or_broken_is_shown_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    deep(folder.path());
    let stream = json!([{ "output_type": "stream", "name": "stdout", "text": "0123456789\n".repeat(50_000_000 / 11) }]);
    write(
        &folder.path().join("large.ipynb"),
        &[
            text("# Large"),
            code("print(much)", stream),
            text("The end."),
        ],
    );
    let mut broken = json!({ "nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [text("# Broken @@ bytes")] }).to_string().into_bytes();
    let place = broken.windows(2).position(|it| it == b"@@").unwrap();
    broken[place..place + 2].copy_from_slice(b"\xff\xfe");
    std::fs::write(folder.path().join("broken.ipynb"), broken).unwrap();
    std::fs::write(
        folder.path().join("cut.ipynb"),
        "{\"nbformat\": 4, \"cells\": [",
    )
    .unwrap();

    let server = Server::with(Some(folder.path())).await;
    let browser = Browser::open().await;
    browser.visit(server.link()).await;
    assert_eq!(
        browser
            .js("return document.querySelectorAll('.cards li').length", [])
            .await,
        json!(6)
    );
    for (slug, part) in [
        ("deep", "The end."),
        ("large", "The end."),
        ("broken", "this is not UTF-8"),
        ("cut", "cannot be read"),
        ("nested", "nested.ipynb"),
    ] {
        browser
            .visit(&server.address(&format!("/notebooks/{slug}")))
            .await;
        browser.until_text("main", part).await;
        let size = browser
            .js("return document.documentElement.outerHTML.length", [])
            .await
            .as_u64()
            .unwrap();
        assert!(size < 8_000_000, "{slug}: a page of {size} characters");
        assert!(!browser.driver.title().await.unwrap().is_empty(), "{slug}");
    }
    browser.close().await;

    let cookie = server.cookie(&server.next_link().await).await;
    let ask = Ask::post(
        "/api/check",
        json!({ "answer": "1b", "text": "1/(p*(1-p))" }),
        server.port(),
    );
    let answer = ask.header("cookie", &cookie).send(server.port()).await;
    assert!(
        answer.status == 200 && answer.text().contains("\"right\":true"),
        "{}",
        answer.text()
    );
    // The same in what can be typed.
    for text in [
        "(".repeat(7_900),
        "-".repeat(7_900),
        "x^".repeat(3_900),
        "[".repeat(7_900),
    ] {
        let ask = Ask::post("/api/echo", json!({ "text": text }), server.port());
        let answer = ask.header("cookie", &cookie).send(server.port()).await;
        assert!(
            answer.status == 200 && answer.text().contains("\"error\""),
            "{}",
            answer.text()
        );
    }
}
