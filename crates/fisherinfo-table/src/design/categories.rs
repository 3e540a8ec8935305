//! Factors that are categories.

use super::{DesignError, Levels, numbers};
use crate::formula::{Factor, FactorKind};
use crate::table::{Cells, Table};

/// The category of every row.
pub(super) struct Categories {
    /// The categories that occur, in ascending order, at least two.
    pub(super) levels: Vec<String>,
    /// For every row the position of its category.
    pub(super) codes: Vec<usize>,
}

impl Categories {
    /// The categories of a factor at `rows`, of which none has a missing cell.
    /// Known levels are those of all rows of a table of which these are some.
    pub(super) fn new(
        table: &Table,
        factor: &Factor,
        rows: &[usize],
        levels: Option<&Levels>,
    ) -> Result<Self, DesignError> {
        let (FactorKind::Column(name) | FactorKind::Categories(name)) = factor.kind() else {
            return Ok(Self {
                levels: Vec::new(),
                codes: Vec::new(),
            });
        };
        if let Some(levels) = levels {
            return Ok(Self {
                levels: levels.names().to_vec(),
                codes: levels.codes(table, factor.label(), name, rows)?,
            });
        }
        let categories = match table.column(name).map(|column| column.cells()) {
            Some(Cells::Text(text)) => {
                let codes: Vec<usize> = rows.iter().filter_map(|&row| text.code(row)).collect();
                Self::of_codes(text.levels(), &codes)
            }
            _ => Self::of_numbers(&numbers::of_column(table, name, rows)?),
        };
        match categories.levels.as_slice() {
            [level] => Err(DesignError::OneCategory {
                term: factor.label().to_owned(),
                level: level.clone(),
            }),
            _ => Ok(categories),
        }
    }

    fn of_codes(texts: &[String], codes: &[usize]) -> Self {
        let mut occurs = vec![false; texts.len()];
        for &code in codes {
            occurs[code] = true;
        }
        let used = texts.iter().zip(occurs).filter(|(_, occurs)| *occurs);
        let levels = Levels::of_texts(used.map(|(text, _)| text.clone()).collect());
        let ranks: Vec<usize> = texts
            .iter()
            .map(|text| levels.of_text(text).unwrap_or(0))
            .collect();
        Self {
            levels: levels.names().to_vec(),
            codes: codes.iter().map(|&code| ranks[code]).collect(),
        }
    }

    fn of_numbers(values: &[f64]) -> Self {
        let levels = Levels::of_numbers(values.to_vec());
        Self {
            codes: values
                .iter()
                .map(|&value| levels.of_number(value).unwrap_or(0))
                .collect(),
            levels: levels.names().to_vec(),
        }
    }
}
