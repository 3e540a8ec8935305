//! What has no Fisher information, or one to be warned of: refusals with their numbers, kinks,
//! moving ends, null directions.

use fisherinfo::dual::{Datum, Dual};
use fisherinfo::expectation::{ExpectationError, Method, expected_information, score_moments};
use fisherinfo::family::*;
use fisherinfo::information::Definition;
use fisherinfo::regularity::{Verdict, certify};
use rand::{Rng, RngExt};

/// (E[s], E[s²], −E[H]) of a refusal, and its message.
fn refusal(model: &dyn Model, theta: &[f64]) -> ([f64; 3], String) {
    let refused = expected_information(model, theta, Method::Automatic).unwrap_err();
    let message = refused.to_string();
    let ExpectationError::Irregular {
        mean_score,
        score_product,
        negative_hessian,
        ..
    } = refused
    else {
        panic!("{refused:?}")
    };
    ([mean_score, score_product, negative_hessian], message)
}

#[test]
fn three_numbers_that_contradict_one_another() {
    for (model, theta, wanted) in [
        (&Uniform as &dyn Model, &[2.0][..], [-0.5, 0.25, -0.25]),
        (&ParetoUnknownMinimum, &[3.0, 2.0], [1.5, 2.25, 0.75]),
        (&ShiftedExponential, &[2.0, -7.0], [2.0, 4.0, 0.0]),
        // So heavy a tail that most of it lies beyond the largest double.
        (&ParetoUnknownMinimum, &[1e-3, 2.0], [5e-4, 2.5e-7, 2.5e-4]),
        (&GeneralizedPareto, &[2.0, -1.0], [-0.5, 0.25, -0.25]),
        (
            &GeneralizedExtremeValue,
            &[5.0, 2.0, -1.0],
            [-0.5, 0.25, 0.0],
        ),
        (&ShiftedGamma, &[1.0, 3.0, 5.0], [3.0, 9.0, 0.0]),
        (&ShiftedWeibull, &[1.0, 0.25, 5.0], [4.0, 16.0, 0.0]),
    ] {
        let (numbers, message) = refusal(model, theta);
        for (found, wanted) in numbers.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-11, "{model:?}: {numbers:?}");
        }
        assert!(message.contains("moves"), "{message}");
        // Draws are refused as well.
        let draws = Method::MonteCarlo {
            draws: 1000,
            seed: 1,
        };
        assert!(expected_information(model, theta, draws).is_err());
        // Where the moments in other parameters exist as well.
        let Ok(certificate) = certify(model, theta, Method::Automatic) else {
            let others = [
                "GeneralizedPareto",
                "GeneralizedExtremeValue",
                "ShiftedGamma",
                "ShiftedWeibull",
            ];
            assert!(others.contains(&model.name().as_str()), "{model:?}");
            continue;
        };
        assert_eq!(certificate.verdict(), Verdict::Fails);
        assert!(!certificate.support_is_fixed && !certificate.moving_ends_vanish);
    }
}

#[test]
fn numbers_that_are_infinite() {
    let infinite = f64::INFINITY;
    for (model, theta, wanted) in [
        (
            &GeneralizedExtremeValue as &dyn Model,
            &[5.0, 2.0, -0.5][..],
            [0.0, infinite, infinite],
        ),
        (
            &GeneralizedExtremeValue,
            &[5.0, 2.0, -1.5],
            [-infinite, infinite, -infinite],
        ),
        (&GeneralizedPareto, &[2.0, -0.7], [0.0, infinite, infinite]),
        (
            &GeneralizedPareto,
            &[2.0, -2.0],
            [-infinite, infinite, -infinite],
        ),
        (&ShiftedGamma, &[2.0, 3.0, 5.0], [0.0, infinite, infinite]),
        (
            &ShiftedGamma,
            &[0.5, 3.0, 5.0],
            [infinite, infinite, -infinite],
        ),
        (&ShiftedWeibull, &[1.5, 3.0, 5.0], [0.0, infinite, infinite]),
        (
            &ShiftedWeibull,
            &[0.3, 3.0, 5.0],
            [infinite, infinite, -infinite],
        ),
    ] {
        let (numbers, message) = refusal(model, theta);
        assert_eq!(numbers, wanted, "{model:?} at {theta:?}");
        assert!(
            message.contains('∞') && message.contains("moves"),
            "{message}"
        );
        assert!(
            !message.contains("NaN") && !message.contains("= inf"),
            "{message}"
        );
    }
}

/// Uniform on (θ, θ + 1): the score is zero, and every number agrees. The moving ends tell.
#[derive(Clone, Debug)]
struct Window {
    /// The density is proportional to (x − θ)^power.
    power: f64,
}

impl Family for Window {
    fn name(&self) -> String {
        "Window".into()
    }
    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::real("theta")])
    }
    fn support(&self, theta: &[f64]) -> Support {
        Support::Interval {
            lower: theta[0],
            upper: if self.power == 0.0 {
                theta[0] + 1.0
            } else {
                f64::INFINITY
            },
        }
    }
    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        if self.power == 0.0 {
            return D::from(0.0);
        }
        let distance = x[0].lift() - theta[0];
        distance.ln() * self.power - distance - fisherinfo::special::ln_gamma(self.power + 1.0)
    }
    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        // Near enough to place a rule: it takes no weight from these draws.
        x[0] = theta[0] + (self.power + 1.0) * rng.random::<f64>();
        Ok(())
    }
}

#[test]
fn moving_ends_matter_by_how_the_density_vanishes() {
    let (_, message) = refusal(&Window { power: 0.0 }, &[0.0]);
    assert!(message.contains("does not vanish"), "{message}");
    // A gamma density of shape 3.5, shifted: f ~ d^2.5, and the information of the shift is
    // E[(2.5/d − 1)²] = 2.5²·Γ(1.5)/Γ(3.5) − 5·Γ(2.5)/Γ(3.5) + 1 = 2/3.
    let shifted = Window { power: 2.5 };
    let found = expected_information(&shifted, &[0.0], Method::Automatic).unwrap();
    assert!((found.matrix()[(0, 0)] - 2.0 / 3.0).abs() < 1e-10);
    let certificate = certify(&shifted, &[0.0], Method::Automatic).unwrap();
    assert_eq!(certificate.verdict(), Verdict::Holds);
    assert!(certificate.warnings()[0].contains("moves"));
    // At shape 1.9 the second moment of the score is infinite.
    let sharp = expected_information(&Window { power: 0.9 }, &[0.0], Method::Automatic);
    assert!(sharp.is_err(), "{sharp:?}");
}

#[test]
fn exceedances_with_too_short_a_tail() {
    for xi in [-0.5, -0.7, -3.0] {
        let refused = expected_information(&GeneralizedPareto, &[2.0, xi], Method::Automatic);
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("xi ≤ −1/2"), "{message}");
    }
    // Below zero the end moves and the information exists.
    let certificate = certify(&GeneralizedPareto, &[2.0, -0.2], Method::Automatic).unwrap();
    assert_eq!(certificate.verdict(), Verdict::Holds);
    assert!(!certificate.support_is_fixed && certificate.moving_ends_vanish);
}

#[test]
fn a_kink_carries_what_the_curvature_lacks() {
    let theta = [0.7, 2.0];
    let moments = score_moments(&Laplace, &theta, Method::Numeric).unwrap();
    let (curvature, _) = moments.entry(Definition::NegativeHessian, 0, 0);
    assert!((curvature - 0.25).abs() < 1e-13);
    // Pointwise the mean curvature in the location is zero.
    assert!((curvature - moments.kink_share(0, 0)).abs() < 1e-13);
    assert!((moments.kink_share(0, 0) - 0.25).abs() < 1e-13);
    assert_eq!(
        (moments.kink_share(1, 0), moments.kink_share(1, 1)),
        (0.0, 0.0)
    );
    let certificate = certify(&Laplace, &theta, Method::Automatic).unwrap();
    assert_eq!(certificate.verdict(), Verdict::Holds);
    let warning = certificate.warnings().join("; ");
    assert!(
        warning.contains("kink") && warning.contains("location"),
        "{warning}"
    );
    // A smooth density warns of nothing.
    let quiet = certify(&Logistic, &theta, Method::Automatic).unwrap();
    assert!(quiet.warnings().is_empty());
}

#[test]
fn skew_normal_is_singular_without_skew() {
    let certificate = certify(&SkewNormal, &[1.0, 2.0, 0.0], Method::Automatic).unwrap();
    assert_eq!(certificate.verdict(), Verdict::Holds);
    assert_eq!(certificate.null_directions.len(), 1);
    // s_α = √(2/π) ω s_ξ: moving ξ by √(2/π) ω against α moves nothing.
    let weights = certificate.null_directions[0].weights();
    let ratio = weights[0] / weights[2];
    let wanted = -(2.0 / std::f64::consts::PI).sqrt() * 2.0;
    assert!((ratio - wanted).abs() < 1e-6, "{weights:?}");
    assert!(weights[1].abs() < 1e-6 * weights[0].abs());
    assert!(certificate.warnings()[0].contains("singular"));
    let skewed = certify(&SkewNormal, &[1.0, 2.0, 1.0], Method::Automatic).unwrap();
    assert!(skewed.null_directions.is_empty() && skewed.warnings().is_empty());
}
