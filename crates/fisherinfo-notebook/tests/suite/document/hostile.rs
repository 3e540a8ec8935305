//! Files that were not made to be read.

use super::{notebook, outputs, parse, refusal};
use fisherinfo_notebook::document::limits::{
    MAX_CELLS, MAX_FILE, MAX_HEADINGS, MAX_IMAGE, MAX_OUTPUTS, MAX_TEXT,
};
use fisherinfo_notebook::document::{CellKind, Document, DocumentError, Media, Output};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn errors_name_the_place_and_the_remedy() {
    for (bytes, says) in [
        (
            &b""[..],
            "the notebook is empty; a notebook is a JSON object",
        ),
        (b"\xef\xbb\xbf \n", "the notebook is empty"),
        (
            b"{\n\"a\": \"\xff\"}",
            "byte 8 (line 2): this is not UTF-8; save the file in UTF-8",
        ),
        (b"\xff\xfe{\0}\0", "byte 0 (line 1): this is not UTF-8"),
        (
            b"{\"cells\": [{}, {\n \"a\": }]}",
            "line 2, column 7 (in cell 2): expected value; repair",
        ),
        (
            b"{\"nbformat\": 4,\n<<<<<<< HEAD\n}",
            "line 2, column 1: key must be a string",
        ),
        (
            b"{\"cells\": []",
            "line 1, column 12: EOF while parsing an object",
        ),
        (
            b"{\"nbformat\": 4, \"cells\": []} x",
            "line 1, column 30: trailing characters",
        ),
        (
            b"{\"nbformat\": 4, \"cells\": [1e999]}",
            "column 31 (in cell 1): number out of range",
        ),
        (
            b"{\"cells\": [NaN, NaN, \"\n\"]}",
            "line 2, column 0 (in cell 3): control character",
        ),
        (
            b"{\"cells\": [NaN,\n Infinity, }]}",
            "line 2, column 12 (in cell 3): expected value",
        ),
        (
            b"[]",
            "the notebook is JSON and not a notebook: it is not an object",
        ),
        (b"\"x\"", "it is not an object"),
        (b"{}", "it has no version `nbformat`"),
        (
            b"{\"nbformat\": \"4\", \"cells\": []}",
            "it has no version `nbformat`",
        ),
        (b"{\"nbformat\": 4}", "it has no list `cells`"),
        (
            b"{\"nbformat\": 4, \"cells\": {}}",
            "it has no list `cells`",
        ),
        (
            b"{\"nbformat\": 2, \"worksheets\": []}",
            "is of nbformat 2, and versions 3 and 4 are read; convert it with `jupyter nbconvert --to notebook`",
        ),
        (b"{\"nbformat\": 5, \"cells\": []}", "is of nbformat 5"),
    ] {
        let message = refusal(bytes);
        assert!(message.contains(says), "{says}: {message}");
    }
    // A later minor version may add what is not known, and nothing else.
    assert!(Document::parse(br#"{"nbformat": 4, "nbformat_minor": 99, "cells": []}"#).is_ok());
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let says = |path: &std::path::Path, part: &str| {
        let message = Document::read(path).unwrap_err().to_string();
        assert!(
            message.starts_with(&path.display().to_string()),
            "{message}"
        );
        assert!(message.contains(part), "{part}: {message}");
    };
    says(
        &folder.path().join("none.ipynb"),
        "cannot be read: there is no such file",
    );
    says(
        folder.path(),
        "is not a file; give the path of a .ipynb file",
    );
    // A file of any size that takes no room on the disk.
    let large = folder.path().join("large.ipynb");
    let file = std::fs::File::create(&large).unwrap();
    file.set_len(MAX_FILE + 1).unwrap();
    says(
        &large,
        "has 67108865 bytes, and 67108864 are read at most; clear its outputs",
    );
    file.set_len(1 << 40).unwrap();
    says(&large, "has 1099511627776 bytes");
    let broken = folder.path().join("broken.ipynb");
    std::fs::write(&broken, "{").unwrap();
    says(&broken, "line 1, column 1: EOF");
}

/// A pipe that nobody writes to must not be waited for.
#[cfg(unix)]
#[test]
fn pipes_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe.ipynb");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let (done, answer) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(Document::read(&path)));
    let answer = answer.recv_timeout(Duration::from_secs(10));
    assert!(
        matches!(answer, Ok(Err(DocumentError::NotAFile { .. }))),
        "{answer:?}"
    );
}

#[test]
fn deep_nesting_is_no_overflow() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let objects = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
    let n = 1_000_000;
    // Passed over where it is not shown, at any depth.
    for value in [deep(n), objects(n)] {
        let cell = r#"{"cell_type": "raw", "source": "x", "metadata": @, "other": @}"#;
        let file =
            format!(r#"{{"nbformat": 4, "x": @, "cells": [{cell}, @]}}"#).replace('@', &value);
        let document = Document::parse(file.as_bytes()).unwrap();
        assert_eq!(document.cells.len(), 2);
        let unclosed = format!(r#"{{"nbformat": 4, "cells": {}"#, &value[..value.len() / 2]);
        assert!(refusal(unclosed.as_bytes()).contains("EOF"));
    }
    // Kept where it is data, as deep as a parser goes.
    let data = |json: &str| {
        let output =
            format!(r#"{{"output_type": "display_data", "data": {{"application/json": {json}}}}}"#);
        let cell = format!(r#"{{"cell_type": "code", "outputs": [{output}]}}"#);
        let file = format!(r#"{{"nbformat": 4, "cells": [{cell}]}}"#);
        match Document::parse(file.as_bytes())
            .unwrap()
            .cells
            .remove(0)
            .kind
        {
            CellKind::Code { outputs, .. } => outputs,
            other => panic!("{other:?}"),
        }
    };
    let display = |media| {
        vec![Output::Display {
            alternatives: vec![media],
        }]
    };
    let kept = deep(127);
    assert_eq!(data(&kept), display(Media::Json(kept.clone())));
    for (json, says) in [
        (
            deep(100_000),
            "recursion limit exceeded at line 1 column 128",
        ),
        ("[1e999]".into(), "number out of range at line 1 column 6"),
    ] {
        let notice = format!("application/json cannot be shown: {says}");
        assert_eq!(data(&json), display(Media::Notice(notice)));
    }
    let brackets = format!("\"{}\"", "[\\\"".repeat(200));
    assert_eq!(data(&brackets), display(Media::Json(brackets.clone())));
}

fn stream(text: &str) -> String {
    let list = outputs(json!([{ "output_type": "stream", "name": "stdout", "text": text }]));
    match &list[..] {
        [Output::Stream { text, .. }] => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn long_texts_are_cut_with_a_mark() {
    let whole = "x".repeat(MAX_TEXT);
    assert_eq!(stream(&whole), whole);
    let cut = stream(&"x".repeat(MAX_TEXT + 1));
    let (kept, mark) = cut.rsplit_once('\n').unwrap();
    assert!(cut.len() <= MAX_TEXT && kept.bytes().all(|b| b == b'x'));
    assert_eq!(
        mark,
        format!("… truncated, {} more bytes", MAX_TEXT + 1 - kept.len())
    );
    assert_eq!(stream(&cut), cut, "what was cut is not cut again");
    // Letters of several bytes are not taken apart.
    assert!(stream(&"é".repeat(MAX_TEXT)).contains("é\n… truncated"));

    // In pieces as in one.
    let pieces = vec!["xyz"; MAX_TEXT];
    let cut = outputs(json!([{ "output_type": "stream", "text": pieces }]));
    assert_eq!(
        cut,
        [Output::Stream {
            name: "stdout".into(),
            text: stream(&pieces.concat())
        }]
    );

    // Sources and tracebacks too; markup has no sense in part.
    let long = "y".repeat(2 * MAX_TEXT);
    let document = parse(json!([{ "cell_type": "markdown", "source": long }]));
    let CellKind::Markdown { source, .. } = &document.cells[0].kind else {
        panic!("{document:?}");
    };
    assert!(source.ends_with("more bytes") && source.len() <= MAX_TEXT);
    let list = outputs(json!([
        { "output_type": "error", "traceback": vec![&long[..1000]; 2000] },
        { "output_type": "display_data", "data": { "text/html": long, "text/plain": "short" } },
        { "output_type": "display_data", "data": { "application/json": [long] } },
    ]));
    assert!(
        matches!(&list[0], Output::Error { traceback, .. } if traceback.ends_with("more bytes"))
    );
    let display = |alternatives| Output::Display { alternatives };
    let notice = |text: &str| Media::Notice(format!("{text} bytes is too large to be shown"));
    assert_eq!(
        list[1..],
        [
            display(vec![
                Media::Text("short".into()),
                notice("text/html of 2097152")
            ]),
            display(vec![notice("application/json of 2097156")]),
        ]
    );
}

#[test]
fn large_images_give_way_to_a_notice() {
    let image = |bytes: usize| {
        let text = "AAAA".repeat(bytes / 3);
        outputs(json!([{ "output_type": "display_data", "data": { "image/png": text } }]))
    };
    let display = |media| {
        vec![Output::Display {
            alternatives: vec![media],
        }]
    };
    let size = MAX_IMAGE / 3 * 3;
    assert_eq!(image(size), display(Media::Png(vec![0; size])));
    let notice =
        |n: usize| Media::Notice(format!("image/png of {n} bytes is too large to be shown"));
    assert_eq!(image(size + 3), display(notice(size + 3)));
    assert_eq!(image(3 * size), display(notice(3 * size)));
}

#[test]
fn many_of_everything() {
    let began = Instant::now();
    let cells = vec![json!({ "cell_type": "markdown", "source": "# a\n".repeat(50) }); MAX_CELLS];
    let document = parse(json!(cells));
    assert_eq!(document.cells.len(), MAX_CELLS);
    assert_eq!(document.headings().len(), MAX_HEADINGS);
    assert_eq!(
        refusal(&notebook(json!(vec![0; MAX_CELLS + 1]))),
        "the notebook has more than 10000 cells; split it into several notebooks"
    );

    let list = outputs(json!(vec![json!({}); MAX_OUTPUTS + 7]));
    assert_eq!(list.len(), MAX_OUTPUTS + 1);
    assert_eq!(
        list.last(),
        Some(&Output::Notice(
            "7 more outputs are not shown: a notebook may have 20000".into()
        ))
    );
    // The limit is that of the notebook, not of a cell.
    let cell = json!({ "cell_type": "code", "outputs": vec![json!({}); 15_000] });
    let document = parse(json!([cell, cell, cell]));
    let counts: Vec<usize> = document
        .cells
        .iter()
        .map(|cell| match &cell.kind {
            CellKind::Code { outputs, .. } => outputs.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(counts, [15_000, 5_001, 1]);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

/// Markdown that slow parsers take the square of its length for.
#[test]
fn headings_of_nasty_markdown_are_found_in_time() {
    for pattern in [
        "[", "> ", "*a ", "`", "$", "![", "<a ", "| a ", "- ", "#", "# a\n", "a\n=\n", "[^a]:",
        "\\(",
    ] {
        let source = pattern.repeat(200_000 / pattern.len());
        let document = parse(json!([{ "cell_type": "markdown", "source": source }]));
        let began = Instant::now();
        let found = document.headings().len();
        let elapsed = began.elapsed();
        assert!(
            elapsed < Duration::from_secs(5),
            "{pattern:?}: {elapsed:?}, {found} headings"
        );
    }
}
