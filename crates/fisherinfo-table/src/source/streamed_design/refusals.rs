//! What the first pass finds that no design can be made of.

use super::StreamedDesign;
use crate::design::{DesignError, Missing, MissingCells};
use crate::formula::{Factor, FactorKind};
use crate::source::SourceError;

impl StreamedDesign {
    /// Text in a column that has to hold numbers.
    pub(super) fn refuse_text(&self, factors: &[&Factor]) -> Result<(), SourceError> {
        let column = |name: &str| self.wanted.names.iter().position(|known| known == name);
        let refused = |name: &str, as_term: bool| {
            let scan = &self.scan.columns[column(name)?];
            let (file, place, cell) = scan.first_text.clone()?;
            Some(SourceError::Design {
                file,
                error: DesignError::not_a_number(place, name, &cell, as_term),
            })
        };
        let response = self.formula.response();
        if let Some(response) = response.filter(|_| self.settled.response.is_none()) {
            let all_text = |name: &str| {
                column(name).is_some_and(|column| {
                    let scan = &self.scan.columns[column];
                    scan.is_text() && scan.numbers == 0
                })
            };
            let categorical = match response.kind() {
                FactorKind::Categories(_) => true,
                FactorKind::Column(name) => all_text(name),
                FactorKind::Number(_) => false,
            };
            if categorical {
                return Err(SourceError::Design {
                    file: self.files.files()[0].name(),
                    error: DesignError::CategoricalResponse {
                        response: response.label().to_owned(),
                    },
                });
            }
        }
        let needed = response
            .filter(|_| self.settled.response.is_none())
            .into_iter()
            .chain(factors.iter().copied())
            .filter(|factor| !self.settled.is_categorical(factor.label()));
        for factor in needed {
            let is_column = matches!(factor.kind(), FactorKind::Column(_));
            for (name, _) in factor.columns() {
                if let Some(error) = refused(name, is_column) {
                    return Err(error);
                }
            }
        }
        let offsets = self.formula.offsets().flat_map(Factor::columns);
        let of_offsets = offsets.map(|(name, _)| name);
        let beside = self.also.iter().chain(&self.weights).map(String::as_str);
        let mut numbers = of_offsets.chain(beside);
        let found = numbers.find_map(|name| refused(name, false));
        found.map_or(Ok(()), Err)
    }

    /// Missing cells where they are not left out, and tables of which nothing is left.
    pub(super) fn refuse_missing(&self) -> Result<(), DesignError> {
        let columns = self.wanted.names.iter().zip(&self.scan.columns);
        let cells: Vec<MissingCells> = columns
            .filter_map(|(name, column)| {
                Some(MissingCells {
                    column: name.clone(),
                    count: column.missing,
                    first: column.first_missing.clone()?,
                })
            })
            .collect();
        if self.missing == Missing::Fail && !cells.is_empty() {
            return Err(DesignError::Missing {
                rows: self.dropped_rows(),
                of: self.scan.rows,
                cells,
            });
        }
        if let Some(weights) = &self.weights
            && self.scan.kept == 0
            && self.scan.without_weight > 0
        {
            return Err(DesignError::NoWeightLeft {
                column: weights.clone(),
            });
        }
        if self.scan.kept == 0 {
            return Err(DesignError::NoRowsLeft { cells });
        }
        Ok(())
    }
}
