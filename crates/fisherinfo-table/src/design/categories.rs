//! Factors that are categories, and columns that name groups of rows.

use std::collections::HashMap;

use super::{DesignError, KnownLevels, numbers};
use crate::formula::{Factor, FactorKind};
use crate::table::{Cells, Table};

/// The categories of a factor, as a fit knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    /// The factor as the formula prints it: `sex`, `C(ward, Treatment("b"))`.
    pub factor: String,
    /// The categories, in the order of their columns.
    pub levels: Vec<String>,
    /// The position of the one that the others are compared with.
    pub reference: usize,
}

/// Rows in groups, such as all patients of a ward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The column.
    pub column: String,
    /// The groups that occur.
    pub levels: Vec<String>,
    /// For every row the position of its group.
    pub codes: Vec<usize>,
}

/// The category of every row.
pub(super) struct Categories {
    /// The categories that occur, in ascending order.
    pub(super) levels: Vec<String>,
    /// For every row the position of its category.
    pub(super) codes: Vec<usize>,
    /// The position of the category that has no column where the others are compared with it.
    pub(super) reference: usize,
}

impl Categories {
    /// The categories of a factor at `rows`, of which none has a missing cell; at least two.
    /// Known levels are those of all rows of a table of which these are some.
    pub(super) fn new(
        table: &Table,
        factor: &Factor,
        rows: &[usize],
        levels: Option<&KnownLevels>,
    ) -> Result<Self, DesignError> {
        let (FactorKind::Column(name) | FactorKind::Categories(name)) = factor.kind() else {
            return Ok(Self::none());
        };
        let mut categories = match levels {
            Some(levels) => Self {
                levels: levels.names().to_vec(),
                codes: levels.codes(table, factor.label(), name, rows)?,
                reference: 0,
            },
            None => Self::of_table(table, name, rows)?,
        };
        if let [level] = categories.levels.as_slice() {
            return Err(DesignError::OneCategory {
                term: factor.label().to_owned(),
                level: level.clone(),
            });
        }
        if let Some(reference) = factor.reference() {
            let position = categories
                .levels
                .iter()
                .position(|level| same(level, reference));
            categories.reference = position.ok_or_else(|| DesignError::NoReference {
                term: factor.label().to_owned(),
                reference: reference.to_owned(),
                levels: shown(&categories.levels),
            })?;
        }
        Ok(categories)
    }

    /// The categories of a factor at `rows` among those that an earlier fit knows.
    pub(super) fn known(
        table: &Table,
        factor: &Factor,
        rows: &[usize],
        known: &Levels,
    ) -> Result<Self, DesignError> {
        let (FactorKind::Column(name) | FactorKind::Categories(name)) = factor.kind() else {
            return Ok(Self::none());
        };
        let found = Self::of_table(table, name, rows)?;
        let positions: HashMap<&str, usize> = known
            .levels
            .iter()
            .enumerate()
            .map(|(position, level)| (level.as_str(), position))
            .collect();
        let position_of = |level: &str| {
            let exact = positions.get(level).copied();
            // A column of numbers may have become one of text, or the other way round.
            exact.or_else(|| known.levels.iter().position(|other| same(other, level)))
        };
        let places: Vec<Option<usize>> = found
            .levels
            .iter()
            .map(|level| position_of(level))
            .collect();
        let codes = found
            .codes
            .iter()
            .zip(rows)
            .map(|(&code, &row)| {
                places[code].ok_or_else(|| DesignError::UnknownCategory {
                    place: table.place(row),
                    column: name.clone(),
                    level: found.levels[code].clone(),
                    levels: shown(&known.levels),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            levels: known.levels.clone(),
            codes,
            reference: known.reference,
        })
    }

    /// The values that occur in a column, in ascending order.
    pub(super) fn of_table(table: &Table, name: &str, rows: &[usize]) -> Result<Self, DesignError> {
        Ok(match table.column(name).map(|column| column.cells()) {
            Some(Cells::Text(text)) => {
                let codes: Vec<usize> = rows.iter().filter_map(|&row| text.code(row)).collect();
                Self::of_codes(text.levels(), &codes)
            }
            _ => Self::of_numbers(&numbers::of_column(table, name, rows)?),
        })
    }

    /// The same, of which there may be one.
    pub(super) fn any(
        table: &Table,
        factor: &Factor,
        rows: &[usize],
        known: Option<&KnownLevels>,
    ) -> Result<Self, DesignError> {
        let (FactorKind::Column(name) | FactorKind::Categories(name)) = factor.kind() else {
            return Ok(Self::none());
        };
        match known {
            None => Self::of_table(table, name, rows),
            Some(known) => Ok(Self {
                levels: known.names().to_vec(),
                codes: known.codes(table, factor.label(), name, rows)?,
                reference: 0,
            }),
        }
    }

    fn none() -> Self {
        Self {
            levels: Vec::new(),
            codes: Vec::new(),
            reference: 0,
        }
    }

    fn of_codes(texts: &[String], codes: &[usize]) -> Self {
        let mut occurs = vec![false; texts.len()];
        for &code in codes {
            occurs[code] = true;
        }
        let used = texts.iter().zip(occurs).filter(|(_, occurs)| *occurs);
        let levels = KnownLevels::of_texts(used.map(|(text, _)| text.clone()).collect());
        let ranks: Vec<usize> = texts
            .iter()
            .map(|text| levels.of_text(text).unwrap_or(0))
            .collect();
        Self {
            levels: levels.names().to_vec(),
            codes: codes.iter().map(|&code| ranks[code]).collect(),
            reference: 0,
        }
    }

    fn of_numbers(values: &[f64]) -> Self {
        let levels = KnownLevels::of_numbers(values.to_vec());
        Self {
            codes: values
                .iter()
                .map(|&value| levels.of_number(value).unwrap_or(0))
                .collect(),
            levels: levels.names().to_vec(),
            reference: 0,
        }
    }
}

/// Are two texts the same category: alike, or the same number?
fn same(level: &str, other: &str) -> bool {
    level == other
        || matches!((level.parse::<f64>(), other.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}

/// The first categories, for a message.
fn shown(levels: &[String]) -> String {
    const SHOWN: usize = 20;
    let quoted: Vec<String> = levels
        .iter()
        .take(SHOWN)
        .map(|level| format!("`{level}`"))
        .collect();
    let more = levels.len().saturating_sub(SHOWN);
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{tail}", quoted.join(", "))
}
