//! A column, and what its cells are.

use std::collections::HashMap;

/// The cells that are read as missing, beside `nan` however capitalised.
pub const MISSING: [&str; 5] = ["", "NA", "N/A", "null", "."];

/// A named column of a [`Table`](super::Table).
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    name: String,
    cells: Cells,
}

/// The cells of a column.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Numbers, NaN where missing. Infinite cells are kept here and refused by the
    /// [`Design`](crate::Design) that uses them.
    Numeric(Vec<f64>),
    /// Text.
    Text(TextCells),
}

/// The cells of a text column, every distinct text once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextCells {
    levels: Vec<String>,
    /// For every row the position of its text in `levels`, [`NO_LEVEL`] where missing.
    codes: Vec<usize>,
    /// The number of cells that are numbers, and the first row that is text.
    numbers: usize,
    first_text: usize,
}

const NO_LEVEL: usize = usize::MAX;

impl PartialEq for Cells {
    /// Missing cells are equal to each other.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Numeric(a), Self::Numeric(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|(x, y)| x == y || (x.is_nan() && y.is_nan()))
            }
            (Self::Text(a), Self::Text(b)) => a == b,
            _ => false,
        }
    }
}

/// What one cell of a file is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Missing,
    Number(f64),
    /// A number beyond those of double precision, as `1e400`.
    Beyond,
    Text,
}

/// Tells what a cell without blanks around it is.
pub(super) fn classify(cell: &str) -> Cell {
    if MISSING.contains(&cell) {
        return Cell::Missing;
    }
    match cell.parse::<f64>() {
        Ok(number) if number.is_nan() => Cell::Missing,
        // `inf` is a number as it stands; digits that come out infinite are not what was written.
        Ok(number) if number.is_infinite() && cell.contains(|c: char| c.is_ascii_digit()) => {
            Cell::Beyond
        }
        Ok(number) => Cell::Number(number),
        Err(_) => Cell::Text,
    }
}

impl Column {
    /// A column of numbers; NaN is missing.
    #[must_use]
    pub fn numeric(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self {
            name: name.into(),
            cells: Cells::Numeric(values),
        }
    }

    /// A column of text as a program has it: `None` is missing, and every text, also `"1"` or
    /// `"NA"`, is text.
    ///
    /// ```
    /// let column = fisherinfo_table::Column::text("group", [Some("a"), None]);
    /// assert!(!column.is_missing(0) && column.is_missing(1));
    /// ```
    #[must_use]
    pub fn text<S: AsRef<str>>(
        name: impl Into<String>,
        cells: impl IntoIterator<Item = Option<S>>,
    ) -> Self {
        let mut text = TextCells::default();
        let mut positions = HashMap::new();
        for cell in cells {
            match cell {
                Some(cell) => text.push(cell.as_ref(), &mut positions),
                None => text.codes.push(NO_LEVEL),
            }
        }
        let first = text.codes.iter().position(|&code| code != NO_LEVEL);
        text.first_text = first.unwrap_or(text.codes.len());
        Self {
            name: name.into(),
            cells: Cells::Text(text),
        }
    }

    /// The column of the cells of a file: numeric when every cell that is not missing is a number.
    pub(super) fn from_cells<'a>(
        name: String,
        cells: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let mut numbers = Vec::with_capacity(cells.size_hint().0);
        for cell in cells.clone() {
            match classify(cell) {
                Cell::Missing => numbers.push(f64::NAN),
                Cell::Number(number) => numbers.push(number),
                Cell::Text | Cell::Beyond => return Self::from_text_cells(name, cells),
            }
        }
        Self::numeric(name, numbers)
    }

    /// The column of the cells of a file as text, also if all of them are numbers.
    pub(super) fn from_text_cells<'a>(name: String, cells: impl Iterator<Item = &'a str>) -> Self {
        let mut text = TextCells::default();
        let mut first_text = None;
        let mut positions = HashMap::new();
        for (row, cell) in cells.enumerate() {
            match classify(cell) {
                Cell::Missing => text.codes.push(NO_LEVEL),
                kind => {
                    if matches!(kind, Cell::Text | Cell::Beyond) {
                        first_text = first_text.or(Some(row));
                    }
                    if kind != Cell::Text {
                        text.numbers += 1;
                    }
                    text.push(cell, &mut positions);
                }
            }
        }
        text.first_text = first_text.unwrap_or(text.codes.len());
        Self {
            name,
            cells: Cells::Text(text),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cells.
    #[must_use]
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.cells {
            Cells::Numeric(values) => values.len(),
            Cells::Text(text) => text.codes.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the cell of that row, counted from 0, is missing; a row beyond the end is.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.cells {
            Cells::Numeric(values) => values.get(row).is_none_or(|value| value.is_nan()),
            Cells::Text(text) => text.get(row).is_none(),
        }
    }
}

impl TextCells {
    fn push(&mut self, cell: &str, positions: &mut HashMap<String, usize>) {
        let code = match positions.get(cell) {
            Some(&code) => code,
            None => {
                positions.insert(cell.to_owned(), self.levels.len());
                self.levels.push(cell.to_owned());
                self.levels.len() - 1
            }
        };
        self.codes.push(code);
    }

    /// The text of a row, `None` where missing.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let code = *self.codes.get(row)?;
        self.levels.get(code).map(String::as_str)
    }

    /// The distinct texts, in the order in which they first occur.
    #[must_use]
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The position in [`TextCells::levels`] of the text of a row, `None` where missing.
    #[must_use]
    pub fn code(&self, row: usize) -> Option<usize> {
        self.codes
            .get(row)
            .copied()
            .filter(|&code| code != NO_LEVEL)
    }

    /// How many cells of a file's column are numbers although others are text.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.numbers
    }

    /// The first row whose cell is text and not a number.
    #[must_use]
    pub fn first_text(&self) -> usize {
        self.first_text
    }
}
