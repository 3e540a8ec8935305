//! Documents, and what looks like them.

use fisherinfo_notebook::document::{Attachment, Cell, CellKind, Document, Media, Output};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any text that a file can hold.
fn text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        4 => any::<char>(),
        4 => prop::char::range(' ', '~'),
        2 => prop::sample::select(vec!['\n', '"', '\\', '\t', '\u{2028}', '#', '\0']),
    ];
    vec(c, 0..30).prop_map(String::from_iter)
}

/// Text that a terminal shows as it is.
fn shown() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace(['\u{1b}', '\u{9b}', '\r', '\u{8}'], "."))
}

/// A title, a language.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["Coins", "ein Titel", "$p$", "“x”", "a b c", "-"])
        .prop_map(Into::into)
}

fn language() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "python",
        "rust",
        "text",
        "c++",
        "bash",
        "visual basic",
    ])
    .prop_map(Into::into)
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_string()),
        Just("1.50e+3".to_string()),
        Just("-0.10000000000000000000000000001".to_string()),
        Just("1e-99".to_string()),
        text().prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|list| format!("[{}]", list.join(","))),
            (text(), inner).prop_map(|(key, value)| format!("{{{}:{value}}}", Value::from(key))),
        ]
    })
}

/// One representation at least, each once, the richest first.
fn alternatives() -> impl Strategy<Value = Vec<Media>> {
    let bytes = || vec(any::<u8>(), 0..20);
    (
        (
            option::of(text()),
            option::of(text()),
            option::of(text()),
            option::of(text()),
        ),
        (
            option::of(bytes()),
            option::of(bytes()),
            option::of(bytes()),
        ),
        (option::of(json()), option::of(shown())),
        btree_set("application/[a-i]{1,3}", 0..3),
    )
        .prop_map(|(texts, images, (json, plain), others)| {
            let mut list = Vec::new();
            list.extend(texts.0.map(Media::Html));
            list.extend(texts.1.map(Media::Markdown));
            list.extend(texts.2.map(Media::Latex));
            list.extend(texts.3.map(Media::Svg));
            list.extend(images.0.map(Media::Png));
            list.extend(images.1.map(Media::Jpeg));
            list.extend(images.2.map(Media::Gif));
            list.extend(json.map(Media::Json));
            list.extend(plain.map(Media::Text));
            list.extend(others.into_iter().map(|mime| Media::Other { mime }));
            list
        })
}

fn output() -> impl Strategy<Value = Output> {
    let traceback = vec(shown(), 0..3).prop_map(|lines| lines.join("\n"));
    prop_oneof![
        (name(), shown()).prop_map(|(name, text)| Output::Stream { name, text }),
        alternatives().prop_map(|alternatives| Output::Display { alternatives }),
        (shown(), shown(), traceback).prop_map(|(name, value, traceback)| Output::Error {
            name,
            value,
            traceback
        }),
    ]
}

fn kind() -> impl Strategy<Value = CellKind> {
    let source = || {
        prop_oneof![
            4 => text(),
            1 => text().prop_map(|text| format!("%%bash\n{text}")),
        ]
    };
    let attachments = btree_map(text(), alternatives(), 0..3).prop_map(|all| {
        all.into_iter()
            .filter_map(|(name, media)| {
                let media = media.into_iter().next()?;
                Some(Attachment { name, media })
            })
            .collect()
    });
    prop_oneof![
        (text(), attachments).prop_map(|(source, attachments)| CellKind::Markdown {
            source,
            attachments
        }),
        (
            source(),
            language(),
            option::of(any::<u64>()),
            vec(output(), 0..4)
        )
            .prop_map(
                |(source, language, execution_count, outputs)| CellKind::Code {
                    source,
                    language,
                    execution_count,
                    outputs
                }
            ),
        (text(), option::of(name())).prop_map(|(source, format)| CellKind::Raw { source, format }),
    ]
}

/// A document without notices.
pub(super) fn document() -> impl Strategy<Value = Document> {
    let ids = btree_set("[a-zA-Z0-9_-]{1,64}", 6).prop_shuffle_list();
    (name(), language(), vec(kind(), 0..6), ids).prop_map(|(title, language, kinds, ids)| {
        Document {
            title,
            language,
            cells: kinds
                .into_iter()
                .zip(ids)
                .map(|(kind, id)| Cell { id, kind })
                .collect(),
        }
    })
}

/// A set in any order.
trait ShuffleList {
    fn prop_shuffle_list(self) -> BoxedStrategy<Vec<String>>;
}

impl<S: Strategy<Value = std::collections::BTreeSet<String>> + 'static> ShuffleList for S {
    fn prop_shuffle_list(self) -> BoxedStrategy<Vec<String>> {
        self.prop_map(|set| set.into_iter().collect::<Vec<_>>())
            .prop_shuffle()
            .boxed()
    }
}

/// JSON whose keys and words are those of notebooks, in every wrong place.
pub(super) fn nonsense() -> impl Strategy<Value = Value> {
    let words = vec![
        "attachments",
        "cell_type",
        "cells",
        "code",
        "data",
        "display_data",
        "ename",
        "error",
        "evalue",
        "execute_result",
        "execution_count",
        "format",
        "heading",
        "html",
        "id",
        "image/png",
        "input",
        "json",
        "kernelspec",
        "language",
        "language_info",
        "languageId",
        "level",
        "markdown",
        "metadata",
        "name",
        "nbformat",
        "output_type",
        "outputs",
        "png",
        "prompt_number",
        "pyerr",
        "pyout",
        "raw",
        "source",
        "stream",
        "text",
        "text/html",
        "text/plain",
        "title",
        "traceback",
        "vscode",
        "application/json",
        "worksheets",
        "aGFsbG8=",
        "# a",
        "%%bash",
        "\u{1b}[1m",
        "\u{1b}",
        "a\rb",
    ];
    let word = prop::sample::select(words).prop_map(str::to_string);
    let leaf = prop_oneof![
        3 => word.clone().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(6, 60, 8, move |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..6).prop_map(Value::from),
            3 => vec((word.clone(), inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}
