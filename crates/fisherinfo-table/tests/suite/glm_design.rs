//! Designs: units, shifts, order, dependence.

use crate::common::{assert_close, names};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, GlmError, Regression};
use proptest::prelude::*;

/// Pseudo-random numbers in (−1, 1) from a seed.
fn noise(seed: u64, i: usize) -> f64 {
    let mut x = (seed + 1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(i as u64 + 1);
    for _ in 0..3 {
        x ^= x >> 30;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x ^= x >> 27;
    }
    (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

fn column(seed: u64, n: usize) -> Vec<f64> {
    (0..n).map(|i| noise(seed, i)).collect()
}

/// Responses of each family with an effect of both columns.
fn response(family: Family, seed: u64, a: &[f64], b: &[f64]) -> Vec<f64> {
    (0..a.len())
        .map(|i| {
            let eta = 0.3 + 0.8 * a[i] - 0.5 * b[i];
            let u = noise(seed + 77, i);
            match family {
                Family::Binomial => f64::from(eta + 2.0 * u > 0.0),
                Family::Poisson => (eta.exp() * (1.0 + u)).round(),
                Family::Gaussian => eta + u,
                _ => (2.0 + eta).recip() * (1.0 + 0.9 * u),
            }
        })
        .collect()
}

const CASES: [(Family, Link); 7] = [
    (Family::Binomial, Link::Logit),
    (Family::Binomial, Link::Cloglog),
    (Family::Poisson, Link::Log),
    (Family::Gaussian, Link::Identity),
    (Family::Gaussian, Link::Log),
    (Family::Gamma, Link::Inverse),
    (Family::Gamma, Link::Log),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    /// x ↦ (x − c)·k divides the slope and its errors by k and moves the intercept by c·slope.
    #[test]
    fn equivariance(seed in 0..500_u64, power in -8..=8_i32, shift in -1e6..1e6_f64) {
        let n = 300;
        let (a, b) = (column(seed, n), column(seed + 9999, n));
        let terms = names(&["a", "(intercept)", "b"]);
        let scale = 10f64.powi(power);
        // Shifted columns carry rounding of their own; the shift is rounded to be exact.
        let shift = shift.round();
        let a: Vec<f64> = a.iter().map(|a| (a * 1048576.0).round() / 1048576.0).collect();
        let moved: Vec<f64> = a.iter().map(|a| a + shift).collect();
        let scaled: Vec<f64> = b.iter().map(|b| b * scale).collect();
        for (family, link) in CASES {
            let y = response(family, seed, &a, &b);
            let y = if (family, link) == (Family::Gaussian, Link::Log) {
                y.iter().map(|y| y.abs() + 0.5).collect()
            } else {
                y
            };
            let plain = Regression::new(&y, &[a.clone(), vec![1.0; n], b.clone()], &terms, Some(1)).unwrap();
            let other = Regression::new(&y, &[moved.clone(), vec![1.0; n], scaled.clone()], &terms, Some(1)).unwrap();
            let (plain, other) = (plain.fit(family, link).unwrap(), other.fit(family, link).unwrap());
            let (p, o) = (plain.coefficients(), other.coefficients());
            let (ps, os) = (plain.standard_errors(), other.standard_errors());
            let size = p.iter().fold(0.0_f64, |s, b| s.max(b.abs()));
            prop_assert!((p[0] - o[0]).abs() <= 1e-11 * size, "{family} {link} {} {}", p[0], o[0]);
            prop_assert!((p[2] - o[2] * scale).abs() <= 1e-11 * size);
            prop_assert!((p[1] - o[1] - o[0] * shift).abs() <= 1e-11 * (size + (o[0] * shift).abs()));
            for (s, t) in [
                (&ps.expected, &os.expected),
                (ps.observed.as_ref().unwrap(), os.observed.as_ref().unwrap()),
                (ps.empirical.as_ref().unwrap(), os.empirical.as_ref().unwrap()),
                (ps.sandwich.as_ref().unwrap(), os.sandwich.as_ref().unwrap()),
            ] {
                prop_assert!((s[0] - t[0]).abs() <= 1e-10 * s[0], "{family} {link}");
                prop_assert!((s[2] - t[2] * scale).abs() <= 1e-10 * s[2]);
            }
            prop_assert!((plain.log_likelihood() - other.log_likelihood()).abs() < 1e-9);
            let tests = (plain.information_matrix_test(), other.information_matrix_test());
            if let (Ok(s), Ok(t)) = tests {
                prop_assert_eq!(s.test.degrees_of_freedom, t.test.degrees_of_freedom);
                prop_assert!((s.test.statistic - t.test.statistic).abs() < 1e-4 * (1.0 + s.test.statistic), "{family} {link} {} {} {}", s.test.statistic, t.test.statistic, s.test.degrees_of_freedom);
            }
        }
    }

    /// The order of the rows changes nothing but rounding, nor does the order of storage.
    #[test]
    fn order_of_rows(seed in 0..500_u64, stride in prop::sample::select(vec![7_usize, 11, 13, 401])) {
        let n = 600;
        let (a, b) = (column(seed, n), column(seed + 9999, n));
        let terms = names(&["(intercept)", "a", "b"]);
        let order: Vec<usize> = (0..n).map(|i| (i * stride) % n).collect();
        let shuffled = |values: &[f64]| -> Vec<f64> { order.iter().map(|&i| values[i]).collect() };
        for (family, link) in CASES {
            let y = response(family, seed, &a, &b);
            let y: Vec<f64> = if link == Link::Log { y.iter().map(|y| y.abs() + 1.0).map(|y| if family == Family::Poisson { y.round() } else { y }).collect() } else { y };
            let one = Regression::new(&y, &[vec![1.0; n], a.clone(), b.clone()], &terms, Some(0)).unwrap();
            let rows: Vec<f64> = order.iter().flat_map(|&i| [1.0, a[i], b[i]]).collect();
            let two = Regression::from_row_major(&shuffled(&y), &rows, &terms, Some(0)).unwrap();
            let (one, two) = (one.fit(family, link).unwrap(), two.fit(family, link).unwrap());
            assert_close(one.coefficients(), two.coefficients(), 1e-11);
            assert_close(&one.standard_errors().sandwich.unwrap(), &two.standard_errors().sandwich.unwrap(), 1e-11);
        }
    }
}

fn relation(columns: &[Vec<f64>], terms: &[&str], intercept: Option<usize>) -> String {
    let y = column(5, columns[0].len());
    match Regression::new(&y, columns, &names(terms), intercept) {
        Err(error @ (GlmError::Collinear { .. } | GlmError::Constant { .. })) => error.to_string(),
        other => panic!("{:?}", other.map(|r| r.terms().to_vec())),
    }
}

#[test]
fn collinear_columns_are_named() {
    let n = 700;
    let (a, b) = (column(1, n), column(2, n));
    let ones = vec![1.0; n];
    let c: Vec<f64> = (0..n).map(|i| 2.0 * a[i] - 0.5 * b[i] + 4.0).collect();
    let text = relation(
        &[ones.clone(), a.clone(), b.clone(), c],
        &["1", "x1", "x2", "x3"],
        Some(0),
    );
    assert!(text.contains("x3 = 2·x1 − 0.5·x2 + 4;"), "{text}");
    // In other units, and far from zero.
    let far: Vec<f64> = a.iter().map(|a| 1e5 + 1e-3 * a).collect();
    let c: Vec<f64> = (0..n).map(|i| 10.0 * far[i] + b[i]).collect();
    let text = relation(
        &[far, b.clone(), c, ones.clone()],
        &["u", "v", "w", "1"],
        Some(3),
    );
    assert!(text.contains("w = 10·u + v;"), "{text}");
    // The trap of dummy variables.
    let dummy: Vec<f64> = (0..n).map(|i| f64::from(i % 3 == 0)).collect();
    let rest: Vec<f64> = dummy.iter().map(|d| 1.0 - d).collect();
    let text = relation(
        &[ones.clone(), dummy, rest],
        &["1", "men", "women"],
        Some(0),
    );
    assert!(text.contains("women = −men + 1;"), "{text}");
    let text = relation(&[ones, vec![0.3; n], b.clone()], &["1", "x", "y"], Some(0));
    assert!(text.contains("«x» is constant (0.3)"), "{text}");
    let text = relation(&[b, vec![0.0; n]], &["y", "zero"], None);
    assert!(text.contains("«zero» is constant (0)"), "{text}");
    // Without an intercept a constant column is a term like any other.
    let y = column(5, n);
    let model = Regression::new(&y, &[vec![3.0; n], a], &names(&["level", "a"]), None).unwrap();
    assert!(model.fit(Family::Gaussian, Link::Identity).is_ok());
}

/// A polynomial of degree 8 on [0, 1] has products of condition 1e18 and more, but is not
/// collinear: orthogonalised, it is fitted to many digits.
#[test]
fn ill_conditioned_polynomial() {
    let n = 500;
    let x: Vec<f64> = (0..n).map(|i| i as f64 / 499.0).collect();
    let degree = 8;
    let columns: Vec<Vec<f64>> = (0..=degree)
        .map(|k| x.iter().map(|x| x.powi(k)).collect())
        .collect();
    let terms: Vec<String> = (0..=degree).map(|k| format!("x^{k}")).collect();
    // The response is a polynomial of the same degree.
    let beta = [1.0, -2.0, 3.0, -4.0, 5.0, -6.0, 7.0, -8.0, 9.0];
    let y: Vec<f64> = (0..n)
        .map(|i| (0..=degree as usize).map(|k| beta[k] * columns[k][i]).sum())
        .collect();
    let model = Regression::new(&y, &columns, &terms, Some(0)).unwrap();
    let fit = model.fit(Family::Gaussian, Link::Identity).unwrap();
    assert_close(fit.coefficients(), &beta, 1e-8);
    // Nearly collinear is not collinear.
    let a = column(3, n);
    let near: Vec<f64> = (0..n).map(|i| a[i] + 1e-7 * x[i]).collect();
    let columns = [vec![1.0; n], a.clone(), near.clone()];
    let y: Vec<f64> = (0..n).map(|i| 1.0 + 2.0 * a[i] + 3.0 * near[i]).collect();
    let model = Regression::new(&y, &columns, &names(&["1", "a", "b"]), Some(0)).unwrap();
    let fit = model.fit(Family::Gaussian, Link::Identity).unwrap();
    assert_close(fit.coefficients(), &[1.0, 2.0, 3.0], 1e-6);
}

/// A fit without residuals has no standard errors to measure a step by, and ends all the same.
#[test]
fn perfect_fits_end() {
    let n = 200;
    let (a, b) = (column(1, n), column(2, n));
    let terms = names(&["(intercept)", "a", "b"]);
    for (family, link) in CASES {
        if family == Family::Binomial || family == Family::Poisson {
            continue;
        }
        for beta in [[2.0, 0.5, -0.25], [1e6, 0.5, 1e-3], [3.0, 0.0, 0.0]] {
            if link == Link::Log && beta[0] > 100.0 {
                continue;
            }
            let y: Vec<f64> = (0..n)
                .map(|i| link.mean(beta[0] + beta[1] * a[i] + beta[2] * b[i]))
                .collect();
            let columns = [vec![1.0; n], a.clone(), b.clone()];
            let model = Regression::new(&y, &columns, &terms, Some(0)).unwrap();
            let fit = model.fit(family, link).unwrap();
            let size = beta[0];
            for (found, expected) in fit.coefficients().iter().zip(beta) {
                assert!(
                    (found - expected).abs() <= 1e-12 * size,
                    "{family} {link} {found}"
                );
            }
        }
    }
}

#[test]
fn bad_values_are_placed() {
    let n = 300;
    let y = column(5, n);
    let mut a = column(1, n);
    let terms = names(&["(intercept)", "a"]);
    a[258] = f64::NAN;
    let error = Regression::new(&y, &[vec![1.0; n], a.clone()], &terms, Some(0)).unwrap_err();
    assert!(matches!(&error, GlmError::NotFinite { term, row: 258, .. } if term == "a"));
    assert!(error.to_string().contains("observation 259"));
    a[258] = f64::NEG_INFINITY;
    let error = Regression::new(&y, &[vec![1.0; n], a.clone()], &terms, Some(0)).unwrap_err();
    assert!(matches!(error, GlmError::NotFinite { row: 258, .. }));
    a[258] = 1e200;
    assert!(Regression::new(&y, &[vec![1.0; n], a.clone()], &terms, Some(0)).is_ok());
    let mut ones = vec![1.0; n];
    ones[4] = 2.0;
    assert!(matches!(
        Regression::new(&y, &[ones, column(1, n)], &terms, Some(0)).unwrap_err(),
        GlmError::Intercept { row: 4, value: 2.0 }
    ));
    assert!(matches!(
        Regression::new(&y, &[vec![1.0; n], a[1..].to_vec()], &terms, Some(0)).unwrap_err(),
        GlmError::Shape {
            expected: 300,
            found: 299,
            ..
        }
    ));
    assert!(matches!(
        Regression::new(&y, &[a], &terms, Some(0)).unwrap_err(),
        GlmError::Shape {
            expected: 2,
            found: 1,
            ..
        }
    ));
}

#[test]
fn too_few_rows() {
    let terms = names(&["(intercept)", "a"]);
    let two = Regression::new(&[1.0, 2.0], &[[1.0, 1.0], [0.0, 1.0]], &terms, Some(0)).unwrap();
    assert!(matches!(
        two.fit(Family::Gaussian, Link::Identity).unwrap_err(),
        GlmError::TooFewRows { rows: 2, terms: 2 }
    ));
    // Counts have no dispersion to estimate: the saturated fit exists.
    let fit = two.fit(Family::Poisson, Link::Log).unwrap();
    assert_close(&fit.fitted_means().unwrap(), &[1.0, 2.0], 1e-12);
    assert!(matches!(
        Regression::new(&[1.0], &[[1.0], [0.0]], &terms, Some(0)).unwrap_err(),
        GlmError::TooFewRows { rows: 1, terms: 2 }
    ));
}
