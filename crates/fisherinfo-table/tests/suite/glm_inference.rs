//! Clusters, tests of terms and profile-likelihood intervals.

use crate::common::{Table, assert_close, names, ships::SHIPS};
use fisherinfo::coordinates::link::Link;
use fisherinfo::special::normal_quantile;
use fisherinfo_table::glm::{
    ClusterFactor, Family, Fit, GlmError, Heteroscedasticity, ProfileEnd, Regression, Weighting,
    quantile,
};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing};
use proptest::prelude::*;

fn noise(i: usize) -> f64 {
    let x = (i as f64 + 1.0) * 12.9898;
    let y = x.sin() * 43_758.545_3;
    2.0 * (y - y.floor()) - 1.0
}

/// Tobacco budworms killed of 20 by a dose (Collett 1991; Venables & Ripley 2002, 8.4):
/// 1, sex, log2 dose and their product.
fn budworm(width: usize) -> Regression {
    let dead = [
        1.0, 4.0, 9.0, 13.0, 18.0, 20.0, 0.0, 2.0, 6.0, 10.0, 12.0, 16.0,
    ];
    let dose: Vec<f64> = (0..12).map(|i| (i % 6) as f64).collect();
    let male: Vec<f64> = (0..12).map(|i| f64::from(i < 6)).collect();
    let both: Vec<f64> = dose.iter().zip(&male).map(|(d, m)| d * m).collect();
    let columns = [vec![1.0; 12], male, dose, both];
    let terms = names(&["(Intercept)", "sexM", "ldose", "sexM:ldose"]);
    Regression::new(&dead, &columns[..width], &terms[..width], Some(0))
        .unwrap()
        .trials(&[20.0; 12])
        .unwrap()
}

/// A randomised trial (Dobson 1990; the example of R's `glm`).
fn dobson() -> Regression {
    let counts = [18.0, 17.0, 15.0, 20.0, 10.0, 20.0, 25.0, 13.0, 12.0];
    let is = |f: &dyn Fn(usize) -> bool| -> Vec<f64> { (0..9).map(|i| f64::from(f(i))).collect() };
    let columns = [
        vec![1.0; 9],
        is(&|i| i % 3 == 1),
        is(&|i| i % 3 == 2),
        is(&|i| i / 3 == 1),
        is(&|i| i / 3 == 2),
    ];
    let terms = names(&[
        "(Intercept)",
        "outcome2",
        "outcome3",
        "treatment2",
        "treatment3",
    ]);
    Regression::new(&counts, &columns, &terms, Some(0)).unwrap()
}

fn ends(fit: &Fit<'_>, column: usize, level: f64) -> [f64; 2] {
    let interval = fit.profile_interval(column, level).unwrap();
    [interval.lower, interval.upper].map(|end| match end {
        ProfileEnd::At(value) => value,
        other => panic!("{other:?}"),
    })
}

/// What R prints with `confint(glm.D93)` and, for Venables & Ripley's budworms without interaction,
/// `confint(budworm.lg, parm = "ldose")`; it interpolates the profile by a spline, which is good for
/// four digits.
#[test]
fn profiles_published() {
    let regression = dobson();
    let fit = regression.fit(Family::Poisson, Link::Log).unwrap();
    for (j, wanted) in [
        [2.6958215, 3.36655581],
        [-0.8577018, -0.06255840],
        [-0.6753696, 0.08244089],
        [-0.3932548, 0.39325483],
        [-0.3932548, 0.39325483],
    ]
    .iter()
    .enumerate()
    {
        for (found, wanted) in ends(&fit, j, 0.95).iter().zip(wanted) {
            assert!((found - wanted).abs() < 2e-4, "{j}: {found} {wanted}");
        }
    }
    let regression = budworm(3);
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    for (found, wanted) in ends(&fit, 2, 0.95).iter().zip([0.8228708, 1.3390581]) {
        assert!((found - wanted).abs() < 2e-4, "{found} {wanted}");
    }
}

/// To all digits, from a root finder (SciPy 1.16's `brentq`) over Newton fits of its own.
#[test]
fn profiles_of_budworms_to_all_digits() {
    let regression = budworm(4);
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let wanted = [
        [-4.186452984722705, -2.0016910747108967],
        [-1.3709566513025393, 1.7206717231917195],
        [0.6022785024560848, 1.2627067226837356],
        [-0.16630338115725332, 0.9064561566936099],
    ];
    for (j, wanted) in wanted.iter().enumerate() {
        assert_close(&ends(&fit, j, 0.95), wanted, 1e-9);
    }
}

/// What R prints with `anova(budworm.lg, test = "Chisq")` (Venables & Ripley 2002, 8.4, has the
/// deviances 6.077, 112.042, 1.763 and 124.876 on 11, 4.9937 on 8 degrees of freedom) and with
/// `anova(glm.D93, test = "Chisq")`.
#[test]
fn deviance_tables_published() {
    let thousandths = |value: f64| (value * 1e3).round() / 1e3;
    let regression = budworm(4);
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let table = fit.deviance_table(1, &[2, 3, 4]).unwrap();
    let falls: Vec<f64> = table
        .iter()
        .map(|step| thousandths(step.deviance))
        .collect();
    assert_eq!(falls, [6.077, 112.042, 1.763]);
    let left: Vec<(usize, f64)> = table
        .iter()
        .map(|step| {
            (
                step.residual_degrees_of_freedom,
                thousandths(step.residual_deviance),
            )
        })
        .collect();
    assert_eq!(left, [(10, 118.799), (9, 6.757), (8, 4.994)]);
    assert_eq!(thousandths(table[2].test.p_value), 0.184);
    let regression = dobson();
    let fit = regression.fit(Family::Poisson, Link::Log).unwrap();
    let table = fit.deviance_table(1, &[3, 5]).unwrap();
    assert_eq!((table[0].deviance * 1e4).round() / 1e4, 5.4523);
    assert_eq!((table[0].test.p_value * 1e5).round() / 1e5, 0.06547);
    assert!(table[1].deviance < 1e-9 && table[1].test.p_value > 0.999_999);
    assert_eq!(table[1].degrees_of_freedom, 2);
}

/// The three tests against a fit without the terms, and sums over its rows written out.
#[test]
fn tests_of_terms_by_a_second_fit() {
    let regression = budworm(4);
    let fit = regression.fit(Family::Binomial, Link::Probit).unwrap();
    let test = fit.test_of(&[1, 3]).unwrap();
    let table = budworm(4);
    assert_eq!(table.rows(), 12);
    let dead = [
        1.0, 4.0, 9.0, 13.0, 18.0, 20.0, 0.0, 2.0, 6.0, 10.0, 12.0, 16.0,
    ];
    let dose: Vec<f64> = (0..12).map(|i| (i % 6) as f64).collect();
    let small = Regression::new(
        &dead,
        &[vec![1.0; 12], dose.clone()],
        &names(&["1", "ldose"]),
        Some(0),
    )
    .unwrap()
    .trials(&[20.0; 12])
    .unwrap();
    let null = small.fit(Family::Binomial, Link::Probit).unwrap();
    assert_close(&[test.deviance], &[null.deviance()], 1e-10);
    let ratio = null.deviance() - fit.deviance();
    assert_close(&[test.likelihood_ratio.statistic], &[ratio], 1e-9);
    // Rao: score and information of the large model at the small fit.
    let density = |eta: f64| (-0.5 * eta * eta).exp() / std::f64::consts::TAU.sqrt();
    let (mut score, mut information) = ([0.0; 4], faer::Mat::<f64>::zeros(4, 4));
    for (i, eta) in null.linear_predictor().unwrap().into_iter().enumerate() {
        let male = f64::from(i < 6);
        let x = [1.0, male, dose[i], male * dose[i]];
        let mean = Link::Probit.mean(eta);
        let variance = mean * (1.0 - mean);
        for j in 0..4 {
            score[j] += x[j] * (dead[i] - 20.0 * mean) * density(eta) / variance;
            for k in 0..4 {
                information[(j, k)] += 20.0 * x[j] * x[k] * density(eta).powi(2) / variance;
            }
        }
    }
    use faer::linalg::solvers::Solve;
    let score = faer::Mat::from_fn(4, 1, |j, _| score[j]);
    let rao = (score.transpose() * information.partial_piv_lu().solve(&score))[(0, 0)];
    assert_close(&[test.score.statistic], &[rao], 1e-8);
    // Wald of one coefficient is the square of its ratio.
    let one = fit.test_of(&[2]).unwrap();
    let z = fit.coefficients()[2] / fit.standard_errors().expected[2];
    assert_close(&[one.wald.statistic], &[z * z], 1e-10);
    // Of the same order, and not the same.
    for (a, b) in [(test.wald, test.score), (test.score, test.likelihood_ratio)] {
        let ratio = a.statistic / b.statistic;
        assert!((0.5..2.0).contains(&ratio) && (ratio - 1.0).abs() > 1e-4);
    }
    assert_eq!(test.degrees_of_freedom, 2);
}

#[test]
fn columns_that_cannot_be_tested() {
    let regression = budworm(3);
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    for columns in [&[][..], &[3], &[1, 1]] {
        assert!(matches!(fit.test_of(columns), Err(GlmError::Shape { .. })));
    }
    assert!(fit.profile_interval(3, 0.95).is_err());
    for level in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(matches!(
            fit.profile_interval(1, level),
            Err(GlmError::Level { .. })
        ));
    }
}

/// Φ(1.959964) and Student's quantiles of published tables.
#[test]
fn quantiles() {
    assert_close(
        &[quantile(0.95, None).unwrap()],
        &[1.959963984540054],
        1e-14,
    );
    assert_close(
        &[
            quantile(0.95, Some(1)).unwrap(),
            quantile(0.95, Some(10)).unwrap(),
            quantile(0.99, Some(30)).unwrap(),
        ],
        &[12.706204736174694, 2.2281388519862744, 2.7499956535672247],
        1e-11,
    );
}

/// A mean of counts with the identity link ends where the mean does; the reciprocal of a mean that
/// may be zero has no end.
#[test]
fn intervals_without_an_end() {
    let zeros = Regression::new(&[0.0; 4], &[vec![1.0; 4]], &names(&["mean"]), Some(0));
    assert!(zeros.unwrap().fit(Family::Poisson, Link::Log).is_err());
    // Two groups, of which one has few counts: its mean can only be as low as zero.
    let y = [0.0, 1.0, 0.0, 0.0, 5.0, 7.0, 4.0, 6.0];
    let group = |k: usize| -> Vec<f64> { (0..8).map(|i| f64::from(i / 4 == k)).collect() };
    let regression = Regression::new(&y, &[group(0), group(1)], &names(&["a", "b"]), None).unwrap();
    let fit = regression.fit(Family::Poisson, Link::Identity).unwrap();
    let interval = fit.profile_interval(0, 0.95).unwrap();
    // 2(1·ln(1/4μ) − 1 + 4μ) = q² has a root above zero, since one count is there.
    let ProfileEnd::At(lower) = interval.lower else {
        panic!("{interval:?}")
    };
    let q = normal_quantile(0.975);
    let fall = 2.0 * ((1.0 / (4.0 * lower)).ln() - 1.0 + 4.0 * lower);
    assert!((fall - q * q).abs() < 1e-8);
    // Rows of which none was counted end at mean zero, where the likelihood is still finite.
    let y = [0.0, 0.0, 3.0, 5.0];
    let x = [vec![1.0; 4], vec![0.0, 1.0, 2.0, 3.0]];
    let regression = Regression::new(&y, &x, &names(&["1", "x"]), Some(0)).unwrap();
    match regression.fit(Family::Poisson, Link::Identity) {
        Err(GlmError::Boundary { .. }) => {}
        other => panic!("{other:?}"),
    }
    let y = [1.0, 0.0, 3.0, 5.0, 2.0, 9.0];
    let x = [vec![1.0; 6], vec![0.0, 0.0, 2.0, 3.0, 1.0, 4.0]];
    let regression = Regression::new(&y, &x, &names(&["1", "x"]), Some(0)).unwrap();
    let fit = regression.fit(Family::Poisson, Link::Identity).unwrap();
    let interval = fit.profile_interval(1, 0.9999).unwrap();
    assert!(matches!(interval.upper, ProfileEnd::At(_)), "{interval:?}");
    // Where nothing was counted the mean at x = 0 falls to zero before the profile has fallen.
    let y = [4.0, 0.0, 4.0, 5.0, 4.0, 6.0];
    let x = [vec![1.0; 6], vec![1.0, 0.0, 2.0, 3.0, 1.0, 4.0]];
    let regression = Regression::new(&y, &x, &names(&["1", "x"]), Some(0)).unwrap();
    let fit = regression.fit(Family::Poisson, Link::Identity).unwrap();
    let interval = fit.profile_interval(1, 0.9999).unwrap();
    let ProfileEnd::Edge(edge) = interval.upper else {
        panic!("{interval:?}")
    };
    // At the edge the intercept is zero, and best so: Σ y/(slope·x) = n.
    let best = (4.0 + 2.0 + 5.0 / 3.0 + 4.0 + 1.5) / 6.0;
    assert_close(&[edge], &[best], 1e-7);

    let y = [0.5, 1.5, -0.7, 1.1];
    let regression = Regression::new(&y, &[vec![1.0; 4]], &names(&["1/mean"]), Some(0)).unwrap();
    let fit = regression.fit(Family::Gaussian, Link::Inverse).unwrap();
    let interval = fit.profile_interval(0, 0.95).unwrap();
    assert_eq!(interval.upper, ProfileEnd::Infinite);
    let ProfileEnd::At(lower) = interval.lower else {
        panic!("{interval:?}")
    };
    // The usual interval of the mean, turned over.
    let plain = Regression::new(&y, &[vec![1.0; 4]], &names(&["mean"]), Some(0)).unwrap();
    let plain = plain.fit(Family::Gaussian, Link::Identity).unwrap();
    let reach = plain.quantile(0.95).unwrap() * plain.standard_errors().expected[0];
    assert_close(&[lower], &[(plain.coefficients()[0] + reach).recip()], 1e-9);
    assert!(plain.coefficients()[0] - reach < 0.0);
}

/// The values of statsmodels 0.15.0, `fit(cov_type="cluster")` with and without `use_correction`.
#[test]
fn clusters_as_statsmodels() {
    let table = fisherinfo_table::Table::from_csv_reader(SHIPS.as_bytes(), "ships.csv").unwrap();
    let formula = Formula::parse("incidents ~ type + C(period) + offset(log(service))").unwrap();
    let options = DesignOptions {
        missing: Missing::Drop,
        clusters: Some("year"),
        ..DesignOptions::default()
    };
    let design = Design::new(&table, &formula, &options).unwrap();
    let groups = design.clusters.as_ref().unwrap();
    assert_eq!(groups.levels, ["60", "65", "70", "75"]);
    let regression = Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        Some(0),
    )
    .unwrap()
    .offset(design.offset.as_ref().unwrap())
    .unwrap();
    let fit = regression.fit(Family::Poisson, Link::Log).unwrap();
    let robust = fit
        .cluster_robust(&groups.codes, ClusterFactor::Cr1)
        .unwrap();
    assert_eq!(robust.clusters, 4);
    assert_close(
        &robust.standard_errors(),
        &[
            0.17653296322028,
            0.18006038876355,
            0.22381718125085,
            0.55838559415878,
            0.42332092637326,
            0.19221679719985,
        ],
        1e-9,
    );
    let plain = fit
        .cluster_robust(&groups.codes, ClusterFactor::None)
        .unwrap();
    assert_close(
        &plain.standard_errors(),
        &[
            0.14082458776898,
            0.14363849990728,
            0.17854434497843,
            0.44543760937964,
            0.33769327757848,
            0.15333595909884,
        ],
        1e-9,
    );
    assert!(matches!(
        fit.cluster_robust(&[3; 34], ClusterFactor::Cr1),
        Err(GlmError::OneCluster)
    ));
    assert!(matches!(
        fit.cluster_robust(&[3; 33], ClusterFactor::Cr1),
        Err(GlmError::Shape { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Rows alone are HC0; rows written out and kept together are what their frequency is; the
    /// names of clusters do not matter.
    #[test]
    fn clusters_are_sums_of_scores(seed in 0..1000_usize, weighting in 0..2_usize) {
        let n = 40;
        let x = [vec![1.0; n], (0..n).map(|i| noise(i + seed)).collect::<Vec<f64>>()];
        let y: Vec<f64> = (0..n).map(|i| (2.0 * (0.5 + 0.4 * x[1][i] + 0.3 * noise(9 * i + seed)).exp()).round()).collect();
        let weights: Vec<f64> = (0..n).map(|i| (1 + (i + seed) % 3) as f64).collect();
        let terms = names(&["1", "x"]);
        let kind = [Weighting::Frequency, Weighting::Precision][weighting];
        let regression = Regression::new(&y, &x, &terms, Some(0)).unwrap().weights(kind, &weights).unwrap();
        let fit = regression.fit(Family::Poisson, Link::Log).unwrap();
        let clusters: Vec<usize> = (0..n).map(|i| i * i % 7).collect();
        let renamed: Vec<usize> = clusters.iter().map(|c| 1000 - 13 * c).collect();
        let one = fit.cluster_robust(&clusters, ClusterFactor::Cr1).unwrap();
        let other = fit.cluster_robust(&renamed, ClusterFactor::Cr1).unwrap();
        assert_close(&one.standard_errors(), &other.standard_errors(), 1e-12);
        if kind == Weighting::Precision {
            let alone: Vec<usize> = (0..n).collect();
            let alone = fit.cluster_robust(&alone, ClusterFactor::None).unwrap();
            let hc0 = fit.heteroscedasticity_consistent(Heteroscedasticity::Hc0).unwrap();
            assert_close(&alone.standard_errors(), &hc0.standard_errors(), 1e-11);
        } else {
            let repeat = |values: &[f64]| -> Vec<f64> {
                values.iter().zip(&weights).flat_map(|(&v, &w)| std::iter::repeat_n(v, w as usize)).collect()
            };
            let long = Regression::new(&repeat(&y), &[repeat(&x[0]), repeat(&x[1])], &terms, Some(0)).unwrap();
            let long = long.fit(Family::Poisson, Link::Log).unwrap();
            let codes: Vec<usize> = clusters.iter().zip(&weights).flat_map(|(&c, &w)| std::iter::repeat_n(c, w as usize)).collect();
            let long = long.cluster_robust(&codes, ClusterFactor::Cr1).unwrap();
            assert_close(&one.standard_errors(), &long.standard_errors(), 1e-8);
        }
    }

    /// With normal errors the three tests are one exact F test, and the profile is Student's
    /// interval.
    #[test]
    fn with_normal_errors_all_is_exact(seed in 0..1000_usize, precise in any::<bool>()) {
        let n = 25;
        let column = |k: usize| -> Vec<f64> { (0..n).map(|i| noise(i * 11 + k * 97 + seed)).collect() };
        let x = [vec![1.0; n], column(1), column(2), column(3)];
        let y: Vec<f64> = (0..n).map(|i| 1.0 + x[1][i] - 0.2 * x[2][i] + noise(i + 5000 + seed)).collect();
        let mut regression = Regression::new(&y, &x, &names(&["1", "a", "b", "c"]), Some(0)).unwrap();
        if precise {
            let weights: Vec<f64> = column(4).iter().map(|w| 1.5 + w).collect();
            regression = regression.weights(Weighting::Precision, &weights).unwrap();
        }
        let fit = regression.fit(Family::Gaussian, Link::Identity).unwrap();
        let test = fit.test_of(&[2, 3]).unwrap();
        prop_assert_eq!(test.residual_degrees_of_freedom, Some(21));
        assert_close(&[test.score.statistic, test.likelihood_ratio.statistic], &[test.wald.statistic; 2], 1e-8);
        assert_close(&[test.score.p_value, test.likelihood_ratio.p_value], &[test.wald.p_value; 2], 1e-7);
        let errors = fit.standard_errors().expected;
        let reach = fit.quantile(0.9).unwrap();
        for j in 0..4 {
            let (b, s) = (fit.coefficients()[j], errors[j]);
            let found = ends(&fit, j, 0.9);
            prop_assert!((found[0] - (b - reach * s)).abs() < 1e-8 * s, "{:?}", found);
            prop_assert!((found[1] - (b + reach * s)).abs() < 1e-8 * s);
        }
    }

    /// The profile's ends are where the likelihood-ratio test just rejects, in any units of the
    /// terms.
    #[test]
    fn ends_of_profiles_are_rejected_at_the_level(
        seed in 0..500_usize,
        unit in prop::sample::select(vec![1.0, 1e5, 1e-4]),
        case in 0..4_usize,
    ) {
        let (family, link) = [
            (Family::Binomial, Link::Cloglog),
            (Family::Poisson, Link::Log),
            (Family::Gamma, Link::Log),
            (Family::Gamma, Link::Inverse),
        ][case];
        let n = 40;
        let column: Vec<f64> = (0..n).map(|i| 3.0 + noise(i * 3 + seed)).collect();
        let y: Vec<f64> = (0..n).map(|i| {
            let u = noise(i + 321 + seed);
            match family {
                Family::Binomial => f64::from(0.4 * (column[i] - 3.0) + u > -0.1),
                Family::Poisson => (2.0 + column[i] + 2.0 * u).max(0.0).round(),
                _ => column[i].recip() * (1.2 + u),
            }
        }).collect();
        let scaled: Vec<f64> = column.iter().map(|v| v * unit).collect();
        let x = [vec![1.0; n], scaled.clone()];
        let regression = Regression::new(&y, &x, &names(&["1", "x"]), Some(0)).unwrap();
        let Ok(fit) = regression.fit(family, link) else { return Ok(()) };
        let Ok(interval) = fit.profile_interval(1, 0.95) else { panic!() };
        for end in [interval.lower, interval.upper] {
            let ProfileEnd::At(value) = end else {
                // An edge of the inverse link; the mean leaves its space beyond.
                prop_assert!(link == Link::Inverse, "{:?}", end);
                continue;
            };
            // A fit of the intercept with the rest as an offset.
            let offset: Vec<f64> = scaled.iter().map(|v| v * value).collect();
            let alone = Regression::new(&y, &[vec![1.0; n]], &names(&["1"]), Some(0)).unwrap().offset(&offset).unwrap();
            let Ok(alone) = alone.fit(family, link) else { continue };
            let fall = (alone.deviance() - fit.deviance()) / fit.dispersion();
            let limit = fit.quantile(0.95).unwrap();
            prop_assert!((fall.sqrt() - limit).abs() < 1e-6, "{} {}: {} {}", family, link, fall.sqrt(), limit);
        }
    }
}

/// Spector's three terms: each test is what it is by hand.
#[test]
fn spector_terms() {
    let table = Table::read("spector");
    let mut columns = vec![vec![1.0; 32]];
    columns.extend(table.columns(&["gpa", "tuce", "psi"]));
    let terms = names(&["1", "gpa", "tuce", "psi"]);
    let regression = Regression::new(&table.column("grade"), &columns, &terms, Some(0)).unwrap();
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let all = fit.test_of(&[1, 2, 3]).unwrap();
    // The likelihood-ratio test of the whole model, as Greene, Econometric Analysis, and Spector &
    // Mazzeo's replications print it: 15.404.
    assert_eq!((all.likelihood_ratio.statistic * 1e3).round() / 1e3, 15.404);
    assert_close(&[all.deviance], &[fit.null_deviance().unwrap()], 1e-10);
    // Rao's test of all terms is n times the R² of the response on them.
    let linear = regression.fit(Family::Gaussian, Link::Identity).unwrap();
    let share = 1.0 - linear.deviance() / linear.null_deviance().unwrap();
    assert_close(&[all.score.statistic], &[32.0 * share], 1e-9);
}
