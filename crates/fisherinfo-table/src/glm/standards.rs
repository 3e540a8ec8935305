//! Where the columns of a design come from, and the centre and the scale of each.

use super::{
    error::GlmError,
    identified::{Dependent, Relation},
    stream::Slice,
};
use crate::sums::{Additive, Forest};
use crate::wire::{Wire, wire_fields};
use rayon::prelude::*;

/// Where the columns come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// One slice a column.
    Columns(&'a [&'a [f64]]),
    /// Row after row in one slice, of this many columns.
    RowMajor(&'a [f64], usize),
    /// Stretches of batches, one after the other.
    Slices(&'a [Slice]),
}

impl Source<'_> {
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Columns(columns) => columns.len(),
            Self::RowMajor(_, width) => *width,
            Self::Slices(slices) => slices.first().map_or(0, |slice| slice.columns().len()),
        }
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        let mut value = [0.0];
        self.copy(row, column, &mut value);
        value[0]
    }

    /// Copies rows from `start` on of one column into `out`.
    pub(super) fn copy(&self, start: usize, column: usize, out: &mut [f64]) {
        match self {
            Self::Columns(columns) => {
                out.copy_from_slice(&columns[column][start..start + out.len()]);
            }
            Self::RowMajor(values, width) => {
                let values = values[start * width + column..].iter().step_by(*width);
                for (out, &value) in out.iter_mut().zip(values) {
                    *out = value;
                }
            }
            Self::Slices(slices) => {
                let (mut before, mut done) = (0, 0);
                for slice in *slices {
                    let skipped = (start + done - before).min(slice.rows.len());
                    let values = &slice.columns()[column][slice.rows.clone()][skipped..];
                    let taken = values.len().min(out.len() - done);
                    out[done..done + taken].copy_from_slice(&values[..taken]);
                    done += taken;
                    before += slice.rows.len();
                    if done == out.len() {
                        break;
                    }
                }
            }
        }
    }

    /// Columns of `rows` rows from `start` on as they are computed with, in blocks of `height` rows.
    pub(super) fn fill(
        &self,
        start: usize,
        rows: usize,
        height: usize,
        standards: &[Standard],
        values: &mut [f64],
    ) {
        for (block, values) in values
            .chunks_exact_mut(standards.len() * height)
            .enumerate()
        {
            let filled = (rows - block * height).min(height);
            for (j, column) in values.chunks_exact_mut(height).enumerate() {
                let standard = standards[j];
                let column = &mut column[..filled];
                self.copy(start + block * height, standard.column, column);
                for z in column {
                    *z = (*z - standard.centre) * standard.scale;
                }
            }
        }
    }

    /// Sums over each column of the rows from `start` on, about the values `about`.
    pub(super) fn spreads(&self, start: usize, rows: usize, about: &[f64]) -> Vec<Spread> {
        let mut buffer = vec![0.0; rows];
        about
            .iter()
            .enumerate()
            .map(|(j, &about)| {
                if let Source::Columns(columns) = self {
                    spread(&columns[j][start..start + rows], about)
                } else {
                    self.copy(start, j, &mut buffer);
                    spread(&buffer, about)
                }
            })
            .collect()
    }

    /// What is wrong with the values whose spreads these are: one that is not finite, or an
    /// intercept that is not one. Their rows are counted from `start`.
    pub(super) fn fault(
        &self,
        start: usize,
        rows: usize,
        spreads: &[Spread],
        terms: &[String],
        intercept: Option<usize>,
    ) -> Option<GlmError> {
        spreads
            .iter()
            .enumerate()
            .find_map(|(j, spread)| self.fault_of(j, start, rows, spread, &terms[j], intercept))
    }

    fn fault_of(
        &self,
        column: usize,
        start: usize,
        rows: usize,
        spread: &Spread,
        term: &str,
        intercept: Option<usize>,
    ) -> Option<GlmError> {
        let find = |wrong: &dyn Fn(f64) -> bool| {
            (0..rows)
                .map(|row| (start + row, self.value(row, column)))
                .find(|(_, value)| wrong(*value))
        };
        // The sums show that something is not finite, but so does an overflow of the squares.
        if !spread.squares.is_finite()
            && let Some((row, value)) = find(&|value| !value.is_finite())
        {
            return Some(GlmError::NotFinite {
                term: term.into(),
                row,
                value,
            });
        }
        if intercept == Some(column)
            && (spread.least, spread.most) != (1.0, 1.0)
            && let Some((row, value)) = find(&|value| value != 1.0)
        {
            return Some(GlmError::Intercept { row, value });
        }
        None
    }
}

/// Sums over one column of some rows, about a value near the column's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    sum: f64,
    squares: f64,
    least: f64,
    most: f64,
}

impl Spread {
    pub(super) const NOTHING: Self = Self {
        sum: 0.0,
        squares: 0.0,
        least: f64::INFINITY,
        most: f64::NEG_INFINITY,
    };

    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    /// Centre and scale of a column, from the sums over `rows` rows about `first`; none of one that is
    /// constant beside an intercept, or zero.
    fn standard(
        &self,
        column: usize,
        rows: usize,
        first: f64,
        intercept: bool,
    ) -> Option<Standard> {
        let n = rows as f64;
        let &Self {
            sum,
            squares,
            least,
            most,
        } = self;
        let largest = least.abs().max(most.abs());
        if largest == 0.0 {
            return None;
        }
        let (centre, spread) = if intercept {
            // Values that differ in their last bits only are a constant that was computed.
            if most - least <= 4.0 * f64::EPSILON * largest && rows > 1 {
                return None;
            }
            let mean = sum / n;
            let variance = (squares / n - mean * mean).max(0.0);
            // An overflow of the squares, or cancellation: the range serves as well.
            let spread = variance.sqrt();
            let range = most - least;
            let usable = spread.is_finite() && spread > range * 1e-9;
            (
                (first + mean).clamp(least, most),
                if usable { spread } else { range },
            )
        } else {
            (0.0, largest)
        };
        let scale = power_of_two_near(spread.recip());
        Some(Standard {
            column,
            centre,
            scale,
            offset: largest * scale,
        })
    }
}

wire_fields!(Spread {
    sum,
    squares,
    least,
    most
});

/// Those of all columns.
#[derive(Clone, Debug)]
pub(crate) struct Spreads(pub(super) Vec<Spread>);

impl Additive for Spreads {
    fn add(&mut self, later: Self) {
        for (spread, later) in self.0.iter_mut().zip(&later.0) {
            spread.merge(later);
        }
    }
}

impl Wire for Spreads {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Wire::read(bytes).map(Self)
    }
}

/// Eight sums at once, so that the loop becomes vector code; `least` and `most` alike.
fn spread(values: &[f64], about: f64) -> Spread {
    let (mut sum, mut squares) = ([0.0; 8], [0.0; 8]);
    let (mut least, mut most) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    let mut add = |lane: usize, value: f64| {
        let step = value - about;
        sum[lane] += step;
        squares[lane] += step * step;
        least[lane] = if value < least[lane] {
            value
        } else {
            least[lane]
        };
        most[lane] = if value > most[lane] {
            value
        } else {
            most[lane]
        };
    };
    let eights = values.chunks_exact(8);
    let rest = eights.remainder();
    for eight in eights {
        for (lane, &value) in eight.iter().enumerate() {
            add(lane, value);
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        add(lane, value);
    }
    Spread {
        sum: sum.iter().sum(),
        squares: squares.iter().sum(),
        least: least.into_iter().fold(f64::INFINITY, f64::min),
        most: most.into_iter().fold(f64::NEG_INFINITY, f64::max),
    }
}

/// Centre and scale of a column, and its largest size in units of its spread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standard {
    /// Which of the columns that were given.
    pub(super) column: usize,
    pub(super) centre: f64,
    pub(super) scale: f64,
    pub(super) offset: f64,
}

impl Standard {
    /// The column of ones stays what it is.
    fn of_intercept(column: usize) -> Self {
        Self {
            column,
            centre: 0.0,
            scale: 1.0,
            offset: 1.0,
        }
    }
}

/// Centre and scale of each column whose sums about `first` these are, and the columns that are
/// multiples of the intercept, which have none.
///
/// # Errors
/// Such columns, where they are refused.
pub(super) fn standards_of(
    spreads: &[Spread],
    rows: usize,
    first: &[f64],
    terms: &[String],
    intercept: Option<usize>,
    dependent: Dependent,
) -> Result<(Vec<Standard>, Vec<Relation>), GlmError> {
    let (mut standards, mut relations) = (Vec::with_capacity(spreads.len()), Vec::new());
    for (j, spread) in spreads.iter().enumerate() {
        if intercept == Some(j) {
            standards.push(Standard::of_intercept(j));
            continue;
        }
        match (
            spread.standard(j, rows, first[j], intercept.is_some()),
            dependent,
        ) {
            (Some(standard), _) => standards.push(standard),
            (None, Dependent::Refused) => {
                return Err(GlmError::Constant {
                    term: terms[j].clone(),
                    value: first[j],
                });
            }
            (None, Dependent::LeftOut) => relations.push(Relation {
                term: j,
                combination: Vec::new(),
                constant: first[j],
            }),
        }
    }
    if standards.is_empty() {
        return Err(GlmError::Constant {
            term: terms[0].clone(),
            value: first[0],
        });
    }
    Ok((standards, relations))
}

/// Centre and scale of each column of a table in memory, as [`standards_of`] has them.
pub(super) fn standards(
    source: Source<'_>,
    rows: usize,
    terms: &[String],
    intercept: Option<usize>,
    chunk: usize,
    dependent: Dependent,
) -> Result<(Vec<Standard>, Vec<Relation>), GlmError> {
    let width = source.width();
    let first: Vec<f64> = (0..width).map(|j| source.value(0, j)).collect();
    let parts: Vec<Vec<Spread>> = (0..rows.div_ceil(chunk))
        .into_par_iter()
        .map(|index| {
            let start = index * chunk;
            source.spreads(start, (rows - start).min(chunk), &first)
        })
        .collect();
    let spreads = Forest::of(parts.into_iter().map(Spreads));
    let spreads = spreads.map_or_else(|| vec![Spread::NOTHING; width], |spreads| spreads.0);
    // A column of which nothing can be made hides no fault of one after it.
    if let Some(fault) = source.fault(0, rows, &spreads, terms, intercept) {
        return Err(fault);
    }
    standards_of(&spreads, rows, &first, terms, intercept, dependent)
}

/// The power of two at or under a positive number, kept where its inverse is one as well.
fn power_of_two_near(value: f64) -> f64 {
    let exponent = value.clamp(1e-300, 1e300).to_bits() >> 52;
    f64::from_bits(exponent << 52)
}
