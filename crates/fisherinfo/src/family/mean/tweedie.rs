//! Tweedie's families, V(μ) = μᵖ, with their densities.

use super::{Canonical, MeanFamily};
use crate::coordinates::link::Link;
use crate::dual::{Datum, Dual};
use crate::family::{Family, InverseGaussian};
use crate::special::{ln_gamma, log_sum_exp};
use std::f64::consts::PI;

/// Numbers whose variance is φμᵖ, p > 1.
///
/// For 1 < p < 2 a sum of a Poisson number of gamma variables (claims, rain): positive, or exactly
/// zero with probability \\(\exp(-\mu^{2-p}/\phi(2-p))\\). For p = 2 gamma, for p = 3 inverse
/// Gaussian, for other p > 2 positive and heavy-tailed, from a stable law. At p = 1 it is the Poisson
/// distribution in units of φ and at p = 0 the normal, which have families of their own; no
/// distribution has 0 < p < 1.
///
/// Sources: Jørgensen, Exponential dispersion models, J. R. Statist. Soc. B 49 (1987); for the
/// densities Dunn & Smyth, Series evaluation of Tweedie exponential dispersion model densities,
/// Statistics and Computing 15 (2005).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tweedie {
    /// p > 1.
    pub power: f64,
}

/// (e^{ar} − 1)/a, which is r at a = 0: the integral of t^{a−1} from 1 to e^r.
fn power_integral<D: Dual>(a: f64, r: D) -> D {
    if a == 0.0 { r } else { (r * a).exp_m1() / a }
}

impl MeanFamily for Tweedie {
    fn variance<D: Dual>(&self, mean: D, _: D) -> D {
        (mean.ln() * self.power).exp()
    }

    fn contains(&self, mean: f64) -> bool {
        mean > 0.0 && mean.is_finite()
    }

    fn canonical(&self) -> Option<Canonical> {
        let slope = (1.0 - self.power).recip();
        Canonical::new(Link::power(1.0 - self.power).ok()?, slope)
    }

    fn variance_stabilising(&self) -> Option<Link> {
        // ∫μ^(−p/2)dμ.
        match self.power {
            2.0 => Some(Link::Log),
            power => Link::power(1.0 - 0.5 * power).ok(),
        }
    }

    /// ∫(y − t)t^{−p}dt from 1 to μ.
    fn log_kernel<D: Dual>(&self, y: f64, mean: D, _: D) -> D {
        let (p, r) = (self.power, mean.ln());
        let rest = -power_integral(2.0 - p, r);
        if y == 0.0 {
            rest
        } else {
            rest + power_integral(1.0 - p, r) * y
        }
    }
}

impl Tweedie {
    /// Twice what the log-likelihood of y loses at μ against y itself, at φ = 1:
    /// 2∫(y − t)t^{−p}dt from μ to y.
    ///
    /// ```
    /// use fisherinfo::family::mean::Tweedie;
    /// let (y, mean) = (3.0_f64, 2.0);
    /// // p = 3 is the inverse Gaussian: (y − μ)²/(μ²y).
    /// let deviance = Tweedie { power: 3.0 }.unit_deviance(y, mean);
    /// assert!((deviance - 1.0 / 12.0).abs() < 1e-15);
    /// ```
    pub fn unit_deviance(&self, y: f64, mean: f64) -> f64 {
        let p = self.power;
        let scale = mean.powf(2.0 - p);
        if y == 0.0 {
            return 2.0 * scale / (2.0 - p);
        }
        // t = μeˢ for s from 0 to r.
        let r = (y / mean).ln();
        2.0 * scale * (y / mean * power_integral(1.0 - p, r) - power_integral(2.0 - p, r))
    }

    /// ln of the density at dispersion φ (of the probability, at y = 0), all constants included.
    ///
    /// For 1 < p < 2 by Dunn and Smyth's series, whose terms are positive. For p > 2 their series
    /// alternates and loses its digits, so the stable density in it comes from Zolotarev's integral,
    /// whose integrand is positive. NaN where y has no density.
    ///
    /// ```
    /// use fisherinfo::family::mean::Tweedie;
    /// // No claims: Poisson with mean μ^{2−p}/φ(2−p) = 4.
    /// let none = Tweedie { power: 1.5 }.log_density(0.0, 4.0_f64, 1.0);
    /// assert!((none + 4.0).abs() < 1e-15);
    /// ```
    pub fn log_density<D: Dual>(&self, y: f64, mean: D, dispersion: D) -> D {
        let p = self.power;
        let zero_has_mass = p < 2.0;
        if y.is_nan() || y < 0.0 || (y == 0.0 && !zero_has_mass) {
            return D::from(f64::NAN);
        }
        let r = mean.ln();
        if y == 0.0 {
            return -(r * (2.0 - p)).exp() / dispersion / (2.0 - p);
        }
        if p == 2.0 {
            let (shape, ratio) = (dispersion.recip(), mean.recip() * y);
            return shape * ((shape * ratio).ln() - ratio) - y.ln() - ln_gamma(shape);
        }
        if p == 3.0 {
            return InverseGaussian.log_density(&[mean, dispersion.recip()], &[Datum::Known(y)]);
        }
        let kernel = (r * (1.0 - p)).exp() * (y / (1.0 - p)) - (r * (2.0 - p)).exp() / (2.0 - p);
        let weight = if p < 2.0 {
            ln_series(p, y, dispersion)
        } else {
            ln_stable(p, y, dispersion)
        };
        weight + kernel / dispersion - y.ln()
    }
}

/// Terms under e^{−37} of the largest are below rounding.
const NEGLIGIBLE: f64 = 37.0;

/// ln Σ W_j, W_j = zʲ/(j! Γ(−αj)), for 1 < p < 2: what a number j of gamma variables gives.
///
/// The logarithm of a term is concave in j. Where its peak is wide, every s-th term is taken: the sum
/// of a smooth function over a lattice does not depend on the lattice but for terms of
/// e^{−2π²(σ/s)²}, with σ the width (Poisson's summation formula).
fn ln_series<D: Dual>(p: f64, y: f64, dispersion: D) -> D {
    let alpha = (2.0 - p) / (1.0 - p);
    let ln_z =
        dispersion.ln() * (alpha - 1.0) + (alpha * ((p - 1.0).ln() - y.ln()) - (2.0 - p).ln());
    let ln_term = |j: f64| ln_z * j - (ln_gamma(j + 1.0) + ln_gamma(-alpha * j));
    let peak = y.powf(2.0 - p) / (dispersion.re() * (2.0 - p));
    if !peak.is_finite() {
        return D::from(f64::NAN);
    }
    let width = (peak / (1.0 - alpha)).sqrt();
    let step = if peak > 20.0 * width {
        (0.25 * width).floor().max(1.0)
    } else {
        1.0
    };
    let middle = peak.round().max(1.0);
    let mut terms = vec![ln_term(middle)];
    let top = terms[0].re();
    for direction in [step, -step] {
        let mut j = middle + direction;
        while j >= 1.0 {
            let term = ln_term(j);
            terms.push(term);
            if term.re() < top - NEGLIGIBLE {
                break;
            }
            j += direction;
        }
    }
    log_sum_exp(&terms) + step.ln()
}

/// ln of y times the density of the stable law that generates the family for p > 2:
/// (y/γ)f(y/γ) with \\(\int e^{-sx}f(x)\,dx = e^{-s^\alpha}\\), α = (p−2)/(p−1) and
/// γᵅ = (p−1)ᵅφ^{α−1}/(p−2).
///
/// With x = y/γ and ξ = x^{−α/(1−α)} Zolotarev's formula is
/// \\(x f(x) = \frac{\alpha\,\xi}{(1-\alpha)\pi}\int_0^\pi A e^{-\xi A}du\\),
/// \\(A(u) = (\sin\alpha u/\sin u)^{1/(1-\alpha)}\,\sin((1-\alpha)u)/\sin\alpha u\\). Over v = ln tan(u/2)
/// the integrand is analytic and falls off on both sides, so that equal steps converge exponentially.
/// Source: Zolotarev, One-dimensional Stable Distributions (1986), 2.2; Kanter, Annals of Probability 3
/// (1975).
fn ln_stable<D: Dual>(p: f64, y: f64, dispersion: D) -> D {
    let alpha = (p - 2.0) / (p - 1.0);
    let rest = (p - 1.0).recip();
    // ln ξ = −(α ln y − ln γᵅ)/(1 − α).
    let ln_scale = dispersion.ln() * (alpha - 1.0) + (alpha * (p - 1.0).ln() - (p - 2.0).ln());
    let ln_xi = (ln_scale - alpha * y.ln()) / rest;
    let ln_term = |v: f64| {
        let u = 2.0 * v.exp().atan();
        // sin u = 1/cosh v, without its rounding near π.
        let size = v.abs();
        let ln_cosh = size + (-2.0 * size).exp().ln_1p() - std::f64::consts::LN_2;
        let ln_a = ((alpha * u).sin().ln() + ln_cosh) / rest + (rest * u).sin().ln()
            - (alpha * u).sin().ln();
        let exponent = ln_xi + ln_a;
        exponent - exponent.exp() - ln_cosh
    };
    let step = 0.125 * (2.0 * rest).min(1.0);
    // Uphill from the middle; the logarithm of a term has one peak.
    let mut peak = 0.0;
    let (mut best, mut stride) = (ln_term(peak).re(), 64.0);
    while stride >= step {
        let mut moved = false;
        for to in [peak - stride, peak + stride] {
            let term = ln_term(to).re();
            if term > best {
                (peak, best, moved) = (to, term, true);
            }
        }
        if !moved || peak.abs() > MOST {
            stride *= 0.5;
        }
    }
    let mut terms = vec![ln_term(peak)];
    for direction in [step, -step] {
        let mut v = peak + direction;
        loop {
            let term = ln_term(v);
            let small = term.re() < best - NEGLIGIBLE;
            // Where e^{−ξA} underflows the term is zero, and so are its derivatives.
            if term.re() > f64::NEG_INFINITY {
                terms.push(term);
            }
            if small || v.abs() > 2.0 * MOST || term.re().is_nan() {
                break;
            }
            v += direction;
        }
    }
    log_sum_exp(&terms) + (step * alpha / rest / PI).ln()
}

/// Where e^v is near the largest double.
const MOST: f64 = 700.0;

#[cfg(test)]
mod tests {
    use super::Tweedie;
    use num_dual::Dual64;
    use proptest::prelude::*;

    /// By mpmath at 50 digits: the series for 1 < p < 2 and the alternating one for p > 2.
    #[test]
    fn densities_at_fifty_digits() {
        let cases: [(f64, f64, f64, f64, f64); 14] = [
            (1.5, 1.0, 2.0, 0.5, -1.1078396743595464),
            (1.2, 0.01, 1.0, 2.0, -13.062110728796126),
            (1.95, 3.0, 2.5, 0.3, -1.4743064713206155),
            (1.5, 250.0, 200.0, 0.01, -42.163218768170644),
            (1.01, 3.0, 2.0, 0.7, -1.905720849689501),
            (1.7, 0.0, 0.5, 0.6, -4.512513313090197),
            (1.5, 1e-06, 1.0, 1.0, -0.613705638880776),
            (1.6, 5000.0, 4000.0, 3.0, -8.545796614737805),
            (2.5, 1.0, 1.5, 0.5, -0.7212151782382724),
            (2.2, 0.4, 1.0, 0.3, -0.45352166099453606),
            (3.5, 2.0, 1.0, 0.4, -2.2021642661058842),
            (5.0, 0.7, 0.9, 0.6, 0.19176444379746685),
            (2.5, 30.0, 2.0, 2.0, -8.659901056070554),
            (9.0, 1.1, 1.0, 0.5, -0.6853216633422748),
        ];
        for (p, y, mean, dispersion, wanted) in cases {
            let found: f64 = Tweedie { power: p }.log_density(y, mean, dispersion);
            // The logarithms that cancel: those of factorials near the number of gamma variables.
            let count = y.powf((2.0 - p).max(0.0)) / dispersion / (p - 1.0).min(1.0);
            let tolerance = 4e-15 * (10.0 + wanted.abs() + count * (2.0 + count).ln());
            assert!(
                (found - wanted).abs() <= tolerance,
                "p = {p}, y = {y}, μ = {mean}, φ = {dispersion}: {found} instead of {wanted}"
            );
        }
    }

    /// The stable law's integral against the inverse Gaussian's closed form, on both sides of p = 3,
    /// and the gamma's on both sides of p = 2.
    #[test]
    fn densities_are_continuous_in_the_power() {
        for (y, mean, dispersion) in [(0.3, 1.0, 0.5), (2.5, 1.5, 2.0), (40.0, 3.0, 0.8)] {
            for p in [2.0_f64, 3.0] {
                let at = |power: f64| Tweedie { power }.log_density(y, mean, dispersion);
                let (below, between, above): (f64, f64, f64) = (at(p - 1e-4), at(p), at(p + 1e-4));
                let bend = (below + above - 2.0 * between).abs();
                assert!(bend < 1e-5, "p = {p}, y = {y}: {below} {between} {above}");
            }
        }
    }

    /// ∫f = 1, ∫yf = μ and ∫(y − μ)²f = φμᵖ by Simpson's rule over ln y.
    #[test]
    fn moments() {
        for (p, mean, dispersion) in [
            (1.3_f64, 2.0_f64, 1.5_f64),
            (1.7, 0.5, 0.6),
            (2.4, 1.0, 0.3),
            (3.6, 1.2, 0.2),
        ] {
            let family = Tweedie { power: p };
            let density = |y: f64| family.log_density(y, mean, dispersion).exp();
            let mass: f64 = if p < 2.0 { density(0.0) } else { 0.0 };
            let (mut sums, n, range) = ([mass, 0.0, mass * mean * mean], 16_000, (-80.0, 14.0));
            let step = (range.1 - range.0) / f64::from(n);
            for i in 0..=n {
                let weight = if i == 0 || i == n {
                    1.0
                } else if i % 2 == 1 {
                    4.0
                } else {
                    2.0
                };
                let y = (range.0 + f64::from(i) * step).exp();
                let part = weight * step / 3.0 * y * density(y);
                for (sum, factor) in sums.iter_mut().zip([1.0, y, (y - mean) * (y - mean)]) {
                    *sum += part * factor;
                }
            }
            let variance = dispersion * mean.powf(p);
            for (found, wanted) in sums.into_iter().zip([1.0, mean, variance]) {
                assert!(
                    (found / wanted - 1.0).abs() < 1e-9,
                    "p = {p}: {found} instead of {wanted}"
                );
            }
        }
    }

    proptest! {
        /// Of the mean only the kernel knows, and of the dispersion the derivative is that of the value.
        #[test]
        fn derivatives(p in 1.05..4.0_f64, y in 0.05..20.0_f64, mean in 0.1..10.0_f64, phi in 0.1..3.0_f64) {
            use crate::family::mean::MeanFamily;
            let family = Tweedie { power: p };
            let in_mean = family.log_density(y, Dual64::new(mean, 1.0), Dual64::from(phi)).eps;
            let score = family.score(y, mean, 1.0 - mean) / phi;
            prop_assert!((in_mean - score).abs() <= 1e-10 * (1.0 + score.abs() + y), "{in_mean} {score}");
            let slope = family.log_density(y, Dual64::from(mean), Dual64::new(phi, 1.0)).eps;
            let step = 1e-5 * phi;
            let at = |phi: f64| family.log_density(y, mean, phi);
            let difference = (at(phi + step) - at(phi - step)) / (2.0 * step);
            prop_assert!((slope - difference).abs() <= 1e-6 * (1.0 + slope.abs()), "{slope} {difference}");
        }

        /// The deviance is twice the fall of the kernel, and zero at the mean alone.
        #[test]
        fn deviance(p in 1.05..4.0_f64, y in 0.05..20.0_f64, mean in 0.1..10.0_f64) {
            use crate::family::mean::MeanFamily;
            let family = Tweedie { power: p };
            let kernel = |mean: f64| family.log_kernel(y, mean, 1.0 - mean);
            let fall = 2.0 * (kernel(y) - kernel(mean));
            let deviance = family.unit_deviance(y, mean);
            let size = 1.0 + kernel(y).abs() + kernel(mean).abs();
            prop_assert!((deviance - fall).abs() <= 1e-12 * size, "{deviance} {fall}");
            prop_assert!(deviance > 0.0 && family.unit_deviance(y, y) == 0.0);
        }
    }
}
