use crate::linear::{cholesky, half_index, triangle};

/// Where a density lives, and so how an expectation over it is computed.
///
/// It may depend on θ; a family for which it does is irregular.
#[derive(Clone, Debug, PartialEq)]
pub enum Support {
    /// The integers from `from` up to `to`, or without end.
    Integers {
        /// The smallest value.
        from: i64,
        /// The largest value, where there is one.
        to: Option<i64>,
    },
    /// Vectors of `categories` counts that sum to `total`.
    Counts {
        /// The sum of the counts.
        total: u64,
        /// The length of the vector.
        categories: usize,
    },
    /// An interval of real numbers; its ends may be infinite.
    Interval {
        /// The lower end.
        lower: f64,
        /// The upper end.
        upper: f64,
    },
    /// (0, ∞), where an observation is the pair (x, ln x): a density whose mass lies under the
    /// smallest double, as that of a gamma variable of shape 0.01, is then still seen whole.
    HalfLine,
    /// (minimum, ∞) for a minimum > 0, where an observation is the pair (x, ln(x/minimum)): a tail so
    /// heavy that its mass lies beyond the largest double is then still seen whole.
    AboveMinimum {
        /// The lower end.
        minimum: f64,
    },
    /// An interval with a finite end, where an observation is (x, end, x − end) with the finite end
    /// that is nearer: next to an end that is not zero x itself has lost the digits of its distance
    /// from it.
    Segment {
        /// The lower end.
        lower: f64,
        /// The upper end.
        upper: f64,
    },
    /// (0, 1), where an observation is (x, 1 − x, ln x, ln(1 − x)): a density near either end
    /// then keeps the digits of its distance from it, however small.
    UnitInterval,
    /// Angles from −π to π whose ends are one point.
    Circle,
    /// ℝᵈ.
    Space {
        /// d.
        dimension: usize,
    },
    /// Proportions x₁ … x_K that sum to 1, with the volume of the first K − 1. An observation is
    /// the K logarithms ln xᵢ.
    Simplex {
        /// K.
        categories: usize,
    },
    /// Positive definite matrices, with the volume of their lower triangle. An observation is the
    /// lower Cholesky factor by columns, with the logarithms of its diagonal.
    PositiveDefinite {
        /// Rows of the matrix.
        dimension: usize,
    },
    /// Vectors with every entry in a set of its own: intervals all, or integers all.
    Product(Vec<Support>),
}

/// How far proportions given by a person may be from the sum 1.
const SIMPLEX_SLACK: f64 = 1e-9;

impl Support {
    /// The whole real line.
    pub const REAL: Self = Self::Interval {
        lower: f64::NEG_INFINITY,
        upper: f64::INFINITY,
    };
    /// (0, ∞).
    pub const POSITIVE: Self = Self::Interval {
        lower: 0.0,
        upper: f64::INFINITY,
    };
    /// {0, 1, 2, …}.
    pub const NATURAL: Self = Self::Integers { from: 0, to: None };

    /// How many numbers the density is given for one observation.
    pub fn width(&self) -> usize {
        match self {
            Self::Integers { .. } | Self::Interval { .. } | Self::Circle => 1,
            Self::HalfLine | Self::AboveMinimum { .. } => 2,
            Self::Segment { .. } => 3,
            Self::UnitInterval => 4,
            Self::Counts { categories, .. } | Self::Simplex { categories } => *categories,
            Self::Space { dimension } => *dimension,
            Self::PositiveDefinite { dimension } => triangle(*dimension),
            Self::Product(factors) => factors.iter().map(Self::width).sum(),
        }
    }

    /// How many numbers a person gives for one observation: as [`Support::width`], but
    /// complements and logarithms are left to [`Support::observation`].
    pub fn columns(&self) -> usize {
        match self {
            Self::UnitInterval
            | Self::HalfLine
            | Self::AboveMinimum { .. }
            | Self::Segment { .. } => 1,
            Self::Product(factors) => factors.iter().map(Self::columns).sum(),
            other => other.width(),
        }
    }

    /// The ends of an interval, however its observations are given; `None` for any other set.
    pub fn ends(&self) -> Option<(f64, f64)> {
        match *self {
            Self::Interval { lower, upper } | Self::Segment { lower, upper } => {
                Some((lower, upper))
            }
            Self::AboveMinimum { minimum } => Some((minimum, f64::INFINITY)),
            Self::HalfLine => Some((0.0, f64::INFINITY)),
            Self::UnitInterval => Some((0.0, 1.0)),
            _ => None,
        }
    }

    /// Is the support a set of separate points?
    pub fn is_discrete(&self) -> bool {
        match self {
            Self::Integers { .. } | Self::Counts { .. } => true,
            Self::Product(factors) => factors.iter().all(Self::is_discrete),
            _ => false,
        }
    }

    /// An observation as the density takes it, from the numbers that a person gives: the value,
    /// the K proportions, the lower triangle of the matrix by columns.
    ///
    /// Returns `None` for a value outside the support or of the wrong length.
    ///
    /// ```
    /// use fisherinfo::family::Support;
    /// assert_eq!(Support::HalfLine.observation(&[1.0]), Some(vec![1.0, 0.0]));
    /// assert_eq!(Support::HalfLine.observation(&[-1.0]), None);
    /// // The matrix [[4, 2], [2, 2]] has the factor [[2, 0], [1, 1]].
    /// let matrices = Support::PositiveDefinite { dimension: 2 };
    /// assert_eq!(matrices.observation(&[4.0, 2.0, 2.0]), Some(vec![2f64.ln(), 1.0, 0.0]));
    /// ```
    pub fn observation(&self, given: &[f64]) -> Option<Vec<f64>> {
        if given.len() != self.columns() || !given.iter().all(|v| v.is_finite()) {
            return None;
        }
        if let Self::Product(factors) = self {
            let mut rest = given;
            let mut observation = Vec::with_capacity(self.width());
            for factor in factors {
                let (own, others) = rest.split_at(factor.columns());
                observation.extend(factor.observation(own)?);
                rest = others;
            }
            return Some(observation);
        }
        let inside = match self {
            Self::Integers { from, to } => {
                given[0].fract() == 0.0
                    && given[0] >= *from as f64
                    && to.is_none_or(|to| given[0] <= to as f64)
            }
            Self::Counts { total, .. } => {
                given.iter().all(|v| v.fract() == 0.0 && *v >= 0.0)
                    && given.iter().sum::<f64>() == *total as f64
            }
            Self::Interval { lower, upper } | Self::Segment { lower, upper } => {
                given[0] > *lower && given[0] < *upper
            }
            Self::AboveMinimum { minimum } => given[0] > *minimum,
            Self::HalfLine => given[0] > 0.0,
            Self::UnitInterval => given[0] > 0.0 && given[0] < 1.0,
            Self::Circle => given[0].abs() <= std::f64::consts::PI,
            Self::Simplex { .. } => {
                let sum: f64 = given.iter().sum();
                given.iter().all(|v| *v > 0.0) && (sum - 1.0).abs() <= SIMPLEX_SLACK
            }
            // Each factor has looked at its own.
            Self::Space { .. } | Self::PositiveDefinite { .. } | Self::Product(_) => true,
        };
        if !inside {
            return None;
        }
        Some(match self {
            Self::HalfLine => vec![given[0], given[0].ln()],
            Self::AboveMinimum { minimum } => {
                // From the difference, which is exact near the minimum.
                let excess = (given[0] - minimum) / minimum;
                vec![given[0], excess.ln_1p()]
            }
            Self::Segment { lower, upper } => {
                let x = given[0];
                let end = if x - lower <= upper - x {
                    *lower
                } else {
                    *upper
                };
                vec![x, end, x - end]
            }
            Self::UnitInterval => {
                let complement = 1.0 - given[0];
                vec![given[0], complement, given[0].ln(), (-given[0]).ln_1p()]
            }
            Self::Simplex { .. } => given.iter().map(|v| v.ln()).collect(),
            Self::PositiveDefinite { dimension } => {
                let mut factor = cholesky(given, *dimension).ok()?;
                for i in 0..*dimension {
                    let at = half_index(i, i, *dimension);
                    factor[at] = factor[at].ln();
                }
                factor
            }
            _ => given.to_vec(),
        })
    }
}

impl std::fmt::Display for Support {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integers { from, to: None } => write!(f, "{{{from}, {}, …}}", from + 1),
            Self::Integers { from, to: Some(to) } if to - from == 1 => {
                write!(f, "{{{from}, {to}}}")
            }
            Self::Integers { from, to: Some(to) } => write!(f, "{{{from}, …, {to}}}"),
            Self::Counts { total, categories } => {
                write!(f, "{categories} counts that sum to {total}")
            }
            Self::Interval { lower, upper } | Self::Segment { lower, upper } => {
                write!(f, "({}, {})", end(*lower), end(*upper))
            }
            Self::AboveMinimum { minimum } => write!(f, "({minimum}, ∞)"),
            Self::HalfLine => f.write_str("(0, ∞)"),
            Self::UnitInterval => f.write_str("(0, 1)"),
            Self::Circle => f.write_str("[−π, π]"),
            Self::Simplex { categories } => {
                write!(f, "{categories} proportions > 0 that sum to 1")
            }
            Self::PositiveDefinite { dimension } => {
                write!(f, "positive definite {dimension} × {dimension} matrices")
            }
            Self::Space { dimension } => write!(f, "ℝ^{dimension}"),
            Self::Product(factors) => match factors.first() {
                Some(first) if factors.iter().all(|factor| factor == first) => {
                    write!(f, "{first}^{}", factors.len())
                }
                _ => {
                    let factors: Vec<String> = factors.iter().map(Self::to_string).collect();
                    f.write_str(&factors.join(" × "))
                }
            },
        }
    }
}

pub(crate) fn end(value: f64) -> String {
    if value == f64::INFINITY {
        "∞".into()
    } else if value == f64::NEG_INFINITY {
        "−∞".into()
    } else {
        format!("{value}")
    }
}
