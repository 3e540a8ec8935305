//! Typed densities whose support ends at a formula of the parameters, and whose kinks are roots of squares.

use crate::typed_densities::typed;
use fisherinfo::expectation::{ExpectationError, Method, expected_information};
use fisherinfo::family::{
    DensityFormula, GeneralizedExtremeValue, Laplace, Model, ShiftedWeibull, SupportFormula,
};
use fisherinfo::geometry::{GeodesicMethod, GeometryError, fisher_rao_distance, scalar_curvature};
use fisherinfo::regularity::{Verdict, certify};

const MAXIMA: &str =
    "-log(sigma) - (1 + 1/xi)*log(1 + xi*(x - mu)/sigma) - (1 + xi*(x - mu)/sigma)^(-1/xi)";

fn agrees(model: &dyn Model, theta: &[f64], wanted: &dyn Model, at: &[f64], most: f64) {
    let found = expected_information(model, theta, Method::Numeric).unwrap();
    let wanted = expected_information(wanted, at, Method::ClosedForm).unwrap();
    for i in 0..theta.len() {
        for j in 0..theta.len() {
            let scale = (wanted.matrix()[(i, i)] * wanted.matrix()[(j, j)]).sqrt();
            let bound = found.provenance().accuracy.of_entry(i, j);
            let gap = (found.matrix()[(i, j)] - wanted.matrix()[(i, j)]).abs();
            assert!(
                gap <= bound + 1e-12 * scale && bound <= most * scale,
                "({i}, {j}): {gap:e} with the bound {bound:e} on {scale}"
            );
        }
    }
}

#[test]
fn maxima_with_an_end_that_is_a_formula() {
    for (xi, support) in [
        ("0.2", "(mu - sigma/xi, inf)"),
        ("1.5", "[mu - sigma/xi, inf)"),
        ("-0.2", "(-inf, mu - sigma/xi)"),
        ("1e-6", "(mu - sigma/xi, inf)"),
    ] {
        let given = [("mu", "3"), ("sigma", "2"), ("xi", xi)];
        let (model, theta) = typed(MAXIMA, support, &given);
        // Far from the end 1 + ξz has lost digits of ξz.
        let most = if xi == "1e-6" { 1e-3 } else { 1e-8 };
        agrees(&model, &theta, &GeneralizedExtremeValue, &theta, most);
        let certificate = certify(&model, &theta, Method::Numeric).unwrap();
        assert!(!certificate.support_is_fixed && certificate.moving_ends_vanish);
    }
    let given = [("k", "4"), ("b", "0.5"), ("m", "-3")];
    let (model, theta) = typed(
        "log(k/b) + (k-1)*log((x - 2*m)/b) - ((x - 2*m)/b)^k",
        "[2*m, inf)",
        &given,
    );
    let closed =
        expected_information(&ShiftedWeibull, &[4.0, 0.5, -6.0], Method::ClosedForm).unwrap();
    let found = expected_information(&model, &theta, Method::Numeric).unwrap();
    // The shift is 2m.
    let (wanted, found) = (4.0 * closed.matrix()[(2, 2)], found.matrix()[(2, 2)]);
    assert!((found / wanted - 1.0).abs() < 1e-10, "{found} {wanted}");
}

#[test]
fn irregular_ends_are_refused_with_their_numbers() {
    let numbers = |density: &str, support: &str, given: &[(&str, &str)]| {
        let (model, theta) = typed(density, support, given);
        match expected_information(&model, &theta, Method::Automatic) {
            Err(ExpectationError::Irregular {
                entry,
                mean_score,
                score_product,
                negative_hessian,
                ..
            }) => (entry, [mean_score, score_product, negative_hessian]),
            other => panic!("{other:?}"),
        }
    };
    let near = |found: [f64; 3], wanted: [f64; 3]| {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(
                found == &wanted || (found - wanted).abs() < 1e-9,
                "{found} {wanted}"
            );
        }
    };
    let (entry, found) = numbers("-(x - m - 1)", "[m + 1, inf)", &[("m", "2")]);
    assert_eq!(entry, "m");
    near(found, [1.0, 1.0, 0.0]);
    let (_, found) = numbers("-log(2*t)", "(-t, t)", &[("t", "2")]);
    near(found, [-0.5, 0.25, -0.25]);
    let infinite = f64::INFINITY;
    let shifted = "a*log(2) - lgamma(a) + (a - 1)*log(x - m) - 2*(x - m)";
    let (entry, found) = numbers(shifted, "(m, inf)", &[("a", "1.5"), ("m", "2")]);
    assert_eq!(entry, "m");
    near(found, [0.0, infinite, infinite]);
    let (_, found) = numbers(shifted, "(m, inf)", &[("a", "0.5"), ("m", "2")]);
    near(found, [infinite, infinite, -infinite]);
    let given = [("mu", "3"), ("sigma", "2"), ("xi", "-0.7")];
    let (entry, found) = numbers(MAXIMA, "(-inf, mu - sigma/xi)", &given);
    assert_eq!(entry, "mu");
    assert_eq!(found[1..], [infinite, infinite]);
}

#[test]
fn formulas_of_ends_that_cannot_be_read() {
    let support = SupportFormula::parse("( mu - sigma / xi , inf)").unwrap();
    assert_eq!(support.to_string(), "(mu - sigma/xi, inf)");
    assert_eq!(
        SupportFormula::parse(&support.to_string()).unwrap(),
        support
    );
    assert!(SupportFormula::parse("[max(a, b), sqrt(2)*c]").is_ok());
    for (text, message) in [
        ("(m + , inf)", "column"),
        ("(m, inf", "expected `]` or `)`"),
        ("(2*(m, inf)", "column"),
    ] {
        let error = SupportFormula::parse(text).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
    // An end without a value, and one whose interval is empty.
    for (support, value, message) in [
        ("(sqrt(m), inf)", "-1", "no value"),
        ("(0, m - 3)", "2", "empty"),
        ("(0, n - 3)", "2", "n"),
    ] {
        let formula = DensityFormula::parse("-x + 0*m", support).unwrap();
        let refused = formula.at(&[("m".into(), value.parse().unwrap())]);
        let message_found = refused.unwrap_err().to_string();
        assert!(message_found.contains(message), "{message_found}");
    }
}

const KINKED: [&str; 3] = [
    "-abs(x - m)/b - log(2*b)",
    "-sqrt((x - m)^2)/b - log(2*b)",
    "-max(x - m, m - x)/b - log(2*b)",
];

#[test]
fn kinks_are_found_and_distances_go_over_them() {
    let from = [0.5, 2.0];
    let to = [1.5, 3.0];
    let exact = fisher_rao_distance(&Laplace, &from, &to, GeodesicMethod::ClosedForm).unwrap();
    let by_formula = fisher_rao_distance(&Laplace, &from, &to, GeodesicMethod::Numeric).unwrap();
    assert!((by_formula.value - exact.value).abs() <= by_formula.error + 1e-12);
    // The half-plane of curvature −1.
    let curvature = scalar_curvature(&Laplace, &from).unwrap();
    assert!(
        (curvature.value + 2.0).abs() <= curvature.error + 1e-12,
        "{curvature:?}"
    );
    for density in KINKED {
        let formula = DensityFormula::parse(density, "R")
            .unwrap()
            .within("b", 0.0, f64::INFINITY);
        let given = [("m", "0.5"), ("b", "2")].map(|(n, v)| (n.into(), v.parse().unwrap()));
        let (model, theta) = formula.at(&given).unwrap();
        agrees(&model, &theta, &Laplace, &theta, 1e-10);
        let certificate = certify(&model, &theta, Method::Numeric).unwrap();
        assert_eq!(certificate.verdict(), Verdict::Holds, "{density}");
        assert!(certificate.warnings()[0].contains("kink"), "{density}");
        // By moments of the score on both sides of the kink.
        let path = fisher_rao_distance(&model, &from, &to, GeodesicMethod::Numeric).unwrap();
        assert!(
            (path.value - exact.value).abs() <= path.error + 1e-10 && path.error < 1e-6,
            "{density}: {path:?} {exact:?}"
        );
        assert!(matches!(
            scalar_curvature(&model, &theta),
            Err(GeometryError::Kink { .. })
        ));
    }
}
