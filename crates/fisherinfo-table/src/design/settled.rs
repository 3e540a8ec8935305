//! Categories that are known before the rows are looked at.

use std::cmp::Ordering;
use std::collections::HashMap;

use fisherinfo::expression::number_text;

use super::{DesignError, numbers};
use crate::table::{Cells, Table};

/// The categories of a column in their order: by number when all are numbers, else by text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownLevels {
    names: Vec<String>,
    /// The position of each text.
    texts: HashMap<String, usize>,
    /// The numbers in ascending order, where the column holds numbers.
    numbers: Option<Vec<f64>>,
}

impl KnownLevels {
    /// Of different texts.
    pub(crate) fn of_texts(mut names: Vec<String>) -> Self {
        let number = |name: &String| name.parse::<f64>().ok();
        let all_numbers = names.iter().all(|name| number(name).is_some());
        names.sort_by(|a, b| {
            let by_number = match (number(a), number(b)) {
                (Some(x), Some(y)) if all_numbers => x.total_cmp(&y),
                _ => Ordering::Equal,
            };
            by_number.then_with(|| a.cmp(b))
        });
        let positions = names.iter().cloned().enumerate();
        Self {
            texts: positions.map(|(position, name)| (name, position)).collect(),
            names,
            numbers: None,
        }
    }

    /// Of numbers, of which some may be equal.
    pub(crate) fn of_numbers(mut numbers: Vec<f64>) -> Self {
        for number in &mut numbers {
            // Adding 0 makes −0 and 0 one category.
            *number += 0.0;
        }
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        Self {
            names: numbers.iter().copied().map(number_text).collect(),
            texts: HashMap::new(),
            numbers: Some(numbers),
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn of_text(&self, text: &str) -> Option<usize> {
        self.texts.get(text).copied()
    }

    pub(super) fn of_number(&self, number: f64) -> Option<usize> {
        match &self.numbers {
            Some(numbers) => {
                let position = numbers.partition_point(|&level| level < number);
                (numbers.get(position) == Some(&number)).then_some(position)
            }
            None => self.of_text(&number_text(number)),
        }
    }

    /// The position of the category of each of the rows, of which none has a missing cell.
    pub(super) fn codes(
        &self,
        table: &Table,
        term: &str,
        column: &str,
        rows: &[usize],
    ) -> Result<Vec<usize>, DesignError> {
        let unknown = |row: usize, level: &str| DesignError::NewCategory {
            place: table.place(row),
            term: term.to_owned(),
            level: level.to_owned(),
        };
        if let Some(Cells::Text(text)) = table.column(column).map(|column| column.cells()) {
            let ranks: Vec<Option<usize>> = text
                .levels()
                .iter()
                .map(|level| match &self.numbers {
                    Some(_) => level.parse().ok().and_then(|number| self.of_number(number)),
                    None => self.of_text(level),
                })
                .collect();
            return rows
                .iter()
                .map(|&row| {
                    let rank = text.code(row).and_then(|code| ranks[code]);
                    rank.ok_or_else(|| unknown(row, text.get(row).unwrap_or_default()))
                })
                .collect();
        }
        let values = numbers::of_column(table, column, rows)?;
        let ranks = rows.iter().zip(values).map(|(&row, value)| {
            let rank = self.of_number(value);
            rank.ok_or_else(|| unknown(row, &number_text(value)))
        });
        ranks.collect()
    }
}

/// Which factors are categories, by their labels, and which.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settled {
    levels: HashMap<String, KnownLevels>,
    /// Those of the response, where it is labels.
    pub(crate) response: Option<KnownLevels>,
    /// The groups of rows, where there are some.
    pub(crate) clusters: Option<KnownLevels>,
}

impl Settled {
    pub(crate) fn new(levels: HashMap<String, KnownLevels>) -> Self {
        Self {
            levels,
            response: None,
            clusters: None,
        }
    }

    pub(crate) fn is_categorical(&self, label: &str) -> bool {
        self.levels.contains_key(label)
    }

    pub(super) fn levels(&self, label: &str) -> Option<&KnownLevels> {
        self.levels.get(label)
    }

    /// Refuses categories of one level, the first by name.
    pub(crate) fn require_two_levels(&self) -> Result<(), DesignError> {
        let single = self
            .levels
            .iter()
            .filter(|(_, levels)| levels.names.len() == 1);
        match single.min_by_key(|(term, _)| term.as_str()) {
            Some((term, levels)) => Err(DesignError::OneCategory {
                term: term.clone(),
                level: levels.names[0].clone(),
            }),
            None => Ok(()),
        }
    }
}
