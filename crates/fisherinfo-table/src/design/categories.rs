//! Factors that are categories.

use std::cmp::Ordering;

use fisherinfo::expression::number_text;

use super::{DesignError, numbers};
use crate::formula::{Factor, FactorKind};
use crate::table::{Cells, Table};

/// The category of every row.
pub(super) struct Categories {
    /// The categories that occur, in ascending order.
    pub(super) levels: Vec<String>,
    /// For every row the position of its category.
    pub(super) codes: Vec<usize>,
}

impl Categories {
    /// The categories of a factor at `rows`, of which none has a missing cell; at least two.
    pub(super) fn new(table: &Table, factor: &Factor, rows: &[usize]) -> Result<Self, DesignError> {
        let categories = Self::any(table, factor, rows)?;
        match categories.levels.as_slice() {
            [level] => Err(DesignError::OneCategory {
                term: factor.label().to_owned(),
                level: level.clone(),
            }),
            _ => Ok(categories),
        }
    }

    /// The same, of which there may be one.
    pub(super) fn any(table: &Table, factor: &Factor, rows: &[usize]) -> Result<Self, DesignError> {
        let (FactorKind::Column(name) | FactorKind::Categories(name)) = factor.kind() else {
            return Ok(Self {
                levels: Vec::new(),
                codes: Vec::new(),
            });
        };
        Ok(match table.column(name).map(|column| column.cells()) {
            Some(Cells::Text(text)) => {
                let codes: Vec<usize> = rows.iter().filter_map(|&row| text.code(row)).collect();
                Self::of_codes(text.levels(), &codes)
            }
            _ => Self::of_numbers(&numbers::of_column(table, name, rows)?),
        })
    }

    fn of_codes(levels: &[String], codes: &[usize]) -> Self {
        let mut occurs = vec![false; levels.len()];
        for &code in codes {
            occurs[code] = true;
        }
        let mut order: Vec<usize> = (0..levels.len()).filter(|&code| occurs[code]).collect();
        let numbers: Vec<Option<f64>> = levels.iter().map(|level| level.parse().ok()).collect();
        let all_numbers = order.iter().all(|&code| numbers[code].is_some());
        order.sort_by(|&a, &b| {
            let by_number = match (numbers[a], numbers[b]) {
                (Some(x), Some(y)) if all_numbers => x.total_cmp(&y),
                _ => Ordering::Equal,
            };
            by_number.then_with(|| levels[a].cmp(&levels[b]))
        });
        let mut ranks = vec![0; levels.len()];
        for (rank, &code) in order.iter().enumerate() {
            ranks[code] = rank;
        }
        Self {
            levels: order.into_iter().map(|code| levels[code].clone()).collect(),
            codes: codes.iter().map(|&code| ranks[code]).collect(),
        }
    }

    fn of_numbers(values: &[f64]) -> Self {
        // Adding 0 makes −0 and 0 one category.
        let mut levels: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let codes = values
            .iter()
            .map(|value| levels.partition_point(|level| level < value))
            .collect();
        Self {
            levels: levels.into_iter().map(number_text).collect(),
            codes,
        }
    }
}
