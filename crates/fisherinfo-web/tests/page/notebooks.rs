//! Notebooks for reading, friendly and hostile.

use crate::client::serve;
use fisherinfo_web::Options;
use serde_json::{Value, json};
use std::path::Path;

fn write(folder: &Path, name: &str, cells: Value) {
    let notebook = json!({
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": { "kernelspec": { "name": "python3", "language": "python", "display_name": "Python" } },
        "cells": cells,
    });
    std::fs::write(folder.join(name), notebook.to_string()).unwrap();
}

fn markdown(source: &str) -> Value {
    json!({ "cell_type": "markdown", "metadata": {}, "source": source })
}

fn code(source: &str, outputs: Value) -> Value {
    json!({ "cell_type": "code", "metadata": {}, "source": source, "execution_count": 3, "outputs": outputs })
}

fn library(folder: &Path) -> Options {
    Options {
        notebooks: Some(folder.to_path_buf()),
        ..Options::default()
    }
}

#[test]
fn a_notebook_is_read_like_the_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    write(
        folder.path(),
        "First steps.ipynb",
        json!([
            markdown(
                "# Scores\nThe score is $s(x) = \\partial_\\theta \\ln f$.\n\n| a | b |\n|---|---|\n| $|x|$ | 2 |"
            ),
            code(
                "import numpy as np\nprint(1)",
                json!([
                    { "output_type": "stream", "name": "stdout", "text": "1\n" },
                    { "output_type": "display_data", "metadata": {}, "data": { "image/png": picture, "text/plain": "<Figure>" } },
                    { "output_type": "execute_result", "metadata": {}, "execution_count": 3,
                      "data": { "text/html": "<table><tr><td>7</td></tr></table>", "text/plain": "7" } },
                    { "output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\u{1b}[31mTraceback\u{1b}[0m"] },
                ])
            ),
            markdown("## More"),
        ]),
    );
    write(folder.path(), "other.ipynb", json!([markdown("# Other")]));
    std::fs::write(folder.path().join("broken.ipynb"), "{").unwrap();
    let server = serve(library(folder.path()));
    let browser = server.browser();
    let index = browser.get("/").text();
    assert!(
        index.contains("/notebooks/first-steps") && index.contains("/workbook"),
        "{index}"
    );
    assert!(index.contains("Cannot be read"), "{index}");
    let page = browser.get("/notebooks/first-steps").text();
    assert_eq!(page.matches("<math").count(), 2, "{page}");
    for part in [
        "s-keyword",
        "data:image/png;base64,",
        "<td>7</td>",
        "ValueError: no",
        "Traceback",
        "In [3]",
        "href=\"#cell-",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains('\u{1b}'));
    assert_eq!(browser.get("/notebooks/nothing").status, 404);
    // A change of the file is seen.
    write(
        folder.path(),
        "First steps.ipynb",
        json!([markdown("# Rewritten entirely")]),
    );
    assert!(
        browser
            .get("/notebooks/first-steps")
            .text()
            .contains("Rewritten entirely")
    );
}

#[test]
fn a_hostile_notebook_runs_nothing_and_takes_nothing_down() {
    let folder = tempfile::tempdir().unwrap();
    let svg =
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>";
    write(
        folder.path(),
        "hostile.ipynb",
        json!([
            markdown("<script>alert(1)</script> <img src=x onerror=alert(1)> [link](javascript:alert(1))"),
            markdown("$\\operatorname{<script>alert(1)</script>}$ $\\text{\" onclick=\"alert(1)}$"),
            markdown("[a](https://example.com \"$\\text{\\\" onclick=alert(1)}$\")"),
            markdown(&"[".repeat(100_000)),
            markdown(&">".repeat(100_000)),
            markdown(&format!("${}${}", "{".repeat(100_000), "}".repeat(100_000))),
            code("<script>alert(1)</script>", json!([
                { "output_type": "display_data", "metadata": {}, "data": { "image/svg+xml": svg } },
                { "output_type": "display_data", "metadata": {}, "data": { "text/html": "<div>".repeat(100_000) } },
                { "output_type": "display_data", "metadata": {}, "data": { "text/html": "<iframe srcdoc='<script>alert(1)</script>'></iframe><form action=//evil.example><input name=a></form>" } },
                { "output_type": "display_data", "metadata": {}, "data": { "application/javascript": "alert(1)", "text/latex": "\\href{javascript:alert(1)}{x}" } },
                { "output_type": "stream", "name": "stdout", "text": "0123456789".repeat(5_000_000) },
                { "output_type": "nonsense" },
            ])),
            { "cell_type": "nonsense", "source": 7 },
        ]),
    );
    std::fs::write(
        folder.path().join("bytes.ipynb"),
        b"{\"cells\": [\"\xff\xfe\"]}",
    )
    .unwrap();
    std::fs::write(folder.path().join("deep.ipynb"), "[".repeat(1_000_000)).unwrap();
    let server = serve(library(folder.path()));
    let browser = server.browser();
    let page = browser.get("/notebooks/hostile");
    assert_eq!(page.status, 200);
    let page = page.text();
    // The scripts of the frame are the only ones.
    let scripts: Vec<&str> = page
        .split("<script")
        .skip(1)
        .map(|it| it.split('>').next().unwrap())
        .collect();
    assert!(
        scripts.iter().all(|it| it.contains("src=\"/assets/")),
        "{scripts:?}"
    );
    for bad in [
        "<iframe",
        "<form",
        "evil.example",
        "href=\"javascript",
        "href=\" javascript",
        "<svg",
        "onload=",
    ] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.len() < 8_000_000, "{}", page.len());
    assert!(page.contains("data:image/svg+xml;base64,"));
    for broken in ["bytes", "deep"] {
        assert!(
            browser
                .get(&format!("/notebooks/{broken}"))
                .text()
                .contains("cannot be read")
        );
    }
    assert_eq!(browser.get("/workbook").status, 200);
}

#[test]
fn one_notebook_is_where_its_link_leads() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "only.ipynb", json!([markdown("# Only")]));
    let server = serve(Options {
        notebooks: Some(folder.path().join("only.ipynb")),
        ..Options::default()
    });
    let link = server.links.lock().unwrap()[0].clone();
    assert!(link.contains("/notebooks/only?token="), "{link}");
    assert!(
        server
            .browser()
            .get("/notebooks/only")
            .text()
            .contains("Only")
    );
}
