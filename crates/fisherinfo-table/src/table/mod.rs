//! Tables: named columns of numbers or text.

mod column;
pub(crate) mod csv;
mod error;
pub(crate) mod line_feeds;

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use column::{Cells, Column, MISSING, TextCells};
pub use error::TableError;

/// Named columns of equal length; each row knows the line of the file that it came from.
#[derive(Debug, Clone)]
pub struct Table {
    source: String,
    columns: Vec<Column>,
    positions: HashMap<String, usize>,
    lines: Vec<u64>,
    has_lines: bool,
}

impl Table {
    /// Reads a CSV file: comma-separated UTF-8 with the names of the columns in its first row.
    ///
    /// Cells may be quoted (`"a, b"`, a quotation mark inside doubled); blanks around a cell, blank
    /// lines and a byte-order mark are dropped; rows may end as on any system. A cell that is one of
    /// [`MISSING`], or `nan` however capitalised, is missing. A column is numeric when all its other
    /// cells are numbers. Columns without a name are kept, but no formula can use them.
    ///
    /// # Errors
    ///
    /// [`TableError`], naming the file, the line, the column and what to do: a file that cannot be
    /// opened, is empty, has no rows, is not UTF-8, has rows of different lengths or two columns of
    /// one name.
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Self, TableError> {
        let path = path.as_ref();
        let source = path.display().to_string();
        // Opening a folder succeeds on some systems and fails with a bare "access denied" on others.
        if path.is_dir() {
            return Err(TableError::Directory { file: source });
        }
        match File::open(path) {
            Ok(file) => Self::from_csv_reader(file, source),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(TableError::NoSuchFile { file: source })
            }
            Err(error) => Err(TableError::Unreadable {
                file: source,
                error,
            }),
        }
    }

    /// Reads CSV from anything readable; `source` names it in errors.
    ///
    /// # Errors
    ///
    /// As [`Table::read_csv`].
    ///
    /// ```
    /// use fisherinfo_table::{Table, table::Cells};
    ///
    /// let csv = "dose, \"grade point\"\n1.5, a\nNA, b\n";
    /// let table = Table::from_csv_reader(csv.as_bytes(), "example")?;
    /// assert_eq!((table.rows(), table.lines()), (2, &[2, 3][..]));
    /// let dose = table.column("dose").unwrap();
    /// assert!(matches!(dose.cells(), Cells::Numeric(_)) && dose.is_missing(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_csv_reader(
        reader: impl Read,
        source: impl Into<String>,
    ) -> Result<Self, TableError> {
        csv::read(reader, source.into())
    }

    /// A table of columns made in a program; its rows are counted from 1 in messages.
    ///
    /// # Errors
    ///
    /// [`TableError::Length`] when the columns differ in length, [`TableError::DuplicateColumn`]
    /// when two have one name.
    ///
    /// ```
    /// use fisherinfo_table::{Column, Table};
    ///
    /// let table = Table::from_columns(vec![
    ///     Column::numeric("x", vec![1.0, f64::NAN]),
    ///     Column::text("group", [Some("a"), Some("b")]),
    /// ])?;
    /// assert_eq!(table.rows(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_columns(columns: Vec<Column>) -> Result<Self, TableError> {
        let rows = columns.first().map_or(0, Column::len);
        if let Some(column) = columns.iter().find(|column| column.len() != rows) {
            return Err(TableError::Length {
                column: column.name().to_owned(),
                found: column.len(),
                expected: rows,
            });
        }
        let lines = (1..=rows as u64).collect();
        Self::assemble("the table".to_owned(), columns, lines, false)
    }

    /// Puts columns of equal length together.
    pub(crate) fn assemble(
        source: String,
        columns: Vec<Column>,
        lines: Vec<u64>,
        has_lines: bool,
    ) -> Result<Self, TableError> {
        let positions = positions(&source, columns.iter().map(Column::name))?;
        Ok(Self {
            source,
            columns,
            positions,
            lines,
            has_lines,
        })
    }

    /// The name of the file or reader, for messages.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The columns, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.positions
            .get(name)
            .and_then(|&position| self.columns.get(position))
    }

    /// For every row the line of the file on which it begins, from 1; for a table made in a program,
    /// the number of the row.
    #[must_use]
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// A row as messages name it: `line 7` of a file, `row 7` of a table made in a program.
    #[must_use]
    pub fn place(&self, row: usize) -> String {
        let word = if self.has_lines { "line" } else { "row" };
        match self.lines.get(row) {
            Some(line) => format!("{word} {line}"),
            None => format!("{word} beyond the end"),
        }
    }
}

/// The position of every name, each of which may stand once. Columns without a name have none.
fn positions<'a>(
    source: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, usize>, TableError> {
    let mut positions = HashMap::new();
    for (position, name) in names.enumerate() {
        if name.is_empty() {
            continue;
        }
        if let Some(first) = positions.insert(name.to_owned(), position) {
            return Err(TableError::DuplicateColumn {
                file: source.to_owned(),
                name: name.to_owned(),
                first: first + 1,
                second: position + 1,
            });
        }
    }
    Ok(positions)
}
