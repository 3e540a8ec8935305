//! Design matrices: the columns that a [`Formula`] makes of a [`Table`].

mod categories;
mod coding;
mod error;
mod labels;
mod numbers;
mod rows;
mod settled;

pub use categories::{Groups, Levels};
pub use error::{ColumnList, DesignError, MissingCells};
pub use labels::{ResponseKind, Successes};

use crate::formula::{Factor, FactorKind, Formula};
use crate::table::{Cells, Table};
use categories::Categories;
use rows::Rows;
pub(crate) use settled::{KnownLevels, Settled};
use std::ops::Range;

/// How many columns a design may have.
pub const MAXIMUM_COLUMNS: usize = 10_000;

/// What to do about rows in which a cell that is needed is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// Refuse, telling how many there are.
    #[default]
    Fail,
    /// Leave the row out, of everything.
    Drop,
}

/// How to make a design.
#[derive(Debug, Clone, Copy, Default)]
pub struct DesignOptions<'a> {
    /// What to do about missing cells.
    pub missing: Missing,
    /// Columns needed beside the formula, such as weights or numbers of trials. They keep the same
    /// rows as the design.
    pub also: &'a [String],
    /// A column of weights. Rows of weight zero are left out of everything, so that a category
    /// that only they have is none; a negative weight is refused. The weights of the rows kept are
    /// in [`Design::weights`].
    pub weights: Option<&'a str>,
    /// A column that says which rows belong together, of numbers or text.
    pub clusters: Option<&'a str>,
    /// The categories that an earlier fit knows. Every factor among them is coded by its categories
    /// there, whichever occur, and every other factor is a number.
    pub levels: Option<&'a [Levels]>,
    /// How to read the response.
    pub response: ResponseKind,
}

/// The response and the columns of a model, row by row from the same rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The response.
    pub response: Response,
    /// The names of the columns: `Intercept`, `dose`, `log(dose)`, `sex[m]`, `C(ward)[2]`, `a:b`.
    pub terms: Vec<String>,
    /// The columns, one for each of `terms`, all of one length.
    pub columns: Vec<Vec<f64>>,
    /// Whether the first column is the intercept.
    pub intercept: bool,
    /// For every row the line of the file it came from.
    pub lines: Vec<u64>,
    /// How many rows of the table were left out because a cell is missing.
    pub dropped_rows: usize,
    /// For every column of the table that is used, how many of its cells are missing.
    pub missing: Vec<(String, usize)>,
    /// The columns asked for by [`DesignOptions::also`].
    pub also: Vec<(String, Vec<f64>)>,
    /// The sum of the formula's offsets, where it has some.
    pub offset: Option<Vec<f64>>,
    /// The weights asked for by [`DesignOptions::weights`], all positive.
    pub weights: Option<Vec<f64>>,
    /// How many rows were left out because their weight is zero, beside those of `dropped_rows`.
    pub rows_without_weight: usize,
    /// The groups asked for by [`DesignOptions::clusters`].
    pub clusters: Option<Groups>,
    /// The categories of every factor that has some.
    pub levels: Vec<Levels>,
    /// The columns of every term of the formula but the intercept.
    pub term_columns: Vec<TermColumns>,
}

/// A term of a formula and the columns that it has in a design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermColumns {
    /// The term as printed: `dose`, `sex:dose`.
    pub term: String,
    /// The labels of what it crosses.
    pub factors: Vec<String>,
    /// The positions of its columns.
    pub columns: Range<usize>,
}

/// The response of a model; without a name and empty where the formula has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    /// The left-hand side of the formula as printed.
    pub name: String,
    /// Its values; where it is labels, for each row the position of its level.
    pub values: Vec<f64>,
    /// The levels of a response that is labels, in ascending order.
    pub levels: Option<Vec<String>>,
}

/// A factor of a term at the rows that are kept.
enum Values {
    Numbers(Vec<f64>),
    Categories(Categories),
}

impl Design {
    /// Makes the design of `formula` on `table`.
    ///
    /// Categories are the values that occur in the rows kept, in ascending order: by number when all
    /// are numbers, else by text. They are coded by indicators so that the columns span all that the
    /// terms span and, as far as the formula goes, are linearly independent: the first category is
    /// left out exactly where the terms before already span the sum of all. So in `a + b` both lack
    /// their first category, in `0 + a + b` only `b` does, and in `a + a:b` the interaction keeps
    /// every category of `a`. patsy and formulaic code alike. In an interaction the categories of
    /// the first factor vary fastest.
    ///
    /// # Errors
    ///
    /// [`DesignError`]: a column that is not in the table, text where a number is needed, missing
    /// cells ([`Missing::Fail`]), no rows left, infinite cells, a function that has no finite value
    /// at some row, categories with one level only, or more than [`MAXIMUM_COLUMNS`] columns.
    ///
    /// ```
    /// use fisherinfo_table::{Design, DesignOptions, Formula, Missing, Table};
    ///
    /// let csv = "y,x,ward\n1,10,a\n2,,b\n3,30,b\n4,40,a\n";
    /// let table = Table::from_csv_reader(csv.as_bytes(), "wards.csv")?;
    /// let formula = Formula::parse("y ~ I(x/10) + ward")?;
    ///
    /// let refused = Design::new(&table, &formula, &DesignOptions::default()).unwrap_err();
    /// assert!(refused.to_string().contains("`x`: 1 (first on line 3)"));
    ///
    /// let options = DesignOptions { missing: Missing::Drop, ..DesignOptions::default() };
    /// let design = Design::new(&table, &formula, &options)?;
    /// assert_eq!(design.terms, ["Intercept", "I(x/10)", "ward[b]"]);
    /// assert_eq!(design.columns[1], [1.0, 3.0, 4.0]);
    /// assert_eq!(design.columns[2], [0.0, 1.0, 0.0]);
    /// assert_eq!((design.dropped_rows, design.lines), (1, vec![2, 4, 5]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        table: &Table,
        formula: &Formula,
        options: &DesignOptions<'_>,
    ) -> Result<Self, DesignError> {
        Self::build(table, formula, options, None)
    }

    /// The design on some of the rows of a table, perhaps none, with the categories of all.
    pub(crate) fn settled(
        table: &Table,
        formula: &Formula,
        options: &DesignOptions<'_>,
        settled: &Settled,
    ) -> Result<Self, DesignError> {
        Self::build(table, formula, options, Some(settled))
    }

    /// The names of the columns of a table that a design on it uses, with those beside the formula.
    pub(crate) fn columns_used<'a>(
        table: &'a Table,
        formula: &Formula,
        beside: &[&str],
    ) -> Result<Vec<&'a str>, DesignError> {
        let mut factors: Vec<&Factor> = Vec::new();
        for factor in formula.terms().flatten() {
            position_of(&mut factors, factor);
        }
        factors.extend(formula.offsets());
        let used = rows::columns_used(table, formula, formula.response(), &factors, beside)?;
        Ok(used.into_iter().map(|column| column.name()).collect())
    }

    /// Refuses a constant in a factor that is the name of a column as well.
    pub(crate) fn check_constants(table: &Table, factor: &Factor) -> Result<(), DesignError> {
        match factor.kind() {
            FactorKind::Number(expression) => numbers::check_constants(table, expression),
            _ => Ok(()),
        }
    }

    fn build(
        table: &Table,
        formula: &Formula,
        options: &DesignOptions<'_>,
        settled: Option<&Settled>,
    ) -> Result<Self, DesignError> {
        let is_categorical = |factor: &Factor| match (settled, options.levels) {
            (Some(settled), _) => settled.is_categorical(factor.label()),
            (None, Some(levels)) => known_levels(levels, factor).is_some(),
            (None, None) => is_categorical(table, factor),
        };
        let mut factors: Vec<&Factor> = Vec::new();
        let terms: Vec<Vec<usize>> = formula
            .terms()
            .map(|term| {
                term.into_iter()
                    .map(|factor| position_of(&mut factors, factor))
                    .collect()
            })
            .collect();

        let response = formula.response();
        let has_labels = response.is_some_and(|response| match settled {
            Some(settled) => settled.response.is_some(),
            None => is_labels(table, response, options.response),
        });
        let offsets: Vec<&Factor> = formula.offsets().collect();
        let beside: Vec<&str> = options
            .also
            .iter()
            .map(String::as_str)
            .chain(options.weights)
            .chain(options.clusters)
            .collect();
        let in_formula: Vec<&Factor> = factors.iter().chain(&offsets).copied().collect();
        let used = rows::columns_used(table, formula, response, &in_formula, &beside)?;
        if let Some(response) = response {
            match options.response {
                ResponseKind::Numbers if is_categorical(response) => {
                    return Err(DesignError::CategoricalResponse {
                        response: response.label().to_owned(),
                    });
                }
                _ if has_labels => {}
                _ => numbers::check(table, response, false)?,
            }
        }
        for factor in factors.iter().filter(|factor| !is_categorical(factor)) {
            numbers::check(table, factor, options.levels.is_none())?;
        }
        for factor in &offsets {
            numbers::check(table, factor, false)?;
        }
        for name in options
            .also
            .iter()
            .map(String::as_str)
            .chain(options.weights)
        {
            numbers::check_column(table, name, false)?;
        }
        let mut rows = Rows::new(table, &used, options.missing, settled.is_some())?;
        let dropped_rows = table.rows() - rows.kept.len();
        if let Some(weights) = options.weights {
            rows = rows.with_weight(table, weights, settled.is_some())?;
        }

        let values: Vec<Values> = factors
            .iter()
            .map(|factor| {
                let known = options
                    .levels
                    .and_then(|levels| known_levels(levels, factor));
                if let Some(known) = known {
                    Categories::known(table, factor, &rows.kept, known).map(Values::Categories)
                } else if is_categorical(factor) {
                    let levels = settled.and_then(|settled| settled.levels(factor.label()));
                    Categories::new(table, factor, &rows.kept, levels).map(Values::Categories)
                } else {
                    numbers::of_factor(table, factor, &rows.kept).map(Values::Numbers)
                }
            })
            .collect::<Result<_, _>>()?;
        let labels: Vec<&str> = factors.iter().map(|factor| factor.label()).collect();
        let coding = coding::columns(&coding::Model {
            labels: &labels,
            values: &values,
            terms: &terms,
            intercept: formula.intercept(),
            rows: rows.kept.len(),
            place: &|row| table.place(rows.kept[row]),
        })?;
        let starts = std::iter::once(usize::from(formula.intercept())).chain(coding.ends.clone());
        let term_columns = terms
            .iter()
            .zip(starts.zip(&coding.ends))
            .map(|(term, (start, &end))| {
                let factors: Vec<String> = term
                    .iter()
                    .map(|&factor| labels[factor].to_owned())
                    .collect();
                TermColumns {
                    term: factors.join(":"),
                    factors,
                    columns: start..end,
                }
            })
            .collect();
        let mut offset: Option<Vec<f64>> = None;
        for factor in &offsets {
            let more = numbers::of_factor(table, factor, &rows.kept)?;
            offset = Some(match offset {
                None => more,
                Some(sum) => sum.iter().zip(more).map(|(sum, more)| sum + more).collect(),
            });
        }

        Ok(Self {
            response: match response {
                Some(response) if has_labels => {
                    let known = settled.and_then(|settled| settled.response.as_ref());
                    let Categories { levels, codes, .. } =
                        Categories::any(table, response, &rows.kept, known)?;
                    Response {
                        name: response.label().to_owned(),
                        values: codes.into_iter().map(|code| code as f64).collect(),
                        levels: Some(levels),
                    }
                }
                Some(response) => Response {
                    name: response.label().to_owned(),
                    values: numbers::of_factor(table, response, &rows.kept)?,
                    levels: None,
                },
                None => Response::default(),
            },
            terms: coding.names,
            columns: coding.columns,
            intercept: formula.intercept(),
            also: options
                .also
                .iter()
                .map(|name| Ok((name.clone(), numbers::of_column(table, name, &rows.kept)?)))
                .collect::<Result<_, DesignError>>()?,
            lines: rows.kept.iter().map(|&row| table.lines()[row]).collect(),
            dropped_rows,
            missing: rows.missing,
            offset,
            weights: options
                .weights
                .map(|name| numbers::of_column(table, name, &rows.kept))
                .transpose()?,
            rows_without_weight: rows.without_weight,
            clusters: options
                .clusters
                .map(|name| {
                    if let Some(known) = settled.and_then(|settled| settled.clusters.as_ref()) {
                        // Of many clusters each batch does not repeat the names.
                        return Ok(Groups {
                            column: name.to_owned(),
                            levels: Vec::new(),
                            codes: known.codes(table, name, name, &rows.kept)?,
                        });
                    }
                    let groups = Categories::of_table(table, name, &rows.kept)?;
                    Ok::<_, DesignError>(Groups {
                        column: name.to_owned(),
                        levels: groups.levels,
                        codes: groups.codes,
                    })
                })
                .transpose()?,
            levels: factors
                .iter()
                .zip(&values)
                .filter_map(|(factor, values)| match values {
                    Values::Numbers(_) => None,
                    Values::Categories(categories) => Some(Levels {
                        factor: factor.label().to_owned(),
                        levels: categories.levels.clone(),
                        reference: categories.reference,
                    }),
                })
                .collect(),
            term_columns,
        })
    }
}

/// What an earlier fit knows of a factor's categories.
fn known_levels<'a>(levels: &'a [Levels], factor: &Factor) -> Option<&'a Levels> {
    levels.iter().find(|known| known.factor == factor.label())
}

/// The position of a factor in the list of different ones.
fn position_of<'a>(factors: &mut Vec<&'a Factor>, factor: &'a Factor) -> usize {
    let known = factors
        .iter()
        .position(|known| known.label() == factor.label());
    known.unwrap_or_else(|| {
        factors.push(factor);
        factors.len() - 1
    })
}

/// Whether the response is read as labels.
fn is_labels(table: &Table, response: &Factor, kind: ResponseKind) -> bool {
    match kind {
        ResponseKind::Numbers => false,
        ResponseKind::NumbersOrLabels => is_categorical(table, response),
        ResponseKind::Labels => !matches!(response.kind(), FactorKind::Number(_)),
    }
}

/// Whether a factor is coded as categories: on request, or a column without a single number.
fn is_categorical(table: &Table, factor: &Factor) -> bool {
    match factor.kind() {
        FactorKind::Categories(_) => true,
        FactorKind::Column(name) => match table.column(name).map(|column| column.cells()) {
            Some(Cells::Text(text)) => text.numbers() == 0,
            _ => false,
        },
        FactorKind::Number(_) => false,
    }
}
