//! Published informations of the catalogue's families, written out a second time.

use crate::anchors::{check, duplication, kronecker};
use faer::linalg::solvers::DenseSolveCore;
use faer::{Mat, mat};
use fisherinfo::coordinates::Coordinates;
use fisherinfo::divergence::kullback_leibler;
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::*;
use fisherinfo::jeffreys::{Properness, assess};
use fisherinfo::special::{bessel_ratio, digamma, ln_gamma, trigamma};
use proptest::prelude::*;
use std::f64::consts::PI;

const EULER: f64 = 0.577_215_664_901_532_9;

fn diagonal(entries: &[f64]) -> Mat<f64> {
    Mat::from_fn(entries.len(), entries.len(), |i, j| {
        if i == j { entries[i] } else { 0.0 }
    })
}

fn coordinates(model: &dyn Model, name: &str) -> Coordinates {
    let all = model.alternative_coordinates();
    all.into_iter().find(|c| c.name() == name).unwrap()
}

/// The information in other coordinates.
fn moved(model: &dyn Model, theta: &[f64], name: &str) -> Mat<f64> {
    let own = expected_information(model, theta, Method::Automatic).unwrap();
    let moved = coordinates(model, name).apply(&own).unwrap();
    moved.matrix().to_owned()
}

fn close(found: &Mat<f64>, wanted: &Mat<f64>) {
    for i in 0..wanted.nrows() {
        for j in 0..wanted.ncols() {
            let scale = (wanted[(i, i)] * wanted[(j, j)]).sqrt();
            let gap = (found[(i, j)] - wanted[(i, j)]).abs();
            assert!(gap < 1e-11 * scale, "({i}, {j}): {found:?}, {wanted:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn location_and_scale(location in -5.0..5.0_f64, s in 0.05..20.0_f64) {
        let theta = [location, s];
        let over = |a: f64, b: f64| diagonal(&[a / (s * s), b / (s * s)]);
        check(&Laplace, &theta, &over(1.0, 1.0));
        check(&Logistic, &theta, &over(1.0 / 3.0, (3.0 + PI * PI) / 9.0));
        check(&Cauchy, &theta, &over(0.5, 0.5));
        check(&LogNormal, &[location, 0.5 * s], &over(4.0, 8.0));
        let across = -(1.0 - EULER) / (s * s);
        let corner = ((1.0 - EULER).powi(2) + PI * PI / 6.0) / (s * s);
        check(&Gumbel, &theta, &mat![[1.0 / (s * s), across], [across, corner]]);
    }

    #[test]
    fn scale_alone(s in 0.05..20.0_f64) {
        for (model, constant) in [
            (&Rayleigh as &dyn Model, 4.0),
            (&Maxwell, 6.0),
            (&HalfNormal, 2.0),
            (&Levy, 0.5),
            (&Pareto { minimum: 2.5 }, 1.0),
            (&KumaraswamyKnownA { a: 0.7 }, 1.0),
        ] {
            check(model, &[s], &mat![[constant / (s * s)]]);
        }
    }

    #[test]
    fn shape_and_scale(shape in 0.15..15.0_f64, scale in 0.1..10.0_f64) {
        let (k, l) = (shape, scale);
        let corner = ((1.0 - EULER).powi(2) + PI * PI / 6.0) / (k * k);
        let across = -(1.0 - EULER) / l;
        check(&Weibull, &[k, l], &mat![[corner, across], [across, k * k / (l * l)]]);
        check(&InverseGamma, &[k, l], &mat![[trigamma(k), -1.0 / l], [-1.0 / l, k / (l * l)]]);
        check(&InverseGaussian, &[k, l], &diagonal(&[l / k.powi(3), 0.5 / (l * l)]));
        check(&ChiSquared, &[k], &mat![[trigamma(k / 2.0) / 4.0]]);
        check(&Nakagami, &[k, l], &diagonal(&[trigamma(k) - 1.0 / k, k / (l * l)]));
        check(&LogLogistic, &[l, k], &diagonal(&[k * k / (3.0 * l * l), (3.0 + PI * PI) / (9.0 * k * k)]));
        let a = bessel_ratio(k);
        check(&VonMises, &[l - 5.0, k], &diagonal(&[k * a, 1.0 - a * a - a / k]));
    }

    #[test]
    fn students(location in -5.0..5.0_f64, s in 0.1..10.0_f64, nu in 0.3..7.0_f64) {
        let outer = (nu + 1.0) / ((nu + 3.0) * s * s);
        let scale = 2.0 * nu / ((nu + 3.0) * s * s);
        let degrees = 0.25 * (trigamma(nu / 2.0) - trigamma((nu + 1.0) / 2.0))
            - (nu + 5.0) / (2.0 * nu * (nu + 1.0) * (nu + 3.0));
        let across = -2.0 / (s * (nu + 1.0) * (nu + 3.0));
        let wanted = mat![[outer, 0.0, 0.0], [0.0, scale, across], [0.0, across, degrees]];
        check(&StudentT, &[location, s, nu], &wanted);
        check(&StudentTKnownNu { nu }, &[location, s], &diagonal(&[outer, scale]));
    }

    #[test]
    fn exceedances(s in 0.1..10.0_f64, xi in -0.2..2.0_f64) {
        let across = 1.0 / (s * (1.0 + xi) * (1.0 + 2.0 * xi));
        let scale = 1.0 / (s * s * (1.0 + 2.0 * xi));
        let shape = 2.0 / ((1.0 + xi) * (1.0 + 2.0 * xi));
        check(&GeneralizedPareto, &[s, xi], &mat![[scale, across], [across, shape]]);
    }

    /// The quotients of the published formula, away from its removable points b = 1 and b = 2.
    #[test]
    fn maxima(location in -9.0..9.0_f64, s in 0.1..10.0_f64, xi in -0.3..1.5_f64) {
        // Prescott & Walden (1980), for k = −ξ; beside zero the terms in 1/k cancel.
        prop_assume!(xi.abs() > 0.05);
        let k = -xi;
        let gamma = |x: f64| ln_gamma(x).exp();
        let p = (1.0 - k).powi(2) * gamma(1.0 - 2.0 * k);
        let q = gamma(2.0 - k) * (digamma(1.0 - k) - (1.0 - k) / k);
        let g = gamma(2.0 - k);
        // The entries with ξ have the other sign than those with k.
        let location_scale = (p - g) / (s * s * k);
        let location_shape = -(q + p / k) / (s * k);
        let scale_shape = (1.0 - EULER - (1.0 - g) / k - q - p / k) / (s * k * k);
        let of_scale = (1.0 - 2.0 * g + p) / (s * s * k * k);
        let rest = 1.0 - EULER - 1.0 / k;
        let of_shape = (PI * PI / 6.0 + rest * rest + 2.0 * q / k + p / (k * k)) / (k * k);
        check(&GeneralizedExtremeValue, &[location, s, xi], &mat![
            [p / (s * s), location_scale, -location_shape],
            [location_scale, of_scale, -scale_shape],
            [-location_shape, -scale_shape, of_shape]
        ]);
    }

    #[test]
    fn shifts(shape in 2.2..9.0_f64, s in 0.1..10.0_f64, shift in -9.0..9.0_f64) {
        let across = 1.0 / (s * (shape - 1.0));
        check(&ShiftedGamma, &[shape, 1.0 / s, shift], &mat![
            [trigamma(shape), -s, across],
            [-s, shape * s * s, -1.0],
            [across, -1.0, 1.0 / (s * s * (shape - 2.0))]
        ]);
        let gamma = |x: f64| ln_gamma(x).exp();
        let own = ((1.0 - EULER).powi(2) + PI * PI / 6.0) / (shape * shape);
        let scale_shape = -(1.0 - EULER) / s;
        let shape_shift = -gamma(2.0 - 1.0 / shape) * (1.0 + digamma(1.0 - 1.0 / shape)) / s;
        let scale_shift = (shape / s).powi(2) * gamma(2.0 - 1.0 / shape);
        check(&ShiftedWeibull, &[shape, s, shift], &mat![
            [own, scale_shape, shape_shift],
            [scale_shape, (shape / s).powi(2), scale_shift],
            [shape_shift, scale_shift, ((shape - 1.0) / s).powi(2) * gamma(1.0 - 2.0 / shape)]
        ]);
    }

    #[test]
    fn kumaraswamy(a in 0.2..10.0_f64, b in 0.2..20.0_f64) {
        prop_assume!((b - 1.0).abs() > 0.02 && (b - 2.0).abs() > 0.02);
        let change = digamma(b) - digamma(2.0);
        let bend = (change * change + trigamma(2.0) - trigamma(b)) / (b - 2.0);
        let across = (digamma(2.0) - digamma(b + 1.0)) / (a * (b - 1.0));
        let wanted = mat![[(1.0 + b * bend) / (a * a), across], [across, 1.0 / (b * b)]];
        check(&Kumaraswamy, &[a, b], &wanted);
    }

    /// The tail sum Σ P(Y > j)/(k + j)² − μ/(k(k + μ)), which cancels where the library's does not.
    #[test]
    fn counts(mean in 0.3..15.0_f64, k in 0.3..8.0_f64, p in 0.05..0.95_f64, r in 0.2..9.0_f64) {
        check(&NegativeBinomial { r }, &[p], &mat![[r / (p * p * (1.0 - p))]]);
        let success = k / (k + mean);
        let mut mass = success.powf(k);
        let mut tail = 1.0 - mass;
        let mut sum = 0.0;
        for j in 0..2000 {
            let j = f64::from(j);
            sum += tail / (k + j).powi(2);
            mass *= (k + j) / (j + 1.0) * (1.0 - success);
            tail -= mass;
        }
        let shape = sum - mean / (k * (k + mean));
        let found = expected_information(&NegativeBinomial2, &[mean, k], Method::ClosedForm).unwrap();
        prop_assert!((found.matrix()[(1, 1)] - shape).abs() < 1e-12 / (k * k));
        check(&NegativeBinomial2, &[mean, k], &diagonal(&[1.0 / (mean + mean * mean / k), found.matrix()[(1, 1)]]));
    }

    #[test]
    fn proportions(a in 0.2..9.0_f64, b in 0.2..9.0_f64, c in 0.2..9.0_f64) {
        let whole = trigamma(a + b + c);
        let wanted = Mat::from_fn(3, 3, |i, j| {
            (if i == j { trigamma([a, b, c][i]) } else { 0.0 }) - whole
        });
        check(&Dirichlet { categories: 3 }, &[a, b, c], &wanted);
    }

    /// ν/2·Dᵀ(V⁻¹ ⊗ V⁻¹)D, ½ Dᵀ vec V⁻¹ and ψ′_p(ν/2)/4, with D written out.
    #[test]
    fn matrices(lower in -1.0..1.0_f64, first in 0.3..2.0_f64, second in 0.3..2.0_f64, above in 0.3..9.0_f64) {
        let factor = mat![[first, 0.0, 0.0], [lower, second, 0.0], [0.5, -lower, 1.0]];
        for p in [1, 2, 3] {
            let l = factor.get(..p, ..p);
            let scale = l * l.transpose();
            let inverse = scale.partial_piv_lu().inverse();
            let nu = p as f64 - 1.0 + above;
            let mut theta = vec![nu];
            for column in 0..p {
                theta.extend((column..p).map(|row| scale[(row, column)]));
            }
            let d = duplication(p);
            let block = d.transpose() * kronecker(&inverse, &inverse) * &d;
            let stacked = Mat::from_fn(p * p, 1, |i, _| inverse[(i % p, i / p)]);
            let across = d.transpose() * stacked;
            let degrees: f64 = (0..p).map(|i| 0.25 * trigamma(0.5 * (nu - i as f64))).sum();
            let size = theta.len();
            let wanted = Mat::from_fn(size, size, |i, j| match (i, j) {
                (0, 0) => degrees,
                (0, k) | (k, 0) => 0.5 * across[(k - 1, 0)],
                _ => 0.5 * nu * block[(i - 1, j - 1)],
            });
            let found = expected_information(&Wishart { dimension: p }, &theta, Method::ClosedForm).unwrap();
            close(&found.matrix().to_owned(), &wanted);
        }
    }

    /// Σ₋₁ᵏ in natural parameters is the covariance of the statistics, and in ln λ, 1/k a Weibull
    /// variable has the location and scale of a Gumbel one.
    #[test]
    fn other_coordinates(a in 0.3..9.0_f64, b in 0.3..9.0_f64) {
        // Inverse Gaussian: Var x = μ³/λ, Var 1/x = 1/(μλ) + 2/λ², Cov = E[1] − μ·E[1/x] = −μ/λ.
        let wanted = mat![[a.powi(3) / b, -a / b], [-a / b, 1.0 / (a * b) + 2.0 / (b * b)]];
        close(&moved(&InverseGaussian, &[a, b], "natural"), &wanted);
        // Gamma: Var ln x = ψ′, Cov = 1/β, Var x = α/β² for the statistic (ln x, x) and (α, −β).
        let wanted = mat![[trigamma(a), 1.0 / b], [1.0 / b, a / (b * b)]];
        close(&moved(&Gamma, &[a, b], "natural"), &wanted);
        // Von Mises at direction 0: Var cos x = A′, Var sin x = A/κ.
        let ratio = bessel_ratio(b);
        let wanted = diagonal(&[1.0 - ratio * ratio - ratio / b, ratio / b]);
        close(&moved(&VonMises, &[0.0, b], "natural"), &wanted);
        let unit = a * a;
        let corner = (1.0 - EULER).powi(2) + PI * PI / 6.0;
        // The logarithm is minus a maximum: the sign of the off-diagonal entry turns.
        let wanted = mat![[unit * corner, unit * (1.0 - EULER)], [unit * (1.0 - EULER), unit]];
        close(&moved(&Weibull, &[a, b], "extreme-value"), &wanted);
        // (r, p): from the score of r known, I_pp = r/(p²(1 − p)), and I_rp = −1/p.
        let (r, p) = (a, 1.0 / (1.0 + b));
        let both = moved(&NegativeBinomial2, &[r * b, r], "r-p");
        prop_assert!((both[(1, 1)] / (r / (p * p * (1.0 - p))) - 1.0).abs() < 1e-11);
        prop_assert!((both[(0, 1)] * p + 1.0).abs() < 1e-9);
    }
}

/// By quadrature at thirty digits, at ω = 1.5 and α = 2.
#[test]
fn skew_normal() {
    let wanted = mat![
        [1.0045449302532883, 0.41824328164877081, 0.16208396973749418],
        [
            0.41824328164877081,
            1.0216938191850764,
            -0.09960369772214063
        ],
        [
            0.16208396973749418,
            -0.09960369772214063,
            0.07470277329160547
        ]
    ];
    let found = expected_information(&SkewNormal, &[-3.0, 1.5, 2.0], Method::Automatic).unwrap();
    close(&found.matrix().to_owned(), &wanted);
}

#[test]
fn divergences() {
    let kl = |model: &dyn Model, a: &[f64], b: &[f64], wanted: f64| {
        let closed = kullback_leibler(model, a, b, Method::ClosedForm)
            .unwrap()
            .value;
        assert!((closed / wanted - 1.0).abs() < 1e-14, "{model:?}: {closed}");
        let numeric = kullback_leibler(model, a, b, Method::Numeric).unwrap();
        assert!((numeric.value - wanted).abs() <= numeric.error + 1e-14);
    };
    kl(&Cauchy, &[1.0, 3.0], &[5.0, 2.0], 0.535_518_236_356_362_1);
    // The second kink lies where no node of an unsplit panel would see it. By quadrature at thirty
    // digits.
    let scale = 1.612_000_040_731_088_6_f64;
    let other = [0.3, (scale.ln() - 0.2).exp()];
    kl(&Laplace, &[0.0, scale], &other, 0.041_300_981_402_630_9);
    kl(&LogNormal, &[1.0, 2.0], &[5.0, 1.0], 8.806_852_819_440_055);
}

/// The mass of a small shape lies where no double is: at shape 10⁻³ a third of it under the
/// smallest one of a size of e⁻⁷⁰⁸. What an observation carries beside its value finds it.
#[test]
fn shapes_whose_mass_lies_under_the_smallest_double() {
    for shape in [0.04, 1e-2, 1e-3] {
        check(
            &Gamma,
            &[shape, 2.0],
            &mat![[trigamma(shape), -0.5], [-0.5, shape / 4.0]],
        );
        let both = trigamma(shape + 0.5 * shape);
        let wanted = mat![
            [trigamma(shape) - both, -both],
            [-both, trigamma(0.5 * shape) - both]
        ];
        check(&Beta, &[shape, 0.5 * shape], &wanted);
        check(&ChiSquared, &[2.0 * shape], &mat![[trigamma(shape) / 4.0]]);
        let draws = Method::MonteCarlo {
            draws: 20_000,
            seed: 1,
        };
        let drawn = expected_information(&Gamma, &[shape, 2.0], draws).unwrap();
        let gap = drawn.matrix()[(0, 0)] - trigamma(shape);
        assert!(gap.abs() < 5.0 * drawn.provenance().accuracy.of_entry(0, 0));
    }
    // The density at an observation that only its logarithm tells apart from zero.
    let density = Model::log_density(&Gamma, &[1e-3, 2.0], &[0.0, -4e3]);
    let wanted = 1e-3 * 2f64.ln() + 999e-3 * 4e3 - ln_gamma(1e-3);
    assert!((density - wanted).abs() < 1e-9);
}

/// Up to three dimensions a lattice, beyond them draws with their standard error.
#[test]
fn many_dimensions() {
    let wishart = Wishart { dimension: 2 };
    let theta = [5.0, 2.0, 0.5, 1.0];
    let closed = expected_information(&wishart, &theta, Method::ClosedForm).unwrap();
    let within = Method::NumericWithin(60_000);
    let numeric = expected_information(&wishart, &theta, within).unwrap();
    for i in 0..4 {
        for j in 0..4 {
            let scale = (closed.matrix()[(i, i)] * closed.matrix()[(j, j)]).sqrt();
            let bound = numeric.provenance().accuracy.of_entry(i, j);
            let gap = (closed.matrix()[(i, j)] - numeric.matrix()[(i, j)]).abs();
            assert!(gap <= bound && bound < 1e-5 * scale, "{gap:e} {bound:e}");
        }
    }
    let five = Dirichlet { categories: 5 };
    let theta = [1.0, 2.0, 3.0, 4.0, 5.0];
    let refused = expected_information(&five, &theta, Method::Numeric).unwrap_err();
    assert!(refused.to_string().contains("4 dimensions"), "{refused}");
    let draws = Method::MonteCarlo {
        draws: 5_000,
        seed: 2,
    };
    let drawn = expected_information(&five, &theta, draws).unwrap();
    let closed = expected_information(&five, &theta, Method::ClosedForm).unwrap();
    for i in 0..5 {
        let gap = (closed.matrix()[(i, 0)] - drawn.matrix()[(i, 0)]).abs();
        assert!(gap < 5.0 * drawn.provenance().accuracy.of_entry(i, 0));
    }
}

#[test]
fn improper_priors() {
    for model in [
        &NegativeBinomial { r: 3.0 } as &dyn Model,
        &InverseGamma,
        &LogNormal,
        &Laplace,
        &Logistic,
        &Cauchy,
        &Weibull,
        &Gumbel,
        &Pareto { minimum: 2.0 },
        &KumaraswamyKnownA { a: 2.0 },
        &InverseGaussian,
        &Rayleigh,
        &Maxwell,
        &HalfNormal,
        &Levy,
        &ChiSquared,
        &VonMises,
        &Nakagami,
        &LogLogistic,
        &StudentTKnownNu { nu: 4.0 },
    ] {
        assert_eq!(assess(model).properness, Properness::Improper, "{model:?}");
    }
}
