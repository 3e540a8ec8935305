//! nbformat's own schema.

use boon::{Compiler, Schemas, UrlLoader};
use fisherinfo_notebook::document::{Document, write};
use serde_json::{Value, json};
use std::cell::RefCell;

const SCHEMA: &str = include_str!("../../nbformat/nbformat.v4.5.schema.json");

/// Nothing is fetched.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err(format!("{url} is not here").into())
    }
}

/// What the schema has against this.
fn fault(value: &Value) -> Option<String> {
    thread_local! {
        static COMPILED: RefCell<(Schemas, boon::SchemaIndex)> = RefCell::new({
            let mut schemas = Schemas::new();
            let mut compiler = Compiler::new();
            compiler.use_loader(Box::new(Nowhere));
            let schema = serde_json::from_str(SCHEMA).unwrap();
            compiler.add_resource("nbformat.json", schema).unwrap();
            let index = compiler.compile("nbformat.json", &mut schemas).unwrap();
            (schemas, index)
        });
    }
    COMPILED.with_borrow(|(schemas, index)| {
        schemas
            .validate(value, *index)
            .err()
            .map(|error| format!("{error:#}"))
    })
}

/// Panics where the text of a document breaks the schema, or a rule that no schema can tell.
pub(super) fn assert_valid(text: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    if let Some(fault) = fault(&value) {
        panic!("{fault}\n{text}");
    }
    let cells = value["cells"].as_array().unwrap();
    let mut ids: Vec<&str> = cells
        .iter()
        .map(|cell| cell["id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), cells.len(), "names of cells are not unique");
}

#[test]
fn the_schema_tells_right_from_wrong() {
    let with = |cell: Value| {
        fault(&json!({ "nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell] }))
    };
    let code = |key: &str, value: Value| {
        let mut cell = json!({ "cell_type": "code", "id": "a", "metadata": {}, "source": "",
            "outputs": [], "execution_count": null });
        cell[key] = value;
        with(cell)
    };
    assert_eq!(code("source", json!(["a\n", "b"])), None);
    assert!(code("source", json!(1)).is_some());
    assert!(code("id", json!("a b")).is_some());
    assert!(code("id", json!("a".repeat(65))).is_some());
    assert!(code("other", json!(1)).is_some());
    assert!(code("outputs", json!([{ "output_type": "stream", "name": "x" }])).is_some());
    assert!(with(json!({ "cell_type": "markdown", "id": "a", "source": "" })).is_some());
}

#[test]
fn what_is_written_is_valid_even_of_an_invalid_document() {
    use fisherinfo_notebook::document::{Cell, CellKind, Media, Output};
    let kind = || CellKind::Code {
        source: "x".into(),
        language: String::new(),
        execution_count: None,
        outputs: vec![
            Output::Notice("not shown".into()),
            Output::Display {
                alternatives: vec![
                    Media::Json("{not json".into()),
                    Media::Text("first".into()),
                    Media::Text("second".into()),
                    Media::Notice("third".into()),
                    Media::Other {
                        mime: "application/x+json".into(),
                    },
                ],
            },
        ],
    };
    let notice = CellKind::Notice {
        message: "cell 1 is of the unknown kind «chart»".into(),
        source: "a".into(),
    };
    let cells = [("a", kind()), ("a", kind()), ("", notice)].map(|(id, kind)| Cell {
        id: id.into(),
        kind,
    });
    let text = write(&Document {
        cells: cells.into(),
        ..Document::default()
    });
    assert_valid(&text);
    assert!(text.contains("not shown") && text.contains("chart"));
    assert!(
        text.contains("\"text/plain\": [\n       \"first\""),
        "{text}"
    );
    assert!(!text.contains("second") && !text.contains("third"));
    assert!(text.contains("\"application/json\": \"{not json\""));
}
