//! Which rows of the table are used.

use fisherinfo::expression::{Excerpt, nearest_names};

use super::{ColumnList, DesignError, Missing, MissingCells, numbers};
use crate::formula::{Factor, Formula};
use crate::table::{Column, Table};

/// The rows that are kept, and the missing cells of every column used.
pub(super) struct Rows {
    pub(super) kept: Vec<usize>,
    pub(super) missing: Vec<(String, usize)>,
    /// How many rows have all their cells and the weight zero.
    pub(super) without_weight: usize,
}

impl Rows {
    pub(super) fn new(
        table: &Table,
        used: &[&Column],
        missing: Missing,
        may_be_none: bool,
    ) -> Result<Self, DesignError> {
        let mut is_kept = vec![true; table.rows()];
        let mut cells = Vec::new();
        let mut counts = Vec::new();
        for column in used {
            let (mut count, mut first) = (0, None);
            for (row, is_kept) in is_kept.iter_mut().enumerate() {
                if column.is_missing(row) {
                    count += 1;
                    first = first.or(Some(row));
                    *is_kept = false;
                }
            }
            if let Some(row) = first {
                cells.push(MissingCells {
                    column: column.name().to_owned(),
                    count,
                    first: table.place(row),
                });
            }
            counts.push((column.name().to_owned(), count));
        }
        let kept: Vec<usize> = (0..table.rows()).filter(|&row| is_kept[row]).collect();
        if missing == Missing::Fail && !cells.is_empty() {
            return Err(DesignError::Missing {
                rows: table.rows() - kept.len(),
                of: table.rows(),
                cells,
            });
        }
        if kept.is_empty() && !may_be_none {
            return Err(DesignError::NoRowsLeft { cells });
        }
        Ok(Self {
            kept,
            missing: counts,
            without_weight: 0,
        })
    }

    /// Leaves out the rows of weight zero, so that they decide no category and no centre.
    pub(super) fn with_weight(
        mut self,
        table: &Table,
        column: &str,
        may_be_none: bool,
    ) -> Result<Self, DesignError> {
        let weights = numbers::of_column(table, column, &self.kept)?;
        if let Some(position) = weights.iter().position(|&weight| weight < 0.0) {
            return Err(DesignError::NegativeWeight {
                place: table.place(self.kept[position]),
                column: column.to_owned(),
                value: weights[position],
            });
        }
        let before = self.kept.len();
        let mut weights = weights.into_iter();
        self.kept
            .retain(|_| weights.next().is_some_and(|weight| weight > 0.0));
        self.without_weight = before - self.kept.len();
        if self.kept.is_empty() && !may_be_none {
            return Err(DesignError::NoWeightLeft {
                column: column.to_owned(),
            });
        }
        Ok(self)
    }
}

/// The columns of the table that are used, each once: those of the response, of the factors in
/// order, and those asked for beside the formula.
pub(super) fn columns_used<'a>(
    table: &'a Table,
    formula: &Formula,
    response: Option<&Factor>,
    factors: &[&Factor],
    also: &[&str],
) -> Result<Vec<&'a Column>, DesignError> {
    let in_formula = response
        .into_iter()
        .chain(factors.iter().copied())
        .flat_map(Factor::columns)
        .map(|(name, offset)| (name, Some(offset)));
    let beside = also.iter().map(|&name| (name, None));
    let mut used: Vec<&Column> = Vec::new();
    for (name, offset) in in_formula.chain(beside) {
        let Some(column) = table.column(name) else {
            let names = || {
                let names = table.columns().iter().map(Column::name);
                names.filter(|name| !name.is_empty())
            };
            return Err(DesignError::UnknownColumn {
                file: table.source().to_owned(),
                name: name.to_owned(),
                columns: ColumnList {
                    nearest: nearest_names(name, names()),
                    all: names().map(str::to_owned).collect(),
                },
                excerpt: offset
                    .map(|offset| Box::new(Excerpt::new(formula.text(), offset, name.len()))),
            });
        };
        if !used.iter().any(|known| known.name() == name) {
            used.push(column);
        }
    }
    Ok(used)
}
