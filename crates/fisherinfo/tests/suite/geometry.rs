//! Distances, geodesics and curvature against what a metric has to satisfy; their formulas are held to
//! published values and to the path of least energy in `geometry_formulas`.

use crate::families::example;
use fisherinfo::coordinates::{CoordinateMap, Elementwise, Reparameterised, Scalar};
use fisherinfo::divergence::kullback_leibler;
use fisherinfo::dual::Dual;
use fisherinfo::expectation::Method;
use fisherinfo::family::{
    Bernoulli, Beta, CATALOGUE, Categorical, Entry, Gamma, Model, Multinomial, MultivariateNormal,
    MultivariateNormalLocation, Normal, Poisson, VonMises,
};
use fisherinfo::geometry::{
    GeodesicMethod, GeodesicRoute, GeometryError, fisher_rao_distance, geodesic, geodesic_in,
    scalar_curvature,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

pub(crate) fn closed(model: &dyn Model, from: &[f64], to: &[f64]) -> f64 {
    fisher_rao_distance(model, from, to, GeodesicMethod::ClosedForm)
        .unwrap()
        .value
}

/// Families whose geodesics are not walked at random, each with the reason. All others of the catalogue
/// that are regular are.
const NOT_WALKED: &[(&str, &str)] = &[
    ("wishart-known-nu", "a lattice in three dimensions"),
    ("dirichlet", "cubature: seconds a path"),
    (
        "student-t",
        "three parameters and power tails: seconds a path",
    ),
    (
        "generalized-pareto",
        "refused below a shape of −⅓, where second moments of the score hardly exist",
    ),
    (
        "generalized-extreme-value",
        "three parameters; refused below a shape of −⅓ as the generalised Pareto",
    ),
    ("shifted-gamma", "refused where the shape is 3 or less"),
    ("shifted-weibull", "refused where the shape is 3 or less"),
    ("skew-normal", "singular at the shape 0, which paths cross"),
];

fn walked() -> impl Iterator<Item = &'static Entry> {
    CATALOGUE.iter().copied().filter(|entry| {
        let instance = example(entry);
        let irregular = instance.model.known_irregularity(&instance.theta).is_some();
        !irregular && NOT_WALKED.iter().all(|(name, _)| *name != entry.name)
    })
}

/// A few tuples of points of the spaces of those families.
pub(crate) fn at_random_tuples(
    cases: u32,
    points: usize,
    spread: f64,
    property: impl Fn(&dyn Model, &[Vec<f64>]) -> Result<(), TestCaseError> + Copy,
) {
    for entry in walked() {
        let instance = example(entry);
        let model = instance.model.as_ref();
        let open = model.space().unconstrained();
        let size = instance.theta.len();
        let draws = prop::collection::vec(-spread..spread, size * points);
        let mut runner = TestRunner::new(Config {
            cases,
            failure_persistence: crate::families::kept(entry.name),
            ..Config::default()
        });
        let outcome = runner.run(&draws, |u| {
            let thetas: Vec<Vec<f64>> = u.chunks(size).map(|u| open.inverse(u)).collect();
            property(model, &thetas).map_err(|error| match error {
                TestCaseError::Fail(why) => {
                    TestCaseError::fail(format!("{} at {thetas:?}: {why}", entry.name))
                }
                reject => reject,
            })
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
    }
}

#[test]
fn angles_take_the_shorter_way_round() {
    let path = |mu: f64| {
        fisher_rao_distance(
            &VonMises,
            &[0.1, 2.0],
            &[mu, 3.0],
            GeodesicMethod::Automatic,
        )
        .unwrap()
    };
    let tau = std::f64::consts::TAU;
    let near = path(-0.4);
    for turns in [-2.0, 1.0, 5.0] {
        let far = path(-0.4 + turns * tau);
        assert!(
            (near.value - far.value).abs() <= near.error + far.error,
            "{near:?} {far:?}"
        );
    }
    // Half a turn leads through the uniform density, which is no point of the space: by the numeric
    // route that is said, and does not take for ever.
    let opposite = fisher_rao_distance(
        &VonMises,
        &[0.0, 1.0],
        &[std::f64::consts::PI, 1.0],
        GeodesicMethod::Numeric,
    );
    assert!(
        matches!(
            opposite,
            Err(GeometryError::NotConverged { .. } | GeometryError::Singular { .. })
        ),
        "{opposite:?}"
    );
    let still = path(0.1 + tau);
    assert!((still.value - path(0.1).value).abs() < 1e-10);
}

#[test]
fn it_is_a_distance() {
    at_random_tuples(2, 3, 1.0, |model, points| {
        let d = |i: usize, j: usize| {
            let method = GeodesicMethod::Automatic;
            fisher_rao_distance(model, &points[i], &points[j], method).unwrap()
        };
        let (ab, ba, bc, ac) = (d(0, 1), d(1, 0), d(1, 2), d(0, 2));
        prop_assert!(ab.value > 0.0);
        prop_assert!(
            (ab.value - ba.value).abs() <= ab.error + ba.error,
            "{ab:?} {ba:?}"
        );
        prop_assert!(ac.value <= ab.value + bc.value + ac.error + ab.error + bc.error);
        prop_assert_eq!(d(0, 0).value, 0.0);
        Ok(())
    });
}

#[test]
fn it_does_not_depend_on_the_coordinates() {
    at_random_tuples(2, 2, 0.8, |model, points| {
        let open = geodesic(model, &points[0], &points[1], GeodesicMethod::Numeric).unwrap();
        for coordinates in model.alternative_coordinates() {
            let other = geodesic_in(model, &coordinates, &points[0], &points[1]).unwrap();
            prop_assert!(
                (open.length() - other.length()).abs() <= open.error() + other.error(),
                "{}: {} against {}",
                coordinates.name(),
                open.length(),
                other.length()
            );
            let (a, b) = (open.at(0.4), other.at(0.4));
            for (a, b) in a.iter().zip(b) {
                prop_assert!((a - b).abs() <= 1e-5 * (1.0 + a.abs()), "{a} against {b}");
            }
        }
        Ok(())
    });
}

/// A curved change of two coordinates.
#[derive(Clone, Debug)]
struct Sheared;

impl CoordinateMap for Sheared {
    fn name(&self) -> String {
        "sheared".into()
    }
    fn names(&self, _: &[String]) -> Vec<String> {
        vec!["a".into(), "b".into()]
    }
    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let b = theta[1].ln();
        vec![theta[0] - b * b * 0.5, b]
    }
    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        vec![phi[0] + phi[1] * phi[1] * 0.5, phi[1].exp()]
    }
}

#[test]
fn a_family_written_in_other_coordinates_has_the_same_geometry() {
    // The chain rule inside the density instead of that of the connection.
    let sheared = Reparameterised::new(Normal, Sheared);
    let (from, to) = ([0.3, 0.8], [2.0, 2.5]);
    let phi = |theta: &[f64]| Sheared.forward(theta);
    let path = geodesic(&sheared, &phi(&from), &phi(&to), GeodesicMethod::Numeric).unwrap();
    assert!((path.length() - closed(&Normal, &from, &to)).abs() <= path.error());
    assert!(path.error() < 1e-9);
    let curvature = scalar_curvature(&sheared, &phi(&to)).unwrap();
    assert!((curvature.value + 1.0).abs() <= curvature.error && curvature.error < 1e-9);
    let logit = Reparameterised::new(Bernoulli, Elementwise::new("logit", &[Scalar::Logit]));
    let path = geodesic(&logit, &[-1.0], &[2.0], GeodesicMethod::Numeric).unwrap();
    let p = |u: f64| 1.0 / (1.0 + (-u).exp());
    assert!((path.length() - closed(&Bernoulli, &[p(-1.0)], &[p(2.0)])).abs() <= path.error());
}

#[test]
fn twice_the_divergence_is_the_squared_distance_of_near_points() {
    // D = d²/2 + O(d³), and the mean of both directions has no term of third order. Both orders are
    // those seen when the step is halved.
    for (model, theta, step) in [
        (&Bernoulli as &dyn Model, vec![0.3], vec![0.01]),
        (&Normal, vec![1.0, 2.0], vec![0.03, 0.04]),
        (&Gamma, vec![2.0, 3.0], vec![0.04, -0.03]),
        (&Beta, vec![2.0, 3.0], vec![-0.04, 0.06]),
        (
            &Multinomial {
                trials: 3,
                categories: 3,
            },
            vec![0.2, 0.3],
            vec![0.008, -0.002],
        ),
    ] {
        let remainders = |factor: f64| {
            let other: Vec<f64> = theta
                .iter()
                .zip(&step)
                .map(|(t, s)| t + factor * s)
                .collect();
            let d = fisher_rao_distance(model, &theta, &other, GeodesicMethod::Automatic).unwrap();
            let there = kullback_leibler(model, &theta, &other, Method::Automatic).unwrap();
            let back = kullback_leibler(model, &other, &theta, Method::Automatic).unwrap();
            let square = d.value * d.value;
            (
                2.0 * there.value - square,
                there.value + back.value - square,
            )
        };
        let (one, half) = (remainders(1.0), remainders(0.5));
        let order = (one.0 / half.0).log2();
        assert!((order - 3.0).abs() < 0.12, "{model:?}: order {order}");
        let order = (one.1 / half.1).log2();
        assert!(
            (order - 4.0).abs() < 0.3,
            "{model:?}: symmetric order {order}"
        );
    }
}

#[test]
fn curvatures_that_are_known() {
    for (model, theta, wanted) in [
        (&Normal as &dyn Model, vec![-3.0, 0.2], -1.0),
        // Spheres of radius 2√n in K − 1 dimensions: (K − 1)(K − 2)/(4n).
        (&Categorical { categories: 3 }, vec![0.1, 0.3], 0.5),
        (&Categorical { categories: 4 }, vec![0.1, 0.3, 0.2], 1.5),
        (
            &Multinomial {
                trials: 5,
                categories: 4,
            },
            vec![0.4, 0.3, 0.2],
            0.3,
        ),
        // A flat one.
        (
            &MultivariateNormalLocation::new(2, &[2.0, 0.5, 1.0]).unwrap(),
            vec![0.0, 1.0],
            0.0,
        ),
    ] {
        let found = scalar_curvature(model, &theta).unwrap();
        assert!(
            (found.value - wanted).abs() <= found.error + 1e-14 && found.error < 1e-9,
            "{model:?}: {found:?} against {wanted}"
        );
        assert_eq!(found.gaussian().is_some(), theta.len() == 2);
    }
    // Gamma, shape α: K = (ψ′ + αψ″)/(4(αψ′ − 1)²), from the diagonal metric in shape and mean
    // (ψ′(α) − 1/α, α/m²); ψ′(1) = π²/6 and ψ″(1) = −2ζ(3).
    let (trigamma, tetragamma) = (std::f64::consts::PI.powi(2) / 6.0, -2.404_113_806_319_188_6);
    let wanted = (trigamma + tetragamma) / (4.0 * (trigamma - 1.0_f64).powi(2));
    for rate in [0.3, 4.0] {
        let found = scalar_curvature(&Gamma, &[1.0, rate])
            .unwrap()
            .gaussian()
            .unwrap();
        assert!((found - wanted).abs() < 1e-9, "{found} against {wanted}");
    }
    assert!(matches!(
        scalar_curvature(&Poisson, &[1.0]),
        Err(GeometryError::OneParameter { .. })
    ));
}

#[test]
fn far_points_and_ends_of_the_space() {
    for (model, from, to) in [
        (&Normal as &dyn Model, vec![0.0, 1.0], vec![100.0, 1.0]),
        (&Normal, vec![0.0, 1e-3], vec![1.0, 50.0]),
        (&Bernoulli, vec![1e-6], vec![0.999]),
        (&Poisson, vec![1e-4], vec![30.0]),
        (
            &Categorical { categories: 3 },
            vec![1e-4, 0.9],
            vec![0.98, 0.01],
        ),
    ] {
        let wanted = closed(model, &from, &to);
        let path = geodesic(model, &from, &to, GeodesicMethod::Numeric).unwrap();
        assert!((path.length() - wanted).abs() <= path.error());
        assert!(path.error() < 1e-6 * wanted, "{:.1e}", path.error());
        assert!(matches!(path.route(), GeodesicRoute::Relaxation { .. }));
    }
}

#[test]
fn what_cannot_be_measured_is_said() {
    let refusal = |model: &dyn Model, from: &[f64], to: &[f64], method| {
        geodesic(model, from, to, method).unwrap_err()
    };
    assert!(matches!(
        refusal(
            &Normal,
            &[0.0, 1.0],
            &[0.0, -1.0],
            GeodesicMethod::Automatic
        ),
        GeometryError::Parameter(_)
    ));
    let full = MultivariateNormal { dimension: 2 };
    assert!(matches!(
        refusal(
            &full,
            &[0.0, 0.0, 1.0, 0.0, 1.0],
            &[1.0, 0.0, 1.0, 0.0, 1.0],
            GeodesicMethod::ClosedForm
        ),
        GeometryError::NoClosedForm { .. }
    ));
    let large = Multinomial {
        trials: 500,
        categories: 9,
    };
    assert!(matches!(
        refusal(&large, &[0.1; 8], &[0.11; 8], GeodesicMethod::Numeric),
        GeometryError::Expectation(_)
    ));
}

/// Between opposite directions the shortest path leads through the uniform distribution; short of that
/// by little it is bracketed, and by a little more found by the numeric route.
#[test]
fn opposite_directions_on_the_circle() {
    use std::f64::consts::PI;
    let distance = |from: [f64; 2], to: [f64; 2], method| {
        fisher_rao_distance(&VonMises, &from, &to, method).unwrap()
    };
    // The sum of both radii: 2.663860291218723 (mpmath 1.3).
    let opposite = distance([0.5, 2.0], [0.5 - PI, 3.0], GeodesicMethod::Automatic);
    assert!((opposite.value - 2.663_860_291_218_723).abs() <= opposite.error);
    assert!(opposite.error < 1e-12);
    let path = geodesic(
        &VonMises,
        &[0.0, 2.0],
        &[PI, 2.0],
        GeodesicMethod::Automatic,
    )
    .unwrap();
    assert!(path.note().unwrap().contains("uniform"));
    assert!(path.at(0.25)[0] == 0.0 && path.at(0.75)[0].abs() == PI);
    assert!((path.at(0.25)[1] - path.at(0.75)[1]).abs() < 1e-9);
    // Where both are to be had, the bracket holds the path that was found.
    let near = [PI - 1.9e-3, 2.0];
    let bracket = distance([0.0, 2.0], near, GeodesicMethod::ClosedForm);
    let found = distance([0.0, 2.0], near, GeodesicMethod::Numeric);
    assert!((bracket.value - found.value).abs() <= bracket.error + found.error);
    assert!(bracket.error < 1e-6 && found.error < 1e-6);
    // Along a radius.
    let closed = distance([1.0, 0.1], [1.0, 50.0], GeodesicMethod::ClosedForm);
    let numeric = distance([1.0, 0.1], [1.0, 50.0], GeodesicMethod::Numeric);
    assert!((closed.value - numeric.value).abs() <= closed.error + numeric.error + 1e-12);
}
