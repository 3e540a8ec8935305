//! Typed densities with kinks, and with a singularity at an end of the support.

use crate::typed_densities::{same_information, typed};
use fisherinfo::expectation::{ExpectationError, Method, expected_information, score_moments};
use fisherinfo::family::{Model, Support};
use fisherinfo::information::Route;
use fisherinfo::regularity::{Verdict, certify};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The kink carries all of the mean curvature in the location, and is said to.
#[test]
fn laplace_is_regular_with_a_warning() {
    for (mu, b) in [
        ("0", "2"),
        ("0.7", "0.3"),
        ("-1234.5", "1e-3"),
        ("1e-9", "1e6"),
    ] {
        let given = [("mu", mu), ("b", b)];
        let (model, theta) = typed("-log(2*b) - abs(x - mu)/b", "(-inf, inf)", &given);
        let kinks = model.kinks(&theta);
        assert_eq!(kinks.len(), 1);
        assert_eq!(
            (kinks[0].at, &kinks[0].gradient[..]),
            (theta[0], &[1.0, 0.0][..])
        );
        let family = [("location", mu), ("scale", b)];
        same_information((&model, &theta), ("laplace", &family), 1e-6);
        let certificate = certify(&model, &theta, Method::Automatic).unwrap();
        assert_eq!(certificate.verdict(), Verdict::Holds);
        assert!(certificate.warnings()[0].contains("kink that moves with mu"));
        // Pointwise there is no curvature, and without the kink the numbers would contradict.
        let moments = score_moments(&model, &theta, Method::Numeric).unwrap();
        let share = moments.kink_share(0, 0) * theta[1] * theta[1];
        assert!((share - 1.0).abs() < 1e-9, "{share}");
    }
}

/// Written otherwise: the larger of two numbers, a comparison, the kink of a function of θ.
#[test]
fn kinks_are_found_however_they_are_written() {
    for (density, place) in [
        ("-log(2*b) - max(x - mu, mu - x)/b", 0.7),
        ("-log(2*b) + min(x - mu, mu - x)/b", 0.7),
        ("-log(2*b) + (x - mu)*((x < mu) - (x >= mu))/b", 0.7),
        ("d = abs(x/mu - 1)*mu\n-log(2*b) - d/b", 0.7),
        ("-log(2*b) - abs(x - mu^2)/b", 0.7 * 0.7),
    ] {
        let (model, theta) = typed(density, "R", &[("mu", "0.7"), ("b", "2")]);
        let kinks = model.kinks(&theta);
        assert_eq!(kinks.len(), 1, "{density}");
        assert!((kinks[0].at - place).abs() < 1e-15, "{density}");
        let slope = if place == 0.7 { 1.0 } else { 1.4 };
        assert!((kinks[0].gradient[0] - slope).abs() < 1e-14, "{density}");
        let found = expected_information(&model, &theta, Method::Automatic).unwrap();
        let error = found.provenance().accuracy.of_entry(0, 0);
        let gap = (found.matrix()[(0, 0)] - 0.25 * slope * slope).abs();
        assert!(
            gap <= error && error < 1e-9,
            "{density}: {gap:e}, {error:e}"
        );
    }
}

/// Two slopes, 1/l on the left and 1/r on the right of a moving kink, and a fixed kink that does not
/// matter. The information of (l, r) by hand: with s = l + r, E[d | left] and so on.
#[test]
fn several_kinks_and_none_that_moves() {
    // Asymmetric Laplace in the rates a (left) and c (right): f = ac/(a + c)·e^(−…).
    let (model, theta) = typed(
        "log(a*c/(a + c)) - max(x, 0)*c + min(x, 0)*a",
        "R",
        &[("a", "1.5"), ("c", "0.4")],
    );
    assert_eq!(model.kinks(&theta).len(), 1);
    let found = expected_information(&model, &theta, Method::Numeric).unwrap();
    // −E[H] with ln(ac/(a + c)): 1/a² − 1/(a + c)² and −1/(a + c)².
    let across = (theta[0] + theta[1]).powi(-2);
    for (i, j) in [(0, 0), (1, 1), (0, 1)] {
        let wanted = if i == j { theta[i].powi(-2) } else { 0.0 } - across;
        let gap = (found.matrix()[(i, j)] - wanted).abs();
        let error = found.provenance().accuracy.of_entry(i, j);
        assert!(
            gap <= error && error < 1e-11,
            "({i}, {j}): {gap:e}, {error:e}"
        );
    }
    let certificate = certify(&model, &theta, Method::Automatic).unwrap();
    assert!(
        certificate.warnings().is_empty(),
        "{:?}",
        certificate.warnings()
    );
}

/// A jump that moves is no kink: E[s] ≠ 0 tells.
#[test]
fn a_jump_that_moves_is_refused() {
    let (model, theta) = typed(
        "log((x < mu)*0.5 + (x >= mu)*1.5) - log(0.5*mu + 1.5*(1 - mu))",
        "[0, 1]",
        &[("mu", "0.4")],
    );
    let refused = expected_information(&model, &theta, Method::Automatic);
    assert!(
        matches!(refused, Err(ExpectationError::Irregular { .. })),
        "{refused:?}"
    );
}

/// Mass that lies nearer to 1 than any double: the distance is known all the same.
#[test]
fn singular_ends_by_quadrature() {
    for (a, b) in [
        ("0.5", "0.5"),
        ("2", "0.1"),
        ("0.06", "3"),
        ("0.05", "0.05"),
    ] {
        let given = [("a", a), ("b", b)];
        for density in [
            "(a-1)*log(x) + (b-1)*log(1-x) - lbeta(a, b)",
            "(a-1)*log(x) + (b-1)*log1p(-x) - lbeta(a, b)",
        ] {
            let (model, theta) = typed(density, "[0, 1]", &given);
            let found = expected_information(&model, &theta, Method::Automatic).unwrap();
            assert!(matches!(found.provenance().route, Route::Quadrature { .. }));
            same_information((&model, &theta), ("beta", &given), 1e-9);
        }
    }
}

/// The same at ends that are not 0 and 1: arcsine densities with a scale, and a gamma that is shifted.
#[test]
fn ends_elsewhere() {
    let density = "(a-1)*log(x + 3) + (b-1)*log(7 - x) - (a+b-1)*log(10) - lbeta(a, b)";
    let given = [("a", "0.5"), ("b", "0.3")];
    let (model, theta) = typed(density, "(-3, 7)", &given);
    same_information((&model, &theta), ("beta", &given), 1e-9);
    let density = "(shape-1)*log(x - 2) + shape*log(rate) - (x - 2)*rate - lgamma(shape)";
    let given = [("shape", "0.1"), ("rate", "3")];
    let (model, theta) = typed(density, "(2, inf)", &given);
    same_information((&model, &theta), ("gamma", &given), 1e-9);
    let mirrored = "(shape-1)*log(2 - x) + shape*log(rate) - (2 - x)*rate - lgamma(shape)";
    let (model, theta) = typed(mirrored, "(-inf, 2)", &given);
    same_information((&model, &theta), ("gamma", &given), 1e-9);
}

/// A formula without a use for the distance still has its answer.
#[test]
fn formulas_without_a_value_at_a_rounded_end() {
    // Logit-normal: the density vanishes at both ends.
    let (model, theta) = typed(
        "-(2*atanh(2*x - 1) - mu)^2/2 - log(2*pi)/2 - log(x) - log(1 - x)",
        "(0, 1)",
        &[("mu", "0.3")],
    );
    let found = expected_information(&model, &theta, Method::Numeric).unwrap();
    let error = found.provenance().accuracy.of_entry(0, 0);
    assert!(
        (found.matrix()[(0, 0)] - 1.0).abs() <= error && error < 1e-9,
        "{error:e}"
    );
}

/// Draws carry the end and their distance from it.
#[test]
fn draws_lie_inside() {
    let (model, theta) = typed(
        "(a-1)*log(x) + (b-1)*log(1-x) - lbeta(a, b)",
        "[0, 1]",
        &[("a", "0.5"), ("b", "0.5")],
    );
    let support = model.support(&theta);
    assert_eq!(
        support,
        Support::Segment {
            lower: 0.0,
            upper: 1.0
        }
    );
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut total, draws) = (0.0, 4000);
    for _ in 0..draws {
        let mut x = vec![0.0; support.width()];
        model.sample(&theta, &mut rng, &mut x).unwrap();
        assert!((x[1] + x[2] - x[0]).abs() <= 1e-16 && x[2] != 0.0, "{x:?}");
        assert_eq!(x[1] == 0.0, x[0] < 0.5, "{x:?}");
        assert!(model.log_density(&theta, &x).is_finite());
        total += x[0];
    }
    // The variance is 1/8.
    let error = (total / f64::from(draws) - 0.5).abs();
    assert!(error < 5.0 * (0.125 / f64::from(draws)).sqrt(), "{error}");
}
