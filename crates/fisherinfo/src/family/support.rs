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
    /// (0, 1), where an observation is the pair (x, 1 − x): a density near one then keeps the
    /// digits of its distance from one.
    UnitInterval,
    /// ℝᵈ.
    Space {
        /// d.
        dimension: usize,
    },
    /// Vectors with every entry in a set of its own: intervals all, or integers all.
    Product(Vec<Support>),
}

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
            Self::Integers { .. } | Self::Interval { .. } => 1,
            Self::UnitInterval => 2,
            Self::Counts { categories, .. } => *categories,
            Self::Space { dimension } => *dimension,
            Self::Product(factors) => factors.iter().map(Self::width).sum(),
        }
    }

    /// How many numbers a person gives for one observation: as [`Support::width`], but the
    /// complement on the unit interval is left to [`Support::observation`].
    pub fn columns(&self) -> usize {
        match self {
            Self::UnitInterval => 1,
            Self::Product(factors) => factors.iter().map(Self::columns).sum(),
            other => other.width(),
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

    /// An observation as the density takes it, from the numbers that a person gives.
    ///
    /// Returns `None` for a value outside the support or of the wrong length.
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
            Self::Interval { lower, upper } => given[0] > *lower && given[0] < *upper,
            Self::UnitInterval => given[0] > 0.0 && given[0] < 1.0,
            // Each factor has looked at its own.
            Self::Space { .. } | Self::Product(_) => true,
        };
        inside.then(|| match self {
            Self::UnitInterval => vec![given[0], 1.0 - given[0]],
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
            Self::Interval { lower, upper } => {
                write!(f, "({}, {})", end(*lower), end(*upper))
            }
            Self::UnitInterval => f.write_str("(0, 1)"),
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
