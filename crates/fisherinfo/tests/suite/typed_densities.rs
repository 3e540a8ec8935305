//! Densities that a person types, held against the catalogue's closed forms and published ones.

use fisherinfo::divergence::kullback_leibler;
use fisherinfo::expectation::{ExpectationError, Method, expectation, expected_information};
use fisherinfo::family::{Arguments, DensityFormula, Model, TypedDensity, Value, find};
use fisherinfo::information::Route;
use fisherinfo::jeffreys::{Properness, assess};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub(crate) fn values(text: &[(&str, &str)]) -> Vec<(String, Value)> {
    text.iter()
        .map(|(name, value)| ((*name).into(), value.parse().unwrap()))
        .collect()
}

pub(crate) fn typed(
    density: &str,
    support: &str,
    given: &[(&str, &str)],
) -> (TypedDensity, Vec<f64>) {
    DensityFormula::parse(density, support)
        .unwrap()
        .at(&values(given))
        .unwrap()
}

/// The typed density has the information of the family within its error, which is small.
pub(crate) fn same_information(
    (model, theta): (&dyn Model, &[f64]),
    (family, known): (&str, &[(&str, &str)]),
    tightness: f64,
) {
    let instance = find(family)
        .unwrap()
        .instance(Arguments::new(values(known)).unwrap())
        .unwrap();
    let closed =
        expected_information(&*instance.model, &instance.theta, Method::ClosedForm).unwrap();
    let found = expected_information(model, theta, Method::Automatic).unwrap();
    assert_eq!(found.dimension(), closed.dimension());
    for i in 0..theta.len() {
        for j in 0..theta.len() {
            let scale = (closed.matrix()[(i, i)] * closed.matrix()[(j, j)]).sqrt();
            let error = found.provenance().accuracy.of_entry(i, j);
            let difference = (found.matrix()[(i, j)] - closed.matrix()[(i, j)]).abs();
            assert!(
                difference <= error + 1e-13 * scale,
                "{family} ({i}, {j}): {difference:.1e} > {error:.1e} by {}",
                found.provenance().route
            );
            assert!(
                error <= tightness * scale,
                "{family} ({i}, {j}): the error {error:.1e} says little at the scale {scale}"
            );
        }
    }
}

/// A family of the catalogue, as someone would type it.
struct Pair {
    density: &'static str,
    support: &'static str,
    family: &'static str,
}

const PAIRS: &[Pair] = &[
    Pair {
        density: "x*log(p) + (1-x)*log(1-p)",
        support: "{0,1}",
        family: "bernoulli p",
    },
    Pair {
        density: "lchoose(trials, x) + x*log(p) + (trials-x)*log1p(-p)",
        support: "{0, 1, ..., trials}",
        family: "binomial trials=20 p",
    },
    Pair {
        density: "x*log(rate) - rate - lgamma(x + 1)",
        support: "{0, 1, 2, ...}",
        family: "poisson rate",
    },
    Pair {
        density: "log(rate) - rate*x",
        support: "[0, inf)",
        family: "exponential rate",
    },
    Pair {
        density: "shape*log(rate) + (shape-1)*log(x) - rate*x - lgamma(shape)",
        support: "[0, inf)",
        family: "gamma shape rate",
    },
    Pair {
        density: "z = (x - mu)/sigma; -z^2/2 - log(sigma) - log(2*pi)/2",
        support: "(-inf, inf)",
        family: "normal mu sigma",
    },
];

#[test]
fn typed_by_hand_they_have_the_information_of_the_catalogue() {
    for pair in PAIRS {
        // A runner counts its cases once.
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 6,
            failure_persistence: crate::families::kept(&pair.family.replace(" ", "-")),
            ..ProptestConfig::default()
        });
        let mut words = pair.family.split(' ');
        let family = words.next().unwrap();
        let words: Vec<&str> = words.collect();
        runner
            .run(&prop::collection::vec(0.1..0.9_f64, 3), |draws| {
                let numbers: Vec<(&str, String)> = words
                    .iter()
                    .zip(&draws)
                    .map(|(word, draw)| match word.split_once('=') {
                        Some((name, value)) => (name, value.to_owned()),
                        None if *word == "p" => (*word, draw.to_string()),
                        None if *word == "mu" => (*word, (1e3 * (draw - 0.5)).to_string()),
                        None => (*word, (draw * 20.0).to_string()),
                    })
                    .collect();
                let given: Vec<(&str, &str)> = numbers
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let (model, theta) = typed(pair.density, pair.support, &given);
                same_information((&model, &theta), (family, &given), 1e-9);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn far_and_narrow_bulks_are_found() {
    let normal = PAIRS[5].density;
    for (mu, sigma) in [("1e6", "1e-3"), ("-3e4", "2e-7"), ("1e-9", "1e9")] {
        let given = [("mu", mu), ("sigma", sigma)];
        let (model, theta) = typed(normal, "R", &given);
        same_information((&model, &theta), ("normal", &given), 1e-3);
    }
    let given = [("rate", "2e5")];
    let (model, theta) = typed(PAIRS[2].density, "{0,1,...}", &given);
    same_information((&model, &theta), ("poisson", &given), 1e-6);
    let given = [("rate", "1e4")];
    let (model, theta) = typed(PAIRS[3].density, "[0,inf)", &given);
    same_information((&model, &theta), ("exponential", &given), 1e-8);
}

/// Cauchy: diag(½, ½)/γ². Laplace in b: 1/b².
#[test]
fn densities_with_heavy_tails_and_kinks() {
    let (model, theta) = typed(
        "-log(pi*g) - log1p(((x-m)/g)^2)",
        "(-inf, inf)",
        &[("m", "3"), ("g", "0.25")],
    );
    let found = expected_information(&model, &theta, Method::Automatic).unwrap();
    for (i, j, wanted) in [(0, 0, 8.0), (1, 1, 8.0), (0, 1, 0.0)] {
        let error = found.provenance().accuracy.of_entry(i, j);
        let difference = (found.matrix()[(i, j)] - wanted).abs();
        assert!(
            difference <= 5.0 * error && error < 0.03,
            "{difference} ± {error}"
        );
    }

    let (model, theta) = typed(
        "-abs(x-m)/b - log(2*b)",
        "(-inf,inf)",
        &[("m", "1"), ("b", "2")],
    );
    // The kink, which the second derivative does not show, is found.
    let found = expected_information(&model, &theta, Method::Numeric).unwrap();
    for i in 0..2 {
        let error = found.provenance().accuracy.of_entry(i, i);
        assert!((found.matrix()[(i, i)] - 0.25).abs() <= error && error < 1e-12);
    }
    // A root is not looked into, unless it is that of a square: E[s²] and the second derivative contradict one another.
    let (model, theta) = typed(
        "-sqrt((x-m)*(x-m))/b - log(2*b)",
        "(-inf,inf)",
        &[("m", "1"), ("b", "2")],
    );
    assert!(expected_information(&model, &theta, Method::Numeric).is_err());
}

/// Two observations in one: the information adds. A mixture of two far normals is one of a coin and
/// of each normal.
#[test]
fn mixtures_and_pairs() {
    let (model, theta) = typed(
        "log(w*exp(-(x-a)^2/2) + (1-w)*exp(-(x-b)^2/2)) - log(2*pi)/2",
        "(-inf,inf)",
        &[("w", "0.3"), ("a", "-12"), ("b", "13")],
    );
    let found = expected_information(&model, &theta, Method::Numeric).unwrap();
    let wanted = [1.0 / 0.21, 0.3, 0.7];
    for (i, wanted) in wanted.iter().enumerate() {
        assert!((found.matrix()[(i, i)] / wanted - 1.0).abs() < 1e-10, "{i}");
    }
    // An interval with its one end above, and one with two ends that are not zero: on (1, 3) the
    // density is c e^(−cx)/(e^(−c) − e^(−3c)), of which the information is 1/c² − 1/sinh²(c).
    let (model, theta) = typed("log(r) + r*(x - 5)", "(-inf, 5]", &[("r", "4")]);
    let found = expected_information(&model, &theta, Method::Numeric).unwrap();
    assert!((found.matrix()[(0, 0)] * 16.0 - 1.0).abs() < 1e-9);
    let (model, theta) = typed(
        "log(c) - c*x - log(exp(-c) - exp(-3*c))",
        "(1, 3)",
        &[("c", "0.8")],
    );
    let found = expected_information(&model, &theta, Method::Numeric).unwrap();
    let wanted = 0.8_f64.powi(-2) - 0.8_f64.sinh().powi(-2);
    assert!((found.matrix()[(0, 0)] - wanted).abs() < 1e-10);
    assert!((found.matrix()[(0, 0)] - wanted).abs() <= found.provenance().accuracy.of_entry(0, 0));
    let (pair, theta) = typed("2*log(r) - r*(x[1] + x[2])", "[0,inf)^2", &[("r", "0.01")]);
    let found = expected_information(&pair, &theta, Method::Automatic).unwrap();
    assert!((found.matrix()[(0, 0)] / 2e4 - 1.0).abs() < 1e-9);
    assert!(matches!(found.provenance().route, Route::Grid { .. }));
}

#[test]
fn several_dimensions() {
    let density = "d = x - mean; -d' @ solve(cov, d)/2 - log(det(cov))/2 - length(x)*log(2*pi)/2";
    let given = [("mean", "[30,-1]"), ("cov", "[[2,0.9],[0.9,0.5]]")];
    let (model, theta) = typed(density, "R^2", &given);
    assert_eq!(theta, [30.0, -1.0, 2.0, 0.9, 0.5]);
    assert_eq!(
        model.space().names(),
        ["mean[1]", "mean[2]", "cov[1,1]", "cov[2,1]", "cov[2,2]"]
    );
    same_information((&model, &theta), ("mvnormal-full", &given), 1e-7);

    // Bounded, half-bounded and discrete ones.
    let (model, theta) = typed(
        "log(a) + (a-1)*log(x[1]) + log(r) - r*x[2]",
        "(0,1) x [0,inf)",
        &[("a", "2.5"), ("r", "3")],
    );
    let found = expected_information(&model, &theta, Method::Automatic).unwrap();
    assert!((found.matrix()[(0, 0)] * 6.25 - 1.0).abs() < 1e-9);
    assert!((found.matrix()[(1, 1)] * 9.0 - 1.0).abs() < 1e-9);
    assert!(found.matrix()[(0, 1)].abs() < 1e-9);

    let (model, theta) = typed(
        "sum(x*log(m) - m - lgamma(x+1))",
        "{0,1,...}^2",
        &[("m", "[2,800]")],
    );
    let found = expected_information(&model, &theta, Method::Automatic).unwrap();
    assert!((found.matrix()[(0, 0)] * 2.0 - 1.0).abs() < 1e-11);
    assert!((found.matrix()[(1, 1)] * 800.0 - 1.0).abs() < 1e-10);

    // Two spins: J multiplies their product, so the information is the variance of the product.
    let (model, theta) = typed("x[1]*x[2]*J - log(3 + exp(J))", "{0,1}^2", &[("J", "0.7")]);
    let found = expected_information(&model, &theta, Method::Automatic).unwrap();
    let p = 0.7_f64.exp() / (3.0 + 0.7_f64.exp());
    assert!((found.matrix()[(0, 0)] - p * (1.0 - p)).abs() < 1e-15);
    assert_eq!(found.provenance().route, Route::Summation { terms: 4 });
}

#[test]
fn many_dimensions_by_a_lattice_within_its_bound() {
    let (model, theta) = typed(
        "sum(log(r)) - dot(r, x)",
        "[0,inf)^4",
        &[("r", "[1,2,0.1,30]")],
    );
    let found = expected_information(&model, &theta, Method::Automatic).unwrap();
    assert!(matches!(
        found.provenance().route,
        Route::QuasiMonteCarlo { .. }
    ));
    for i in 0..4 {
        let wanted = theta[i].powi(-2);
        let error = found.provenance().accuracy.of_entry(i, i);
        assert!((found.matrix()[(i, i)] - wanted).abs() <= error);
        assert!(error < 0.05 * wanted, "{i}: {error}");
    }
}

#[test]
fn the_mass_is_said_when_it_is_not_one() {
    let (model, theta) = typed("-(x-m)^2/2", "(-inf,inf)", &[("m", "2")]);
    let Err(ExpectationError::Mass { total, error, .. }) =
        expected_information(&model, &theta, Method::Automatic)
    else {
        panic!("it integrates to √(2π)")
    };
    assert!((total - std::f64::consts::TAU.sqrt()).abs() <= error && error < 1e-11);
    // Draws would hide it.
    let draws = Method::MonteCarlo {
        draws: 100,
        seed: 1,
    };
    let message = expected_information(&model, &theta, draws)
        .unwrap_err()
        .to_string();
    assert!(message.contains("2.50662827"), "{message}");
    // In two dimensions and over integers too.
    for (density, support, wanted) in [
        ("-(x[1]^2 + x[2]^2)/2 + 0*m", "R^2", std::f64::consts::TAU),
        ("x*log(m) - lgamma(x+1)", "{0,1,...}", 2_f64.exp()),
        ("m + 0*x", "{1,...,6}", 6.0 * 2_f64.exp()),
    ] {
        let (model, theta) = typed(density, support, &[("m", "2")]);
        match expected_information(&model, &theta, Method::Automatic) {
            Err(ExpectationError::Mass { total, error, .. }) => {
                assert!(
                    (total - wanted).abs() <= error + 1e-14 * wanted,
                    "{support}: {total}"
                );
            }
            other => panic!("{support}: {other:?}"),
        }
    }
}

#[test]
fn a_support_that_moves_is_irregular() {
    let (model, theta) = typed("-log(theta)", "[0, theta]", &[("theta", "2")]);
    let Err(ExpectationError::Irregular {
        score_product,
        negative_hessian,
        ..
    }) = expected_information(&model, &theta, Method::Automatic)
    else {
        panic!("uniform on (0, θ)")
    };
    assert!((score_product - 0.25).abs() < 1e-10 && (negative_hessian + 0.25).abs() < 1e-10);
    let certificate = fisherinfo::regularity::certify(&model, &theta, Method::Automatic).unwrap();
    assert!(!certificate.support_is_fixed);
}

#[test]
fn ranges_open_the_space() {
    let coin = |range: Option<(f64, f64)>| {
        let formula = DensityFormula::parse(PAIRS[0].density, "{0,1}").unwrap();
        match range {
            Some((lower, upper)) => formula.within("p", lower, upper),
            None => formula,
        }
        .at(&values(&[("p", "0.3")]))
    };
    let (model, _) = coin(Some((0.0, 1.0))).unwrap();
    let Properness::Proper { mass, error } = assess(&model).properness else {
        panic!("Beta(½, ½)")
    };
    assert!((mass - std::f64::consts::PI).abs() <= error && error < 1e-6);
    let (model, _) = coin(None).unwrap();
    assert!(matches!(
        assess(&model).properness,
        Properness::Undecided { .. }
    ));
    assert!(
        coin(Some((0.5, 1.0)))
            .unwrap_err()
            .to_string()
            .contains("p = 0.3 is outside")
    );

    // A vector by its name, an entry by its own.
    let formula = DensityFormula::parse("-m[1]*x - m[2]*x + log(m[1]+m[2])", "[0,inf)")
        .unwrap()
        .within("m", 0.0, f64::INFINITY)
        .within("m[2]", 0.5, 7.0);
    let (model, _) = formula.at(&values(&[("m", "[1,2]")])).unwrap();
    let ranges: Vec<(f64, f64)> = model
        .space()
        .parameters()
        .iter()
        .map(|p| (p.lower, p.upper))
        .collect();
    assert_eq!(ranges, [(0.0, f64::INFINITY), (0.5, 7.0)]);
}

#[test]
fn divergence_of_a_typed_density() {
    let (model, theta) = typed(
        PAIRS[5].density,
        "(-inf,inf)",
        &[("mu", "1"), ("sigma", "2")],
    );
    let found = kullback_leibler(&model, &theta, &[5.0, 1.0], Method::Automatic).unwrap();
    assert!((found.value - 8.806852819440055).abs() <= found.error + 1e-12 && found.error < 1e-8);
}

/// ∫ of powers against the sampler's means, within five standard errors; what is drawn from is the
/// density itself.
#[test]
fn draws_have_the_moments_of_the_density() {
    for (pair, given, mean, variance) in [
        (&PAIRS[2], &[("rate", "7.5")][..], 7.5, 7.5),
        (&PAIRS[3], &[("rate", "0.2")][..], 5.0, 25.0),
        (
            &PAIRS[4],
            &[("shape", "0.3"), ("rate", "2")][..],
            0.15,
            0.075,
        ),
        (
            &PAIRS[5],
            &[("mu", "-40"), ("sigma", "0.5")][..],
            -40.0,
            0.25,
        ),
    ] {
        let (model, theta) = typed(pair.density, pair.support, given);
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut x = [0.0];
        let draws: Vec<f64> = (0..20_000)
            .map(|_| {
                model.sample(&theta, &mut rng, &mut x).unwrap();
                x[0]
            })
            .collect();
        let n = draws.len() as f64;
        let average = draws.iter().sum::<f64>() / n;
        let squares: Vec<f64> = draws.iter().map(|x| (x - mean) * (x - mean)).collect();
        let spread = squares.iter().sum::<f64>() / n;
        let fourth = squares.iter().map(|s| (s - variance).powi(2)).sum::<f64>() / n;
        assert!(
            (average - mean).abs() < 5.0 * (variance / n).sqrt(),
            "{}: {average}",
            pair.family
        );
        assert!(
            (spread - variance).abs() < 5.0 * (fourth / n).sqrt(),
            "{}: {spread}",
            pair.family
        );
    }
    // The distribution function of a Cauchy variable at four points.
    let (model, theta) = typed("-log(pi*(1 + (x-m)^2))", "(-inf,inf)", &[("m", "2")]);
    let h = |x: &[f64], out: &mut [f64]| {
        for (k, cut) in [-8.0, 2.0, 3.0, 100.0].iter().enumerate() {
            out[k] = f64::from(u8::from(x[0] <= *cut));
        }
    };
    let draws = Method::MonteCarlo {
        draws: 40_000,
        seed: 3,
    };
    let found = expectation(&model, &theta, 4, &h, draws).unwrap();
    for (k, cut) in [-8.0_f64, 2.0, 3.0, 100.0].iter().enumerate() {
        let wanted = 0.5 + (cut - 2.0).atan() / std::f64::consts::PI;
        assert!(
            (found.value[k] - wanted).abs() < 5.0 * found.error[k],
            "{cut}: {}",
            found.value[k]
        );
    }
}
