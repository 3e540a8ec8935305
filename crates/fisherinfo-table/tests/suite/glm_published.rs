//! Published fits, to all the digits that are known of them.

use crate::common::{Table, assert_close, names};
use fisherinfo::{coordinates::link::Link, information::Estimator};
use fisherinfo_table::glm::{Family, GlmError, Heteroscedasticity, Regression};

fn with_intercept(columns: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let ones = vec![1.0; columns[0].len()];
    columns.into_iter().chain([ones]).collect()
}

fn spector() -> Regression {
    let table = Table::read("spector");
    Regression::new(
        &table.column("grade"),
        &with_intercept(table.columns(&["gpa", "tuce", "psi"])),
        &names(&["gpa", "tuce", "psi", "(intercept)"]),
        Some(3),
    )
    .unwrap()
}

#[test]
fn spector_logit() {
    let regression = spector();
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let beta = [
        2.826112594889321,
        0.09515766131790929,
        2.378687655093354,
        -13.02134685811569,
    ];
    assert_close(fit.coefficients(), &beta, 1e-12);
    let errors = fit.standard_errors();
    let hessian = [
        1.262941075629092,
        0.1415542056736947,
        1.064564254497133,
        4.931324213602758,
    ];
    assert_close(&errors.expected, &hessian, 1e-10);
    assert_close(&errors.observed.unwrap(), &hessian, 1e-10);
    let outer = [1.37331022203, 0.178940212947, 1.21421636228, 4.84384487496];
    assert_close(&errors.empirical.unwrap(), &outer, 1e-10);
    let white = [1.26754598202, 0.117922267749, 0.964419209653, 5.1975854103];
    assert_close(errors.sandwich.as_ref().unwrap(), &white, 1e-10);
    let hc0 = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc0)
        .unwrap();
    assert_close(&hc0.standard_errors(), &white, 1e-10);
    assert_close(&[fit.log_likelihood()], &[-12.88963422213142], 1e-12);
    assert_close(&[fit.deviance()], &[2.0 * 12.88963422213142], 1e-12);
    assert_eq!(fit.dispersion(), 1.0);
}

#[test]
fn spector_information_is_labelled_and_bounds_the_estimates() {
    let regression = spector();
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let information = fit.information().unwrap();
    assert_eq!(information.expected.parameters(), fit.terms());
    assert_eq!(information.expected.sample_size(), 32.0);
    assert_eq!(information.expected.point(), Some(fit.coefficients()));
    assert_eq!(
        information.empirical.provenance().estimator,
        Estimator::Empirical
    );
    assert_eq!(
        information.observed.provenance().estimator,
        Estimator::Observed
    );
    let bound = information.expected.cramer_rao_bound().unwrap();
    assert_close(
        &bound.standard_errors(),
        &fit.standard_errors().expected,
        1e-8,
    );
    let outer = information.empirical.cramer_rao_bound().unwrap();
    assert_close(
        &outer.standard_errors(),
        &fit.standard_errors().empirical.unwrap(),
        1e-8,
    );
}

/// HC1 to HC3 each differ from the plain sandwich, and by the factor that they name.
#[test]
fn corrections_correct() {
    let regression = spector();
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let errors = |kind| {
        fit.heteroscedasticity_consistent(kind)
            .unwrap()
            .standard_errors()
    };
    let [hc0, hc1, hc2, hc3] = [
        Heteroscedasticity::Hc0,
        Heteroscedasticity::Hc1,
        Heteroscedasticity::Hc2,
        Heteroscedasticity::Hc3,
    ]
    .map(errors);
    let factor = (32.0_f64 / 28.0).sqrt();
    let scaled: Vec<f64> = hc0.iter().map(|s| s * factor).collect();
    assert_close(&hc1, &scaled, 1e-14);
    for j in 0..4 {
        assert!(hc0[j] < hc2[j] && hc2[j] < hc3[j]);
        assert!((hc3[j] / hc0[j]) > 1.02);
    }
    let leverages = fit.leverages().unwrap();
    assert_close(&[leverages.iter().sum()], &[4.0], 1e-12);
    assert!(leverages.iter().all(|h| (0.0..1.0).contains(h)));
}

#[test]
fn clotting_gamma() {
    let table = Table::read("clotting");
    let log_u: Vec<f64> = table.column("u").into_iter().map(f64::ln).collect();
    let columns = [vec![1.0; 9], log_u];
    let terms = names(&["(intercept)", "log(u)"]);
    let lot = |name: &str| Regression::new(&table.column(name), &columns, &terms, Some(0)).unwrap();

    let one = lot("lot1");
    let fit = one.fit(Family::Gamma, Link::Inverse).unwrap();
    assert_close(
        fit.coefficients(),
        &[-0.0165543817262, 0.0153431149103],
        2e-12,
    );
    assert_close(
        &fit.standard_errors().expected,
        &[0.000927549138658, 0.000414959642666],
        1e-11,
    );
    assert_close(&[fit.dispersion()], &[0.00244603624209], 1e-11);

    let two = lot("lot2");
    let fit = two.fit(Family::Gamma, Link::Inverse).unwrap();
    assert_close(
        fit.coefficients(),
        &[-0.0239084697989, 0.0235992135831],
        2e-12,
    );
    assert_close(
        &fit.standard_errors().expected,
        &[0.00132645739546, 0.000576784170164],
        1e-11,
    );

    // With another link the two informations are two different answers.
    let fit = one.fit(Family::Gamma, Link::Log).unwrap();
    let errors = fit.standard_errors();
    let rounded = |values: &[f64]| {
        values
            .iter()
            .map(|v| (v * 1e5).round() / 1e5)
            .collect::<Vec<_>>()
    };
    assert_eq!(rounded(&errors.expected), [0.19030, 0.05531]);
    assert_eq!(rounded(&errors.observed.unwrap()), [0.17991, 0.05204]);
}

#[test]
fn beetle_complementary_log_log() {
    let table = Table::read("beetle");
    let regression = Regression::new(
        &table.column("killed"),
        &[vec![1.0; 8], table.column("dose")],
        &names(&["(intercept)", "dose"]),
        Some(0),
    )
    .unwrap()
    .trials(&table.column("n"))
    .unwrap();
    let fit = regression.fit(Family::Binomial, Link::Cloglog).unwrap();
    assert_close(fit.coefficients(), &[-39.572310606, 22.041169821], 3e-11);
    let errors = fit.standard_errors();
    assert_close(&errors.expected, &[3.24027261967, 1.79935519098], 1e-11);
    assert_close(&errors.observed.unwrap(), &[3.229045973, 1.793088007], 1e-9);
    assert_close(&[fit.deviance()], &[3.446438733], 1e-9);
}

/// NIST StRD, Longley: certified to 14 digits; confirmed here in exact rational arithmetic.
#[test]
fn longley_least_squares() {
    let table = Table::read("longley");
    let regressors = ["gnpdefl", "gnp", "unemp", "armed", "pop", "year"];
    let regression = Regression::new(
        &table.column("totemp"),
        &with_intercept(table.columns(&regressors)),
        &names(&[
            "gnpdefl",
            "gnp",
            "unemp",
            "armed",
            "pop",
            "year",
            "(intercept)",
        ]),
        Some(6),
    )
    .unwrap();
    let fit = regression.fit(Family::Gaussian, Link::Identity).unwrap();
    let beta = [
        15.0618722713733,
        -0.0358191792925910,
        -2.02022980381683,
        -1.03322686717359,
        -0.0511041056535807,
        1829.15146461355,
        -3482258.63459582,
    ];
    assert_close(fit.coefficients(), &beta, 1e-12);
    let deviations = [
        84.9149257747669,
        0.0334910077722432,
        0.488399681651699,
        0.214274163161675,
        0.226073200069370,
        455.478499142212,
        890420.383607373,
    ];
    assert_close(&fit.standard_errors().expected, &deviations, 1e-11);
    assert_close(&[fit.dispersion().sqrt()], &[304.854073561965], 1e-12);
    let hc3 = [
        91.1193866011,
        0.0556239883884,
        0.822133502017,
        0.298789257591,
        0.324905821136,
        922.807841715,
        1799477.23066,
    ];
    let found = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc3)
        .unwrap();
    assert_close(&found.standard_errors(), &hc3, 1e-10);
}

#[test]
fn a_response_off_the_support_is_named() {
    let columns = [vec![1.0; 3], vec![0.0, 1.0, 3.0]];
    let terms = names(&["(intercept)", "x"]);
    let error = |y: &[f64], family: Family| {
        let regression = Regression::new(y, &columns, &terms, Some(0)).unwrap();
        regression.fit(family, family.default_link()).unwrap_err()
    };
    let binomial = error(&[0.0, 1.0, 2.0], Family::Binomial);
    assert!(matches!(
        binomial,
        GlmError::Response {
            row: 2,
            value: 2.0,
            ..
        }
    ));
    assert!(
        binomial.to_string().contains("observation 3") && binomial.to_string().contains("0 or 1")
    );
    assert!(matches!(
        error(&[0.0, 0.3, 1.0], Family::Binomial),
        GlmError::Response { row: 1, .. }
    ));
    assert!(matches!(
        error(&[0.0, -1.0, 1.0], Family::Poisson),
        GlmError::Response { row: 1, .. }
    ));
    assert!(matches!(
        error(&[0.5, 1.0, 1.0], Family::Poisson),
        GlmError::Response { row: 0, .. }
    ));
    assert!(matches!(
        error(&[1.0, 2.0, 0.0], Family::Gamma),
        GlmError::Response { row: 2, .. }
    ));
    assert!(matches!(
        error(&[1.0, 2.0, f64::NAN], Family::Gaussian),
        GlmError::Response { row: 2, .. }
    ));

    let regression = Regression::new(&[1.0, 5.0, 2.0], &columns, &terms, Some(0))
        .unwrap()
        .trials(&[3.0, 4.0, 2.0])
        .unwrap();
    let error = regression.fit(Family::Binomial, Link::Logit).unwrap_err();
    assert!(error.to_string().contains("observation 2") && error.to_string().contains("4 trials"));
    assert!(matches!(
        regression.fit(Family::Poisson, Link::Log).unwrap_err(),
        GlmError::TrialsWithoutBinomial { .. }
    ));
}
