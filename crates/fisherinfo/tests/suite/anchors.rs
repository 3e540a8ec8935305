//! Published closed forms, written out a second time from their source and by another way where
//! there is one, at random points of the parameter space.

use faer::{Mat, mat};
use fisherinfo::divergence::{RemainderOrder, kullback_leibler, local_curvature};
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::{
    Bernoulli, Beta, Binomial, Categorical, Exponential, Gamma, Geometric, Model, Multinomial,
    MultivariateNormal, MultivariateNormalLocation, Normal, NormalLocation, Poisson,
};
use fisherinfo::jeffreys::{Properness, Verdict, assess};
use fisherinfo::special::trigamma;
use proptest::prelude::*;
use std::f64::consts::PI;

pub(crate) fn check(model: &dyn Model, theta: &[f64], wanted: &Mat<f64>) {
    let closed = expected_information(model, theta, Method::ClosedForm).unwrap();
    let numeric = expected_information(model, theta, Method::Numeric).unwrap();
    for i in 0..theta.len() {
        for j in 0..theta.len() {
            let scale = (wanted[(i, i)] * wanted[(j, j)]).sqrt();
            let (a, b) = (closed.matrix()[(i, j)], wanted[(i, j)]);
            assert!(
                (a - b).abs() <= 1e-10 * scale,
                "{model:?} {theta:?} ({i}, {j}): {a}, {b}"
            );
            let bound = numeric.provenance().accuracy.of_entry(i, j);
            let c = numeric.matrix()[(i, j)];
            assert!(
                (c - b).abs() <= bound + 1e-13 * scale,
                "{model:?}: {c} ± {bound}, {b}"
            );
        }
    }
}

pub(crate) fn kronecker(a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
    let (p, q) = (b.nrows(), b.ncols());
    Mat::from_fn(a.nrows() * p, a.ncols() * q, |i, j| {
        a[(i / p, j / q)] * b[(i % p, j % q)]
    })
}

/// D with vec S = D vech S, both by columns.
pub(crate) fn duplication(d: usize) -> Mat<f64> {
    let mut pairs = Vec::new();
    for column in 0..d {
        for row in column..d {
            pairs.push((row, column));
        }
    }
    Mat::from_fn(d * d, pairs.len(), |i, k| {
        let (row, column) = (i % d, i / d);
        f64::from(u8::from(pairs[k] == (row.max(column), row.min(column))))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn one_probability(p in 0.001..0.999_f64, n in 1_u64..40) {
        check(&Bernoulli, &[p], &mat![[1.0 / (p * (1.0 - p))]]);
        check(&Binomial { trials: n }, &[p], &mat![[n as f64 / (p * (1.0 - p))]]);
        if p > 0.02 {
            check(&Geometric, &[p], &mat![[1.0 / (p * p * (1.0 - p))]]);
        }
    }

    #[test]
    fn one_rate(rate in 0.01..50.0_f64) {
        check(&Poisson, &[rate], &mat![[1.0 / rate]]);
        check(&Exponential, &[rate], &mat![[1.0 / (rate * rate)]]);
    }

    #[test]
    fn normal_in_mean_and_deviation(mu in -9.0..9.0_f64, sigma in 0.01..20.0_f64) {
        let precision = 1.0 / (sigma * sigma);
        check(&Normal, &[mu, sigma], &mat![[precision, 0.0], [0.0, 2.0 * precision]]);
        check(&NormalLocation { sigma }, &[mu], &mat![[precision]]);
    }

    #[test]
    fn gamma_and_beta(a in 0.2..30.0_f64, b in 0.2..30.0_f64) {
        check(&Gamma, &[a, b], &mat![[trigamma(a), -1.0 / b], [-1.0 / b, a / (b * b)]]);
        let both = trigamma(a + b);
        check(&Beta, &[a, b], &mat![[trigamma(a) - both, -both], [-both, trigamma(b) - both]]);
    }

    /// In shape and mean the gamma information is diagonal: diag(ψ′(α) − 1/α, α/m²).
    #[test]
    fn gamma_in_shape_and_mean(shape in 0.2..30.0_f64, mean in 0.1..10.0_f64) {
        let information = expected_information(&Gamma, &[shape, shape / mean], Method::Automatic).unwrap();
        let all = Gamma.alternative_coordinates();
        let coordinates = all.iter().find(|c| c.name() == "shape-mean").unwrap();
        let moved = coordinates.apply(&information).unwrap();
        prop_assert!((moved.matrix()[(0, 0)] / (trigamma(shape) - 1.0 / shape) - 1.0).abs() < 1e-10);
        prop_assert!((moved.matrix()[(1, 1)] / (shape / mean / mean) - 1.0).abs() < 1e-12);
        let scale = (moved.matrix()[(0, 0)] * moved.matrix()[(1, 1)]).sqrt();
        prop_assert!(moved.matrix()[(0, 1)].abs() < 1e-12 * scale);
    }

    #[test]
    fn categories(a in 0.1..5.0_f64, b in 0.1..5.0_f64, c in 0.1..5.0_f64, n in 1_u64..9) {
        let total = a + b + c;
        let (p, q, r) = (a / total, b / total, c / total);
        let one = mat![[1.0 / p + 1.0 / r, 1.0 / r], [1.0 / r, 1.0 / q + 1.0 / r]];
        check(&Categorical { categories: 3 }, &[p, q], &one);
        let many = faer::Scale(n as f64) * &one;
        check(&Multinomial { trials: n, categories: 3 }, &[p, q], &many);
    }

    /// Σ⁻¹ ⊕ ½ Dᵀ(Σ⁻¹ ⊗ Σ⁻¹)D with D written out.
    #[test]
    fn normal_vectors(
        lower in prop::collection::vec(-1.0..1.0_f64, 3),
        diagonal in prop::collection::vec(0.3..2.0_f64, 3),
        mean in prop::collection::vec(-3.0..3.0_f64, 3),
    ) {
        let l = mat![
            [diagonal[0], 0.0, 0.0],
            [lower[0], diagonal[1], 0.0],
            [lower[1], lower[2], diagonal[2]]
        ];
        let covariance = &l * l.transpose();
        let inverse = {
            use faer::linalg::solvers::DenseSolveCore;
            covariance.partial_piv_lu().inverse()
        };
        let mut half = Vec::new();
        for column in 0..3 {
            for row in column..3 {
                half.push(covariance[(row, column)]);
            }
        }
        check(&MultivariateNormalLocation::new(3, &half).unwrap(), &mean, &inverse);
        let d = duplication(3);
        let block = faer::Scale(0.5) * (d.transpose() * kronecker(&inverse, &inverse) * &d);
        let wanted = Mat::from_fn(9, 9, |i, j| match (i < 3, j < 3) {
            (true, true) => inverse[(i, j)],
            (false, false) => block[(i - 3, j - 3)],
            _ => 0.0,
        });
        let theta: Vec<f64> = mean.iter().chain(&half).copied().collect();
        check(&MultivariateNormal { dimension: 3 }, &theta, &wanted);
    }
}

#[test]
fn divergence_of_two_normals() {
    let closed = kullback_leibler(&Normal, &[1.0, 2.0], &[5.0, 1.0], Method::ClosedForm).unwrap();
    assert!((closed.value - 8.806_852_819_440_055).abs() < 1e-14);
    let numeric = kullback_leibler(&Normal, &[1.0, 2.0], &[5.0, 1.0], Method::Numeric).unwrap();
    assert!((numeric.value - 8.806_852_819_440_055).abs() <= numeric.error);
}

/// The remainder of the local curvature: cubic for a Bernoulli variable, quartic where its third
/// derivative vanishes, none for a Gaussian location.
#[test]
fn remainder_orders() {
    let order = |model: &dyn Model, theta: &[f64], delta: &[f64]| {
        local_curvature(model, theta, delta).unwrap().order
    };
    let close = |order, wanted: f64| {
        assert!(
            matches!(order, RemainderOrder::Observed(q) if (q - wanted).abs() < 2e-3),
            "{order:?}"
        );
    };
    close(order(&Bernoulli, &[0.4], &[0.01]), 3.0);
    close(order(&Bernoulli, &[0.4], &[-1e-9]), 3.0);
    close(order(&Bernoulli, &[0.5], &[0.01]), 4.0);
    close(order(&Poisson, &[3.0], &[0.1]), 3.0);
    close(order(&Beta, &[2.0, 3.0], &[0.1, 0.05]), 3.0);
    // Far from one: near an end of the space, at counts without end, at shapes that are large.
    close(order(&Bernoulli, &[1e-6], &[1e-8]), 3.0);
    close(order(&Poisson, &[1e-8], &[1e-10]), 3.0);
    close(order(&Poisson, &[1e26], &[1e12]), 3.0);
    close(order(&Gamma, &[1e6, 3.0], &[1.0, 0.0]), 3.0);
    close(order(&Gamma, &[1e6, 3.0], &[1.0, 0.1]), 3.0);
    assert!(local_curvature(&Bernoulli, &[0.4], &[0.0]).is_err());
    let sigma = 1.7;
    assert_eq!(
        order(&NormalLocation { sigma }, &[0.3], &[0.01]),
        RemainderOrder::NoRemainder
    );
    let vector = MultivariateNormalLocation::new(2, &[2.0, 0.5, 1.0]).unwrap();
    assert_eq!(
        order(&vector, &[0.3, -1.0], &[0.01, 0.4]),
        RemainderOrder::NoRemainder
    );
}

#[test]
fn jeffreys_mass_where_it_is_proper() {
    let mass = |model: &dyn Model| match assess(model).properness {
        Properness::Proper { mass, error } => {
            assert!(error < 1e-5 * mass, "{model:?}: {mass} ± {error}");
            (mass, error)
        }
        other => panic!("{model:?}: {other:?}"),
    };
    for (model, wanted) in [
        (&Bernoulli as &dyn Model, PI),
        (&Binomial { trials: 9 }, 3.0 * PI),
        // Dirichlet(½): ∏Γ(½)/Γ(K/2), for K = 3 and 4.
        (&Categorical { categories: 3 }, 2.0 * PI),
        (&Categorical { categories: 4 }, PI * PI),
        (
            &Multinomial {
                trials: 4,
                categories: 3,
            },
            8.0 * PI,
        ),
    ] {
        let (found, error) = mass(model);
        assert!(
            (found - wanted).abs() <= error,
            "{model:?}: {found} ± {error}, {wanted}"
        );
    }
    assert!(mass(&Bernoulli).1 < 1e-9);
}

#[test]
fn jeffreys_tails_where_it_is_improper() {
    let tails = |model: &dyn Model| {
        let assessment = assess(model);
        assert_eq!(assessment.properness, Properness::Improper, "{model:?}");
        assessment.tails
    };
    let exponents = |model: &dyn Model| -> Vec<f64> {
        tails(model)
            .iter()
            .map(|tail| tail.exponent.unwrap())
            .collect()
    };
    let close = |found: Vec<f64>, wanted: &[f64]| {
        assert_eq!(found.len(), wanted.len());
        for (f, w) in found.iter().zip(wanted) {
            assert!((f - w).abs() < 1e-3, "{found:?}, {wanted:?}");
        }
    };
    close(exponents(&Exponential), &[1.0, 1.0]);
    close(exponents(&Poisson), &[0.5, 0.5]);
    // 1/(p √(1 − p)): the end at 0 diverges, the end at 1 does not.
    let geometric = tails(&Geometric);
    assert_eq!(geometric[0].verdict, Verdict::Diverges);
    assert_eq!(geometric[1].verdict, Verdict::Converges);
    close(exponents(&Geometric), &[1.0, 0.5]);
    close(exponents(&NormalLocation { sigma: 2.0 }), &[0.0, 0.0]);
    for model in [
        &Normal as &dyn Model,
        &Gamma,
        &Beta,
        &MultivariateNormal { dimension: 1 },
        &MultivariateNormal { dimension: 2 },
        &MultivariateNormal { dimension: 3 },
    ] {
        tails(model);
    }
}

/// Divergences of near points whose closed forms lose everything to cancellation; the values are
/// those of the definition at fifty digits.
#[test]
fn divergences_of_near_points_keep_their_digits() {
    for (model, theta, step, wanted) in [
        (&Beta as &dyn Model, [1e6, 1e6], [1.0, 1.0], BETA_MILLION),
        (&Beta, [50.0, 80.0], [1e-3, 1e-3], BETA_FIFTY),
        (&Gamma, [1e4, 1.0], [1.0, 1e-4], GAMMA_TEN_THOUSAND),
        (&Beta, [2.0, 3.0], [1e-4, 1e-4], BETA_TWO),
        // Beyond half the way to the end of the space the plain form serves.
        (&Beta, [2.0, 3.0], [4.0, -2.5], BETA_FAR),
        (&Gamma, [2.0, 3.0], [-1.5, 6.0], GAMMA_FAR),
    ] {
        let other = [theta[0] + step[0], theta[1] + step[1]];
        let closed = kullback_leibler(model, &theta, &other, Method::ClosedForm).unwrap();
        let relative = (closed.value / wanted - 1.0).abs();
        assert!(
            relative < 1e-12,
            "{model:?} {theta:?} {step:?}: {relative:e}"
        );
    }
}
const BETA_MILLION: f64 = 2.4999995833333335e-13;
const BETA_FIFTY: f64 = 9.459382885276979e-10;
const GAMMA_TEN_THOUSAND: f64 = 2.499916670833e-09;
const BETA_TWO: f64 = 7.728535699091989e-10;
const BETA_FAR: f64 = 5.057201275637605;
const GAMMA_FAR: f64 = 4.657235301238346;
