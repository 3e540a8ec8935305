//! The design of a regression as it is computed with: columns centred and scaled, in blocks.

use super::{
    collinear::{self, Dependence},
    error::GlmError,
    kernel::{Aligned, Products, ROWS},
};
use faer::Mat;
use pulp::Arch;
use rayon::prelude::*;

/// Blocks in a chunk. Chunks are the unit of work of a thread, and their sums are merged in order,
/// so that no result depends on the number of threads.
const BLOCKS_IN_A_CHUNK: usize = 64;

/// Where the columns come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// One slice a column.
    Columns(&'a [&'a [f64]]),
    /// Row after row in one slice, of this many columns.
    RowMajor(&'a [f64], usize),
}

impl Source<'_> {
    fn width(&self) -> usize {
        match self {
            Self::Columns(columns) => columns.len(),
            Self::RowMajor(_, width) => *width,
        }
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        match self {
            Self::Columns(columns) => columns[column][row],
            Self::RowMajor(values, width) => values[row * width + column],
        }
    }

    /// Copies rows from `start` on of one column into `out`.
    fn copy(&self, start: usize, column: usize, out: &mut [f64]) {
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
        }
    }
}

/// Columns z with η = Σ bⱼzⱼ, and the linear map between b and the coefficients β of the columns
/// that were given.
///
/// Beside an intercept a column is stored as (x − centre)·2ᵏ with its mean as the centre and its
/// standard deviation near 2⁻ᵏ; a power of two scales without rounding. If the stored columns are
/// still far from orthogonal, they are replaced by z·R⁻¹ with R from a QR decomposition, after
/// which products of columns lose nothing.
#[derive(Clone, Debug)]
pub(super) struct Design {
    values: Aligned,
    pub(super) rows: usize,
    pub(super) width: usize,
    blocks_in_a_chunk: usize,
    /// Σ z zᵀ over the rows.
    pub(super) gram: Mat<f64>,
    /// The unit in which each column was scaled, near its standard deviation.
    pub(super) spread: Vec<f64>,
    /// ∂b/∂β.
    pub(super) to_stored: Mat<f64>,
    /// ∂β/∂b.
    pub(super) to_raw: Mat<f64>,
}

/// Sums over one column of one chunk, about the column's first value.
#[derive(Clone, Copy)]
struct Spread {
    sum: f64,
    squares: f64,
    least: f64,
    most: f64,
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
struct Standard {
    centre: f64,
    scale: f64,
    offset: f64,
}

impl Design {
    /// # Errors
    /// Values that are not finite, an intercept that is not one, columns that are constant or
    /// combinations of others.
    pub(super) fn new(
        source: Source<'_>,
        rows: usize,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        Self::in_chunks(source, rows, terms, intercept, BLOCKS_IN_A_CHUNK)
    }

    pub(super) fn in_chunks(
        source: Source<'_>,
        rows: usize,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: usize,
    ) -> Result<Self, GlmError> {
        let (mut design, standards) =
            Self::filled(source, rows, terms, intercept, blocks_in_a_chunk)?;
        design.orthogonalise(terms, &standards, intercept)?;
        Ok(design)
    }

    /// Columns centred and scaled, each by itself, whatever combinations there are among them.
    pub(super) fn of_any_rank(
        source: Source<'_>,
        rows: usize,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        let (design, _) = Self::filled(source, rows, terms, intercept, BLOCKS_IN_A_CHUNK)?;
        Ok(design)
    }

    fn filled(
        source: Source<'_>,
        rows: usize,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: usize,
    ) -> Result<(Self, Vec<Standard>), GlmError> {
        let width = source.width();
        let standards = standards(source, rows, terms, intercept, blocks_in_a_chunk * ROWS)?;
        let mut to_stored = Mat::zeros(width, width);
        let mut to_raw = Mat::zeros(width, width);
        for (j, standard) in standards.iter().enumerate() {
            to_stored[(j, j)] = standard.scale.recip();
            to_raw[(j, j)] = standard.scale;
            if let Some(intercept) = intercept
                && intercept != j
            {
                to_stored[(intercept, j)] = standard.centre;
                to_raw[(intercept, j)] = -standard.centre * standard.scale;
            }
        }
        let mut design = Self {
            values: Aligned::zeros(rows.div_ceil(ROWS) * ROWS * width),
            rows,
            width,
            blocks_in_a_chunk,
            spread: standards.iter().map(|s| s.scale.recip()).collect(),
            gram: Mat::zeros(0, 0),
            to_stored,
            to_raw,
        };
        design.fill(source, &standards);
        Ok((design, standards))
    }

    fn fill(&mut self, source: Source<'_>, standards: &[Standard]) {
        let (width, rows) = (self.width, self.rows);
        let chunk = self.blocks_in_a_chunk * width * ROWS;
        self.values
            .as_mut_slice()
            .par_chunks_mut(chunk.max(1))
            .enumerate()
            .for_each(|(index, values)| {
                let start = index * (chunk / width);
                for (block, values) in values.chunks_exact_mut(width * ROWS).enumerate() {
                    let start = start + block * ROWS;
                    let filled = (rows - start).min(ROWS);
                    for (j, column) in values.chunks_exact_mut(ROWS).enumerate() {
                        let Standard { centre, scale, .. } = standards[j];
                        let column = &mut column[..filled];
                        source.copy(start, j, column);
                        for z in column {
                            *z = (*z - centre) * scale;
                        }
                    }
                }
            });
    }

    /// Decides the rank, and replaces columns that are far from orthogonal by orthogonal ones.
    fn orthogonalise(
        &mut self,
        terms: &[String],
        standards: &[Standard],
        intercept: Option<usize>,
    ) -> Result<(), GlmError> {
        self.gram = self.unweighted_products();
        if collinear::condition(&self.gram) < collinear::WELL_CONDITIONED {
            return Ok(());
        }
        let factor = collinear::triangular_factor(self);
        let offsets: Vec<f64> = standards.iter().map(|standard| standard.offset).collect();
        if let Some(Dependence { column, weights }) = collinear::dependence(&factor, &offsets) {
            return Err(self.collinear(terms, intercept, column, &weights));
        }
        // The factor of columns of size one, so that the new columns have the size of the old.
        let size = (self.rows as f64).sqrt();
        let factor = Mat::from_fn(self.width, self.width, |i, j| factor[(i, j)] / size);
        let inverse = collinear::inverse_upper(&factor);
        self.divide_by(&factor);
        self.to_stored = &factor * &self.to_stored;
        self.to_raw = &self.to_raw * &inverse;
        self.gram = self.unweighted_products();
        Ok(())
    }

    /// z ← z·R⁻¹ by substitution, row by row: as accurate as the QR decomposition itself.
    fn divide_by(&mut self, factor: &Mat<f64>) {
        let width = self.width;
        self.values
            .as_mut_slice()
            .par_chunks_mut(width * ROWS)
            .for_each(|block| {
                for j in 0..width {
                    let (done, rest) = block.split_at_mut(j * ROWS);
                    let column = &mut rest[..ROWS];
                    for (i, solved) in done.chunks_exact(ROWS).enumerate() {
                        let r = factor[(i, j)];
                        for (z, u) in column.iter_mut().zip(solved) {
                            *z -= r * u;
                        }
                    }
                    let diagonal = factor[(j, j)];
                    for z in column {
                        *z /= diagonal;
                    }
                }
            });
    }

    /// Σ z zᵀ over the rows.
    fn unweighted_products(&self) -> Mat<f64> {
        let arch = Arch::new();
        let ones = [1.0; ROWS];
        let sums = self.over_chunks(|blocks| {
            let mut products = Products::new(self.width);
            for block in blocks {
                products.update(arch, self.block(block), Some(&ones), None);
            }
            products.finish()
        });
        symmetric(&add_all(sums), self.width)
    }

    /// The relation of a dependent column in the terms that were given.
    fn collinear(
        &self,
        terms: &[String],
        intercept: Option<usize>,
        column: usize,
        weights: &[f64],
    ) -> GlmError {
        // Σ bᵢzᵢ = Σ βⱼxⱼ for all b, hence zᵢ = Σ xⱼ ∂βⱼ/∂bᵢ; put into Σ aᵢzᵢ − z_column = 0.
        let mut relation = vec![0.0; self.width];
        for (j, entry) in relation.iter_mut().enumerate() {
            *entry = (0..column)
                .map(|i| self.to_raw[(j, i)] * weights[i])
                .sum::<f64>()
                - self.to_raw[(j, column)];
        }
        let own = -relation[column];
        let mut text = format!("{} =", terms[column]);
        let mut first = true;
        let mut add = |weight: f64, name: Option<&str>| {
            let sign = match (first, weight < 0.0) {
                (true, true) => " −",
                (true, false) => " ",
                (false, true) => " − ",
                (false, false) => " + ",
            };
            first = false;
            text.push_str(sign);
            let size = six_digits(weight.abs());
            match name {
                None => text.push_str(&size),
                Some(name) if size == "1" => text.push_str(name),
                Some(name) => text.push_str(&format!("{size}·{name}")),
            }
        };
        for (j, &entry) in relation.iter().enumerate() {
            // In units of the stored columns, in which every one has size one.
            let size = entry / own * self.spread[j] / self.spread[column];
            if j != column && Some(j) != intercept && size.abs() > 1e-9 {
                add(entry / own, Some(&terms[j]));
            }
        }
        if let Some(intercept) = intercept {
            let constant = relation[intercept] / own;
            // What rounding leaves of the terms' means is no constant.
            let scale: f64 = (0..self.width)
                .filter(|&j| j != intercept)
                .map(|j| (relation[j] / own * self.to_stored[(intercept, j)]).abs())
                .sum();
            if constant.abs() > 1e-9 * scale {
                add(constant, None);
            }
        }
        if first {
            text.push_str(" 0");
        }
        GlmError::Collinear {
            term: terms[column].clone(),
            relation: text,
        }
    }

    pub(super) fn blocks(&self) -> usize {
        self.rows.div_ceil(ROWS)
    }

    /// Rows of the block that are data; those after them are zero.
    pub(super) fn rows_in(&self, block: usize) -> usize {
        (self.rows - block * ROWS).min(ROWS)
    }

    /// The block's columns, one after the other, [`ROWS`] rows each.
    pub(super) fn block(&self, block: usize) -> &[f64] {
        let size = self.width * ROWS;
        &self.values.as_slice()[block * size..(block + 1) * size]
    }

    /// What `work` makes of each chunk's range of blocks, in the order of the chunks.
    pub(super) fn over_chunks<T: Send>(
        &self,
        work: impl Fn(std::ops::Range<usize>) -> T + Sync,
    ) -> Vec<T> {
        let blocks = self.blocks();
        let size = self.blocks_in_a_chunk;
        (0..blocks.div_ceil(size))
            .into_par_iter()
            .map(|chunk| work(chunk * size..((chunk + 1) * size).min(blocks)))
            .collect()
    }

    /// The stored values of one row.
    pub(super) fn row(&self, row: usize, out: &mut [f64]) {
        let block = self.block(row / ROWS);
        for (j, z) in out.iter_mut().enumerate() {
            *z = block[j * ROWS + row % ROWS];
        }
    }
}

/// Six digits, without the zeros that a fixed format would add.
fn six_digits(size: f64) -> String {
    let shown: f64 = format!("{size:.5e}").parse().unwrap_or(size);
    shown.to_string()
}

/// Adds vectors in their order.
pub(super) fn add_all(parts: Vec<Vec<f64>>) -> Vec<f64> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_default();
    for part in parts {
        for (sum, more) in total.iter_mut().zip(part) {
            *sum += more;
        }
    }
    total
}

/// The symmetric matrix whose lower triangle is packed row by row.
pub(super) fn symmetric(packed: &[f64], width: usize) -> Mat<f64> {
    Mat::from_fn(width, width, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        packed[i * (i + 1) / 2 + j]
    })
}

fn standards(
    source: Source<'_>,
    rows: usize,
    terms: &[String],
    intercept: Option<usize>,
    chunk: usize,
) -> Result<Vec<Standard>, GlmError> {
    let width = source.width();
    let first: Vec<f64> = (0..width).map(|j| source.value(0, j)).collect();
    let parts: Vec<Vec<Spread>> = (0..rows.div_ceil(chunk))
        .into_par_iter()
        .map(|index| {
            let start = index * chunk;
            let length = (rows - start).min(chunk);
            let mut buffer = vec![0.0; length];
            (0..width)
                .map(|j| {
                    if let Source::Columns(columns) = source {
                        spread(&columns[j][start..start + length], first[j])
                    } else {
                        source.copy(start, j, &mut buffer);
                        spread(&buffer, first[j])
                    }
                })
                .collect()
        })
        .collect();
    (0..width)
        .map(|j| {
            let n = rows as f64;
            let (mut sum, mut squares) = (0.0, 0.0);
            let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
            for part in &parts {
                sum += part[j].sum;
                squares += part[j].squares;
                least = least.min(part[j].least);
                most = most.max(part[j].most);
            }
            // The sums show that something is not finite, but so does an overflow of the squares.
            if !squares.is_finite()
                && let Some(row) = (0..rows).find(|&row| !source.value(row, j).is_finite())
            {
                return Err(GlmError::NotFinite {
                    term: terms[j].clone(),
                    row,
                    value: source.value(row, j),
                });
            }
            if intercept == Some(j) {
                if let Some(row) = (0..rows).find(|&row| source.value(row, j) != 1.0) {
                    return Err(GlmError::Intercept {
                        row,
                        value: source.value(row, j),
                    });
                }
                return Ok(Standard {
                    centre: 0.0,
                    scale: 1.0,
                    offset: 1.0,
                });
            }
            let largest = least.abs().max(most.abs());
            let constant = GlmError::Constant {
                term: terms[j].clone(),
                value: first[j],
            };
            if largest == 0.0 {
                return Err(constant);
            }
            let (centre, spread) = if intercept.is_some() {
                // Values that differ in their last bits only are a constant that was computed.
                if most - least <= 4.0 * f64::EPSILON * largest && rows > 1 {
                    return Err(constant);
                }
                let mean = sum / n;
                let variance = (squares / n - mean * mean).max(0.0);
                // An overflow of the squares, or cancellation: the range serves as well.
                let spread = variance.sqrt();
                let range = most - least;
                let usable = spread.is_finite() && spread > range * 1e-9;
                (
                    (first[j] + mean).clamp(least, most),
                    if usable { spread } else { range },
                )
            } else {
                (0.0, largest)
            };
            let scale = power_of_two_near(spread.recip());
            Ok(Standard {
                centre,
                scale,
                offset: largest * scale,
            })
        })
        .collect()
}

/// The power of two at or under a positive number, kept where its inverse is one as well.
fn power_of_two_near(value: f64) -> f64 {
    let exponent = value.clamp(1e-300, 1e300).to_bits() >> 52;
    f64::from_bits(exponent << 52)
}
