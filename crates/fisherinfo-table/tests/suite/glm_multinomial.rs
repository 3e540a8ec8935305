//! Regression on more than two categories.

use crate::common::{Table, assert_close, data, names};
use faer::Mat;
use fisherinfo::{
    coordinates::link::Link,
    expectation::{Method, expected_information},
    family::{Categorical, Model},
};
use fisherinfo_table::glm::{Family, GlmError, Options, Regression};
use num_dual::{DualNum, HyperDual64};
use proptest::prelude::*;
use std::num::NonZeroUsize;

/// The alligators, with the levels of their food.
fn alligators() -> (Regression, Vec<String>) {
    let design = data("alligators", "food ~ lake + size");
    let regression = Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        Some(0),
    );
    (regression.unwrap(), design.response.levels.unwrap())
}

/// Agresti, Categorical Data Analysis (2nd edition), table 7.2, to its two digits; all digits by
/// mpmath (30 digits, Newton's method), which statsmodels 0.15.0's MNLogit agrees with.
#[test]
fn alligators_as_published_and_to_all_digits() {
    let (regression, levels) = alligators();
    assert_eq!(levels, ["bird", "fish", "invertebrate", "other", "reptile"]);
    let fit = regression.fit_multinomial(&levels, 1).unwrap();
    let parameters = fit.parameters();
    let found: Vec<String> = ["bird", "invertebrate", "other", "reptile"]
        .into_iter()
        .flat_map(|food| {
            [
                "lake[Hancock]",
                "lake[Oklawaha]",
                "lake[Trafford]",
                "size[small]",
            ]
            .map(|term| format!("{food}: {term}"))
        })
        .map(|name| {
            let j = parameters.iter().position(|known| *known == name).unwrap();
            format!(
                "{:.2} ({:.2})",
                fit.coefficients()[j],
                fit.standard_errors().expected[j]
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "0.70 (0.78)",
            "-0.65 (1.20)",
            "1.09 (0.84)",
            "-0.63 (0.64)",
            "-1.66 (0.61)",
            "0.94 (0.47)",
            "1.12 (0.49)",
            "1.46 (0.40)",
            "0.83 (0.56)",
            "0.01 (0.78)",
            "1.52 (0.62)",
            "0.33 (0.45)",
            "1.24 (1.19)",
            "2.46 (1.12)",
            "2.94 (1.12)",
            "-0.35 (0.58)",
        ]
    );
    let beta = [
        -2.0930767616069903,
        0.6951175579366109,
        -0.6532077941216186,
        1.087766758915444,
        -0.6306597309283399,
        -1.5490186011462312,
        -1.6583585979649662,
        0.9372193218375978,
        1.1219848299135113,
        1.4582046197004943,
        -1.9042716288806538,
        0.8261962123695372,
        0.0056530623728887125,
        1.5163687327728583,
        0.331550262354318,
        -3.3145326634341843,
        1.2427766190945775,
        2.4588719618566577,
        2.9352533084016463,
        -0.3512628395861756,
    ];
    for (found, wanted) in fit.coefficients().iter().zip(beta) {
        assert!((found - wanted).abs() < 1e-10, "{found} {wanted}");
    }
    let errors = fit.standard_errors();
    let expected = [
        0.662235717315778,
        0.781263454528674,
        1.20208908686443,
        0.841668821929747,
        0.642479714561235,
        0.424921872040342,
        0.612877222811981,
        0.471904292379767,
        0.490512620615691,
        0.395944114270676,
        0.525826657126752,
        0.557540519920754,
        0.776574320593458,
        0.621434716227357,
        0.448252012821238,
        1.05308381819257,
        1.18543186852111,
        1.11812632576131,
        1.11640903113174,
        0.580031616166019,
    ];
    assert_close(&errors.expected, &expected, 1e-10);
    let outer = [
        0.73483483298055,
        0.787109379993252,
        1.2640232172262,
        0.866798651337151,
        0.65988918337835,
        0.486692293228999,
        0.62139898535068,
        0.503506543909038,
        0.506224838895378,
        0.429897266710858,
        0.495441374635694,
        0.556653788038636,
        0.806058516634754,
        0.612792472332,
        0.443277742598618,
        1.18269314650512,
        1.19536736443741,
        1.21764548118902,
        1.19171634333384,
        0.636437100996064,
    ];
    assert_close(&errors.empirical.unwrap(), &outer, 1e-10);
    let sandwich = [
        0.609383093802483,
        0.809988203999111,
        1.17187449376205,
        0.828334834146526,
        0.658905876514429,
        0.375489476510114,
        0.605210848717894,
        0.452563230676582,
        0.483126679671859,
        0.372673842069993,
        0.571821065552604,
        0.559527246603295,
        0.816869233574351,
        0.638281434892223,
        0.492970192718453,
        0.978925615410707,
        1.2057262982663,
        1.07982601351342,
        1.09027893815903,
        0.556273769483558,
    ];
    assert_close(&errors.sandwich, &sandwich, 1e-10);
    assert_close(&[fit.log_likelihood()], &[-270.0401392479303], 1e-13);
    let counts = [13.0, 94.0, 61.0, 32.0, 19.0_f64];
    let null: f64 = counts.iter().map(|n| n * (n / 219.0).ln()).sum();
    assert_close(&[fit.null_log_likelihood()], &[null], 1e-13);
    assert_close(&[fit.aic()], &[2.0 * 270.0401392479303 + 40.0], 1e-13);
    // The score equations: fitted and observed shares agree, food by food.
    let probabilities = fit.fitted_probabilities().unwrap();
    for food in 0..5 {
        let total: f64 = probabilities.iter().map(|p| p[food]).sum();
        assert!((total - total.round()).abs() < 1e-9, "{total}");
    }
}

/// Another reference is another name for the same model.
#[test]
fn any_reference() {
    let (regression, levels) = alligators();
    let fits: Vec<_> = [0, 1, 4]
        .map(|reference| regression.fit_multinomial(&levels, reference).unwrap())
        .into();
    for fit in &fits {
        assert_close(&[fit.log_likelihood()], &[fits[0].log_likelihood()], 1e-13);
        for (a, b) in fit
            .fitted_probabilities()
            .unwrap()
            .iter()
            .zip(fits[0].fitted_probabilities().unwrap())
        {
            assert_close(a, &b, 1e-8);
        }
    }
    // β of reptiles against fish is minus that of fish against reptiles.
    let at = |fit: usize, name: &str| {
        fits[fit]
            .parameters()
            .iter()
            .position(|known| known == name)
            .unwrap()
    };
    let (a, b) = (at(1, "reptile: size[small]"), at(2, "fish: size[small]"));
    assert_close(
        &[fits[1].coefficients()[a]],
        &[-fits[2].coefficients()[b]],
        1e-9,
    );
    assert_close(
        &[fits[1].standard_errors().expected[a]],
        &[fits[2].standard_errors().expected[b]],
        1e-9,
    );
}

/// Two categories are the binomial logit, in everything.
#[test]
fn two_categories() {
    let table = Table::read("spector");
    let mut columns = vec![vec![1.0; 32]];
    columns.extend(table.columns(&["gpa", "tuce", "psi"]));
    let terms = names(&["1", "gpa", "tuce", "psi"]);
    let model = Regression::new(&table.column("grade"), &columns, &terms, Some(0)).unwrap();
    let binomial = model.fit(Family::Binomial, Link::Logit).unwrap();
    let two = model
        .fit_multinomial(&names(&["failed", "passed"]), 0)
        .unwrap();
    assert_close(two.coefficients(), binomial.coefficients(), 1e-12);
    let (a, b) = (two.standard_errors(), binomial.standard_errors());
    assert_close(&a.expected, &b.expected, 1e-12);
    assert_close(&a.empirical.unwrap(), &b.empirical.unwrap(), 1e-11);
    assert_close(&a.sandwich, &b.sandwich.unwrap(), 1e-11);
    assert_close(&[two.log_likelihood()], &[binomial.log_likelihood()], 1e-13);
    assert_close(
        &[-2.0 * two.null_log_likelihood()],
        &[binomial.null_deviance().unwrap()],
        1e-13,
    );
    let (a, b) = (two.information().unwrap(), binomial.information().unwrap());
    for i in 0..4 {
        for j in 0..4 {
            let scale = b.expected.matrix()[(i, j)];
            assert!((a.expected.matrix()[(i, j)] / scale - 1.0).abs() < 1e-11);
            assert_eq!(a.observed.matrix()[(i, j)], a.expected.matrix()[(i, j)]);
        }
    }
    assert_eq!(a.expected.parameters()[1], "passed: gpa");
    let bound = a.expected.cramer_rao_bound().unwrap();
    assert_close(
        &bound.standard_errors(),
        &two.standard_errors().expected,
        1e-9,
    );
}

#[test]
fn threads_change_no_bit() {
    let (regression, levels) = alligators();
    let bits = |threads| {
        let options = Options {
            threads: NonZeroUsize::new(threads),
            ..Options::default()
        };
        let regression = regression.clone().options(options);
        let fit = regression.fit_multinomial(&levels, 1).unwrap();
        let errors = fit.standard_errors();
        let all = fit
            .coefficients()
            .iter()
            .chain(&errors.expected)
            .chain(&errors.sandwich);
        all.map(|value| value.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(bits(1), bits(3));
}

#[test]
fn separated_categories() {
    let levels = names(&["low", "middle", "high"]);
    let x: Vec<f64> = (0..18).map(f64::from).collect();
    let columns = [vec![1.0; 18], x.clone()];
    let fit = |y: Vec<f64>| {
        let regression = Regression::new(&y, &columns, &names(&["1", "x"]), Some(0)).unwrap();
        regression
            .fit_multinomial(&levels, 0)
            .map(|_| ())
            .unwrap_err()
    };
    // Three runs of x: all is told without error.
    let runs: Vec<f64> = (0..18).map(|i| f64::from(i / 6)).collect();
    match fit(runs) {
        GlmError::MultinomialSeparation(separation) => {
            assert_eq!((separation.rows, separation.of), (18, 18))
        }
        other => panic!("{other}"),
    }
    // High alone is told from the rest, in which low and middle are mixed.
    let mixed: Vec<f64> = (0..18)
        .map(|i| if i >= 12 { 2.0 } else { f64::from(i % 2) })
        .collect();
    match fit(mixed) {
        GlmError::MultinomialSeparation(separation) => {
            assert_eq!(separation.of, 18);
            let text = separation.to_string();
            assert!(text.contains("high: x"), "{text}");
            assert!(
                separation.direction.involves(3) && !separation.direction.involves(1),
                "{text}"
            );
        }
        other => panic!("{other}"),
    }
}

#[test]
fn refusals() {
    let levels = names(&["a", "b", "c"]);
    let fit = |y: &[f64], levels: &[String], reference| {
        let columns = [vec![1.0; y.len()]];
        let regression = Regression::new(y, &columns, &names(&["1"]), Some(0)).unwrap();
        regression
            .fit_multinomial(levels, reference)
            .map(|_| ())
            .unwrap_err()
    };
    let empty = fit(&[0.0, 1.0, 1.0, 0.0], &levels, 0);
    assert!(empty.to_string().contains("«c»"), "{empty}");
    assert_eq!(fit(&[0.0, 1.0, 3.0, 2.0], &levels, 0).row(), Some(2));
    assert_eq!(fit(&[0.0, 1.5, 1.0, 2.0], &levels, 0).row(), Some(1));
    assert!(matches!(
        fit(&[0.0, 0.0], &levels[..1], 0),
        GlmError::Shape { .. }
    ));
    assert!(matches!(
        fit(&[0.0, 1.0, 2.0], &levels, 3),
        GlmError::Shape { .. }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// The fit against hyper-dual derivatives of the log-likelihood, and the information against the
    /// engine's about the probabilities, carried to log-odds and through the design by plain loops.
    #[test]
    fn against_the_derivatives_of_the_log_likelihood(
        a in prop::collection::vec(-1.0..1.0_f64, 50),
        b in prop::collection::vec(-1.0..1.0_f64, 50),
        u in prop::collection::vec(0.0..1.0_f64, 50),
        reference in 0..4_usize,
    ) {
        let y: Vec<f64> = a.iter().zip(&u).map(|(a, u)| (3.999 * (0.25 * a + u).clamp(0.0, 1.0)).floor()).collect();
        let x = [vec![1.0; 50], a, b];
        let regression = Regression::new(&y, &x, &names(&["1", "a", "b"]), Some(0)).unwrap();
        let levels = names(&["p", "q", "r", "s"]);
        let fit = match regression.fit_multinomial(&levels, reference) {
            Ok(fit) => fit,
            Err(GlmError::MultinomialSeparation(_) | GlmError::EmptyCategory { .. }) => return Ok(()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        let others: Vec<usize> = (0..4).filter(|&c| c != reference).collect();
        let beta = fit.coefficients();
        let log_likelihood = |i: usize, j: usize, k: usize| {
            let eta: Vec<HyperDual64> = (0..3).map(|c| {
                (0..3).fold(HyperDual64::from(0.0), |sum, l| {
                    let at = 3 * c + l;
                    sum + HyperDual64::new(beta[at], f64::from(at == j), f64::from(at == k), 0.0) * x[l][i]
                })
            }).collect();
            let total = eta.iter().fold(HyperDual64::from(1.0), |sum, eta| sum + eta.exp());
            let own = others.iter().position(|&c| c as f64 == y[i]);
            own.map_or(HyperDual64::from(0.0), |c| eta[c]) - total.ln()
        };
        let information = fit.information().unwrap();
        let probabilities = fit.fitted_probabilities().unwrap();
        let mut engine = Mat::<f64>::zeros(9, 9);
        for i in 0..50 {
            // The reference last, as the engine's coordinates have it.
            let p: Vec<f64> = others.iter().map(|&c| probabilities[i][c]).collect();
            let model = Categorical { categories: 4 };
            let about_p = expected_information(&model, &p, Method::ClosedForm).unwrap();
            let natural = &model.alternative_coordinates()[0];
            let about_odds = natural.apply(&about_p).unwrap();
            for j in 0..9 {
                for k in 0..9 {
                    engine[(j, k)] += about_odds.matrix()[(j / 3, k / 3)] * x[j % 3][i] * x[k % 3][i];
                }
            }
        }
        for j in 0..9 {
            let mut score = 0.0;
            for k in 0..9 {
                let (mut bend, mut outer) = (0.0, 0.0);
                for i in 0..50 {
                    let value = log_likelihood(i, j, k);
                    bend -= value.eps1eps2;
                    outer += value.eps1 * value.eps2;
                    score += value.eps1 / 9.0;
                }
                let close = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-8 * (1.0 + wanted.abs());
                prop_assert!(close(information.observed.matrix()[(j, k)], bend));
                prop_assert!(close(information.empirical.matrix()[(j, k)], outer));
                prop_assert!(close(information.expected.matrix()[(j, k)], engine[(j, k)]));
            }
            prop_assert!(score.abs() < 1e-7, "{score}");
        }
    }
}
