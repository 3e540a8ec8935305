use faer::Mat;
use std::fmt;

/// What the information matrix estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// The expectation over the model, E_θ\[s sᵀ\].
    Expected,
    /// Minus the second derivative of the log-likelihood of the data seen.
    Observed,
    /// The outer products of the scores of the data seen (OPG).
    Empirical,
    /// A sum of different ones.
    Mixed,
}

impl Estimator {
    pub(super) fn is_positive_semidefinite(self) -> bool {
        matches!(self, Self::Expected | Self::Empirical)
    }
}

impl fmt::Display for Estimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expected => "expected",
            Self::Observed => "observed",
            Self::Empirical => "empirical",
            Self::Mixed => "mixed",
        })
    }
}

/// The two definitions of expected information. For a regular model they are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// E\[s sᵀ\], the second moment of the score.
    ScoreProduct,
    /// −E\[∂² log f\], the mean curvature.
    NegativeHessian,
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ScoreProduct => "E[s sᵀ]",
            Self::NegativeHessian => "−E[∂² log f]",
        })
    }
}

/// The way on which an expectation was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// A formula.
    ClosedForm,
    /// A sum over a discrete support.
    Summation {
        /// Terms summed.
        terms: usize,
    },
    /// Quadrature over an interval or a circle.
    Quadrature {
        /// Evaluations of the density.
        evaluations: usize,
    },
    /// A rule over several dimensions: a tensor product of Gauss–Hermite rules, or lattices.
    Cubature {
        /// Nodes of the finest rule, or of all lattices.
        nodes: usize,
    },
    /// The trapezoid rule on a grid of ℝᵈ.
    Grid {
        /// Nodes of the finer grid.
        nodes: usize,
    },
    /// A lattice of points under random shifts; the bound is six standard errors over the shifts.
    QuasiMonteCarlo {
        /// Points of all shifts together.
        points: usize,
        /// Shifts.
        shifts: usize,
    },
    /// The mean over seeded draws from the model.
    MonteCarlo {
        /// Draws.
        draws: usize,
        /// Seed of the generator.
        seed: u64,
    },
    /// A sum over observed data.
    Data,
    /// A sum of different ones.
    Mixed,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedForm => f.write_str("closed form"),
            Self::Summation { terms } => write!(f, "summation ({terms} terms)"),
            Self::Quadrature { evaluations } => {
                write!(f, "quadrature ({evaluations} evaluations)")
            }
            Self::Cubature { nodes } => write!(f, "cubature ({nodes} nodes)"),
            Self::Grid { nodes } => write!(f, "cubature on a grid ({nodes} nodes)"),
            Self::QuasiMonteCarlo { points, shifts } => {
                write!(f, "quasi-Monte Carlo ({points} points, {shifts} shifts)")
            }
            Self::MonteCarlo { draws, seed } => {
                write!(f, "Monte Carlo ({draws} draws, seed {seed})")
            }
            Self::Data => f.write_str("data"),
            Self::Mixed => f.write_str("mixed"),
        }
    }
}

/// How far the matrix may be from what it estimates.
#[derive(Clone, Debug)]
pub enum Accuracy {
    /// To rounding.
    Exact,
    /// Entry by entry, an absolute error bound (k × k).
    Bound(Mat<f64>),
    /// Entry by entry, a standard error (k × k).
    StandardError(Mat<f64>),
}

impl Accuracy {
    /// The absolute error of the entry (row, column): zero, the bound, or the standard error.
    pub fn of_entry(&self, row: usize, column: usize) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::Bound(error) | Self::StandardError(error) => error[(row, column)],
        }
    }
}

/// How an information matrix was obtained.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// What it estimates.
    pub estimator: Estimator,
    /// On which way.
    pub route: Route,
    /// How accurately.
    pub accuracy: Accuracy,
}

impl Provenance {
    /// A provenance without error beyond rounding.
    pub fn exact(estimator: Estimator, route: Route) -> Self {
        Self {
            estimator,
            route,
            accuracy: Accuracy::Exact,
        }
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let estimator = if self.estimator == other.estimator {
            self.estimator
        } else {
            Estimator::Mixed
        };
        let route = if self.route == other.route {
            self.route
        } else {
            Route::Mixed
        };
        // Bounds add. So do standard errors here: the two may share a seed, and then nothing
        // smaller than the sum is safe.
        let accuracy = match (&self.accuracy, &other.accuracy) {
            (Accuracy::Exact, accuracy) | (accuracy, Accuracy::Exact) => accuracy.clone(),
            (Accuracy::Bound(a), Accuracy::Bound(b)) => Accuracy::Bound(a + b),
            (
                Accuracy::Bound(a) | Accuracy::StandardError(a),
                Accuracy::Bound(b) | Accuracy::StandardError(b),
            ) => Accuracy::StandardError(a + b),
        };
        Self {
            estimator,
            route,
            accuracy,
        }
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        self.map_error(|error| faer::Scale(factor) * error)
    }

    /// Errors under I ↦ JᵀIJ: bounded by |J|ᵀ·E·|J|.
    pub(super) fn pulled_back(&self, jacobian: faer::MatRef<'_, f64>) -> Self {
        let absolute = Mat::from_fn(jacobian.nrows(), jacobian.ncols(), |i, j| {
            jacobian[(i, j)].abs()
        });
        self.map_error(|error| absolute.transpose() * error * &absolute)
    }

    fn map_error(&self, map: impl Fn(&Mat<f64>) -> Mat<f64>) -> Self {
        let accuracy = match &self.accuracy {
            Accuracy::Exact => Accuracy::Exact,
            Accuracy::Bound(error) => Accuracy::Bound(map(error)),
            Accuracy::StandardError(error) => Accuracy::StandardError(map(error)),
        };
        Self {
            accuracy,
            ..self.clone()
        }
    }
}
