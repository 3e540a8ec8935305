//! Answers to the ten exercises: typed, typeset, judged, marked, kept.

use crate::harness::{Browser, Server};
use serde_json::{Value, json};

/// What is given to a question: a right answer and a wrong one. A digit chooses a statement.
struct Given {
    answer: &'static str,
    right: &'static str,
    wrong: &'static str,
    is_choice: bool,
}

const fn formula(answer: &'static str, right: &'static str, wrong: &'static str) -> Given {
    Given {
        answer,
        right,
        wrong,
        is_choice: false,
    }
}

const fn choice(answer: &'static str, right: &'static str, wrong: &'static str) -> Given {
    Given {
        answer,
        right,
        wrong,
        is_choice: true,
    }
}

const GIVEN: &[Given] = &[
    formula("1a", "(x - p)/(p*(1 - p))", "x/p + (1 - x)/(1 - p)"),
    formula("1b", "1/p + 1/(1 - p)", "p*(1 - p)"),
    choice("1c", "2", "1"),
    formula("2a", "n/sigma2", "1/sigma2"),
    formula("3a", "1/(p - p^2)", "1/p"),
    formula("3b", "sigmoid(phi)*sigmoid(-phi)", "sigmoid(phi)"),
    formula("4a", "inv(Sigma)", "Sigma"),
    choice("4b", "2", "4"),
    formula("5a", "delta^2/(2*p*(1 - p))", "delta^2/(p*(1 - p))"),
    formula("5b", "3", "2"),
    formula("6a", "1/sqrt(p*(1 - p))", "1/(p*(1 - p))"),
    formula("6b", "1/lambda", "1/lambda^2"),
    choice("6c", "1", "2"),
    choice("6d", "2", "1"),
    formula(
        "7a",
        "p = sigmoid(X @ w)\nX' @ (p*(1 - p)*X)/n",
        "G = (y - sigmoid(X @ w))*X\nG' @ G/n",
    ),
    formula(
        "7b",
        "G = (y - sigmoid(X @ w))*X\nG' @ G/n",
        "p = sigmoid(X @ w)\nX' @ (p*(1 - p)*X)/n",
    ),
    choice("7c", "2", "3"),
    formula(
        "8a",
        "G = (y - sigmoid(X @ w))*X\ncolsum(G^2)/n",
        "G = (y - sigmoid(X @ w))*X\ncolsum(G^2)",
    ),
    formula("8b", "sum(F*(w - w_star)^2)/2", "sum(F*(w - w_star)^2)"),
    formula(
        "9a",
        "p*(1/p)^2 + (1 - p)*(1/(1 - p))^2",
        "1/p + 1/(1 - p)^2",
    ),
    formula("10a", "-eta*g", "eta*g"),
    formula("10b", "-eta*solve(F, g)", "-eta*F @ g"),
];

fn exercise(answer: &str) -> u8 {
    answer
        .trim_end_matches(char::is_alphabetic)
        .parse()
        .unwrap()
}

/// Gives an answer and asks for its verdict, the first half by the button, the second by the keyboard.
async fn give(browser: &Browser, given: &Given, text: &str) -> (String, String) {
    let name = given.answer;
    if given.is_choice {
        browser
            .click(&format!("form[data-answer='{name}'] input[value='{text}']"))
            .await;
    } else {
        browser.fill(&format!("#answer-{name}"), text).await;
    }
    // What is said of an earlier answer goes when another is typed.
    browser
        .until(
            "the old verdict goes",
            "return document.getElementById(arguments[0]).textContent === ''",
            [json!(format!("verdict-{name}"))],
        )
        .await;
    if exercise(name) <= 5 || given.is_choice {
        browser
            .click(&format!("form[data-answer='{name}'] button[type='submit']"))
            .await;
    } else {
        browser
            .press(thirtyfour::Key::Control + thirtyfour::Key::Enter)
            .await;
    }
    verdict(browser, name).await
}

/// The word and the sentence of a verdict.
async fn verdict(browser: &Browser, name: &str) -> (String, String) {
    let script = "const place = document.getElementById(arguments[0]);
        return place.dataset.verdict ? [place.dataset.verdict, place.textContent] : null";
    let said = browser
        .until(
            &format!("a verdict on {name}"),
            script,
            [json!(format!("verdict-{name}"))],
        )
        .await;
    (
        said[0].as_str().unwrap().to_owned(),
        said[1].as_str().unwrap().to_owned(),
    )
}

async fn state(browser: &Browser, number: u8) -> String {
    let script = "return document.querySelector(`[data-state-of='${arguments[0]}']`).dataset.state";
    browser
        .js(script, [json!(number)])
        .await
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn every_answer_right_and_wrong() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let script =
        "return Array.from(document.querySelectorAll('[data-answer]'), (it) => it.dataset.answer)";
    let names: Vec<&str> = GIVEN.iter().map(|given| given.answer).collect();
    assert_eq!(
        browser.js(script, []).await,
        json!(names),
        "an answer for every question"
    );

    for given in GIVEN {
        let name = given.answer;
        let (word, message) = give(&browser, given, given.wrong).await;
        assert_eq!(word, "wrong", "{name}: {message}");
        assert!(message.starts_with("Not right"), "{name}: {message}");
        assert_eq!(state(&browser, exercise(name)).await, "tried", "{name}");
        if given.is_choice {
            assert_eq!(
                message, "Not right.",
                "{name}: a wrong choice gives nothing away"
            );
        } else {
            assert!(
                message.contains("the answer is ") && message.contains(" is wanted"),
                "{name}: {message}"
            );
            let bare = |text: &str| text.replace(' ', "");
            let last = given.right.lines().last().unwrap();
            assert!(
                last.len() < 2 || !bare(&message).contains(&bare(last)),
                "{name}: {message}"
            );
        }

        let (word, message) = give(&browser, given, given.right).await;
        assert_eq!(word, "right", "{name}: {message}");
        assert!(message.starts_with("Right."), "{name}: {message}");
        // The mark comes with the last answer of an exercise, and not before.
        let is_last = GIVEN
            .iter()
            .rfind(|it| exercise(it.answer) == exercise(name))
            .unwrap()
            .answer
            == name;
        assert_eq!(
            state(&browser, exercise(name)).await,
            if is_last { "solved" } else { "tried" },
            "{name}"
        );
    }
    assert_eq!(
        browser.text("#progress-summary").await,
        "10 of 10 solved, 0 tried, 0 only seen"
    );

    browser.reload().await;
    assert_eq!(
        browser.text("#progress-summary").await,
        "10 of 10 solved, 0 tried, 0 only seen"
    );
    assert!(
        browser
            .text("[data-state-of='10']")
            .await
            .contains("solved")
    );
    for given in GIVEN {
        let script = "const form = document.querySelector(`form[data-answer='${arguments[0]}']`);
            return form.querySelector('textarea')?.value ?? form.querySelector('input:checked')?.value";
        assert_eq!(
            browser.js(script, [json!(given.answer)]).await,
            json!(given.right),
            "{} is kept",
            given.answer
        );
    }

    // What was right and is wrong now is not solved any more.
    let (word, _) = give(&browser, &GIVEN[0], GIVEN[0].wrong).await;
    assert_eq!(
        (word.as_str(), state(&browser, 1).await.as_str()),
        ("wrong", "tried")
    );
    browser.close().await;
}

#[tokio::test]
async fn formulas_are_typeset_while_they_are_typed() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let echo = "return document.querySelector('#echo-1a math')?.querySelectorAll('mfrac').length === arguments[0]";
    browser.fill("#answer-1a", "x/p").await;
    browser.until("one fraction", echo, [json!(1)]).await;
    browser
        .find("#answer-1a")
        .await
        .send_keys(" - (1 - x)/(1 - p)")
        .await
        .unwrap();
    browser.until("two fractions", echo, [json!(2)]).await;

    // Half a formula is an error that says where, and no verdict.
    browser.fill("#answer-1a", "x/p - (1 - x").await;
    browser
        .until(
            "an error",
            "return document.querySelector('#echo-1a.error')?.textContent",
            [],
        )
        .await;
    assert_eq!(
        browser
            .js("return document.querySelector('#echo-1a math')", [])
            .await,
        Value::Null
    );
    assert_eq!(browser.text("#verdict-1a").await, "");

    for nonsense in ["x +* p", "hello world", "p = ", "what(x)"] {
        browser.fill("#answer-1a", nonsense).await;
        browser
            .click("form[data-answer='1a'] button[type='submit']")
            .await;
        let (word, message) = verdict(&browser, "1a").await;
        assert_eq!(word, "not understood", "{nonsense}: {message}");
        assert!(
            message.starts_with("Not understood: "),
            "{nonsense}: {message}"
        );
    }

    // Nothing at all is not judged.
    browser
        .click("form[data-answer='1a'] button[type='reset']")
        .await;
    browser.until_text("#verdict-1a", "Reset.").await;
    browser
        .click("form[data-answer='1a'] button[type='submit']")
        .await;
    browser
        .until_text("#verdict-1a", "Type an answer first.")
        .await;
    browser
        .click("form[data-answer='1c'] button[type='submit']")
        .await;
    browser
        .until_text("#verdict-1c", "Choose a statement first.")
        .await;
    browser.close().await;
}

#[tokio::test]
async fn hints_come_one_at_a_time_and_solutions_when_asked() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    let visible = "return Array.from(document.querySelectorAll(`[data-hints='3'] [data-hint]`)).filter((it) => !it.hidden).length";
    assert_eq!(browser.js(visible, []).await, json!(1));
    for (hint, then) in [(1, 2), (2, 3), (3, 3)] {
        browser
            .click(&format!("[data-hints='3'] [data-hint='{hint}'] > summary"))
            .await;
        let opened =
            "const hints = Array.from(document.querySelectorAll(`[data-hints='3'] [data-hint]`));
            return hints[arguments[0] - 1].open && !hints[arguments[1] - 1].hidden";
        browser
            .until(
                "a hint opens and shows the next",
                opened,
                [json!(hint), json!(then)],
            )
            .await;
        assert_eq!(
            browser.js(visible, []).await,
            json!(then),
            "hint {hint} shows one more, and no more"
        );
    }
    // Of another exercise there is still one.
    assert_eq!(
        browser.js(&visible.replace("'3'", "'4'"), []).await,
        json!(1)
    );
    browser.reload().await;
    assert_eq!(
        browser.js(visible, []).await,
        json!(3),
        "hints that were opened stay to be had"
    );

    let solution = "details[data-solution='3']";
    let height =
        "return document.querySelector(`details[data-solution='3'] > pre`).checkVisibility()";
    assert_eq!(browser.js(height, []).await, json!(false));
    browser.click(&format!("{solution} > summary")).await;
    browser.until("the solution is open", height, []).await;
    let source = browser.text(&format!("{solution} > pre")).await;
    assert!(
        source.contains("fn solve") && source.contains("use "),
        "{source}"
    );
    browser.close().await;
}

#[tokio::test]
async fn exercises_are_seen_when_they_are_read() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    assert_eq!(state(&browser, 10).await, "");
    browser
        .js(
            "document.querySelector(`[data-exercise='10'] h2`).scrollIntoView()",
            [],
        )
        .await;
    browser
        .until(
            "exercise 10 is seen",
            "return document.querySelector(`[data-state-of='10']`).dataset.state === 'seen'",
            [],
        )
        .await;
    assert_eq!(
        state(&browser, 5).await,
        "",
        "what was jumped over is not seen"
    );
    browser.reload().await;
    assert_eq!(state(&browser, 10).await, "seen");
    assert_eq!(browser.text("[data-state-of='10']").await, "seen");
    browser.close().await;
}
