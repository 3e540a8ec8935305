//! Who is answered: the door, held against requests that no page of the server makes.

use crate::harness::{Ask, Browser, Server};
use serde_json::json;

#[tokio::test]
async fn strangers_are_refused() {
    let server = Server::start().await;
    let port = server.port();
    let html = |path: &str| Ask::get(path).header("accept", "text/html");
    // Without a cookie: a page for people, a line for programs, the same for what is not there.
    for path in [
        "/",
        "/workbook",
        "/notebooks/x",
        "/figures/1",
        "/no/such/page",
    ] {
        let answer = html(path).send(port).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.text().contains("The link is needed"), "{path}");
        let answer = Ask::get(path).send(port).await;
        assert_eq!(
            (answer.status, answer.text().contains('<')),
            (401, false),
            "{path}"
        );
    }
    let check = json!({ "answer": "1b", "text": "1/(p*(1-p))" });
    assert_eq!(
        Ask::post("/api/check", &check, port)
            .send(port)
            .await
            .status,
        401
    );
    let forged = format!("fisher-{port}=forged");
    assert_eq!(
        Ask::get("/workbook")
            .header("cookie", &forged)
            .send(port)
            .await
            .status,
        401
    );

    // A foreign name, as a rebound one is, even with the link.
    let token = server.link().split_once('?').unwrap().1;
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost",
        &format!("evil.example:{port}"),
    ] {
        let answer = html(&format!("/workbook?{token}"))
            .header("host", host)
            .send(port)
            .await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(answer.header("set-cookie").is_none(), "{host}");
    }

    // The link lets one in, and is spent.
    let cookie = server.cookie(server.link()).await;
    assert!(cookie.starts_with(&format!("fisher-{port}=")), "{cookie}");
    let answer = html(&format!("/workbook?{token}")).send(port).await;
    assert_eq!(answer.status, 401);
    assert!(answer.text().contains("This link is spent"));
    assert_ne!(server.next_link().await, server.link());

    // With the cookie: from the own page only.
    let ask = || Ask::post("/api/check", &check, port).header("cookie", &cookie);
    let answer = ask().send(port).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text().contains("\"right\":true"),
        "{}",
        answer.text()
    );
    for origin in [
        "http://evil.example",
        "null",
        &format!("http://127.0.0.1:{}", port ^ 1),
        "https://127.0.0.1",
    ] {
        assert_eq!(
            ask().header("origin", origin).send(port).await.status,
            403,
            "{origin}"
        );
    }
    assert_eq!(ask().without("origin").send(port).await.status, 403);
    assert_eq!(
        ask()
            .header("sec-fetch-site", "cross-site")
            .send(port)
            .await
            .status,
        403
    );
    // Neither page nor picture without the cookie, but everything with it.
    assert_eq!(
        Ask::get("/figures/1")
            .header("cookie", &cookie)
            .send(port)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let server = Server::start().await;
    let port = server.port();
    let cookie = server.cookie(server.link()).await;
    for (path, status) in [
        ("/workbook", 200),
        ("/", 200),
        ("/no/such/page", 404),
        ("/figures/1/none.svg", 404),
        ("/figures/99", 422),
    ] {
        let answer = Ask::get(path).header("cookie", &cookie).send(port).await;
        assert_eq!(answer.status, status, "{path}");
        let policy = answer
            .header("content-security-policy")
            .unwrap_or_else(|| panic!("{path} has no policy"));
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    assert!(
        Ask::get("/workbook")
            .send(port)
            .await
            .header("content-security-policy")
            .is_some()
    );
}

#[tokio::test]
async fn the_token_leaves_the_address_and_the_cookie_is_not_for_scripts() {
    let server = Server::start().await;
    let browser = Browser::open().await;
    browser.enter(server.link()).await;
    assert_eq!(
        browser.driver.current_url().await.unwrap().as_str(),
        server.address("/workbook")
    );
    assert_eq!(browser.js("return document.cookie", []).await, json!(""));
    let cookies = browser.driver.get_all_cookies().await.unwrap();
    assert_eq!(cookies.len(), 1);
    assert_eq!(cookies[0].name, format!("fisher-{}", server.port()));
    // Its policy holds: what would be run from the markup is not.
    let script = "const it = document.createElement('script');
        it.textContent = 'window.ran = true';
        document.body.append(it);
        const picture = document.createElement('div');
        picture.innerHTML = '<img src=x: onerror=\"window.ran = true\">';
        document.body.append(picture);
        return window.ran ?? null";
    assert_eq!(browser.js(script, []).await, json!(null));
    let complaints = browser.complaints().await;
    assert!(
        complaints
            .iter()
            .any(|it| it.contains("Content Security Policy")),
        "{complaints:?}"
    );
    assert_eq!(
        browser.js("return window.ran ?? null", []).await,
        json!(null)
    );
    browser.close().await;
}
