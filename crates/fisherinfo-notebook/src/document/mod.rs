//! Notebooks as files: `.ipynb` in and out, folders of them, and the workbook as one.
//!
//! | question | room |
//! |---|---|
//! | what is in a notebook? | [`Document`]: title, language, cells, outputs, headings |
//! | read one | [`Document::read`], [`Document::parse`]: nbformat 3 and 4, within the limits of [`limits`] |
//! | write one | [`write()`]: nbformat 4.5 |
//! | a folder of them | [`library()`], [`Library`] |
//! | the ten exercises as one | [`workbook()`] |
//!
//! A document holds what a page shows and no more: metadata that are not shown are not kept, so
//! reading and writing a file that someone else made is a copy of its contents, not of its bytes.
//! What cannot be shown (an unknown kind of cell, an image too large) stands as a notice in its
//! place and never fails the rest.
//!
//! ```
//! use fisherinfo_notebook::document::{CellKind, Document};
//! let document = Document::parse(
//!     br##"{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
//!         {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Coins\n", "Tossed."]}
//!     ]}"##,
//! )?;
//! assert_eq!(document.title, "Coins");
//! assert!(matches!(&document.cells[0].kind, CellKind::Markdown { source, .. } if source.ends_with("Tossed.")));
//! # Ok::<(), fisherinfo_notebook::document::DocumentError>(())
//! ```

mod error;
mod headings;
mod identifiers;
mod library;
pub mod limits;
mod model;
mod read;
mod slug;
mod terminal;
mod workbook;
mod write;

pub use error::DocumentError;
pub use headings::{Heading, MARKDOWN};
pub use library::{CellCounts, Entry, Library, library};
pub use model::{Attachment, Cell, CellKind, Document, Media, Output};
pub use workbook::{report, workbook};
pub use write::write;
