//! Polynomials on [0, 1] by their values at Chebyshev–Lobatto points, and a Gauss–Legendre rule.

use std::f64::consts::PI;

/// Values at degree + 1 points, both ends among them, and the rule that integrates over them.
pub(super) struct Basis {
    pub(super) degree: usize,
    /// The points, from 0 to 1.
    pub(super) points: Vec<f64>,
    /// Nodes and weights of a rule on [0, 1].
    pub(super) rule: Vec<(f64, f64)>,
    /// For every node of the rule the values of the cardinal functions.
    pub(super) values: Vec<Vec<f64>>,
    /// And their slopes.
    pub(super) slopes: Vec<Vec<f64>>,
}

/// Nodes of the rule beyond the degree of the path.
const EXTRA_NODES: usize = 4;

impl Basis {
    pub(super) fn new(degree: usize) -> Self {
        let points: Vec<f64> = (0..=degree)
            .map(|j| (0.5 * PI * j as f64 / degree as f64).sin().powi(2))
            .collect();
        let rule = gauss_legendre(degree + EXTRA_NODES);
        let mut basis = Self {
            degree,
            points,
            values: Vec::new(),
            slopes: Vec::new(),
            rule,
        };
        basis.values = basis
            .rule
            .iter()
            .map(|(x, _)| basis.cardinals(*x))
            .collect();
        basis.slopes = basis
            .rule
            .iter()
            .map(|(x, _)| basis.cardinal_slopes(*x))
            .collect();
        basis
    }

    /// The same polynomials with another rule.
    pub(super) fn seen_at(mut self, rule: &[(f64, f64)]) -> Self {
        self.values = rule.iter().map(|(x, _)| self.cardinals(*x)).collect();
        self.slopes = rule.iter().map(|(x, _)| self.cardinal_slopes(*x)).collect();
        self.rule = rule.to_vec();
        self
    }

    /// The cardinal functions at x, by the second barycentric formula. Source: J.-P. Berrut &
    /// L. N. Trefethen, SIAM Review 46 (2004), section 5.
    pub(super) fn cardinals(&self, x: f64) -> Vec<f64> {
        if let Some(hit) = self.points.iter().position(|point| *point == x) {
            return (0..=self.degree)
                .map(|j| f64::from(u8::from(j == hit)))
                .collect();
        }
        let terms: Vec<f64> = (0..=self.degree)
            .map(|j| self.weight(j) / (x - self.points[j]))
            .collect();
        let total: f64 = terms.iter().sum();
        terms.iter().map(|term| term / total).collect()
    }

    fn weight(&self, index: usize) -> f64 {
        let half = if index == 0 || index == self.degree {
            0.5
        } else {
            1.0
        };
        if index.is_multiple_of(2) { half } else { -half }
    }

    /// Slopes of the cardinal functions at x, away from the points: ℓ_j′ = Σ_i D_ij ℓ_i(x) with the
    /// differentiation matrix D between the points.
    fn cardinal_slopes(&self, x: f64) -> Vec<f64> {
        let at = self.cardinals(x);
        (0..=self.degree)
            .map(|j| {
                (0..=self.degree)
                    .map(|i| at[i] * self.differentiation(i, j))
                    .sum()
            })
            .collect()
    }

    fn differentiation(&self, i: usize, j: usize) -> f64 {
        if i == j {
            (0..=self.degree)
                .filter(|&other| other != i)
                .map(|other| -self.differentiation(i, other))
                .sum()
        } else {
            self.weight(j) / self.weight(i) / (self.points[i] - self.points[j])
        }
    }
}

/// Nodes and weights on [0, 1]: roots of the Legendre polynomial by Newton's method.
fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    (0..count)
        .map(|index| {
            let mut x = (PI * (index as f64 + 0.75) / (count as f64 + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut before, mut value) = (1.0, x);
                for n in 2..=count {
                    let n = n as f64;
                    (before, value) = (
                        value,
                        ((2.0 * n - 1.0) * x * value - (n - 1.0) * before) / n,
                    );
                }
                slope = count as f64 * (x * value - before) / (x * x - 1.0);
                let step = value / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            (0.5 - 0.5 * x, 1.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_and_the_cardinal_functions_are_exact_for_polynomials() {
        for degree in [1, 6, 12] {
            let basis = Basis::new(degree);
            for power in 0..=degree as i32 {
                let at = |x: f64| x.powi(power);
                for (node, (x, _)) in basis.rule.iter().enumerate() {
                    let sum = |parts: &[f64]| -> f64 {
                        parts
                            .iter()
                            .zip(&basis.points)
                            .map(|(l, p)| l * at(*p))
                            .sum()
                    };
                    let slope = f64::from(power) * x.powi((power - 1).max(0));
                    assert!((sum(&basis.values[node]) - at(*x)).abs() < 1e-14);
                    assert!(
                        (sum(&basis.slopes[node]) - slope).abs() < 1e-11,
                        "{degree} {power}"
                    );
                }
            }
            for power in 0..2 * basis.rule.len() as i32 {
                let integral: f64 = basis.rule.iter().map(|(x, w)| w * x.powi(power)).sum();
                assert!(
                    (integral * f64::from(power + 1) - 1.0).abs() < 1e-13,
                    "x^{power}"
                );
            }
        }
    }
}
