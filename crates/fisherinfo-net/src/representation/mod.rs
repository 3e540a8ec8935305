//! What is kept of a Fisher information: one form a file, and what every form can do.
//!
//! A [`crate::Fisher`] is a list of blocks, each on some tensors and each in a form: one dense block is the
//! whole matrix, a block a layer is block-diagonal, and Kronecker blocks beside diagonal ones are K-FAC
//! with its fallback. What is not within a block is zero.

mod dense;
mod diagonal;
mod eigen_kronecker;
mod factor;
mod kronecker;
mod low_rank;
mod spectral;

pub use dense::Dense;
pub use diagonal::Diagonal;
pub use eigen_kronecker::EigenKronecker;
pub use factor::Factor;
pub use kronecker::{InputSide, Kronecker};
pub use low_rank::LowRank;
pub use spectral::{Damping, Spectral};

use thiserror::Error;

/// What cannot be done with a form.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum FormError {
    /// Sums over other things.
    #[error("{left} and {right} cannot be added")]
    Different {
        /// On the left.
        left: String,
        /// On the right.
        right: String,
    },
    /// Damping that is negative, NaN or infinite.
    #[error("damping has to be a finite number ≥ 0, not {damping}")]
    Damping {
        /// What was given.
        damping: f64,
    },
    /// A direction without information.
    #[error(
        "the information is singular (its smallest eigenvalue, damping included, is {eigenvalue:e}): give a larger damping"
    )]
    Singular {
        /// The smallest.
        eigenvalue: f64,
    },
    /// An eigendecomposition that failed.
    #[error(
        "the eigenvalues of a {size} × {size} block were not found; its greatest number is {greatest:e}"
    )]
    Eigenvalues {
        /// Rows.
        size: usize,
        /// What may say why.
        greatest: f64,
    },
}

/// A block in one of the forms, as a sum over examples.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// All entries.
    Dense(Dense),
    /// The diagonal.
    Diagonal(Diagonal),
    /// K-FAC.
    Kronecker(Kronecker),
    /// EK-FAC.
    EigenKronecker(EigenKronecker),
    /// The scores.
    LowRank(LowRank),
}

macro_rules! each {
    ($form:expr, $inner:ident => $body:expr) => {
        match $form {
            Form::Dense($inner) => $body,
            Form::Diagonal($inner) => $body,
            Form::Kronecker($inner) => $body,
            Form::EigenKronecker($inner) => $body,
            Form::LowRank($inner) => $body,
        }
    };
}

impl Form {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dense(_) => "dense",
            Self::Diagonal(_) => "diagonal",
            Self::Kronecker(_) => "kronecker",
            Self::EigenKronecker(_) => "eigen-kronecker",
            Self::LowRank(_) => "low-rank",
        }
    }

    /// How many parameters it is on.
    pub fn dimension(&self) -> usize {
        each!(self, form => form.dimension())
    }

    /// F v.
    pub fn apply(&self, v: &[f64]) -> Vec<f64> {
        each!(self, form => form.apply(v))
    }

    /// The sum of the diagonal.
    pub fn trace(&self) -> f64 {
        each!(self, form => form.trace())
    }

    /// The diagonal.
    pub fn diagonal(&self) -> Vec<f64> {
        each!(self, form => form.diagonal())
    }

    /// √ΣF²ᵢⱼ.
    pub fn frobenius_norm(&self) -> f64 {
        each!(self, form => form.frobenius_norm())
    }

    /// The greatest eigenvalues, the greatest first, without those of a large matrix that are not asked for.
    ///
    /// # Errors
    /// A matrix that is not finite, or whose eigenvalues are not found.
    pub fn greatest_eigenvalues(&self, wanted: usize) -> Result<Vec<f64>, FormError> {
        let top = |mut values: Vec<f64>| {
            if values.len() > wanted && wanted > 0 {
                values.select_nth_unstable_by(wanted - 1, |a, b| b.total_cmp(a));
                values.truncate(wanted);
            }
            values.sort_by(|a, b| b.total_cmp(a));
            values
        };
        match self {
            Self::Dense(dense) => Factor::Dense {
                size: dense.size,
                values: dense.values.clone(),
            }
            .greatest(wanted),
            Self::Diagonal(diagonal) => Ok(top(diagonal.values.clone())),
            Self::EigenKronecker(eigen) => Ok(top(eigen.values.clone())),
            Self::LowRank(scores) => scores.greatest(wanted),
            Self::Kronecker(kronecker) => {
                let rows = kronecker.rows.greatest(wanted)?;
                let columns = kronecker.columns.greatest(wanted)?;
                let share = kronecker.share();
                let products = rows
                    .iter()
                    .flat_map(|r| columns.iter().map(move |c| share * r * c));
                Ok(top(products.collect()))
            }
        }
    }

    /// Adds what the same form saw of other examples.
    ///
    /// # Errors
    /// Another form, other sizes, or another eigenbasis.
    pub fn add(&mut self, other: &Self) -> Result<(), FormError> {
        match (&mut *self, other) {
            (Self::Dense(left), Self::Dense(right)) => left.add(right),
            (Self::Diagonal(left), Self::Diagonal(right)) => left.add(right),
            (Self::Kronecker(left), Self::Kronecker(right)) => left.add(right),
            (Self::EigenKronecker(left), Self::EigenKronecker(right)) => left.add(right),
            (Self::LowRank(left), Self::LowRank(right)) => left.add(right),
            (left, right) => Err(FormError::Different {
                left: left.name().into(),
                right: right.name().into(),
            }),
        }
    }

    /// The same sums as if each example had counted `factor` times.
    pub fn scale_by(&mut self, factor: f64) {
        let by = |factor: f64, values: &mut [f64]| values.iter_mut().for_each(|v| *v *= factor);
        let scale = |values: &mut [f64]| by(factor, values);
        match self {
            Self::Dense(dense) => scale(&mut dense.values),
            Self::Diagonal(diagonal) => scale(&mut diagonal.values),
            Self::Kronecker(kronecker) => {
                scale(kronecker.rows.values_mut());
                scale(kronecker.columns.values_mut());
                kronecker.count *= factor;
            }
            Self::EigenKronecker(eigen) => scale(&mut eigen.values),
            Self::LowRank(scores) => by(factor.sqrt(), &mut scores.scores),
        }
    }

    /// The eigenvalues and vectors of `scale`·F + damping.
    ///
    /// # Errors
    /// Damping that is negative or not finite; an eigendecomposition that fails.
    pub fn spectral(&self, scale: f64, damping: Damping) -> Result<Spectral, FormError> {
        damping.check()?;
        each!(self, form => form.spectral(scale, damping))
    }
}

/// n zeros that were written: memory that comes as zeros and is read before it is written costs a fault to read
/// and another to write, which every processor has to hear of.
fn zeros(n: usize) -> Vec<f64> {
    std::iter::repeat_n(0.0, n).collect()
}

fn add_all(left: &mut [f64], right: &[f64], what: &str) -> Result<(), FormError> {
    if left.len() != right.len() {
        return Err(FormError::Different {
            left: format!("{what} of {} numbers", left.len()),
            right: format!("one of {}", right.len()),
        });
    }
    for (l, r) in left.iter_mut().zip(right) {
        *l += r;
    }
    Ok(())
}
