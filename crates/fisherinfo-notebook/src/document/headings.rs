//! The headings of a document.

use super::limits::{MAX_HEADINGS, MAX_NAME};
use super::slug::{Names, dashed};
use super::{CellKind, Document};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The Markdown of notebooks. A page that renders with the same options meets the same headings in
/// the same order as [`Document::headings`].
pub const MARKDOWN: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_MATH);

/// A heading in one of the Markdown cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// From 1 to 6.
    pub level: u8,
    /// Its text without markup; formulas with their dollars.
    pub text: String,
    /// Its name in links, unlike any other of the document: `what-is-asked`.
    pub slug: String,
    /// The index of its cell.
    pub cell: usize,
}

impl Document {
    /// The headings of all Markdown cells, in order.
    ///
    /// ```
    /// use fisherinfo_notebook::document::workbook;
    /// let workbook = workbook();
    /// let headings = workbook.headings();
    /// assert_eq!(headings[0].text, "Fisher Information");
    /// assert_eq!(headings[0].slug, "fisher-information");
    /// ```
    pub fn headings(&self) -> Vec<Heading> {
        let mut names = Names::default();
        self.cells
            .iter()
            .enumerate()
            .filter_map(|(cell, it)| match &it.kind {
                CellKind::Markdown { source, .. } => Some((cell, source)),
                _ => None,
            })
            .flat_map(|(cell, source)| of(source).map(move |(level, text)| (cell, level, text)))
            .take(MAX_HEADINGS)
            .map(|(cell, level, text)| {
                let mut slug = dashed(&text, 80, char::is_alphanumeric);
                if slug.is_empty() {
                    slug = "section".into();
                }
                Heading {
                    level,
                    slug: names.unique(slug),
                    text,
                    cell,
                }
            })
            .collect()
    }
}

/// Level and text of the headings of a Markdown text, found one at a time.
pub(super) fn of(source: &str) -> impl Iterator<Item = (u8, String)> + '_ {
    let mut events = Parser::new_ext(source, MARKDOWN);
    std::iter::from_fn(move || {
        let level = events.find_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(level as u8),
            _ => None,
        })?;
        let mut text = String::new();
        for event in events.by_ref() {
            match event {
                Event::End(TagEnd::Heading(_)) => break,
                Event::Text(part) | Event::Code(part) => text.push_str(&part),
                Event::InlineMath(formula) | Event::DisplayMath(formula) => {
                    text.push('$');
                    text.push_str(&formula);
                    text.push('$');
                }
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
        }
        Some((level, one_line(&text)))
    })
}

/// Words with one space between them and without control characters, cut after [`MAX_NAME`] bytes.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > MAX_NAME {
            line.truncate(line.floor_char_boundary(MAX_NAME - '…'.len_utf8()));
            line.truncate(line.trim_end().len());
            line.push('…');
            break;
        }
    }
    line
}
