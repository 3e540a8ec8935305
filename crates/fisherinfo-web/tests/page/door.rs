//! Who is let in, under which name, and from where.

use crate::client::serve;
use fisherinfo_web::Options;
use serde_json::json;

#[test]
fn a_link_lets_one_browser_in() {
    let server = serve(Options::default());
    let token = server.token();
    let host = server.host();
    let page = [("Host", host.as_str()), ("Accept", "text/html")];
    let without = server.raw("GET", "/workbook", &page, b"");
    assert_eq!(without.status, 401);
    assert!(
        without.text().contains("fisher serve"),
        "{}",
        without.text()
    );
    let browser = server.browser();
    let cookie = browser.server.raw("GET", "/", &page, b"");
    assert_eq!(cookie.status, 401);
    assert_eq!(browser.get("/workbook").status, 200);
    // Used: it lets nobody else in, and another has been printed.
    let again = server.raw("GET", &format!("/?token={token}"), &page, b"");
    assert_eq!(again.status, 401);
    assert!(again.text().contains("spent"), "{}", again.text());
    assert_ne!(server.token(), token);
    assert_eq!(server.browser().get("/workbook").status, 200);
    assert_eq!(browser.get("/workbook").status, 200);
}

#[test]
fn a_shared_link_lets_everyone_in() {
    let server = serve(Options {
        shared_link: true,
        ..Options::default()
    });
    let (first, second) = (server.browser(), server.browser());
    assert_ne!(first.cookie, second.cookie);
    assert_eq!(second.get("/workbook").status, 200);
}

#[test]
fn the_cookie_is_out_of_reach_and_named_for_the_port() {
    let server = serve(Options::default());
    let path = format!("/workbook?token={}", server.token());
    let reply = server.raw("GET", &path, &[("Host", &server.host())], b"");
    assert_eq!(reply.header("location"), Some("/workbook"));
    let cookie = reply.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        cookie.starts_with(&format!("fisher-{}=", server.address.port())),
        "{cookie}"
    );
}

#[test]
fn a_link_in_a_foreign_page_does_not_spend_the_token() {
    let server = serve(Options::default());
    let path = format!("/?token={}", server.token());
    let headers = [("Host", &*server.host()), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(server.raw("GET", &path, &headers, b"").status, 401);
    server.browser();
}

#[test]
fn foreign_names_are_not_answered() {
    let server = serve(Options {
        allowed_hosts: vec!["course.example".into()],
        ..Options::default()
    });
    let browser = server.browser();
    let port = server.address.port();
    let own = [
        format!("localhost:{port}"),
        "course.example".into(),
        format!("Course.Example:{port}"),
    ];
    for host in own {
        let headers = [("Host", &*host), ("Cookie", &*browser.cookie)];
        assert_eq!(
            server.raw("GET", "/workbook", &headers, b"").status,
            200,
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "127.0.0.1",
        "",
        &format!("evil.example:{port}"),
        "course.example.evil.example",
    ] {
        let headers = [("Host", host), ("Cookie", &*browser.cookie)];
        assert_eq!(
            server.raw("GET", "/workbook", &headers, b"").status,
            421,
            "{host}"
        );
        // Not even what everyone may see.
        assert_eq!(
            server
                .raw("GET", "/assets/x/page.css", &headers, b"")
                .status,
            421,
            "{host}"
        );
    }
}

#[test]
fn only_own_pages_may_change_things() {
    let server = serve(Options::default());
    let browser = server.browser();
    let (host, own) = (server.host(), server.origin());
    let body = json!({ "text": "x" }).to_string();
    let ask = |method: &str, headers: &[(&str, &str)]| {
        let mut all = vec![
            ("Host", host.as_str()),
            ("Cookie", &browser.cookie),
            ("Content-Type", "application/json"),
        ];
        all.extend_from_slice(headers);
        server
            .raw(method, "/api/echo", &all, body.as_bytes())
            .status
    };
    assert_eq!(ask("POST", &[("Origin", &own)]), 200);
    assert_eq!(
        ask(
            "POST",
            &[("Origin", &own), ("Sec-Fetch-Site", "same-origin")]
        ),
        200
    );
    assert_eq!(ask("POST", &[]), 403);
    assert_eq!(ask("POST", &[("Origin", "null")]), 403);
    assert_eq!(ask("POST", &[("Origin", "http://evil.example")]), 403);
    assert_eq!(ask("POST", &[("Origin", "http://127.0.0.1")]), 403);
    assert_eq!(
        ask(
            "POST",
            &[("Origin", &own), ("Sec-Fetch-Site", "cross-site")]
        ),
        403
    );
    assert_eq!(
        ask("POST", &[("Origin", &own), ("Sec-Fetch-Site", "same-site")]),
        403
    );
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(
            ask(method, &[("Origin", "http://evil.example")]),
            403,
            "{method}"
        );
    }
    // Nor is a form enough, which needs no permission to be sent from elsewhere.
    let form = [
        ("Host", host.as_str()),
        ("Cookie", &browser.cookie),
        ("Origin", &own),
        ("Content-Type", "text/plain"),
    ];
    assert_eq!(
        server
            .raw("POST", "/api/echo", &form, body.as_bytes())
            .status,
        415
    );
}

#[test]
fn every_answer_has_the_policy() {
    let server = serve(Options::default());
    let browser = server.browser();
    let host = server.host();
    let replies = [
        browser.get("/workbook"),
        browser.get("/"),
        browser.get("/nothing"),
        browser.get("/figures/1"),
        browser.get("/figures/1/information-p.svg"),
        browser.post("/api/echo", &json!({ "text": "x" })),
        server.raw("GET", "/workbook", &[("Host", &host)], b""),
        server.raw("GET", "/", &[("Host", "evil.example")], b""),
    ];
    for reply in replies {
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            reply.header("cross-origin-resource-policy"),
            Some("same-origin")
        );
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(
            reply.header("cache-control"),
            Some("no-store"),
            "{}",
            reply.head
        );
    }
}

#[test]
fn oversized_and_broken_requests_are_refused_and_the_server_goes_on() {
    let server = serve(Options::default());
    let browser = server.browser();
    assert_eq!(
        browser
            .post_text("/api/echo", &"x".repeat(300 * 1024))
            .status,
        413
    );
    let long = json!({ "text": "x".repeat(9_000) });
    assert_eq!(browser.post("/api/echo", &long).status, 413);
    assert_eq!(browser.post_text("/api/echo", "{").status, 400);
    assert_eq!(browser.post_text("/api/echo", "{}").status, 422);
    assert_eq!(
        browser.post_text("/api/echo", &"[".repeat(100_000)).status,
        422
    );
    assert_eq!(browser.get(&format!("/{}", "a".repeat(5_000))).status, 404);
    let host = server.host();
    let long = "a".repeat(1_000_000);
    let reply = server.raw("GET", "/", &[("Host", &host), ("X-Long", &long)], b"");
    assert_eq!(reply.status, 431);
    for text in [
        "(".repeat(7_999),
        "x^".repeat(3_999),
        "-".repeat(7_999),
        "[[[[".repeat(1_999),
        "\u{202e}<script>".into(),
    ] {
        let reply = browser.post("/api/echo", &json!({ "text": text }));
        assert!(reply.json()["error"].is_string(), "{}", reply.text());
        let reply = browser.post("/api/check", &json!({ "answer": "1b", "text": text }));
        assert_eq!(
            reply.json()["verdict"],
            "not understood",
            "{}",
            reply.text()
        );
    }
    assert_eq!(browser.get("/workbook").status, 200);
}
