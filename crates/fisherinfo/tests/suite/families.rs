//! Every family of the catalogue: its three routes to the information held against one another,
//! its divergence, its coordinates, at random points of its parameter space.

use fisherinfo::divergence::kullback_leibler;
use fisherinfo::expectation::{
    Method, expected_information, expected_information_by_definition, score_moments,
};
use fisherinfo::family::{Arguments, CATALOGUE, Entry, Instance, Model, Support};
use fisherinfo::information::{Definition, Route};
use fisherinfo::regularity::{Verdict, certificate};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
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

/// Runs a property at random points of the parameter space of every family. A failing point is
/// shrunk and printed.
fn at_random_points(
    cases: u32,
    property: impl Fn(&dyn Model, &[f64]) -> Result<(), TestCaseError> + Copy,
) {
    for entry in CATALOGUE {
        let instance = example(entry);
        let model = instance.model.as_ref();
        let open = model.space().unconstrained();
        let points = prop::collection::vec(-2.5..2.5_f64, instance.theta.len());
        let mut runner = TestRunner::new(Config {
            cases,
            failure_persistence: None,
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
            panic!("{failure}");
        }
    }
}

/// |a − b| ≤ 1e-12 of the larger diagonal: rounding of a closed form.
fn rounding(scale: f64) -> f64 {
    1e-12 * scale
}

#[test]
fn numeric_information_meets_the_closed_form_within_its_bound() {
    at_random_points(24, |model, theta| {
        let closed = expected_information(model, theta, Method::ClosedForm).unwrap();
        for definition in [Definition::ScoreProduct, Definition::NegativeHessian] {
            let numeric =
                expected_information_by_definition(model, theta, definition, Method::Numeric)
                    .unwrap();
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
                    prop_assert!(bound <= 1e-10 * scale, "bound {bound:.1e} on {scale}");
                }
            }
        }
        Ok(())
    });
}

#[test]
fn every_family_is_certified_regular() {
    at_random_points(12, |model, theta| {
        let moments = score_moments(model, theta, Method::Numeric).unwrap();
        let certificate = certificate(model, theta, &moments).unwrap();
        for condition in &certificate.conditions {
            prop_assert!(condition.verdict == Verdict::Holds, "{condition:?}");
        }
        // Errors wide enough for anything would certify anything.
        prop_assert!(moments.total_mass().1 < 1e-10, "{moments:?}");
        for i in 0..theta.len() {
            let scale = moments.entry(Definition::ScoreProduct, i, i).0.sqrt();
            prop_assert!(moments.mean_score(i).1 < 1e-10 * scale, "{moments:?}");
        }
        prop_assert!(certificate.support_is_fixed);
        prop_assert!(certificate.null_directions.is_empty(), "{certificate:?}");
        Ok(())
    });
}

#[test]
fn monte_carlo_meets_the_closed_form_within_five_standard_errors() {
    at_random_points(3, |model, theta| {
        let closed = expected_information(model, theta, Method::ClosedForm).unwrap();
        let method = Method::MonteCarlo {
            draws: 20_000,
            seed: 7,
        };
        let simulated =
            expected_information_by_definition(model, theta, Definition::ScoreProduct, method)
                .unwrap();
        prop_assert_eq!(
            simulated.provenance().route,
            Route::MonteCarlo {
                draws: 20_000,
                seed: 7
            }
        );
        for i in 0..theta.len() {
            for j in 0..=i {
                let error = simulated.provenance().accuracy.of_entry(i, j);
                let (a, b) = (closed.matrix()[(i, j)], simulated.matrix()[(i, j)]);
                prop_assert!((a - b).abs() <= 5.0 * error, "{a} against {b} ± {error}");
                let scale = (closed.matrix()[(i, i)] * closed.matrix()[(j, j)]).sqrt();
                prop_assert!(error > 0.0 && error < 0.2 * scale, "standard error {error}");
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
    use fisherinfo::expectation::expectation;
    at_random_points(3, |model, theta| {
        let h = |x: &[f64], out: &mut [f64]| {
            out[0] = model.log_density(theta, x);
            out[1] = out[0] * out[0];
        };
        let exact = expectation(model, theta, 2, &h, Method::Numeric).unwrap();
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
            // On the unit interval a draw may round to one, but its complement is then left.
            let inside = match support {
                Support::UnitInterval => {
                    x[0] > 0.0 && x[1] > 0.0 && (x[0] + x[1] - 1.0).abs() < 1e-15
                }
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
