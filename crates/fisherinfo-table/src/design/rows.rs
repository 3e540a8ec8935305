//! Which rows of the table are used.

use fisherinfo::expression::{Excerpt, nearest_names};

use super::{ColumnList, DesignError, Missing, MissingCells};
use crate::formula::{Factor, Formula};
use crate::table::{Column, Table};

/// The rows that are kept, and the missing cells of every column used.
pub(super) struct Rows {
    pub(super) kept: Vec<usize>,
    pub(super) missing: Vec<(String, usize)>,
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
        })
    }
}

/// The columns of the table that are used, each once: those of the response, of the factors in
/// order, and those asked for beside the formula.
pub(super) fn columns_used<'a>(
    table: &'a Table,
    formula: &Formula,
    response: Option<&Factor>,
    factors: &[&Factor],
    also: &[String],
) -> Result<Vec<&'a Column>, DesignError> {
    let in_formula = response
        .into_iter()
        .chain(factors.iter().copied())
        .flat_map(Factor::columns)
        .map(|(name, offset)| (name, Some(offset)));
    let beside = also.iter().map(|name| (name.as_str(), None));
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
