/// A notebook, as far as a page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its title: what the metadata say, else the first heading, else the file's name.
    pub title: String,
    /// The language of its code, in lower case: `python`, `rust`; `text` where nothing is said.
    pub language: String,
    /// Its cells, in order.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its name: letters, digits, `-` and `_`, at most 64 of them, unlike any other of the document.
    pub id: String,
    /// What it is.
    pub kind: CellKind,
}

/// What a cell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Text with formulas.
    Markdown {
        /// Markdown with LaTeX.
        source: String,
        /// Images that it names as `attachment:NAME`.
        attachments: Vec<Attachment>,
    },
    /// Code and what it printed.
    Code {
        /// The code.
        source: String,
        /// Its language, in lower case.
        language: String,
        /// When it was run last, counted from the start of its kernel; `None` when it was not.
        execution_count: Option<u64>,
        /// What it printed.
        outputs: Vec<Output>,
    },
    /// Text for another program.
    Raw {
        /// The text.
        source: String,
        /// Its media type, where one is given.
        format: Option<String>,
    },
    /// A cell of a kind that is not known.
    Notice {
        /// What stands here, in a sentence.
        message: String,
        /// Its source, where it has one.
        source: String,
    },
}

/// A file inside a Markdown cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, as the source names it.
    pub name: String,
    /// The file.
    pub media: Media,
}

/// Something that a code cell printed. Escape sequences of terminals are taken out, and lines that
/// overwrote each other (progress bars) are as they were left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Text on one of the streams.
    Stream {
        /// `stdout` or `stderr`.
        name: String,
        /// The text.
        text: String,
    },
    /// A result or a figure.
    Display {
        /// The same in several representations, the richest first.
        alternatives: Vec<Media>,
    },
    /// The code failed.
    Error {
        /// The kind of error.
        name: String,
        /// What it says.
        value: String,
        /// Where it happened, line by line.
        traceback: String,
    },
    /// An output that is not shown, and why.
    Notice(String),
}

/// A representation of a result, in the order of preference of a page that runs no scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// HTML as it stands in the file: **not** sanitised.
    Html(String),
    /// Markdown.
    Markdown(String),
    /// LaTeX, with its dollars.
    Latex(String),
    /// An SVG as it stands in the file: **not** sanitised.
    Svg(String),
    /// The bytes of a PNG.
    Png(Vec<u8>),
    /// The bytes of a JPEG.
    Jpeg(Vec<u8>),
    /// The bytes of a GIF.
    Gif(Vec<u8>),
    /// JSON, without spaces between its tokens; `serde_json` parses it into a value.
    Json(String),
    /// Plain text.
    Text(String),
    /// A representation that is not shown; its contents are not kept.
    Other {
        /// Its media type.
        mime: String,
    },
    /// A representation that is left out, and why.
    Notice(String),
}

impl Media {
    /// Its media type: `image/png`.
    ///
    /// ```
    /// use fisherinfo_notebook::document::Media;
    /// assert_eq!(Media::Latex("$x$".into()).mime(), "text/latex");
    /// ```
    pub fn mime(&self) -> &str {
        match self {
            Self::Html(_) => "text/html",
            Self::Markdown(_) => "text/markdown",
            Self::Latex(_) => "text/latex",
            Self::Svg(_) => "image/svg+xml",
            Self::Png(_) => "image/png",
            Self::Jpeg(_) => "image/jpeg",
            Self::Gif(_) => "image/gif",
            Self::Json(_) => "application/json",
            Self::Text(_) | Self::Notice(_) => "text/plain",
            Self::Other { mime } => mime,
        }
    }

    /// The place in the order of preference, from 0.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Html(_) => 0,
            Self::Markdown(_) => 1,
            Self::Latex(_) => 2,
            Self::Svg(_) => 3,
            Self::Png(_) => 4,
            Self::Jpeg(_) => 5,
            Self::Gif(_) => 6,
            Self::Json(_) => 7,
            Self::Text(_) => 8,
            Self::Other { .. } => 9,
            Self::Notice(_) => 10,
        }
    }
}
