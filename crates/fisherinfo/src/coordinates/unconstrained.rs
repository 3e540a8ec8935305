use super::{CoordinateMap, Coordinates};
use crate::dual::Dual;
use crate::family::{Constraint, ParameterSpace};
use crate::linear::{cholesky, half_index};

/// Coordinates in which a parameter space is all of ℝᵏ.
///
/// An interval goes by logarithm or logit; probabilities by breaking a stick, φᵢ = logit of the
/// part of what is left that category i takes; a positive definite matrix by its Cholesky factor
/// with a logarithmic diagonal.
pub(crate) fn unconstrained(space: &ParameterSpace) -> Coordinates {
    Coordinates::new(Unconstrained {
        bounds: space
            .parameters()
            .iter()
            .map(|p| (p.lower, p.upper))
            .collect(),
        constraint: space.constraint(),
    })
}

#[derive(Clone, Debug)]
struct Unconstrained {
    bounds: Vec<(f64, f64)>,
    constraint: Constraint,
}

impl Unconstrained {
    /// How many leading parameters are mapped one by one.
    fn free(&self) -> usize {
        match self.constraint {
            Constraint::None => self.bounds.len(),
            Constraint::Simplex => 0,
            Constraint::PositiveDefinite { start, .. } => start,
        }
    }
}

/// The logit written so that neither tail overflows.
fn sigmoid<D: Dual>(phi: D) -> D {
    super::Scalar::Logit.inverse(phi)
}

fn interval_forward<D: Dual>(theta: D, (lower, upper): (f64, f64)) -> D {
    match (lower.is_finite(), upper.is_finite()) {
        (false, false) => theta,
        (true, false) => (theta - lower).ln(),
        (false, true) => -((-theta + upper).ln()),
        (true, true) => (theta - lower).ln() - (-theta + upper).ln(),
    }
}

fn interval_inverse<D: Dual>(phi: D, (lower, upper): (f64, f64)) -> D {
    match (lower.is_finite(), upper.is_finite()) {
        (false, false) => phi,
        (true, false) => phi.exp() + lower,
        (false, true) => -((-phi).exp()) + upper,
        (true, true) => sigmoid(phi) * (upper - lower) + lower,
    }
}

impl CoordinateMap for Unconstrained {
    fn name(&self) -> String {
        "unconstrained".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        base.iter().map(|name| format!("u({name})")).collect()
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let free = self.free();
        let mut phi: Vec<D> = theta[..free]
            .iter()
            .zip(&self.bounds)
            .map(|(&t, &bounds)| interval_forward(t, bounds))
            .collect();
        match self.constraint {
            Constraint::None => {}
            Constraint::Simplex => {
                let mut left = D::one();
                for &t in theta {
                    phi.push(t.ln() - (left - t).ln());
                    left -= t;
                }
            }
            Constraint::PositiveDefinite { start, dimension } => {
                // A matrix that is not positive definite is outside the space, and NaN says so.
                let mut factor = cholesky(&theta[start..], dimension)
                    .unwrap_or_else(|_| vec![D::from(f64::NAN); theta.len() - start]);
                for i in 0..dimension {
                    let at = half_index(i, i, dimension);
                    factor[at] = factor[at].ln();
                }
                phi.extend(factor);
            }
        }
        phi
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        let free = self.free();
        let mut theta: Vec<D> = phi[..free]
            .iter()
            .zip(&self.bounds)
            .map(|(&f, &bounds)| interval_inverse(f, bounds))
            .collect();
        match self.constraint {
            Constraint::None => {}
            Constraint::Simplex => {
                let mut left = D::one();
                for &f in phi {
                    theta.push(left * sigmoid(f));
                    left *= sigmoid(-f);
                }
            }
            Constraint::PositiveDefinite { start, dimension } => {
                let mut factor = phi[start..].to_vec();
                for i in 0..dimension {
                    let at = half_index(i, i, dimension);
                    factor[at] = factor[at].exp();
                }
                for column in 0..dimension {
                    for row in column..dimension {
                        let mut sum = D::from(0.0);
                        for k in 0..=column {
                            sum += factor[half_index(row, k, dimension)]
                                * factor[half_index(column, k, dimension)];
                        }
                        theta.push(sum);
                    }
                }
            }
        }
        theta
    }
}
