//! How much of a notebook is read: a notebook comes from anywhere, and a page is shown to people.

/// Bytes of a file; a larger one is an error.
pub const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Cells; more are an error.
pub const MAX_CELLS: usize = 10_000;

/// Outputs of all cells together; the rest is a notice in its cell.
pub const MAX_OUTPUTS: usize = 20_000;

/// Attachments of all cells together; the rest is left out.
pub const MAX_ATTACHMENTS: usize = 2_000;

/// Representations of one output; the rest is left out.
pub const MAX_ALTERNATIVES: usize = 32;

/// Bytes of one text: a cell's source, what it printed, an error's traceback. The rest is cut off
/// with a mark that says how much. Markup (HTML, Markdown, LaTeX, JSON) has no sense in part, and
/// gives way to a notice.
pub const MAX_TEXT: usize = 1024 * 1024;

/// Bytes of one image; a larger one is a notice.
pub const MAX_IMAGE: usize = 8 * 1024 * 1024;

/// Bytes of a name: a title, a heading, a language, a media type.
pub const MAX_NAME: usize = 400;

/// Headings in the table of contents; the rest is left out.
pub const MAX_HEADINGS: usize = 10_000;

/// Folders below the one that a library is read from.
pub const MAX_FOLDER_DEPTH: usize = 8;

/// Notebooks of a library.
pub const MAX_NOTEBOOKS: usize = 5_000;

/// Files and folders that are looked at to find them.
pub const MAX_FOLDER_ENTRIES: usize = 100_000;
