//! From a document to the text of a file.

use super::read::of_magic;
use super::{Attachment, Cell, CellKind, Document, Media, Output, identifiers};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write;

/// The text of a document as a file of nbformat 4.5, as Jupyter itself would lay it out: keys in
/// alphabetical order, one space a level, one line of source a line.
///
/// What is read back is the document, but for notices: they are written as the text they show.
/// Names of cells that are invalid or not unique are replaced, as they are when a file is read.
///
/// ```
/// use fisherinfo_notebook::document::{Cell, CellKind, Document, write};
/// let document = Document {
///     title: "Notes".into(),
///     language: "python".into(),
///     cells: vec![Cell {
///         id: "first".into(),
///         kind: CellKind::Markdown { source: "One\nTwo".into(), attachments: vec![] },
///     }],
/// };
/// let text = write(&document);
/// assert!(text.contains("\"source\": [\n    \"One\\n\",\n    \"Two\"\n   ]"));
/// assert_eq!(Document::parse(text.as_bytes())?, document);
/// # Ok::<(), fisherinfo_notebook::document::DocumentError>(())
/// ```
pub fn write(document: &Document) -> String {
    let ids = identifiers::unique(document.cells.iter().map(|cell| Some(cell.id.as_str())));
    let cells = document
        .cells
        .iter()
        .zip(&ids)
        .map(|(cell, id)| self::cell(cell, id, &document.language))
        .collect();
    let notebook = Node::object([
        ("cells", Node::List(cells)),
        ("metadata", metadata(document)),
        ("nbformat", Node::Number(4)),
        ("nbformat_minor", Node::Number(5)),
    ]);
    let mut text = String::new();
    notebook.print(0, &mut text);
    text.push('\n');
    text
}

/// JSON on its way to the file. `serde_json::Value` would reformat numbers, and its order of keys
/// depends on what other crates ask of it.
enum Node<'a> {
    Null,
    Number(u64),
    Text(Cow<'a, str>),
    /// A text, as a list of its lines with their ends.
    Lines(Cow<'a, str>),
    /// JSON already.
    Json(&'a str),
    List(Vec<Node<'a>>),
    /// Printed in the order of the keys.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    fn object<const N: usize>(entries: [(&'static str, Node<'a>); N]) -> Self {
        Self::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        )
    }

    fn text(text: &'a str) -> Self {
        Self::Text(text.into())
    }

    fn lines(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Lines(text.into())
    }

    fn print(self, depth: usize, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            // Writing to a string cannot fail.
            Self::Number(number) => drop(write!(out, "{number}")),
            Self::Text(text) => quote(&text, out),
            Self::Json(json) => out.push_str(json),
            Self::Lines(text) => {
                let lines = text.split_inclusive('\n').collect();
                between(('[', ']'), depth, lines, out, quote);
            }
            Self::List(list) => between(('[', ']'), depth, list, out, |entry, out| {
                entry.print(depth + 1, out);
            }),
            Self::Object(mut entries) => {
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                entries.dedup_by(|later, first| later.0 == first.0);
                between(('{', '}'), depth, entries, out, |(key, value), out| {
                    quote(&key, out);
                    out.push_str(": ");
                    value.print(depth + 1, out);
                });
            }
        }
    }
}

/// A string of JSON.
fn quote(text: &str, out: &mut String) {
    // Its display is its JSON.
    let _ = write!(out, "{}", Value::from(text));
}

/// Entries, each on a line of its own.
fn between<T>(
    (open, close): (char, char),
    depth: usize,
    entries: Vec<T>,
    out: &mut String,
    print: impl Fn(T, &mut String),
) {
    out.push(open);
    let is_empty = entries.is_empty();
    for (index, entry) in entries.into_iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.extend(std::iter::repeat_n(' ', depth + 1));
        print(entry, out);
    }
    if !is_empty {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth));
    }
    out.push(close);
}

fn metadata(document: &Document) -> Node<'_> {
    let language = &document.language;
    let mut entries: Vec<(Cow<str>, Node)> = Vec::new();
    if !document.title.is_empty() {
        entries.push(("title".into(), Node::text(&document.title)));
    }
    // `text` is said of a notebook that does not say.
    if !matches!(language.as_str(), "" | "text") {
        let info = Node::object([("name", Node::text(language))]);
        entries.push(("language_info".into(), info));
    }
    // The usual kernels.
    let kernel = match language.as_str() {
        "python" => Some(("python3", "Python 3 (ipykernel)")),
        "rust" => Some(("rust", "Rust")),
        _ => None,
    };
    if let Some((name, display_name)) = kernel {
        let spec = Node::object([
            ("display_name", Node::text(display_name)),
            ("language", Node::text(language)),
            ("name", Node::text(name)),
        ]);
        entries.push(("kernelspec".into(), spec));
    }
    Node::Object(entries)
}

fn cell<'a>(cell: &'a Cell, id: &'a str, notebook_language: &str) -> Node<'a> {
    let (kind, source, mut rest): (_, Cow<str>, Vec<(Cow<str>, Node)>) = match &cell.kind {
        CellKind::Markdown {
            source,
            attachments,
        } => {
            let mut rest = vec![("metadata".into(), Node::object([]))];
            if !attachments.is_empty() {
                let list = attachments.iter().map(attachment).collect();
                rest.push(("attachments".into(), Node::Object(list)));
            }
            ("markdown", source.into(), rest)
        }
        CellKind::Code {
            source,
            language,
            execution_count,
            outputs,
        } => {
            let understood = of_magic(source).unwrap_or(notebook_language);
            let metadata = if language == understood {
                Node::object([])
            } else {
                let language = Node::object([("languageId", Node::text(language))]);
                Node::object([("vscode", language)])
            };
            let rest = vec![
                ("metadata".into(), metadata),
                ("execution_count".into(), number(*execution_count)),
                (
                    "outputs".into(),
                    Node::List(outputs.iter().map(output).collect()),
                ),
            ];
            ("code", source.into(), rest)
        }
        CellKind::Raw { source, format } => {
            let metadata = match format {
                Some(format) => Node::object([("format", Node::text(format))]),
                None => Node::object([]),
            };
            ("raw", source.into(), vec![("metadata".into(), metadata)])
        }
        CellKind::Notice { message, source } => (
            "raw",
            format!("{message}\n{source}").into(),
            vec![("metadata".into(), Node::object([]))],
        ),
    };
    rest.extend([
        ("cell_type".into(), Node::text(kind)),
        ("id".into(), Node::text(id)),
        ("source".into(), Node::lines(source)),
    ]);
    Node::Object(rest)
}

fn number(number: Option<u64>) -> Node<'static> {
    number.map_or(Node::Null, Node::Number)
}

fn attachment(attachment: &Attachment) -> (Cow<'_, str>, Node<'_>) {
    (
        attachment.name.as_str().into(),
        bundle(std::slice::from_ref(&attachment.media)),
    )
}

fn output(output: &Output) -> Node<'_> {
    match output {
        Output::Stream { name, text } => Node::object([
            ("name", Node::text(name)),
            ("output_type", Node::text("stream")),
            ("text", Node::lines(text)),
        ]),
        Output::Display { alternatives } => display(bundle(alternatives)),
        Output::Error {
            name,
            value,
            traceback,
        } => {
            let lines = if traceback.is_empty() {
                Vec::new()
            } else {
                traceback.split('\n').map(Node::text).collect()
            };
            Node::object([
                ("ename", Node::text(name)),
                ("evalue", Node::text(value)),
                ("output_type", Node::text("error")),
                ("traceback", Node::List(lines)),
            ])
        }
        Output::Notice(message) => display(Node::object([("text/plain", Node::lines(message))])),
    }
}

fn display(data: Node) -> Node {
    Node::object([
        ("data", data),
        ("metadata", Node::object([])),
        ("output_type", Node::text("display_data")),
    ])
}

/// Representations by their media types; of two of the same type the first, so that a text comes
/// before a notice.
fn bundle(alternatives: &[Media]) -> Node<'_> {
    let entry = |media| -> (Cow<'_, str>, Node<'_>) { (Media::mime(media).into(), data(media)) };
    Node::Object(alternatives.iter().map(entry).collect())
}

fn data(media: &Media) -> Node<'_> {
    match media {
        Media::Html(text)
        | Media::Markdown(text)
        | Media::Latex(text)
        | Media::Svg(text)
        | Media::Text(text)
        | Media::Notice(text) => Node::lines(text),
        Media::Png(bytes) | Media::Jpeg(bytes) | Media::Gif(bytes) => {
            Node::Text(STANDARD.encode(bytes).into())
        }
        // Text that is no JSON is still a value of JSON.
        Media::Json(text) if serde_json::from_str::<Value>(text).is_err() => Node::text(text),
        Media::Json(text) => Node::Json(text),
        Media::Other { .. } => Node::text(""),
    }
}
