//! Factors that are numbers.

use fisherinfo::expression::{Expression, number_text, quoted_name};

use super::DesignError;
use crate::formula::{Factor, FactorKind};
use crate::table::{Cells, Table};

/// Checks that every column of a factor is numeric; `as_term` where it stands on the right of `~`.
pub(super) fn check(table: &Table, factor: &Factor, as_term: bool) -> Result<(), DesignError> {
    let is_column = matches!(factor.kind(), FactorKind::Column(_));
    for (name, _) in factor.columns() {
        check_column(table, name, is_column && as_term)?;
    }
    if let FactorKind::Number(expression) = factor.kind() {
        check_constants(table, expression)?;
    }
    Ok(())
}

/// Checks that a column is numeric; `as_term` where it could be categories instead.
pub(super) fn check_column(table: &Table, name: &str, as_term: bool) -> Result<(), DesignError> {
    let Some(Cells::Text(text)) = table.column(name).map(|column| column.cells()) else {
        return Ok(());
    };
    let row = text.first_text();
    let cell = text.get(row).unwrap_or_default();
    Err(DesignError::not_a_number(
        table.place(row),
        name,
        cell,
        as_term,
    ))
}

impl DesignError {
    /// The error of a cell that has to be a number; `as_term` where it could be a category instead.
    pub(crate) fn not_a_number(place: String, name: &str, cell: &str, as_term: bool) -> Self {
        let mut remedy = if cell.parse::<f64>().is_ok_and(f64::is_infinite) {
            "double precision ends at 1.8e308; write it in a larger unit, or leave the cell empty \
             to mark it as missing"
                .to_owned()
        } else if cell.replace(',', ".").parse::<f64>().is_ok() {
            "write a point before the decimals".to_owned()
        } else {
            "correct the cell, or leave it empty to mark it as missing".to_owned()
        };
        if as_term {
            remedy.push_str(&format!(
                "; C({}) takes the column as categories",
                quoted_name(name)
            ));
        }
        Self::NotANumber {
            place,
            column: name.to_owned(),
            text: cell.to_owned(),
            remedy,
        }
    }
}

/// A bare `pi` in a formula is the number π, which a table with such a column makes doubtful.
pub(super) fn check_constants(table: &Table, expression: &Expression) -> Result<(), DesignError> {
    let constants = ["pi", "π"].into_iter();
    let columns = constants.filter(|name| table.column(name).is_some());
    let names: Vec<&str> = expression.variables().chain(columns).collect();
    match expression.bind(&names) {
        Ok(_) => Ok(()),
        Err(error) => Err(DesignError::ConstantOrColumn {
            file: table.source().to_owned(),
            error,
        }),
    }
}

/// The values of a factor at `rows`, of which none has a missing cell.
pub(super) fn of_factor(
    table: &Table,
    factor: &Factor,
    rows: &[usize],
) -> Result<Vec<f64>, DesignError> {
    let expression = match factor.kind() {
        FactorKind::Column(name) | FactorKind::Categories(name) => {
            return of_column(table, name, rows);
        }
        FactorKind::Number(expression) => expression,
    };
    let names: Vec<&str> = expression.variables().collect();
    let columns: Vec<Vec<f64>> = names
        .iter()
        .map(|name| of_column(table, name, rows))
        .collect::<Result<_, _>>()?;
    let bound = expression
        .bind(&names)
        .map_err(|error| DesignError::ConstantOrColumn {
            file: table.source().to_owned(),
            error,
        })?;
    let mut inputs = vec![0.0; names.len()];
    let mut values = Vec::with_capacity(rows.len());
    for (position, &row) in rows.iter().enumerate() {
        for (input, column) in inputs.iter_mut().zip(&columns) {
            *input = column[position];
        }
        let value: f64 = bound.evaluate(&inputs);
        if !value.is_finite() {
            let inputs: Vec<String> = names
                .iter()
                .zip(&inputs)
                .map(|(name, input)| format!("{name} = {}", number_text(*input)))
                .collect();
            return Err(DesignError::NotFinite {
                place: table.place(row),
                term: factor.label().to_owned(),
                value,
                inputs: inputs.join(", "),
            });
        }
        values.push(value);
    }
    Ok(values)
}

/// The cells of a numeric column at `rows`.
pub(super) fn of_column(
    table: &Table,
    name: &str,
    rows: &[usize],
) -> Result<Vec<f64>, DesignError> {
    let Some(Cells::Numeric(cells)) = table.column(name).map(|column| column.cells()) else {
        // Columns of text were refused before.
        check_column(table, name, false)?;
        return Ok(Vec::new());
    };
    let mut values = Vec::with_capacity(rows.len());
    for &row in rows {
        let value = cells[row];
        if value.is_infinite() {
            return Err(DesignError::Infinite {
                place: table.place(row),
                column: name.to_owned(),
                value,
            });
        }
        values.push(value);
    }
    Ok(values)
}
