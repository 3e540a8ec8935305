//! Firth's correction.

use crate::common::{assert_close, data, names};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, GlmError, Regression};
use proptest::prelude::*;

fn regression(file: &str, formula: &str) -> Regression {
    let design = data(file, formula);
    Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        Some(0),
    )
    .unwrap()
}

/// Heinze & Schemper, Statistics in Medicine 21 (2002), table II: NV 2.929 (1.551), PI −0.035
/// (0.040), EH −2.604 (0.776), constant 3.775 (1.489). Further digits by mpmath (30 digits, the
/// modified score's root); intervals as R's logistf prints them, to its convergence.
#[test]
fn endometrial_cancer() {
    let model = regression("endometrial", "HG ~ NV + PI + EH");
    // NV = 1 only in cases: quasi-complete separation.
    let refused = model.fit(Family::Binomial, Link::Logit).unwrap_err();
    assert!(matches!(refused, GlmError::Separation(_)), "{refused}");
    let firth = model.fit_firth(Family::Binomial, Link::Logit).unwrap();
    let beta = [
        3.774559713647115,
        2.92927335319712,
        -0.0347517598704367,
        -2.604163925293683,
    ];
    assert_close(firth.fit().coefficients(), &beta, 1e-9);
    let errors = [
        1.48869166343567,
        1.55076372945305,
        0.0395781473477635,
        0.776017642501567,
    ];
    assert_close(&firth.fit().standard_errors().expected, &errors, 1e-9);
    assert_close(
        &[firth.penalised_log_likelihood()],
        &[-24.037267800697922],
        1e-12,
    );
    assert_close(&[firth.penalty()], &[4.250429524823036], 1e-9);
    let ratios = [
        8.19801357584479,
        6.7984572486661,
        0.746828513432139,
        17.7593174794384,
    ];
    let logistf = [
        [1.0825371, 7.20928050],
        [0.6097244, 7.85463171],
        [-0.1244587, 0.04045547],
        [-4.3651832, -1.23272106],
    ];
    for term in 0..4 {
        assert_close(
            &[firth.likelihood_ratio(term, 0.0).unwrap()],
            &ratios[term..=term],
            1e-9,
        );
        let interval = firth.profile_interval(term, 0.95).unwrap();
        assert_close(&interval, &logistf[term], 2e-5);
        // At both ends the ratio is the 95 % quantile of χ².
        for end in interval {
            assert_close(
                &[firth.likelihood_ratio(term, end).unwrap()],
                &[3.8414588206941236],
                1e-8,
            );
        }
    }
}

/// `sex2` as R's logistf documents it; digits by mpmath.
#[test]
fn urinary_tract_infection() {
    let model = regression("sex2", "case ~ age + oc + vic + vicl + vis + dia");
    let firth = model.fit_firth(Family::Binomial, Link::Logit).unwrap();
    let beta = [
        0.1202540491338399,
        -1.105981331381271,
        -0.0688167270619216,
        2.2688746522391336,
        -2.11140818530321,
        -0.7883169513966942,
        3.0960118273514485,
    ];
    assert_close(firth.fit().coefficients(), &beta, 1e-8);
    let errors = [
        0.485541505922759,
        0.423660128709229,
        0.443793445906171,
        0.548415958970766,
        0.543082354901506,
        0.417367565775257,
        1.67500841359363,
    ];
    assert_close(&firth.fit().standard_errors().expected, &errors, 1e-9);
    assert_close(
        &[firth.penalised_log_likelihood()],
        &[-132.5393795328443],
        1e-12,
    );
    assert_close(&[firth.penalty()], &[5.915913799384058], 1e-10);
    assert_close(
        &[firth.likelihood_ratio(6, 0.0).unwrap()],
        &[7.89693138683268],
        1e-8,
    );
    let [low, high] = firth.profile_interval(6, 0.95).unwrap();
    assert_close(&[low, high], &[0.7745682, 8.03029352], 2e-5);
}

/// With one mean only: (y + ½)/(n + 1) for a proportion on the logit scale, (Σy + ½)/n for a rate on
/// the logarithmic one.
#[test]
fn closed_forms() {
    for (successes, trials) in [(0.0, 7.0), (3.0, 10.0), (25.0, 25.0)] {
        let coin = Regression::new(&[successes], &[[1.0]], &names(&["1"]), Some(0)).unwrap();
        let coin = coin.trials(&[trials]).unwrap();
        let firth = coin.fit_firth(Family::Binomial, Link::Logit).unwrap();
        assert_close(
            &firth.fit().fitted_means().unwrap(),
            &[(successes + 0.5) / (trials + 1.0)],
            1e-11,
        );
    }
    for counts in [[0.0, 0.0, 0.0], [1.0, 4.0, 2.0]] {
        let rate = Regression::new(&counts, &[[1.0; 3]], &names(&["1"]), Some(0)).unwrap();
        let firth = rate.fit_firth(Family::Poisson, Link::Log).unwrap();
        let wanted = (counts.iter().sum::<f64>() + 0.5) / 3.0;
        assert_close(&firth.fit().fitted_means().unwrap(), &[wanted; 3], 1e-11);
    }
    // Two groups are two proportions.
    let group = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let y = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0];
    let two = Regression::new(
        &y,
        &[vec![1.0; 7], group.to_vec()],
        &names(&["1", "g"]),
        Some(0),
    );
    let two = two.unwrap();
    let firth = two.fit_firth(Family::Binomial, Link::Logit).unwrap();
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let (first, second) = (logit(0.5 / 4.0), logit(3.5 / 5.0));
    assert_close(firth.fit().coefficients(), &[first, second - first], 1e-10);
}

#[test]
fn complete_separation_has_finite_estimates() {
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|&x| f64::from(x > 9.5)).collect();
    let model = Regression::new(&y, &[vec![1.0; 20], x], &names(&["1", "x"]), Some(0)).unwrap();
    for link in [Link::Logit, Link::Probit, Link::Cloglog, Link::Cauchit] {
        assert!(matches!(
            model.fit(Family::Binomial, link),
            Err(GlmError::Separation(_))
        ));
        let firth = model.fit_firth(Family::Binomial, link).unwrap();
        let slope = firth.fit().coefficients()[1];
        let [low, _] = firth.profile_interval(1, 0.95).unwrap();
        assert!(
            slope > 0.1 && low > 0.0 && low < slope,
            "{link}: {slope} {low}"
        );
    }
}

#[test]
fn refusals() {
    let y = [1.0, 2.0, 4.0];
    let model = Regression::new(&y, &[[1.0; 3]], &names(&["1"]), Some(0)).unwrap();
    let error = model
        .fit_firth(Family::Gamma, Link::Log)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("gamma") && error.contains("dispersion"),
        "{error}"
    );
    let firth = model
        .fit_firth(Family::NegativeBinomial(2.0), Link::Log)
        .unwrap();
    assert!(matches!(
        firth.likelihood_ratio(1, 0.0),
        Err(GlmError::Shape { .. })
    ));
    assert!(matches!(
        firth.profile_interval(0, 1.0),
        Err(GlmError::Level { .. })
    ));
    let error = model.fit_firth(Family::Binomial, Link::Logit).unwrap_err();
    assert_eq!(error.row(), Some(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// The penalised likelihood is largest at the estimate, for every family and link: against
    /// coefficients near by, with the determinant from the definition.
    #[test]
    fn nothing_near_is_better(
        x in prop::collection::vec(-1.0..1.0_f64, 25),
        u in prop::collection::vec(-1.0..1.0_f64, 25),
        direction in -3.0..3.0_f64,
    ) {
        let zeros: Vec<f64> = x.iter().zip(&u).map(|(x, u)| f64::from(x + u > 0.2)).collect();
        let counts: Vec<f64> = x.iter().zip(&u).map(|(x, u)| (2.0 * x.exp() * (1.0 + u)).round()).collect();
        let columns = [vec![1.0; 25], x.clone()];
        for (family, link, y) in [
            (Family::Binomial, Link::Logit, &zeros),
            (Family::Binomial, Link::Cloglog, &zeros),
            (Family::Binomial, Link::Probit, &zeros),
            (Family::Poisson, Link::Log, &counts),
            (Family::NegativeBinomial(1.3), Link::Log, &counts),
        ] {
            let model = Regression::new(y, &columns, &names(&["1", "x"]), Some(0)).unwrap();
            let firth = model.fit_firth(family, link).unwrap();
            let penalised = |beta: &[f64]| {
                let (mut log_likelihood, mut information) = (0.0, [0.0; 3]);
                for (x, &y) in x.iter().zip(y) {
                    let eta = beta[0] + beta[1] * x;
                    let mean: f64 = link.mean(eta);
                    let rest: f64 = link.complement(eta);
                    let variance = match family {
                        Family::Binomial => mean * rest,
                        Family::Poisson => mean,
                        _ => mean + mean * mean / 1.3,
                    };
                    log_likelihood += match family {
                        Family::Binomial => if y == 1.0 { mean.ln() } else { rest.ln() },
                        Family::Poisson => y * mean.ln() - mean,
                        _ => y * (mean / (mean + 1.3)).ln() - 1.3 * (mean + 1.3).ln(),
                    };
                    let slope: f64 = link.mean_derivative(eta);
                    let weight = if slope == 0.0 { 0.0 } else { slope * (slope / variance) };
                    for (sum, part) in information.iter_mut().zip([1.0, *x, x * x]) {
                        *sum += weight * part;
                    }
                }
                let [a, b, c] = information;
                log_likelihood + 0.5 * (a * c - b * b).ln()
            };
            let beta = firth.fit().coefficients();
            let errors = firth.fit().standard_errors().expected;
            let at = |size: f64| penalised(&[
                beta[0] + size * errors[0] * direction.cos(),
                beta[1] + size * errors[1] * direction.sin(),
            ]);
            let top = at(0.0);
            // The slope is nothing beside the curvature.
            let (up, down) = (at(1e-3), at(-1e-3));
            prop_assert!(up < top && down < top, "{family} {link}: {} {}", up - top, down - top);
            prop_assert!((up - down).abs() <= 1e-2 * (2.0 * top - up - down), "{family} {link}");
            // A held coefficient: the ratio at the estimate itself is nothing.
            prop_assert!(firth.likelihood_ratio(1, beta[1]).unwrap() < 1e-12);
        }
    }
}
