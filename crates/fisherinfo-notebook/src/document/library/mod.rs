//! Folders of notebooks.

mod order;
mod scan;

use super::read::{read, reason, stem};
use super::slug::{Names, dashed};
use super::{CellKind, Document, DocumentError};
use std::path::{Path, PathBuf};

/// Notebooks in a folder, or one of them, in the order in which people read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// Its title: the name of the folder, or of the one notebook.
    pub title: String,
    /// The folder.
    pub root: PathBuf,
    /// The notebooks, in the natural order of their paths: `2 scores` before `10 priors`.
    pub entries: Vec<Entry>,
    /// Folders that could not be read, and limits that were met; each a sentence.
    pub notices: Vec<String>,
}

/// A notebook of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file.
    pub path: PathBuf,
    /// Its name in links: letters, digits and `-`, unlike any other of the library. It depends on
    /// the file's own path and not on what else is there, unless another file has the same.
    pub slug: String,
    /// Its title; of a notebook that cannot be read, the name of its file.
    pub title: String,
    /// The folders that it is in, from the library's own downward; empty at the top.
    pub breadcrumb: Vec<String>,
    /// How many cells it has, or why it cannot be read.
    pub cells: Result<CellCounts, DocumentError>,
}

/// How many cells a notebook has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellCounts {
    /// Of Markdown.
    pub markdown: usize,
    /// Of code.
    pub code: usize,
    /// Of raw text, and of kinds that are not known.
    pub other: usize,
}

impl CellCounts {
    /// The cells of a document.
    pub fn of(document: &Document) -> Self {
        let mut counts = Self::default();
        for cell in &document.cells {
            *match cell.kind {
                CellKind::Markdown { .. } => &mut counts.markdown,
                CellKind::Code { .. } => &mut counts.code,
                CellKind::Raw { .. } | CellKind::Notice { .. } => &mut counts.other,
            } += 1;
        }
        counts
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.markdown + self.code + self.other
    }
}

impl Entry {
    /// Reads the whole notebook.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn open(&self) -> Result<Document, DocumentError> {
        Document::read(&self.path)
    }

    fn new(path: PathBuf, breadcrumb: Vec<String>, slug: String) -> Self {
        let (title, cells) = match read(&path, true) {
            Ok(outline) => (outline.title.clone(), Ok(CellCounts::of(&outline))),
            Err(error) => (stem(&path), Err(error)),
        };
        Self {
            path,
            slug,
            title,
            breadcrumb,
            cells,
        }
    }
}

/// The notebooks of a folder and of the folders in it.
///
/// Hidden files and folders (`.ipynb_checkpoints` is one) are passed over, and so are folders
/// behind symbolic links. A notebook that cannot be read is an entry with its error.
///
/// # Errors
/// A folder that cannot be read.
///
/// ```
/// use fisherinfo_notebook::document::{library, workbook, write};
/// let folder = tempfile::tempdir()?;
/// std::fs::create_dir(folder.path().join("course"))?;
/// std::fs::write(folder.path().join("course/Ten exercises.ipynb"), write(&workbook()))?;
/// std::fs::write(folder.path().join("broken.ipynb"), "{")?;
///
/// let library = library(folder.path())?;
/// assert!(library.entries[0].cells.is_err());
/// let entry = library.entry("course-ten-exercises").ok_or("it is there")?;
/// assert_eq!(entry.breadcrumb, ["course"]);
/// assert_eq!(entry.title, "Fisher Information");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn library(folder: impl AsRef<Path>) -> Result<Library, DocumentError> {
    let root = folder.as_ref();
    let found = scan::notebooks(root)?;
    let mut names = Names::default();
    let entries = found
        .files
        .into_iter()
        .map(|parts| {
            let slug = slug(&parts, &mut names);
            let path = parts
                .iter()
                .fold(root.to_path_buf(), |path, part| path.join(part));
            let folders = &parts[..parts.len() - 1];
            let breadcrumb = folders
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            Entry::new(path, breadcrumb, slug)
        })
        .collect();
    Ok(Library {
        title: name(root),
        root: root.to_path_buf(),
        entries,
        notices: found.notices,
    })
}

impl Library {
    /// The library of a folder, or that of one file alone.
    ///
    /// # Errors
    /// A path that is not there; a folder that cannot be read. A file that cannot be read is an
    /// entry with its error.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, DocumentError> {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(|error| DocumentError::Unreadable {
            file: path.display().to_string(),
            reason: reason(&error),
        })?;
        if metadata.is_dir() {
            return library(path);
        }
        let file = path.file_name().unwrap_or_default().to_os_string();
        let slug = slug(&[file], &mut Names::default());
        let entry = Entry::new(path.to_path_buf(), Vec::new(), slug);
        Ok(Self {
            title: entry.title.clone(),
            root: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            entries: vec![entry],
            notices: Vec::new(),
        })
    }

    /// The notebook of a name in links.
    pub fn entry(&self, slug: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.slug == slug)
    }
}

/// The name of a folder, of `.` too.
fn name(folder: &Path) -> String {
    let whole = folder.canonicalize();
    let folder = whole.as_deref().unwrap_or(folder);
    match folder.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => folder.display().to_string(),
    }
}

/// A name in links for a path. Letters that links do not have would be lost, and two paths might
/// come out alike: then a number made of the path itself tells them apart.
fn slug(parts: &[std::ffi::OsString], names: &mut Names) -> String {
    let path: Vec<String> = parts
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let path = path.join("/");
    let without = path.strip_suffix(".ipynb").unwrap_or(&path);
    let plain = dashed(without, 120, |c| c.is_ascii_alphanumeric());
    let is_lossy = without
        .chars()
        .any(|c| c.is_alphanumeric() && !c.is_ascii_alphanumeric());
    if !is_lossy && !plain.is_empty() && names.take(&plain) {
        return plain;
    }
    let base = if plain.is_empty() { "notebook" } else { &plain };
    names.unique(format!("{base}-{:08x}", fingerprint(&path)))
}

/// FNV-1a: the same on every machine and in every version.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
