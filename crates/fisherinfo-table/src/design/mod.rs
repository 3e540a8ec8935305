//! Design matrices: the columns that a [`Formula`] makes of a [`Table`].

mod categories;
mod coding;
mod error;
mod numbers;
mod rows;
mod settled;

pub use error::{ColumnList, DesignError, MissingCells};

use crate::formula::{Factor, FactorKind, Formula};
use crate::table::{Cells, Table};
use categories::Categories;
use rows::Rows;
pub(crate) use settled::{Levels, Settled};

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
}

/// The response of a model; without a name and empty where the formula has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    /// The left-hand side of the formula as printed.
    pub name: String,
    /// Its values.
    pub values: Vec<f64>,
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

    /// The names of the columns of a table that a design on it uses.
    pub(crate) fn columns_used<'a>(
        table: &'a Table,
        formula: &Formula,
        also: &[String],
    ) -> Result<Vec<&'a str>, DesignError> {
        let mut factors: Vec<&Factor> = Vec::new();
        for factor in formula.terms().flatten() {
            position_of(&mut factors, factor);
        }
        let used = rows::columns_used(table, formula, formula.response(), &factors, also)?;
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
        let is_categorical = |factor: &Factor| match settled {
            Some(settled) => settled.is_categorical(factor.label()),
            None => is_categorical(table, factor),
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
        let used = rows::columns_used(table, formula, response, &factors, options.also)?;
        if let Some(response) = response {
            if is_categorical(response) {
                return Err(DesignError::CategoricalResponse {
                    response: response.label().to_owned(),
                });
            }
            numbers::check(table, response, false)?;
        }
        for factor in factors.iter().filter(|factor| !is_categorical(factor)) {
            numbers::check(table, factor, true)?;
        }
        for name in options.also {
            numbers::check_column(table, name, false)?;
        }
        let rows = Rows::new(table, &used, options.missing, settled.is_some())?;

        let values: Vec<Values> = factors
            .iter()
            .map(|factor| {
                if is_categorical(factor) {
                    let levels = settled.and_then(|settled| settled.levels(factor.label()));
                    Categories::new(table, factor, &rows.kept, levels).map(Values::Categories)
                } else {
                    numbers::of_factor(table, factor, &rows.kept).map(Values::Numbers)
                }
            })
            .collect::<Result<_, _>>()?;
        let labels: Vec<&str> = factors.iter().map(|factor| factor.label()).collect();
        let (names, columns) = coding::columns(&coding::Model {
            labels: &labels,
            values: &values,
            terms: &terms,
            intercept: formula.intercept(),
            rows: rows.kept.len(),
            place: &|row| table.place(rows.kept[row]),
        })?;

        Ok(Self {
            response: match response {
                Some(response) => Response {
                    name: response.label().to_owned(),
                    values: numbers::of_factor(table, response, &rows.kept)?,
                },
                None => Response::default(),
            },
            terms: names,
            columns,
            intercept: formula.intercept(),
            also: options
                .also
                .iter()
                .map(|name| Ok((name.clone(), numbers::of_column(table, name, &rows.kept)?)))
                .collect::<Result<_, DesignError>>()?,
            lines: rows.kept.iter().map(|&row| table.lines()[row]).collect(),
            dropped_rows: table.rows() - rows.kept.len(),
            missing: rows.missing,
        })
    }
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
