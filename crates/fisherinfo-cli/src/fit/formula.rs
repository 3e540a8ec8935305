//! The formula of a regression, in which a point may stand for the columns of its table.

use crate::arguments::FitArguments;
use crate::error::Failure;
use fisherinfo_table::formula::FormulaProblem;
use fisherinfo_table::source::TableFiles;
use fisherinfo_table::{Formula, FormulaError};

/// The formula, and the files; a slip in it is told before they are looked at.
pub(super) fn formula(arguments: &FitArguments) -> Result<(Formula, TableFiles), Failure> {
    let read = Formula::parse(&arguments.formula);
    if let Err(error) = &read
        && error.problem != FormulaProblem::OtherColumns
    {
        return Err(Failure::Formula(error.clone()));
    }
    let files = TableFiles::find(&arguments.data)?;
    let formula = match read {
        Ok(formula) => formula,
        Err(unknown) => among(arguments, &files, unknown)?,
    };
    Ok((formula, files))
}

/// The formula with the names of the columns that have no part in the model yet.
fn among(
    arguments: &FitArguments,
    files: &TableFiles,
    unknown: FormulaError,
) -> Result<Formula, Failure> {
    // What can be read once only has no header to look at before.
    if !files.can_be_read_again() {
        return Err(Failure::Formula(unknown));
    }
    let parts = [
        arguments.trials.as_ref(),
        arguments.offset.as_ref(),
        arguments.frequency_weights.as_ref(),
        arguments.weights.as_ref(),
        arguments.cluster(),
        arguments.each_level_of.as_ref(),
    ];
    let mut columns = files.columns()?;
    columns.retain(|column| parts.iter().all(|part| *part != Some(column)));
    Formula::parse_among(&arguments.formula, &columns).map_err(Failure::Formula)
}
