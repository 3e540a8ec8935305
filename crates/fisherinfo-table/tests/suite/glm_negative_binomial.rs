//! The negative binomial with its shape estimated.

use crate::common::{assert_close, data, names};
use fisherinfo::{coordinates::link::Link, information::Estimator};
use fisherinfo_table::glm::{Family, FamilyChoice, FamilyError, GlmError, Regression};
use proptest::prelude::*;

fn quine() -> Regression {
    let design = data("quine", "Days ~ Eth + Sex + Age + Lrn");
    Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        Some(0),
    )
    .unwrap()
}

/// Venables & Ripley, Modern Applied Statistics with S (2002), 7.4: `glm.nb(Days ~ Eth + Sex + Age +
/// Lrn)` prints θ 1.275 with standard error 0.161 and 2 log-likelihood −1093.151. The further digits
/// are mpmath's (40 digits, the profile likelihood's root).
#[test]
fn quine_as_published_and_to_all_digits() {
    let quine = quine();
    let fit = quine.fit_negative_binomial(Link::Log).unwrap();
    let errors = fit.shape_standard_errors();
    assert_eq!(
        format!("{:.3} {:.3}", fit.shape(), errors.coefficients_known),
        "1.275 0.161"
    );
    assert_eq!(format!("{:.3}", 2.0 * fit.log_likelihood()), "-1093.151");
    assert_close(&[fit.shape()], &[1.2748926450622852], 1e-10);
    assert_close(&[fit.log_likelihood()], &[-546.57550914499158], 1e-12);
    assert_close(
        &[errors.coefficients_known, errors.observed, errors.expected],
        &[0.161035661714981, 0.161046330692846, 0.158519868790784],
        1e-10,
    );
    let beta = [
        2.8945799902492008,
        -0.56937169735795107,
        0.082320284145745778,
        -0.44842814987748051,
        0.088080152114130986,
        0.35690097142947646,
        0.29210915703375583,
    ];
    assert_close(fit.fit().coefficients(), &beta, 1e-9);
    let expected = [
        0.228424614781202,
        0.153333359282265,
        0.159915014647779,
        0.239746592554559,
        0.236193028652867,
        0.248324362798707,
        0.186474710099784,
    ];
    assert_close(&fit.fit().standard_errors().expected, &expected, 1e-10);
    // k counts as a parameter.
    assert_close(&[fit.aic()], &[2.0 * 546.57550914499158 + 16.0], 1e-12);
    assert!(fit.rounds() < 10);
}

/// I_{μk} = 0 in expectation and not in the data; inverse and corners agree with the standard errors.
#[test]
fn information_of_coefficients_and_shape() {
    let quine = quine();
    let fit = quine.fit_negative_binomial(Link::Log).unwrap();
    let information = fit.information().unwrap();
    let last = fit.fit().terms().len();
    assert_eq!(information.expected.parameters()[last], "k");
    assert_eq!(
        information.observed.provenance().estimator,
        Estimator::Observed
    );
    for j in 0..last {
        assert_eq!(information.expected.matrix()[(j, last)], 0.0);
        assert!(information.observed.matrix()[(j, last)].abs() > 1e-3);
    }
    let observed = information
        .observed
        .cramer_rao_bound()
        .unwrap()
        .standard_errors();
    let joint = [
        0.22792613506265,
        0.157608662715337,
        0.164684744833031,
        0.237601864892813,
        0.241547645439294,
        0.246620045552924,
        0.182936844987176,
        0.161046330692846,
    ];
    assert_close(&observed, &joint, 1e-9);
    assert_close(
        &[fit.shape_standard_errors().observed],
        &joint[last..],
        1e-9,
    );
    let expected = information
        .expected
        .cramer_rao_bound()
        .unwrap()
        .standard_errors();
    assert_close(
        &expected[..last],
        &fit.fit().standard_errors().expected,
        1e-9,
    );
    assert_close(
        &expected[last..],
        &[fit.shape_standard_errors().expected],
        1e-9,
    );
}

/// The score of k is among the scores of the test: with it, no worse a fit than without.
#[test]
fn information_matrix_test_knows_the_shape() {
    let quine = quine();
    let fit = quine.fit_negative_binomial(Link::Log).unwrap();
    let with = fit.information_matrix_test().unwrap().test;
    let without = fit.fit().information_matrix_test().unwrap().test;
    assert_eq!(with.degrees_of_freedom, without.degrees_of_freedom);
    assert!(with.statistic > without.statistic, "{with:?} {without:?}");
}

#[test]
fn counts_that_vary_too_little() {
    let counts = [2.0, 3.0, 2.0, 3.0, 4.0, 2.0, 3.0, 3.0];
    let model = Regression::new(&counts, &[vec![1.0; 8]], &names(&["1"]), Some(0)).unwrap();
    match model.fit_negative_binomial(Link::Log).unwrap_err() {
        error @ GlmError::NoOverdispersion { excess } => {
            assert!(excess < 0.0 && error.to_string().contains("use the poisson family"));
        }
        other => panic!("{other}"),
    }
    // What a Poisson fit refuses, this one does.
    let halves = Regression::new(&[0.5, 3.0], &[vec![1.0; 2]], &names(&["1"]), Some(0)).unwrap();
    let error = halves.fit_negative_binomial(Link::Log).unwrap_err();
    assert_eq!(error.row(), Some(0));
}

#[test]
fn choices_by_name() {
    assert_eq!(
        "negative-binomial(2)".parse(),
        Ok(FamilyChoice::Of(Family::NegativeBinomial(2.0)))
    );
    for name in ["negative-binomial", "gamma", "tweedie(1.2)"] {
        assert_eq!(name.parse::<FamilyChoice>().unwrap().to_string(), name);
    }
    let error = "negative-binomial()".parse::<FamilyChoice>().unwrap_err();
    assert!(matches!(error, FamilyError::Shape { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// No shape and no coefficients near by do better.
    #[test]
    fn nothing_near_is_likelier(
        x in prop::collection::vec(-1.0..1.0_f64, 60),
        u in prop::collection::vec(0.001..0.999_f64, 60),
        scale in 0.5..20.0_f64,
    ) {
        // Geometric counts: k near one.
        let y: Vec<f64> = x.iter().zip(&u).map(|(x, u)| (-u.ln() * scale * x.exp()).floor()).collect();
        let terms = names(&["1", "x"]);
        let model = Regression::new(&y, &[vec![1.0; 60], x], &terms, Some(0)).unwrap();
        let fit = match model.fit_negative_binomial(Link::Log) {
            Ok(fit) => fit,
            Err(GlmError::NoOverdispersion { .. }) => return Ok(()),
            Err(other) => panic!("{other}"),
        };
        let best = fit.log_likelihood();
        let error = fit.shape_standard_errors().coefficients_known;
        for part in [-0.5, -0.01, 0.01, 0.5] {
            let shape = fit.shape() * (part * error / fit.shape()).exp();
            let other = model.fit(Family::NegativeBinomial(shape), Link::Log).unwrap().log_likelihood();
            prop_assert!(other < best + 1e-9 * best.abs(), "{shape} {other} {best}");
            // The profile is a parabola near its top: ½(Δk/σ)² lower.
            let fall = 0.5 * ((shape - fit.shape()) / fit.shape_standard_errors().observed).powi(2);
            if part.abs() < 0.1 {
                prop_assert!((best - other - fall).abs() <= 0.05 * fall, "{} {fall}", best - other);
            }
        }
    }
}
