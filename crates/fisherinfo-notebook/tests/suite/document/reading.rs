//! What a notebook says, version by version.

use super::{notebook, outputs, parse};
use fisherinfo_notebook::document::{Attachment, Cell, CellKind, Document, Media, Output};
use serde_json::{Value, json};

fn code(source: &str, language: &str, count: Option<u64>, outputs: Vec<Output>) -> CellKind {
    CellKind::Code {
        source: source.into(),
        language: language.into(),
        execution_count: count,
        outputs,
    }
}

fn markdown(source: &str) -> CellKind {
    CellKind::Markdown {
        source: source.into(),
        attachments: vec![],
    }
}

fn display(alternatives: Vec<Media>) -> Output {
    Output::Display { alternatives }
}

#[test]
fn the_whole_of_nbformat_4() {
    let file = json!({
        "cells": [
            {
                "attachments": { "dot.png": { "image/png": "aGFs\nbG8=\n" } },
                "cell_type": "markdown", "id": "one", "metadata": {},
                "source": ["# Coins\n", "![](attachment:dot.png)"],
            },
            {
                "cell_type": "code", "execution_count": 3, "id": "two",
                "metadata": { "collapsed": true }, "source": "toss()",
                "outputs": [
                    { "output_type": "stream", "name": "stderr", "text": ["a\n", "b"] },
                    { "output_type": "execute_result", "execution_count": 3, "metadata": {},
                      "data": { "text/plain": "<coin>", "text/html": ["<b>", "coin</b>"],
                                "image/png": "aGFsbG8", "application/json": { "p": [0.50, null] },
                                "image/svg+xml": "<svg/>", "text/latex": "$p$",
                                "text/markdown": "*p*", "image/jpeg": "aGFsbG8=",
                                "image/gif": "aGFsbG8=", "application/x.plot+json": { "a": 1 } } },
                    { "output_type": "error", "ename": "E", "evalue": "v\u{1b}[0m",
                      "traceback": ["\u{1b}[31mone\u{1b}[39m", "", "two"] },
                ],
            },
            { "cell_type": "raw", "id": "three", "metadata": { "format": "text/latex" }, "source": [] },
        ],
        "metadata": {
            "kernelspec": { "display_name": "Julia 1.9", "language": "julia", "name": "julia-1.9" },
            "language_info": { "name": "Julia", "version": "1.9" },
        },
        "nbformat": 4, "nbformat_minor": 5,
    });
    let hallo = || b"hallo".to_vec();
    let expected = Document {
        title: "Coins".into(),
        language: "julia".into(),
        cells: vec![
            Cell {
                id: "one".into(),
                kind: CellKind::Markdown {
                    source: "# Coins\n![](attachment:dot.png)".into(),
                    attachments: vec![Attachment {
                        name: "dot.png".into(),
                        media: Media::Png(hallo()),
                    }],
                },
            },
            Cell {
                id: "two".into(),
                kind: code(
                    "toss()",
                    "julia",
                    Some(3),
                    vec![
                        Output::Stream {
                            name: "stderr".into(),
                            text: "a\nb".into(),
                        },
                        display(vec![
                            Media::Html("<b>coin</b>".into()),
                            Media::Markdown("*p*".into()),
                            Media::Latex("$p$".into()),
                            Media::Svg("<svg/>".into()),
                            Media::Png(hallo()),
                            Media::Jpeg(hallo()),
                            Media::Gif(hallo()),
                            Media::Json(r#"{"p":[0.5,null]}"#.into()),
                            Media::Text("<coin>".into()),
                            Media::Other {
                                mime: "application/x.plot+json".into(),
                            },
                        ]),
                        Output::Error {
                            name: "E".into(),
                            value: "v".into(),
                            traceback: "one\n\ntwo".into(),
                        },
                    ],
                ),
            },
            Cell {
                id: "three".into(),
                kind: CellKind::Raw {
                    source: String::new(),
                    format: Some("text/latex".into()),
                },
            },
        ],
    };
    assert_eq!(
        Document::parse(file.to_string().as_bytes()).unwrap(),
        expected
    );
    let pretty = format!("\u{feff}{file:#}\n");
    assert_eq!(Document::parse(pretty.as_bytes()).unwrap(), expected);
}

#[test]
fn nbformat_3_is_the_same_document() {
    let old = json!({
        "metadata": { "name": "Coins" }, "nbformat": 3, "nbformat_minor": 0,
        "worksheets": [
            { "metadata": {}, "cells": [
                { "cell_type": "heading", "level": 2, "metadata": {}, "source": ["Two\n", "sides"] },
                { "cell_type": "html", "metadata": {}, "source": "<b>bold</b>" },
                { "cell_type": "code", "collapsed": false, "language": "python", "metadata": {},
                  "input": ["a\n", "b"], "prompt_number": 7, "outputs": [
                    { "output_type": "pyout", "prompt_number": 7, "metadata": {}, "text": ["hi"],
                      "html": "<i>hi</i>", "latex": ["$", "x$"], "png": "aGFsbG8=", "svg": "<svg/>",
                      "jpeg": "aGFsbG8=", "json": "{\"a\": 1}", "javascript": "alert(1)" },
                    { "output_type": "display_data", "metadata": {}, "json": "not json" },
                    { "output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["t"] },
                    { "output_type": "stream", "stream": "stderr", "text": "s" },
                ] },
            ] },
            { "metadata": {}, "cells": [
                { "cell_type": "raw", "metadata": {}, "source": "r" },
            ] },
        ],
    });
    let hallo = || b"hallo".to_vec();
    let expected = Document {
        title: "Coins".into(),
        language: "python".into(),
        cells: vec![
            Cell {
                id: "cell-1".into(),
                kind: markdown("## Two sides"),
            },
            Cell {
                id: "cell-2".into(),
                kind: markdown("<b>bold</b>"),
            },
            Cell {
                id: "cell-3".into(),
                kind: code(
                    "a\nb",
                    "python",
                    Some(7),
                    vec![
                        display(vec![
                            Media::Html("<i>hi</i>".into()),
                            Media::Latex("$x$".into()),
                            Media::Svg("<svg/>".into()),
                            Media::Png(hallo()),
                            Media::Jpeg(hallo()),
                            Media::Json(r#"{"a":1}"#.into()),
                            Media::Text("hi".into()),
                            Media::Other {
                                mime: "application/javascript".into(),
                            },
                        ]),
                        display(vec![Media::Text("not json".into())]),
                        Output::Error {
                            name: "E".into(),
                            value: "v".into(),
                            traceback: "t".into(),
                        },
                        Output::Stream {
                            name: "stderr".into(),
                            text: "s".into(),
                        },
                    ],
                ),
            },
            Cell {
                id: "cell-4".into(),
                kind: CellKind::Raw {
                    source: "r".into(),
                    format: None,
                },
            },
        ],
    };
    assert_eq!(
        Document::parse(old.to_string().as_bytes()).unwrap(),
        expected
    );
    // Without sheets there are no cells.
    let empty = Document::parse(br#"{"nbformat": 3, "metadata": {}}"#).unwrap();
    assert_eq!((empty.title.as_str(), empty.cells.len()), ("Untitled", 0));
}

#[test]
fn titles() {
    let title = |metadata: Value, cells: Value| {
        let file = json!({ "nbformat": 4, "metadata": metadata, "cells": cells });
        Document::parse(file.to_string().as_bytes()).unwrap().title
    };
    let cell = |source: &str| json!({ "cell_type": "markdown", "source": source });
    let coins = json!([
        cell("text\n\n```\n# no\n```\n#\n"),
        cell("The *$p$* of\n`a`\n---\n\n# x")
    ]);
    assert_eq!(title(json!({ "title": " A\n b " }), coins.clone()), "A b");
    assert_eq!(title(json!({ "title": 3 }), coins.clone()), "3");
    assert_eq!(
        title(json!({ "title": " " }), coins.clone()),
        "The $p$ of a"
    );
    assert_eq!(
        title(json!({ "name": "3 only" }), coins.clone()),
        "The $p$ of a"
    );
    assert_eq!(title(json!(null), json!([cell("no heading")])), "Untitled");
    assert!(title(json!({ "title": "long ".repeat(1000) }), coins).len() <= 400);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("02 coins.ipynb");
    std::fs::write(&path, notebook(json!([cell("no heading")]))).unwrap();
    assert_eq!(Document::read(&path).unwrap().title, "02 coins");
}

#[test]
fn languages() {
    let language = |metadata: Value, cell: Value| {
        let mut code = json!({ "cell_type": "code" });
        code.as_object_mut()
            .unwrap()
            .extend(cell.as_object().unwrap().clone());
        let file = json!({ "nbformat": 4, "metadata": metadata, "cells": [code] });
        let document = Document::parse(file.to_string().as_bytes()).unwrap();
        match &document.cells[0].kind {
            CellKind::Code { language, .. } => (document.language.clone(), language.clone()),
            other => panic!("{other:?}"),
        }
    };
    let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    let julia = json!({ "language_info": { "name": "julia" }, "kernelspec": { "language": "R" } });
    assert_eq!(language(julia, json!({})), pair("julia", "julia"));
    let kernel = json!({ "kernelspec": { "language": "R" } });
    assert_eq!(language(kernel.clone(), json!({})), pair("r", "r"));
    assert_eq!(language(json!({}), json!({})), pair("text", "text"));
    let magic = json!({ "source": ["\n", "%%bash -e\n", "ls"] });
    assert_eq!(language(kernel.clone(), magic), pair("r", "bash"));
    let timed = json!({ "source": "%%time\nls" });
    assert_eq!(language(kernel.clone(), timed), pair("r", "r"));
    let own = json!({ "source": "%%bash", "metadata": { "vscode": { "languageId": "SQL" } } });
    assert_eq!(language(kernel, own), pair("r", "sql"));
}

#[test]
fn headings_have_links_of_their_own() {
    let cell = |source: &str| json!({ "cell_type": "markdown", "source": source });
    let document = parse(json!([
        cell("# What's $I(p)$?\n## Setup\n\nSetup\n-----\n"),
        { "cell_type": "code", "source": "# a remark" },
        cell("> ### `x` in **bold** <b>tag</b>\n\n    # code\n\n###### —\n#######  seven\n# ———"),
        cell("<!--\n# hidden\n-->\n\n# Setup 2\n## Setup #\n"),
    ]));
    let found: Vec<(u8, &str, String, usize)> = document
        .headings()
        .iter()
        .map(|h| {
            (
                h.level,
                h.slug.clone().leak() as &str,
                h.text.clone(),
                h.cell,
            )
        })
        .collect();
    let expected = [
        (1, "what-s-i-p", "What's $I(p)$?", 0),
        (2, "setup", "Setup", 0),
        (2, "setup-2", "Setup", 0),
        (3, "x-in-bold-tag", "x in bold tag", 2),
        (6, "section", "—", 2),
        (1, "section-2", "———", 2),
        (1, "setup-2-2", "Setup 2", 3),
        (2, "setup-3", "Setup", 3),
    ]
    .map(|(level, slug, text, cell)| (level, slug, text.to_string(), cell));
    assert_eq!(found, expected);
}

#[test]
fn names_of_cells_are_made_good() {
    let cell = |id: Value| json!({ "cell_type": "raw", "source": "", "id": id });
    let ids = |cells: Value| -> Vec<String> {
        parse(cells).cells.into_iter().map(|cell| cell.id).collect()
    };
    let cells = json!([
        cell(json!("a")),
        cell(json!(null)),
        cell(json!("a")),
        cell(json!("<script>")),
        cell(json!(["a"])),
        cell(json!("x".repeat(65))),
        cell(json!("cell-2")),
        cell(json!("x".repeat(64))),
    ]);
    let found = ids(cells.clone());
    assert_eq!(
        found[..7],
        [
            "a", "cell-2-2", "cell-3", "cell-4", "cell-5", "cell-6", "cell-2"
        ]
    );
    assert_eq!(found[7].len(), 64);
    assert_eq!(ids(cells), found, "the same file, the same names");
}

#[test]
fn what_is_not_known_is_a_notice_in_its_place() {
    let document = parse(json!([
        { "cell_type": "chart", "source": ["a", "b"] },
        { "source": "lost" },
        7,
        { "cell_type": "markdown", "source": { "a": 1 } },
        { "cell_type": "markdown", "source": ["a", 5, ["c"], "b"] },
        { "cell_type": "code", "source": "x", "execution_count": "*", "outputs": "none", "metadata": [] },
    ]));
    let kinds: Vec<CellKind> = document.cells.into_iter().map(|cell| cell.kind).collect();
    let notice = |message: &str, source: &str| CellKind::Notice {
        message: message.into(),
        source: source.into(),
    };
    assert_eq!(
        kinds,
        [
            notice("cell 1 is of the unknown kind «chart»", "ab"),
            notice("cell 2 does not say what it is", "lost"),
            notice("cell 3 is not an object of JSON", ""),
            markdown(""),
            markdown("ab"),
            code("x", "text", None, vec![]),
        ]
    );

    let found = outputs(json!([
        { "output_type": "hologram", "data": { "text/plain": "x" } },
        { "data": {} },
        null,
        { "output_type": "stream", "text": "after" },
        { "output_type": "display_data", "data": { "image/png": "no*base64", "text/plain": "x" } },
        { "output_type": "display_data", "data": { "text/plain": 1.5, "text/html": null } },
    ]));
    let silent = Output::Notice("an output that does not say what it is is not shown".into());
    assert_eq!(
        found,
        [
            Output::Notice("an output of the unknown kind «hologram» is not shown".into()),
            silent.clone(),
            silent,
            Output::Stream {
                name: "stdout".into(),
                text: "after".into()
            },
            display(vec![
                Media::Text("x".into()),
                Media::Notice(
                    "image/png cannot be shown: it is not in base64 (Invalid symbol 42, offset 2.)"
                        .into()
                ),
            ]),
            display(vec![Media::Html("".into()), Media::Text("1.5".into())]),
        ]
    );
}

#[test]
fn terminals_are_quiet() {
    let found = outputs(json!([
        { "output_type": "stream", "name": "stdout", "text": "\u{1b}[32m10%\r\u{1b}[0m99%\r\n" },
        { "output_type": "execute_result", "data": { "text/plain": "\u{1b}[1mx\u{1b}[0m" } },
        { "output_type": "\u{1b}[1m" },
    ]));
    assert_eq!(
        found,
        [
            Output::Stream {
                name: "stdout".into(),
                text: "99%\n".into()
            },
            display(vec![Media::Text("x".into())]),
            Output::Notice("an output of the unknown kind «[1m» is not shown".into()),
        ]
    );
    let document = parse(json!([{ "cell_type": "markdown", "source": "# a\u{1b}[2J b" }]));
    assert_eq!(document.title, "a [2J b");
}

#[test]
fn what_python_writes_beside_json() {
    let file = br#"{"nbformat": 4, "cells": [
        {"cell_type": "code", "metadata": {"x": NaN}, "source": "NaN \ud83d", "outputs": [
            {"output_type": "display_data", "data": {"application/json": [NaN, Infinity, -Infinity, -1]}}]}
    ], "metadata": {}}"#;
    let document = Document::parse(file).unwrap();
    let json = Media::Json(r#"[null,"Infinity","-Infinity",-1]"#.into());
    assert_eq!(
        document.cells[0].kind,
        code("NaN \u{fffd}", "text", None, vec![display(vec![json])])
    );
}
