//! Every family of the catalogue: its three routes to the information held against one another,
//! its divergence, its coordinates, at random points of its parameter space.

use fisherinfo::divergence::kullback_leibler;
use fisherinfo::expectation::{
    ExpectationError, Method, expectation, expected_information,
    expected_information_by_definition, score_moments,
};
use fisherinfo::family::{Arguments, CATALOGUE, Entry, Instance, Model, ParameterSpace, Support};
use fisherinfo::information::{Definition, Route};
use fisherinfo::jeffreys::{Properness, assess};
use fisherinfo::regularity::{Verdict, certificate};
use proptest::prelude::*;
use proptest::test_runner::{Config, FailurePersistence, FileFailurePersistence, TestRunner};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The family of an entry, built from its own example.
pub(crate) fn example(entry: &Entry) -> Instance {
    let mut words = entry.example.split_whitespace();
    assert_eq!(words.next(), Some(entry.name));
    let values = words
        .map(|word| {
            let (name, value) = word.split_once('=').unwrap();
            (name.to_string(), value.parse().unwrap())
        })
        .collect();
    entry.instance(Arguments::new(values).unwrap()).unwrap()
}

/// Families without a formula for their information.
const COMPUTED_ONLY: [&str; 1] = ["skew-normal"];

/// Families that have no information anywhere.
const IRREGULAR: [&str; 3] = ["uniform", "pareto-unknown-minimum", "shifted-exponential"];

/// Where the seeds of failures are kept, to be tried again first: a file a family.
pub(crate) fn kept(name: &str) -> Option<Box<dyn FailurePersistence>> {
    let path = format!(
        "{}/tests/proptest-regressions/families/{name}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    Some(Box::new(FileFailurePersistence::Direct(Box::leak(
        path.into_boxed_str(),
    ))))
}

/// Runs a property at random points of the parameter space of every family, where it is regular.
/// A failing point is shrunk, printed and kept.
fn at_random_points(
    cases: u32,
    property: impl Fn(&dyn Model, &[f64]) -> Result<(), TestCaseError> + Copy,
) {
    at_points_of(
        cases,
        FAR,
        |model| model.regular_space(),
        |model, theta| {
            if model.known_irregularity(theta).is_some() {
                return Ok(());
            }
            property(model, theta)
        },
    );
}

/// How far from the origin points lie in the coordinates that open the space, for the numeric
/// routes, and for draws: their squared scores have standard errors of their own only where the
/// fourth moment is not huge.
const FAR: f64 = 2.5;
const NEAR: f64 = 1.25;

/// The same at all points of the parameter space up to some distance.
pub(crate) fn at_points(
    cases: u32,
    reach: f64,
    property: impl Fn(&dyn Model, &[f64]) -> Result<(), TestCaseError>,
) {
    at_points_of(cases, reach, |model| model.space(), property);
}

fn at_points_of(
    cases: u32,
    reach: f64,
    space: fn(&dyn Model) -> ParameterSpace,
    property: impl Fn(&dyn Model, &[f64]) -> Result<(), TestCaseError>,
) {
    let mut failures = Vec::new();
    for entry in CATALOGUE {
        let instance = example(entry);
        let model = instance.model.as_ref();
        // A lattice in several dimensions costs as much as a hundred other rules.
        let (cases, reach) = match model.support(&instance.theta) {
            Support::Simplex { .. } => (cases.div_ceil(8), reach),
            Support::PositiveDefinite { .. } => (1, 0.5 * reach),
            _ => (cases, reach),
        };
        let open = space(model).unconstrained();
        let points = prop::collection::vec(-reach..reach, instance.theta.len());
        let mut runner = TestRunner::new(Config {
            cases,
            failure_persistence: kept(entry.name),
            ..Config::default()
        });
        let outcome = runner.run(&points, |u| {
            let theta = open.inverse(&u);
            property(model, &theta).map_err(|error| match error {
                TestCaseError::Fail(why) => {
                    TestCaseError::fail(format!("{} at {theta:?}: {why}", entry.name))
                }
                reject => reject,
            })
        });
        if let Err(failure) = outcome {
            failures.push(format!("{}: {failure}", entry.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The numeric route, and the part of the scale that its bound may be. A lattice in three dimensions
/// is stopped early, since it would take longer than all the rest.
fn numeric_route(model: &dyn Model, theta: &[f64]) -> (Method, f64) {
    match model.support(theta) {
        Support::PositiveDefinite { .. } => (Method::NumericWithin(120_000), 1e-2),
        _ => (Method::Numeric, 1e-10),
    }
}

/// A refusal for want of reach: allowed only where the support ends at a point that is not zero, so
/// that a double cannot say how near to it an observation lies, or where the end moves and the score
/// hardly has a second moment.
fn out_of_reach<T>(model: &dyn Model, theta: &[f64], result: &Result<T, ExpectationError>) -> bool {
    let ends = matches!(
        model.support(theta),
        Support::Interval { upper, .. } if upper.is_finite()
    ) || matches!(model.support(theta), Support::Segment { .. });
    ends && matches!(
        result,
        Err(ExpectationError::NoNumericRoute { .. } | ExpectationError::Divergent { .. })
    )
}

/// |a − b| ≤ 1e-12 of the larger diagonal: rounding of a closed form.
fn rounding(scale: f64) -> f64 {
    1e-12 * scale
}

#[test]
fn numeric_information_meets_the_closed_form_within_its_bound() {
    at_random_points(24, |model, theta| {
        let closed = match model.closed_form_information(theta) {
            Some(_) => expected_information(model, theta, Method::ClosedForm).unwrap(),
            // Without a formula the two definitions are held against each other.
            None => expected_information(model, theta, Method::Numeric).unwrap(),
        };
        let (method, tight) = numeric_route(model, theta);
        let moments = score_moments(model, theta, method);
        if out_of_reach(model, theta, &moments) {
            return Ok(());
        }
        let moments = moments.unwrap();
        let names = model.space().names();
        for definition in [Definition::ScoreProduct, Definition::NegativeHessian] {
            let numeric = moments.information(definition, &names, theta).unwrap();
            for i in 0..theta.len() {
                for j in 0..theta.len() {
                    let (a, b) = (closed.matrix()[(i, j)], numeric.matrix()[(i, j)]);
                    let scale = (closed.matrix()[(i, i)] * closed.matrix()[(j, j)]).sqrt();
                    let bound = numeric.provenance().accuracy.of_entry(i, j);
                    prop_assert!(
                        (a - b).abs() <= bound + rounding(scale),
                        "{definition} ({i}, {j}): closed {a}, numeric {b} ± {bound:.1e}"
                    );
                    // A bound that covers everything proves nothing.
                    prop_assert!(bound <= tight * scale, "bound {bound:.1e} on {scale}");
                }
            }
        }
        Ok(())
    });
}

#[test]
fn every_family_is_certified_regular() {
    at_random_points(12, |model, theta| {
        let (method, tight) = numeric_route(model, theta);
        let moments = score_moments(model, theta, method);
        if out_of_reach(model, theta, &moments) {
            return Ok(());
        }
        let moments = moments.unwrap();
        let certificate = certificate(model, theta, &moments).unwrap();
        for condition in &certificate.conditions {
            prop_assert!(condition.verdict == Verdict::Holds, "{condition:?}");
        }
        // Errors wide enough for anything would certify anything.
        prop_assert!(moments.total_mass().1 < tight, "{moments:?}");
        for i in 0..theta.len() {
            let scale = moments.entry(Definition::ScoreProduct, i, i).0.sqrt();
            prop_assert!(moments.mean_score(i).1 < tight * scale, "{moments:?}");
        }
        prop_assert!(certificate.moving_ends_vanish && certificate.known_irregularity.is_none());
        // With a tail that heavy the scores of location and scale are collinear to rounding.
        let collinear = model.name() == "GeneralizedExtremeValue" && theta[2] > 2.0;
        prop_assert!(
            collinear || certificate.null_directions.is_empty(),
            "{certificate:?}"
        );
        Ok(())
    });
}

/// How many families are irregular in a part of their space.
const IRREGULAR_IN_PART: usize = 4;

/// A family that says it is irregular is refused, and the certificate finds the same by its numbers
/// where they exist; each that is finite is found by quadrature, and each that is not is refused.
#[test]
fn irregular_points_are_refused_and_the_numbers_agree() {
    let seen = std::sync::Mutex::new(std::collections::HashSet::new());
    at_points(12, FAR, |model, theta| {
        let Some(known) = model.known_irregularity(theta) else {
            return Ok(());
        };
        seen.lock().unwrap().insert(model.name());
        prop_assert!(model.closed_form_information(theta).is_none());
        for method in [Method::Automatic, Method::ClosedForm, Method::Numeric] {
            let refused = expected_information(model, theta, method);
            prop_assert!(
                matches!(refused, Err(ExpectationError::Irregular { .. })),
                "{refused:?}"
            );
        }
        let names = model.space().names();
        let index = names
            .iter()
            .position(|name| *name == known.parameter)
            .unwrap();
        let numbers = [
            known.mean_score,
            known.score_product,
            known.negative_hessian,
        ];
        for (which, number) in numbers.into_iter().enumerate() {
            let h = |x: &[f64], out: &mut [f64]| {
                out[0] = match which {
                    0 => model.score(theta, x)[index],
                    1 => model.score(theta, x)[index].powi(2),
                    _ => model.observed_information(theta, x)[(index, index)],
                };
            };
            match expectation(model, theta, 1, &h, Method::Numeric) {
                Ok(found) => prop_assert!(
                    (found.value[0] - number).abs() <= found.error[0] + 1e-11 * number.abs(),
                    "{which}: {number} against {found:?}"
                ),
                // Infinite, or hardly finite.
                Err(reason) => prop_assert!(
                    matches!(
                        reason,
                        ExpectationError::Divergent { .. }
                            | ExpectationError::NoNumericRoute { .. }
                    ),
                    "{which}: {number}, but {reason}"
                ),
            }
        }
        // Without a second moment there are no numbers to compare.
        if let Ok(moments) = score_moments(model, theta, Method::Numeric) {
            prop_assert!(moments.contradiction().is_some());
            let certificate = certificate(model, theta, &moments).unwrap();
            prop_assert!(certificate.verdict() == Verdict::Fails);
            prop_assert!(!certificate.moving_ends_vanish);
        }
        Ok(())
    });
    assert_eq!(
        seen.into_inner().unwrap().len(),
        IRREGULAR.len() + IRREGULAR_IN_PART
    );
}

/// Which families have a formula is said, so that none loses it unseen.
#[test]
fn every_regular_family_has_a_closed_form_but_those_named() {
    for entry in CATALOGUE {
        let instance = example(entry);
        let model = instance.model.as_ref();
        let irregular = model.known_irregularity(&instance.theta).is_some();
        assert_eq!(irregular, IRREGULAR.contains(&entry.name), "{}", entry.name);
        let formula = model.closed_form_information(&instance.theta).is_some();
        let expected = !irregular && !COMPUTED_ONLY.contains(&entry.name);
        assert_eq!(formula, expected, "{}", entry.name);
    }
}

#[test]
fn monte_carlo_meets_the_closed_form_within_five_standard_errors() {
    at_points(3, NEAR, |model, theta| {
        // The fourth moment of its score is large or infinite, and so are standard errors.
        let heavy = [
            "GeneralizedPareto",
            "GeneralizedExtremeValue",
            "ShiftedGamma",
            "ShiftedWeibull",
        ]
        .contains(&model.name().as_str());
        if heavy || model.known_irregularity(theta).is_some() {
            return Ok(());
        }
        let closed = expected_information(model, theta, Method::Automatic).unwrap();
        let method = Method::MonteCarlo {
            draws: 10_000,
            seed: 7,
        };
        let simulated =
            expected_information_by_definition(model, theta, Definition::ScoreProduct, method)
                .unwrap();
        prop_assert_eq!(
            simulated.provenance().route,
            Route::MonteCarlo {
                draws: 10_000,
                seed: 7
            }
        );
        for i in 0..theta.len() {
            for j in 0..=i {
                let error = simulated.provenance().accuracy.of_entry(i, j);
                let (a, b) = (closed.matrix()[(i, j)], simulated.matrix()[(i, j)]);
                let scale = (closed.matrix()[(i, i)] * closed.matrix()[(j, j)]).sqrt();
                let gap = (a - b).abs();
                prop_assert!(
                    gap <= 5.0 * error + rounding(scale),
                    "{a} against {b} ± {error}"
                );
                // The squared score of a Laplace location is constant, and has no error.
                prop_assert!(error < 0.3 * scale, "standard error {error}");
                prop_assert!(error > 0.0 || gap <= rounding(scale), "no error, but {gap}");
            }
        }
        Ok(())
    });
}

#[test]
fn numeric_divergence_meets_the_closed_form_within_its_bound() {
    at_random_points(16, |model, theta| {
        let open = model.space().unconstrained();
        let moved: Vec<f64> = open
            .forward(theta)
            .iter()
            .enumerate()
            .map(|(i, u)| u + if i % 2 == 0 { 0.3 } else { -0.2 })
            .collect();
        let other = open.inverse(&moved);
        if model.closed_form_divergence(theta, &other).is_none() {
            return Ok(());
        }
        let closed = kullback_leibler(model, theta, &other, Method::ClosedForm).unwrap();
        let numeric = kullback_leibler(model, theta, &other, Method::Numeric).unwrap();
        prop_assert!(closed.value > 0.0);
        prop_assert!(
            (closed.value - numeric.value).abs() <= numeric.error + 1e-11 * closed.value,
            "closed {}, numeric {} ± {:.1e}",
            closed.value,
            numeric.value,
            numeric.error
        );
        prop_assert!(numeric.error <= 1e-9 * closed.value + 1e-13);
        Ok(())
    });
}

#[test]
fn coordinates_come_back_and_their_jacobian_is_the_derivative() {
    at_random_points(24, |model, theta| {
        let mut all = model.alternative_coordinates();
        all.push(model.space().unconstrained());
        for coordinates in all {
            let phi = coordinates.forward(theta);
            let back = coordinates.inverse(&phi);
            for (a, b) in theta.iter().zip(&back) {
                prop_assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{coordinates:?}");
            }
            // Against differences of the map itself: dual numbers share no code with these.
            let jacobian = coordinates.jacobian(&phi);
            for column in 0..phi.len() {
                let h = 1e-6 * (1.0 + phi[column].abs());
                let shifted = |sign: f64| {
                    let mut moved = phi.clone();
                    moved[column] += sign * h;
                    coordinates.inverse(&moved)
                };
                let (up, down) = (shifted(1.0), shifted(-1.0));
                let scale = (0..theta.len()).fold(1.0, |scale: f64, row| {
                    scale.max(jacobian[(row, column)].abs())
                });
                for row in 0..theta.len() {
                    let slope = (up[row] - down[row]) / (2.0 * h);
                    prop_assert!(
                        (slope - jacobian[(row, column)]).abs() <= 1e-5 * scale,
                        "{} ({row}, {column}): {slope} against {}",
                        coordinates.name(),
                        jacobian[(row, column)]
                    );
                }
            }
        }
        Ok(())
    });
}

/// Names of coordinates and parameters are what a person types: they may not collide.
#[test]
fn names_are_distinct() {
    for entry in CATALOGUE {
        let instance = example(entry);
        let base = instance.model.space().names();
        let mut seen = std::collections::HashSet::new();
        assert!(base.iter().all(|name| seen.insert(name.clone())));
        let mut coordinates = std::collections::HashSet::new();
        for alternative in instance.model.alternative_coordinates() {
            assert!(coordinates.insert(alternative.name()), "{}", entry.name);
            assert_eq!(alternative.names(&base).len(), base.len());
        }
    }
    let mut names = std::collections::HashSet::new();
    for entry in CATALOGUE {
        assert!(names.insert(entry.name));
        assert!(entry.aliases.iter().all(|alias| names.insert(alias)));
    }
}

/// The sampler draws from the density: the mean of the log-density over draws is its expectation
/// by summation or quadrature. A wrong parameterisation (scale for rate) shifts it.
#[test]
fn samplers_draw_from_the_density() {
    at_random_points(3, |model, theta| {
        let h = |x: &[f64], out: &mut [f64]| {
            out[0] = model.log_density(theta, x);
            out[1] = out[0] * out[0];
        };
        let exact = expectation(model, theta, 2, &h, numeric_route(model, theta).0);
        if out_of_reach(model, theta, &exact) {
            return Ok(());
        }
        let exact = exact.unwrap();
        let drawn = expectation(
            model,
            theta,
            2,
            &h,
            Method::MonteCarlo {
                draws: 40_000,
                seed: 3,
            },
        )
        .unwrap();
        for i in 0..2 {
            let gap = (exact.value[i] - drawn.value[i]).abs();
            prop_assert!(gap <= 5.0 * drawn.error[i] + 1e-12, "moment {i}: {gap}");
        }
        // And every draw lies in the support.
        let support = model.support(theta);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut x = vec![0.0; support.width()];
        for _ in 0..50 {
            model.sample(theta, &mut rng, &mut x).unwrap();
            // A draw may round onto an end or lie under the smallest double; what it carries beside
            // its value is then left.
            let inside = match support {
                Support::HalfLine => x[1].is_finite() && x[0] == x[1].exp(),
                Support::Segment { lower, upper } => {
                    let towards = if lower.is_finite() { 1.0 } else { -1.0 };
                    (x[1] == lower || x[1] == upper) && x[2] * towards > 0.0
                }
                Support::AboveMinimum { minimum } => {
                    x[1] > 0.0 && x[1].is_finite() && x[0] == minimum * x[1].exp()
                }
                Support::UnitInterval => {
                    x[2].max(x[3]) < 0.0
                        && (x[0] + x[1] - 1.0).abs() < 1e-15
                        && (x[2].exp() - x[0]).abs() < 1e-15
                        && (x[3].exp() - x[1]).abs() < 1e-15
                }
                Support::Simplex { .. } => {
                    let whole: f64 = x.iter().map(|ln| ln.exp()).sum();
                    (whole - 1.0).abs() < 1e-14
                }
                Support::PositiveDefinite { .. } => x.iter().all(|entry| entry.is_finite()),
                _ => support.observation(&x).is_some(),
            };
            prop_assert!(inside, "{x:?}");
        }
        Ok(())
    });
}

#[test]
fn monte_carlo_does_not_depend_on_threads() {
    let method = Method::MonteCarlo {
        draws: 50_000,
        seed: 11,
    };
    let on = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                expected_information(&fisherinfo::family::Gamma, &[2.0, 0.7], method)
                    .unwrap()
                    .matrix()
                    .to_owned()
            })
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(3));
}

#[test]
fn the_priors_of_jeffreys_are_what_the_catalogue_says() {
    for entry in CATALOGUE {
        let found = match assess(example(entry).model.as_ref()).properness {
            Properness::Proper { .. } => Some(true),
            Properness::Improper => Some(false),
            Properness::Undecided { reason } => {
                assert!(IRREGULAR.contains(&entry.name), "{}: {reason}", entry.name);
                None
            }
        };
        assert_eq!(found, entry.jeffreys_is_proper, "{}", entry.name);
    }
}
