//! What holds of every document and of every file.

use super::arbitrary::{document, nonsense};
use super::notebook;
use super::schema::assert_valid;
use fisherinfo_notebook::document::{Document, write};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// What can be read can be written: validly, and once and for all.
fn assert_settled(document: &Document) {
    document.headings();
    let text = write(document);
    assert_valid(&text);
    let again = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(write(&again), text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_written_is_read_back(document in document()) {
        let text = write(&document);
        assert_valid(&text);
        prop_assert_eq!(Document::parse(text.as_bytes()), Ok(document));
    }

    #[test]
    fn arbitrary_bytes_are_no_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Document::parse(&bytes);
    }

    #[test]
    fn arbitrary_json_is_no_panic(value in nonsense()) {
        if let Ok(document) = Document::parse(value.to_string().as_bytes()) {
            assert_settled(&document);
        }
    }

    /// Whatever its cells are, a notebook is read.
    #[test]
    fn no_cell_fails_a_notebook(cells in vec(nonsense(), 0..4), major in 3..5, metadata in nonsense()) {
        let count = cells.len();
        let file = serde_json::json!({
            "nbformat": major, "metadata": metadata, "cells": cells, "other": cells,
        });
        let document = Document::parse(file.to_string().as_bytes()).unwrap();
        prop_assert_eq!(document.cells.len(), count);
        assert_settled(&document);
        let sheets = serde_json::json!({ "nbformat": 3, "worksheets": [{ "cells": cells }] });
        let document = Document::parse(sheets.to_string().as_bytes()).unwrap();
        prop_assert_eq!(document.cells.len(), count);
    }

    /// An output of any shape is one output.
    #[test]
    fn no_output_fails_a_notebook(list in vec(nonsense(), 1..4)) {
        let count = list.len();
        let cell = serde_json::json!({ "cell_type": "code", "outputs": list });
        let document = Document::parse(&notebook(serde_json::json!([cell]))).unwrap();
        match &document.cells[0].kind {
            fisherinfo_notebook::document::CellKind::Code { outputs, .. } => {
                prop_assert_eq!(outputs.len(), count);
            }
            other => panic!("{other:?}"),
        }
        assert_settled(&document);
    }

    /// A valid file with bytes changed, taken out, doubled, or cut off.
    #[test]
    fn damaged_notebooks_are_no_panic(
        document in document(),
        damage in vec((any::<Index>(), 0..5_u8, any::<u8>(), 1..9_usize), 1..6),
    ) {
        let mut bytes = write(&document).into_bytes();
        for (place, kind, byte, length) in damage {
            let at = place.index(bytes.len());
            let end = (at + length).min(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => drop(bytes.drain(at..end)),
                2 => bytes.splice(at..at, b"NaN".iter().copied()).for_each(drop),
                3 => {
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy).for_each(drop);
                }
                _ => bytes[at] = b"[]{}\",:\\0n"[usize::from(byte) % 10],
            }
            if bytes.is_empty() {
                break;
            }
        }
        if let Ok(document) = Document::parse(&bytes) {
            assert_settled(&document);
        }
        let half = bytes.len() / 2;
        let _ = Document::parse(&bytes[..half]);
    }
}
