//! Figures: sliders, the ellipse that can be dragged, tables and files.

use crate::harness::{Ask, Browser, Server};
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::Key;

/// The picture of an exercise as it stands.
async fn picture(browser: &Browser, number: u8) -> String {
    let script = "return Array.from(document.querySelectorAll(`[data-figures='${arguments[0]}'] svg`), (it) => it.outerHTML).join('')";
    browser
        .js(script, [json!(number)])
        .await
        .as_str()
        .unwrap()
        .to_owned()
}

/// Waits until the files of an exercise are those of a value, which is when its figures are.
async fn drawn_with(browser: &Browser, number: u8, part: &str) {
    let script = "return document.querySelector(`[data-figures='${arguments[0]}'] a[href*='${arguments[1]}']`) !== null";
    browser
        .until(
            &format!("figures with {part}"),
            script,
            [json!(number), json!(part)],
        )
        .await;
}

/// Counts what the page asks for from here on, from when it asks.
async fn count_requests(browser: &Browser) {
    let script = "window.asked = { begun: 0, ended: 0, quiet: 0 };
        const ask = window.fetch;
        window.fetch = (...given) => {
            asked.begun += 1;
            return ask(...given).finally(() => { asked.ended += 1; });
        };";
    browser.js(script, []).await;
}

/// Waits until all that the page has asked for is answered and it asks for nothing more; how often it has
/// asked.
async fn settled(browser: &Browser) -> u64 {
    let script = "asked.quiet = asked.begun === asked.ended && asked.seen === asked.begun ? asked.quiet + 1 : 0;
        asked.seen = asked.begun;
        return asked.quiet > 3 ? [asked.begun] : null";
    let count = browser
        .until("the page asks for nothing more", script, [])
        .await;
    count[0].as_u64().unwrap()
}

async fn input(browser: &Browser, name: &str) -> f64 {
    let text = browser
        .js(
            "return document.getElementById(`input-${arguments[0]}`).value",
            [json!(name)],
        )
        .await;
    text.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn sliders_redraw_and_are_kept() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let before = picture(&browser, 7).await;
    assert!(
        before.contains("<svg"),
        "there is a figure before anything is asked"
    );

    count_requests(&browser).await;
    let step: f64 = browser
        .js(
            "return Number(document.getElementById('input-7-w1-slider').step)",
            [],
        )
        .await
        .as_f64()
        .unwrap();
    browser
        .js("document.getElementById('input-7-w1-slider').focus()", [])
        .await;
    let presses: String = std::iter::repeat_n(char::from(Key::Right), 20).collect();
    browser.press(presses).await;
    let now = input(&browser, "7-w1").await;
    assert!((now - (0.8 + 20.0 * step)).abs() < 1e-9, "{now}");
    drawn_with(&browser, 7, &format!("w1={now}")).await;
    let redraws = settled(&browser).await;
    assert!(
        (1..20).contains(&redraws),
        "20 presses cost {redraws} redraws"
    );
    assert_ne!(picture(&browser, 7).await, before);

    // A number typed moves the slider with it.
    let before = picture(&browser, 1).await;
    browser.fill("#input-1-p", "0.85").await;
    drawn_with(&browser, 1, "p=0.85").await;
    assert_ne!(picture(&browser, 1).await, before);
    assert_eq!(
        browser
            .js(
                "return document.getElementById('input-1-p-slider').value",
                []
            )
            .await,
        json!("0.85")
    );

    // One that the exercise refuses is said in words; the last figure stays.
    let good = picture(&browser, 4).await;
    browser.fill("#input-4-s12", "4").await;
    let said = browser
        .until_text("[data-inputs-error='4']", "Σ is not a covariance")
        .await;
    assert!(said.contains("s12 between"), "{said}");
    assert_eq!(picture(&browser, 4).await, good);
    browser.click("[data-inputs-reset='4']").await;
    browser
        .until(
            "the message goes",
            "return document.querySelector(`[data-inputs-error='4']`).hidden",
            [],
        )
        .await;
    assert_eq!(input(&browser, "4-s12").await, 0.5);

    browser.reload().await;
    assert_eq!(input(&browser, "1-p").await, 0.85);
    assert_eq!(input(&browser, "7-w1").await, now);
    drawn_with(&browser, 1, "p=0.85").await;
    browser.click("[data-inputs-reset='1']").await;
    browser
        .until(
            "the default figure",
            "return document.querySelector(`[data-figures='1'] a[href*='?']`) === null",
            [],
        )
        .await;
    assert_eq!(input(&browser, "1-p").await, 0.3);
    assert_eq!(picture(&browser, 1).await, before);
    browser.close_but(&["422"]).await;
}

#[tokio::test]
async fn the_ellipse_is_dragged() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let handle = "[data-figures='4'] [data-handle='right']";
    let point = browser.find(handle).await;
    browser
        .js(
            "arguments[0].scrollIntoView({ block: 'center' })",
            [point.to_json().unwrap()],
        )
        .await;
    let before = picture(&browser, 4).await;
    count_requests(&browser).await;
    browser
        .driver
        .action_chain_with_delay(None, Some(Duration::from_millis(20)))
        .move_to_element_center(&point)
        .click_and_hold()
        .move_by_offset(10, 10)
        .move_by_offset(20, 20)
        .move_by_offset(20, 20)
        .release()
        .perform()
        .await
        .unwrap();
    // To the right is more variance, down is less covariance.
    browser
        .until(
            "the variance follows",
            "return Number(document.getElementById('input-4-s11').value) > 2.3",
            [],
        )
        .await;
    browser
        .until(
            "the covariance follows",
            "return Number(document.getElementById('input-4-s12').value) < 0.3",
            [],
        )
        .await;
    drawn_with(&browser, 4, "s11=").await;
    assert_eq!(
        input(&browser, "4-s22").await,
        1.0,
        "the other variance stays"
    );
    assert_ne!(picture(&browser, 4).await, before);
    let slider = browser
        .js(
            "return Number(document.getElementById('input-4-s11-slider').value)",
            [],
        )
        .await;
    assert!(
        (slider.as_f64().unwrap() - input(&browser, "4-s11").await).abs() < 0.1,
        "{slider}"
    );

    // A pointer that has let go drags no more.
    settled(&browser).await;
    let there = input(&browser, "4-s11").await;
    let mouse = browser
        .driver
        .action_chain_with_delay(None, Some(Duration::from_millis(20)));
    mouse
        .move_by_offset(-60, 0)
        .move_by_offset(5, 5)
        .perform()
        .await
        .unwrap();
    settled(&browser).await;
    assert_eq!(input(&browser, "4-s11").await, there);

    // The same with the keyboard; the focus stays on the point, which is drawn anew each time.
    browser
        .js(
            "document.querySelector(arguments[0]).focus()",
            [json!("[data-figures='4'] [data-handle='top']")],
        )
        .await;
    let (variance, covariance) = (
        input(&browser, "4-s22").await,
        input(&browser, "4-s12").await,
    );
    browser.press(Key::Up).await;
    browser
        .until(
            "more variance",
            "return Number(document.getElementById('input-4-s22').value) > arguments[0]",
            [json!(variance)],
        )
        .await;
    browser
        .until(
            "the point has the focus",
            "return document.activeElement.dataset.handle === 'top'",
            [],
        )
        .await;
    browser.press(Key::Right).await;
    browser
        .until(
            "more covariance",
            "return Number(document.getElementById('input-4-s12').value) > arguments[0]",
            [json!(covariance + 0.01)],
        )
        .await;
    browser
        .until(
            "the point has the focus",
            "return document.activeElement.dataset.handle === 'top'",
            [],
        )
        .await;
    let label = "return [document.activeElement.getAttribute('role'), document.activeElement.getAttribute('aria-label'), document.activeElement.getAttribute('aria-valuetext')]";
    let label = browser.js(label, []).await;
    assert!(
        label[0] == json!("slider") && label[1].as_str().unwrap().contains("topmost"),
        "{label}"
    );
    let said = label[2].as_str().unwrap();
    assert!(
        said.contains("variance 1.1") && said.contains("correlation"),
        "{said}"
    );
    browser.close().await;
}

#[tokio::test]
async fn figures_as_tables_and_as_files() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let figures = "return Array.from(document.querySelectorAll('figure.figure'), (it) => ({
        id: it.id,
        picture: it.querySelectorAll('svg[role][aria-label]').length,
        text: it.querySelector('figcaption p').textContent,
        rows: it.querySelectorAll('tbody tr').length,
        links: Array.from(it.querySelectorAll('a[download]'), (link) => link.getAttribute('href')),
    }))";
    let figures = browser.js(figures, []).await;
    let figures = figures.as_array().unwrap();
    assert!(
        figures.len() >= 10,
        "every exercise has a figure: {}",
        figures.len()
    );
    let cookie = browser.driver.get_all_cookies().await.unwrap();
    let cookie = format!("{}={}", cookie[0].name, cookie[0].value);
    for figure in figures {
        assert_eq!(figure["picture"], json!(1), "{figure}");
        assert!(figure["text"].as_str().unwrap().len() > 30, "{figure}");
        assert!(figure["rows"].as_u64() >= Some(2), "{figure}");
        let links: Vec<&str> = figure["links"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(links.len(), 3, "{figure}");
        for (link, kind, begins) in [
            (links[0], "image/svg+xml", b"<?xml ".as_slice()),
            (links[1], "image/png", b"\x89PNG\r\n\x1a\n"),
            (links[2], "text/csv; charset=utf-8", b"series,"),
        ] {
            let answer = Ask::get(link)
                .header("cookie", &cookie)
                .send(server.port())
                .await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, Some(kind)),
                "{link}"
            );
            assert!(
                answer.body.starts_with(begins),
                "{link}: {}",
                answer.text().chars().take(60).collect::<String>()
            );
            assert!(answer.body.len() > 200, "{link}");
        }
    }

    // The table of numbers opens, and what was opened stays open when the figure is drawn anew.
    browser
        .click("[data-figures='1'] figure details summary")
        .await;
    let open = "return document.querySelector(`[data-figures='1'] tbody td`).checkVisibility()";
    browser.until("the table is shown", open, []).await;
    browser.fill("#input-1-p", "0.6").await;
    drawn_with(&browser, 1, "p=0.6").await;
    assert_eq!(browser.js(open, []).await, json!(true));
    browser.close_but(&["422"]).await;
}
