//! Sums of more terms than can be added up one by one.

use crate::typed_densities::{same_information, typed};
use fisherinfo::expectation::{
    ExpectationError, Method, expectation, expected_information, score_moments,
};
use fisherinfo::family::{
    Binomial, Geometric, Model, NegativeBinomial, NegativeBinomial2, Poisson,
};
use fisherinfo::information::Route;
use proptest::prelude::*;

/// Mean and variance, which are known, of counts around a billion and more.
#[test]
fn moments_of_large_counts() {
    let cases: [(&dyn Model, &[f64], f64, f64); 6] = [
        (&Geometric, &[1e-12], 1e12 - 1.0, (1.0 - 1e-12) * 1e24),
        (&Poisson, &[1e12], 1e12, 1e12),
        (
            &Binomial {
                trials: 1_000_000_000,
            },
            &[0.25],
            2.5e8,
            1.875e8,
        ),
        (
            &NegativeBinomial { r: 2.5 },
            &[1e-9],
            2.5 * (1e9 - 1.0),
            2.5e18 * (1.0 - 1e-9),
        ),
        (
            &NegativeBinomial { r: 0.01 },
            &[1e-12],
            0.01 * (1e12 - 1.0),
            1e22 * (1.0 - 1e-12),
        ),
        (&NegativeBinomial2, &[1e12, 3.0], 1e12, 1e12 + 1e24 / 3.0),
    ];
    for (model, theta, mean, variance) in cases {
        let deviation = variance.sqrt();
        let h = |x: &[f64], out: &mut [f64]| {
            let z = (x[0] - mean) / deviation;
            out.copy_from_slice(&[1.0, z, z * z]);
        };
        let found = expectation(model, theta, 3, &h, Method::Numeric).unwrap();
        for (at, wanted) in [1.0, 0.0, 1.0].into_iter().enumerate() {
            let gap = (found.value[at] - wanted).abs();
            assert!(
                gap <= found.error[at] + 1e-15 && found.error[at] < 1e-9,
                "{model:?}, moment {at}: off by {gap:e}, bound {:e}",
                found.error[at]
            );
        }
        let Route::Summation { terms } = found.route else {
            panic!("{:?}", found.route)
        };
        assert!(terms < 100_000, "{model:?}: {terms} terms");
    }
}

/// The same geometric sum by both ways: one by one within a budget, and by stretches.
#[test]
fn stretches_add_up_to_the_terms() {
    let p = 3e-6_f64;
    // E[cos(x/a)] of a geometric variable, by the geometric series of e^(i/a).
    let a = 5e4;
    let h = move |x: &[f64], out: &mut [f64]| out[0] = (x[0] / a).cos();
    let found = expectation(&Geometric, &[p], 1, &h, Method::Numeric).unwrap();
    let (q, (sine, cosine)) = (1.0 - p, (1.0 / a).sin_cos());
    let wanted = p * (1.0 - q * cosine) / ((1.0 - q * cosine).powi(2) + (q * sine).powi(2));
    assert!(
        (found.value[0] - wanted).abs() <= found.error[0] + 1e-11,
        "{} {wanted} {:e}",
        found.value[0],
        found.error[0]
    );
    assert!(found.error[0] < 1e-10);
}

/// What is not smooth from one integer to the next is added up term by term, or refused; it is not
/// answered wrongly.
#[test]
fn terms_that_are_not_smooth_are_not_taken_together() {
    let mass = |period: f64| {
        move |x: &[f64], out: &mut [f64]| out[0] = f64::from(u8::from(x[0] % period == 0.0))
    };
    let budget = Method::NumericWithin(200_000);
    for period in [2.0, 3.0, 7.0, 1000.0] {
        // Short enough for one by one: 1/period, but for terms of the size of cos(π/period)ⁿ.
        let model = Binomial { trials: 10_000_000 };
        let found = expectation(&model, &[0.3], 1, &mass(period), Method::Numeric).unwrap();
        assert!(
            (found.value[0] - 1.0 / period).abs() <= found.error[0] && found.error[0] < 1e-10,
            "{period}: {} {:e}",
            found.value[0],
            found.error[0]
        );
        let refused = expectation(&Geometric, &[1e-12], 1, &mass(period), budget);
        assert!(
            matches!(refused, Err(ExpectationError::NoNumericRoute { .. })),
            "{period}: {refused:?}"
        );
    }
    // Typed, with zeros between: even counts alone.
    let even = "log(2*p) + (x/2)*log1p(-2*p) + log(x/2 - floor(x/2) < 0.25)";
    assert!(fisherinfo::family::DensityFormula::parse(even, "{0, 1, 2, ...}").is_err());
    let (model, theta) = typed(
        "log(2*p) + x*log1p(-2*p)/2 + log(cos(pi*x/2)^2 > 0.5)",
        "{0, 1, 2, ...}",
        &[("p", "1e-12")],
    );
    let refused = score_moments(&model, &theta, budget);
    assert!(refused.is_err(), "{refused:?}");
}

/// A jump far out, where the terms before it were smooth, is found by halving.
#[test]
fn a_jump_is_found() {
    let p = 1e-12_f64;
    let last = 123_456_789_012.0;
    let h = move |x: &[f64], out: &mut [f64]| out[0] = f64::from(u8::from(x[0] <= last));
    let found = expectation(&Geometric, &[p], 1, &h, Method::Numeric).unwrap();
    let wanted = -((last + 1.0) * (-p).ln_1p()).exp_m1();
    assert!(
        (found.value[0] - wanted).abs() <= found.error[0] && found.error[0] < 1e-9,
        "{} {wanted} {:e}",
        found.value[0],
        found.error[0]
    );
}

#[test]
fn typed_counts_are_summed_too() {
    for (density, family, given) in [
        ("log(p) + x*log1p(-p)", "geometric", &[("p", "1e-9")][..]),
        (
            "x*log(rate) - rate - lgamma(x + 1)",
            "poisson",
            &[("rate", "1e7")],
        ),
    ] {
        let (model, theta) = typed(density, "{0, 1, 2, ...}", given);
        same_information((&model, &theta), (family, given), 1e-3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Over the whole range of the mean, with the stated relative error of 1e-9.
    #[test]
    fn informations_of_large_counts(exponent in -12.0..-1.0_f64, r in 0.01..50.0_f64) {
        let p = 10_f64.powf(exponent);
        let mean = 1.0 / p;
        let cases: [(&dyn Model, Vec<f64>); 4] = [
            (&Geometric, vec![p]),
            (&NegativeBinomial { r }, vec![p]),
            (&NegativeBinomial2, vec![mean, r]),
            (&Poisson, vec![mean]),
        ];
        for (model, theta) in cases {
            let closed = expected_information(model, &theta, Method::ClosedForm).unwrap();
            let numeric = expected_information(model, &theta, Method::Numeric).unwrap();
            for i in 0..theta.len() {
                let wanted = closed.matrix()[(i, i)];
                let gap = (numeric.matrix()[(i, i)] / wanted - 1.0).abs();
                let bound = numeric.provenance().accuracy.of_entry(i, i) / wanted;
                prop_assert!(
                    gap <= bound + 1e-13 && bound < 1e-9,
                    "{model:?} at {theta:?}: {gap:e} > {bound:e}"
                );
            }
        }
    }
}
