//! Fits with a penalty: closed forms, another program's values, and the conditions of optimality by
//! hand.

use crate::common::{Table, assert_close, names};
use faer::{Mat, linalg::solvers::Solve};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, GlmError, Penalty, Regression, Weighting};
use proptest::prelude::*;

fn noise(i: usize) -> f64 {
    let x = (i as f64 + 1.0) * 12.9898;
    let y = x.sin() * 43_758.545_3;
    2.0 * (y - y.floor()) - 1.0
}

fn spector() -> Regression {
    let table = Table::read("spector");
    let mut columns = vec![vec![1.0; 32]];
    columns.extend(table.columns(&["gpa", "tuce", "psi"]));
    let terms = names(&["1", "gpa", "tuce", "psi"]);
    Regression::for_penalty(&table.column("grade"), &columns, &terms, Some(0)).unwrap()
}

/// scikit-learn 1.9.1: `LogisticRegression` with C = 1/(nλ) (Newton and, for the elastic net, saga
/// on centred columns) and `ElasticNet`.
#[test]
fn as_scikit_learn() {
    let regression = spector();
    let fit = |penalty| {
        regression
            .fit_penalised(Family::Binomial, Link::Logit, penalty)
            .unwrap()
    };
    let ridge = fit(Penalty::ridge(0.1).unwrap());
    assert_close(
        &ridge.coefficients,
        &[
            -6.19931479365362,
            0.59496367839532,
            0.1517250377046,
            0.61191925210353,
        ],
        1e-8,
    );
    let net = fit(Penalty::elastic_net(0.02, 0.5).unwrap());
    assert_close(
        &net.coefficients,
        &[
            -9.02195807668931,
            1.61278949442976,
            0.11352244608783,
            1.46579092207079,
        ],
        1e-6,
    );
    assert!(net.spread.is_none() && net.violation <= 1e-9);
    let table = Table::read("longley");
    let thousands =
        |name: &str| -> Vec<f64> { table.column(name).iter().map(|v| v / 1000.0).collect() };
    let regression = Regression::for_penalty(
        &thousands("totemp"),
        &[vec![1.0; 16], thousands("unemp"), thousands("armed")],
        &names(&["1", "unemp", "armed"]),
        Some(0),
    )
    .unwrap();
    let penalty = Penalty::elastic_net(0.3, 0.7).unwrap();
    let fit = regression
        .fit_penalised(Family::Gaussian, Link::Identity, penalty)
        .unwrap();
    assert_close(
        &fit.coefficients,
        &[55.01606165202355, 1.69377238387123, 1.8767856992469],
        1e-9,
    );
}

/// Least squares with ½λ‖β‖²: (XᵀWX/N + λP)⁻¹XᵀWy/N with N the sum of the weights, its expectation
/// and its spread, with more terms than rows as well.
#[test]
fn ridge_in_closed_form() {
    for (n, p, weighting) in [
        (30, 4, None),
        (12, 20, None),
        (25, 5, Some(Weighting::Precision)),
        (25, 5, Some(Weighting::Frequency)),
    ] {
        let column = |k: usize| -> Vec<f64> { (0..n).map(|i| 5.0 + noise(i * 31 + k)).collect() };
        let mut x = vec![vec![1.0; n]];
        x.extend((1..p).map(column));
        let y: Vec<f64> = (0..n).map(|i| noise(i + 999) + x[1][i]).collect();
        let terms: Vec<String> = (0..p).map(|j| format!("x{j}")).collect();
        let mut regression = Regression::for_penalty(&y, &x, &terms, Some(0)).unwrap();
        let weights: Vec<f64> = (0..n)
            .map(|i| {
                if weighting.is_some() {
                    (1 + i % 4) as f64
                } else {
                    1.0
                }
            })
            .collect();
        if let Some(weighting) = weighting {
            regression = regression.weights(weighting, &weights).unwrap();
        }
        let lambda = 0.07;
        let fit = regression
            .fit_penalised(
                Family::Gaussian,
                Link::Identity,
                Penalty::ridge(lambda).unwrap(),
            )
            .unwrap();
        let total: f64 = weights.iter().sum();
        let dot =
            |a: &[f64], b: &[f64]| -> f64 { (0..n).map(|i| weights[i] * a[i] * b[i]).sum::<f64>() };
        let pull = |j: usize| if j == 0 { 0.0 } else { lambda * total };
        let gram = Mat::from_fn(p, p, |j, k| dot(&x[j], &x[k]));
        let bent = Mat::from_fn(p, p, |j, k| {
            gram[(j, k)] + if j == k { pull(j) } else { 0.0 }
        });
        let lu = bent.partial_piv_lu();
        let solution = lu.solve(Mat::from_fn(p, 1, |j, _| dot(&x[j], &y)));
        for j in 0..p {
            let scale = solution[(j, 0)].abs() + 0.1;
            assert!((fit.coefficients[j] - solution[(j, 0)]).abs() < 1e-9 * scale);
        }
        let spread = fit.spread.unwrap();
        let bias = lu.solve(Mat::from_fn(p, 1, |j, _| -pull(j) * solution[(j, 0)]));
        let residual: Vec<f64> = (0..n)
            .map(|i| y[i] - (0..p).map(|j| x[j][i] * solution[(j, 0)]).sum::<f64>())
            .collect();
        let copies = |i: usize| match weighting {
            Some(Weighting::Frequency) => weights[i],
            Some(Weighting::Precision) => weights[i] * weights[i],
            None => 1.0,
        };
        let outer = Mat::from_fn(p, p, |j, k| {
            (0..n)
                .map(|i| copies(i) * residual[i] * residual[i] * x[j][i] * x[k][i])
                .sum::<f64>()
        });
        let half = lu.solve(&outer);
        let covariance = lu.solve(half.transpose().to_owned());
        let smooth = lu.solve(&gram);
        let trace: f64 = (0..p).map(|j| smooth[(j, j)]).sum();
        assert_close(&[fit.effective_degrees_of_freedom], &[trace], 1e-8);
        for j in 0..p {
            assert_close(
                &[spread.standard_errors[j]],
                &[covariance[(j, j)].sqrt()],
                1e-7,
            );
            assert!((spread.bias[j] - bias[(j, 0)]).abs() < 1e-8 * (0.1 + bias[(j, 0)].abs()));
        }
    }
}

/// Two columns that are the same share a ridge evenly, where without one they are refused.
#[test]
fn collinear_terms_are_shared() {
    let x: Vec<f64> = (0..20).map(noise).collect();
    let y: Vec<f64> = (0..20)
        .map(|i| f64::from(x[i] + noise(i + 50) > 0.0))
        .collect();
    let columns = [vec![1.0; 20], x.clone(), x.clone()];
    let terms = names(&["1", "a", "b"]);
    assert!(matches!(
        Regression::new(&y, &columns, &terms, Some(0)),
        Err(GlmError::Collinear { .. })
    ));
    let regression = Regression::for_penalty(&y, &columns, &terms, Some(0)).unwrap();
    let fit = |penalty| {
        regression
            .fit_penalised(Family::Binomial, Link::Logit, penalty)
            .unwrap()
    };
    let both = fit(Penalty::ridge(0.1).unwrap());
    assert_close(&[both.coefficients[1]], &[both.coefficients[2]], 1e-10);
    // ½λ(b² + b²) for 2b is ½(λ/2)(2b)².
    let one = Regression::for_penalty(&y, &columns[..2], &terms[..2], Some(0)).unwrap();
    let one = one
        .fit_penalised(Family::Binomial, Link::Logit, Penalty::ridge(0.05).unwrap())
        .unwrap();
    assert_close(&[2.0 * both.coefficients[1]], &[one.coefficients[1]], 1e-8);
    // Complete separation has no maximum without a penalty, and one with it.
    let separated: Vec<f64> = x.iter().map(|x| f64::from(*x > 0.1)).collect();
    let regression = Regression::for_penalty(&separated, &columns[..2], &terms[..2], Some(0));
    let fit = regression
        .unwrap()
        .fit_penalised(Family::Binomial, Link::Logit, Penalty::ridge(0.01).unwrap())
        .unwrap();
    assert!(fit.coefficients[1] > 1.0 && fit.violation < 1e-9);
}

#[test]
fn what_cannot_be_penalised_is_refused() {
    for (strength, share) in [
        (0.0, 0.5),
        (-1.0, 0.5),
        (f64::NAN, 0.5),
        (1.0, 1.5),
        (1.0, -0.1),
        (1.0, f64::NAN),
    ] {
        assert!(
            Penalty::elastic_net(strength, share).is_err(),
            "{strength} {share}"
        );
    }
    let x = [vec![1.0; 4], vec![0.0, 1.0, 2.0, 4.0]];
    let y = [1.0, 2.0, 2.5, 5.0];
    let terms = names(&["1", "x"]);
    let usual = Regression::new(&y, &x, &terms, Some(0)).unwrap();
    let ridge = Penalty::ridge(1.0).unwrap();
    assert!(matches!(
        usual.fit_penalised(Family::Gaussian, Link::Identity, ridge),
        Err(GlmError::NotForPenalty)
    ));
    let penalised = Regression::for_penalty(&y, &x, &terms, Some(0)).unwrap();
    assert!(matches!(
        penalised.fit(Family::Gaussian, Link::Identity),
        Err(GlmError::ForPenaltyOnly)
    ));
    let odd = Regression::for_penalty(&[0.5, 1.0, 0.0, 1.0], &x, &terms, Some(0)).unwrap();
    assert!(matches!(
        odd.fit_penalised(Family::Binomial, Link::Logit, ridge),
        Err(GlmError::Response { row: 0, .. })
    ));
    assert!(Regression::for_penalty(&[], &[[]; 1], &names(&["x"]), None).is_err());
    // The intercept is free, and runs off where all responses are alike.
    let alike = Regression::for_penalty(&[1.0; 4], &x, &terms, Some(0)).unwrap();
    assert!(matches!(
        alike.fit_penalised(Family::Binomial, Link::Logit, ridge),
        Err(GlmError::Diverging { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// The conditions of optimality, from the derivative of the log-likelihood written out.
    #[test]
    fn conditions_of_optimality(
        seed in 0..1000_usize,
        strength in 1e-3..0.5_f64,
        share in prop::sample::select(vec![0.0, 0.3, 1.0]),
        p in 3..12_usize,
        unit in prop::sample::select(vec![1.0, 1e3, 1e-2]),
        case in 0..5_usize,
    ) {
        let (family, link) = [
            (Family::Binomial, Link::Logit),
            (Family::Binomial, Link::Probit),
            (Family::Poisson, Link::Log),
            (Family::Gaussian, Link::Identity),
            (Family::Gamma, Link::Log),
        ][case];
        let n = 30;
        let mut x = vec![vec![1.0; n]];
        x.extend((1..p).map(|k| (0..n).map(|i| {
            (2.0 + noise(i * 17 + k * 131 + seed)) * if k == 1 { unit } else { 1.0 }
        }).collect::<Vec<f64>>()));
        let offset: Vec<f64> = (0..n).map(|i| 0.3 * noise(i + 5 * seed)).collect();
        let y: Vec<f64> = (0..n).map(|i| {
            let (a, u) = (x[p - 1][i] - 2.0, noise(i + 4321 + seed));
            match family {
                Family::Binomial => f64::from(a + u > 0.0),
                Family::Poisson => (2.0 * (a + u).exp()).round(),
                Family::Gaussian => a + u,
                _ => (a + u).exp(),
            }
        }).collect();
        let terms: Vec<String> = (0..p).map(|j| format!("x{j}")).collect();
        let regression = Regression::for_penalty(&y, &x, &terms, Some(0)).unwrap().offset(&offset).unwrap();
        let penalty = Penalty::elastic_net(strength, share).unwrap();
        let fit = regression.fit_penalised(family, link, penalty).unwrap();
        prop_assert!(fit.violation <= 1e-9);
        let b = &fit.coefficients;
        let density = |eta: f64| (-0.5 * eta * eta).exp() / std::f64::consts::TAU.sqrt();
        let scores: Vec<f64> = (0..n).map(|i| {
            let eta = offset[i] + (0..p).map(|j| b[j] * x[j][i]).sum::<f64>();
            match (family, link) {
                (Family::Binomial, Link::Logit) => y[i] - 1.0 / (1.0 + (-eta).exp()),
                (Family::Binomial, _) => {
                    let mean = Link::Probit.mean(eta);
                    (y[i] - mean) * density(eta) / (mean * (1.0 - mean))
                }
                (Family::Poisson, _) => y[i] - eta.exp(),
                (Family::Gaussian, _) => y[i] - eta,
                _ => (y[i] - eta.exp()) / eta.exp(),
            }
        }).collect();
        for j in 0..p {
            let slope = -scores.iter().zip(&x[j]).map(|(s, x)| s * x).sum::<f64>() / n as f64;
            let (kink, curvature) = if j == 0 { (0.0, 0.0) } else { (strength * share, strength * (1.0 - share)) };
            // Centred columns and the free intercept: rounding of the size of the column.
            let tolerance = 1e-7 * x[j].iter().fold(0.0_f64, |a, v| a.max(v.abs()));
            if b[j] == 0.0 {
                prop_assert!(slope.abs() <= kink + tolerance, "{} {} {}", j, slope, kink);
            } else {
                let left = slope + kink * b[j].signum() + curvature * b[j];
                prop_assert!(left.abs() <= tolerance, "{} {}: {} {}", family, link, j, left);
            }
        }
    }
}
