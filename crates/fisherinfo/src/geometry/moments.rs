use super::GeometryError;
use crate::expectation::{
    ExpectationError, KinkJump, Method, expectation, expected_information, kink_jumps, kink_share,
};
use crate::family::Model;
use crate::linear::{half_index, triangle};
use faer::{Mat, MatRef};

/// Moments of the score s and of H = ∂² log f at a point, from one pass, each with its error.
///
/// Derivatives of the metric need no differences: under the integral
/// ∂g_ac/∂θᵇ = Γ_{ab,c} + Γ_{bc,a} with Γ_{ab,c} = E\[(H_ab + ½ s_a s_b) s_c\].
pub(super) struct PointMoments {
    pub(super) dimension: usize,
    value: Vec<f64>,
    error: Vec<f64>,
}

/// Where the parts begin: ∫f, g, −E\[H\], Γ and the direct part of the curvature.
struct Layout {
    negative_hessian: usize,
    connection: usize,
    riemann: usize,
}

/// Evaluations after which a rule is left with the error that it has; terms after which a sum is
/// given up.
const MOST_EVALUATIONS: usize = 20_000;
const MOST_TERMS: usize = 1_000_000;

/// Units in the last place granted to derivatives of a formula.
const ROUNDING: f64 = 32.0;

/// The components R_abcd with a < b, c < d and (a, b) not after (c, d): by its symmetries R has no
/// others.
pub(super) fn riemann_components(size: usize) -> Vec<[usize; 4]> {
    let pairs: Vec<[usize; 2]> = (0..size)
        .flat_map(|a| (a + 1..size).map(move |b| [a, b]))
        .collect();
    pairs
        .iter()
        .enumerate()
        .flat_map(|(at, &[a, b])| pairs[at..].iter().map(move |&[c, d]| [a, b, c, d]))
        .collect()
}

/// ∂_cΓ_{bd,a} − ∂_dΓ_{bc,a} under the integral: see [`super::scalar_curvature`].
fn riemann_integrand(s: &[f64], h: MatRef<'_, f64>, [a, b, c, d]: [usize; 4]) -> f64 {
    let terms = [
        h[(a, c)] * h[(b, d)],
        -h[(a, d)] * h[(b, c)],
        0.5 * h[(b, d)] * s[a] * s[c],
        -0.5 * h[(b, c)] * s[a] * s[d],
        0.5 * h[(a, c)] * s[b] * s[d],
        -0.5 * h[(a, d)] * s[b] * s[c],
    ];
    let sum: f64 = terms.iter().sum();
    let size: f64 = terms.iter().map(|term| term.abs()).sum();
    // What is left of terms that cancel is noise, on which a rule would refine without end.
    if sum.abs() <= 8.0 * f64::EPSILON * size {
        0.0
    } else {
        sum
    }
}

impl Layout {
    fn new(dimension: usize) -> Self {
        let half = triangle(dimension);
        Self {
            negative_hessian: 1 + half,
            connection: 1 + 2 * half,
            riemann: 1 + 2 * half + half * dimension,
        }
    }
}

impl PointMoments {
    /// The moments at θ by the numeric route of the family, those of the curvature for the given
    /// components of R.
    pub(super) fn new(
        model: &dyn Model,
        theta: &[f64],
        components: &[[usize; 4]],
    ) -> Result<Self, GeometryError> {
        if let Some(found) = Self::by_differentiation(model, theta, components) {
            return Ok(found);
        }
        let size = theta.len();
        let layout = Layout::new(size);
        let kinks = kink_jumps(model, theta);
        if !(kinks.is_empty() || components.is_empty()) {
            return Err(GeometryError::Kink {
                model: model.name(),
            });
        }
        let integrand = |x: &[f64], out: &mut [f64]| {
            let score = model.score(theta, x);
            let hessian = -model.observed_information(theta, x);
            out[0] = 1.0;
            for column in 0..size {
                for row in column..size {
                    let at = half_index(row, column, size);
                    let product = score[row] * score[column];
                    out[1 + at] = product;
                    out[layout.negative_hessian + at] = -hessian[(row, column)];
                    for (c, slope) in score.iter().enumerate() {
                        out[layout.connection + at * size + c] =
                            (hessian[(row, column)] + 0.5 * product) * slope;
                    }
                }
            }
            for (value, at) in out[layout.riemann..].iter_mut().zip(components) {
                *value = riemann_integrand(&score, hessian.as_ref(), *at);
            }
        };
        let width = layout.riemann + components.len();
        let budget = Method::NumericWithin(if model.support(theta).is_discrete() {
            MOST_TERMS
        } else {
            MOST_EVALUATIONS
        });
        let result = expectation(model, theta, width, &integrand, budget)?;
        let mut moments = Self {
            dimension: size,
            value: result.value,
            error: result.error,
        };
        moments.add_kinks(&kinks);
        moments.require_regular(model, theta, &layout)?;
        Ok(moments)
    }

    /// What kinks add. The integrals over the two sides of a kink k(θ) have ends that move: with the jump
    /// J_bc = f(k)·(s_b s_c(k−) − s_b s_c(k+)), ∂_a g_bc has the further term J_bc·∂k/∂θ_a.
    fn add_kinks(&mut self, kinks: &[KinkJump]) {
        let size = self.dimension;
        let layout = Layout::new(size);
        let share = kink_share(kinks, size);
        for (value, share) in self.value[layout.negative_hessian..].iter_mut().zip(share) {
            *value += share;
        }
        for kink in kinks {
            let jump = |b: usize, c: usize| {
                kink.density * (kink.left[b] * kink.left[c] - kink.right[b] * kink.right[c])
            };
            for b in 0..size {
                for a in b..size {
                    for c in 0..size {
                        let at = half_index(a, b, size) * size + c;
                        self.value[layout.connection + at] += 0.5
                            * (jump(b, c) * kink.gradient[a] + jump(a, c) * kink.gradient[b]
                                - jump(a, b) * kink.gradient[c]);
                    }
                }
            }
        }
    }

    /// The same from a formula of the metric and its derivatives, where there is one:
    /// Γ_{ab,c} = ½(∂_a g_bc + ∂_b g_ac − ∂_c g_ab).
    fn by_differentiation(
        model: &dyn Model,
        theta: &[f64],
        components: &[[usize; 4]],
    ) -> Option<Self> {
        let size = theta.len();
        let layout = Layout::new(size);
        let metric = model.information_derivatives(theta)?;
        let entry = |row, column| half_index(row, column, size);
        let first = |by: usize, row, column| metric.first[by][entry(row, column)];
        let second = |a, b, row, column| metric.second[entry(a, b)][entry(row, column)];
        let mut value = vec![0.0; layout.riemann + components.len()];
        value[0] = 1.0;
        value[1..layout.negative_hessian].copy_from_slice(&metric.value);
        value[layout.negative_hessian..layout.connection].copy_from_slice(&metric.value);
        for column in 0..size {
            for row in column..size {
                for c in 0..size {
                    value[layout.connection + entry(row, column) * size + c] = 0.5
                        * (first(row, column, c) + first(column, row, c) - first(c, row, column));
                }
            }
        }
        // ∂_cΓ_{bd,a} − ∂_dΓ_{bc,a}, in which the derivatives by c and d have cancelled.
        for (place, &[a, b, c, d]) in value[layout.riemann..].iter_mut().zip(components) {
            *place = 0.5
                * (second(b, c, a, d) + second(a, d, b, c)
                    - second(a, c, b, d)
                    - second(b, d, a, c));
        }
        // A few units in the last place of the largest of what was added up.
        let size = |value: &f64| ROUNDING * f64::EPSILON * value.abs();
        let largest = value.iter().map(size).fold(0.0, f64::max);
        let mut error: Vec<f64> = value.iter().map(size).collect();
        error[layout.connection..].fill(largest);
        Some(Self {
            dimension: theta.len(),
            value,
            error,
        })
    }

    /// A density of mass one whose two definitions of information agree: only then do derivatives
    /// go under the integral.
    fn require_regular(
        &self,
        model: &dyn Model,
        theta: &[f64],
        layout: &Layout,
    ) -> Result<(), GeometryError> {
        if (self.value[0] - 1.0).abs() > self.error[0] {
            return Err(ExpectationError::Mass {
                model: model.name(),
                total: self.value[0],
                error: self.error[0],
            }
            .into());
        }
        for column in 0..self.dimension {
            for row in column..self.dimension {
                let at = half_index(row, column, self.dimension);
                let (product, hessian) = (1 + at, layout.negative_hessian + at);
                let error = self.error[product] + self.error[hessian];
                if (self.value[product] - self.value[hessian]).abs() > error {
                    // The engine says what is behind it; a kink is no fault of the information.
                    expected_information(model, theta, Method::Numeric)?;
                    return Err(GeometryError::Kink {
                        model: model.name(),
                    });
                }
            }
        }
        if crate::linear::cholesky(self.metric_triangle().0, self.dimension).is_err() {
            return Err(GeometryError::Singular {
                model: model.name(),
                point: theta.to_vec(),
            });
        }
        Ok(())
    }

    /// g as a lower triangle by columns, and its error.
    pub(super) fn metric_triangle(&self) -> (&[f64], &[f64]) {
        let part = 1..1 + triangle(self.dimension);
        (&self.value[part.clone()], &self.error[part])
    }

    /// Γ_{ab,c} at `half_index(a, b)·k + c`, and its error.
    pub(super) fn connection(&self) -> (&[f64], &[f64]) {
        let layout = Layout::new(self.dimension);
        let part = layout.connection..layout.riemann;
        (&self.value[part.clone()], &self.error[part])
    }

    /// The direct part of R for the components asked for, and its error.
    pub(super) fn direct_riemann(&self) -> (&[f64], &[f64]) {
        let part = Layout::new(self.dimension).riemann..;
        (&self.value[part.clone()], &self.error[part])
    }

    /// A lower triangle by columns as a matrix.
    pub(super) fn square(&self, triangle: &[f64]) -> Mat<f64> {
        Mat::from_fn(self.dimension, self.dimension, |i, j| {
            triangle[half_index(i, j, self.dimension)]
        })
    }

    /// Γ_{ab,c}.
    pub(super) fn christoffel(&self, a: usize, b: usize, c: usize) -> f64 {
        self.connection().0[half_index(a, b, self.dimension) * self.dimension + c]
    }
}
