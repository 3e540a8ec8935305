//! Distances, geodesics and curvature: formulas against the path of least energy, against published
//! values and against what a metric has to satisfy.

use crate::families::example;
use fisherinfo::coordinates::{CoordinateMap, Elementwise, Reparameterised, Scalar};
use fisherinfo::divergence::kullback_leibler;
use fisherinfo::dual::Dual;
use fisherinfo::expectation::Method;
use fisherinfo::family::{
    Bernoulli, Beta, Binomial, CATALOGUE, Categorical, Entry, Exponential, Gamma, Geometric,
    Gumbel, InverseGaussian, LogLogistic, Model, Multinomial, MultivariateNormal,
    MultivariateNormalLocation, Normal, NormalLocation, Poisson, VonMises, Weibull,
};
use fisherinfo::geometry::{
    GeodesicMethod, GeodesicRoute, GeometryError, fisher_rao_distance, geodesic, geodesic_in,
    location_scale_distance, scalar_curvature,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn closed(model: &dyn Model, from: &[f64], to: &[f64]) -> f64 {
    fisher_rao_distance(model, from, to, GeodesicMethod::ClosedForm)
        .unwrap()
        .value
}

/// Families whose geodesics are not walked at random, each with the reason. All others of the catalogue
/// that are regular are.
const NOT_WALKED: &[(&str, &str)] = &[
    ("laplace", "refused: a kink that moves"),
    ("wishart", "a lattice in three dimensions"),
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
fn at_random_tuples(
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
            failure_persistence: None,
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
fn published_distances() {
    let close = |found: f64, wanted: f64| {
        assert!(
            (found - wanted).abs() <= 4e-15 * wanted,
            "{found} against {wanted}"
        );
    };
    // arcosh(1 + (4/2 + 4)/6) = arcosh 2.
    close(
        closed(&Normal, &[0.0, 1.0], &[2.0, 3.0]),
        2f64.sqrt() * 2f64.acosh(),
    );
    close(
        location_scale_distance(1.0, 2.0, [0.0, 1.0], [2.0, 3.0]),
        1.862_459_718_905_424_7,
    );
    // Of one mean: √2·ln of the ratio; Costa, Santos & Strapasson (2015), equation 9.
    close(
        closed(&Normal, &[5.0, 0.5], &[5.0, 8.0]),
        2f64.sqrt() * 16f64.ln(),
    );
    let angle = |p: f64| p.sqrt().asin();
    close(
        closed(&Bernoulli, &[0.1], &[0.9]),
        2.0 * (angle(0.9) - angle(0.1)),
    );
    close(
        closed(&Binomial { trials: 9 }, &[0.9], &[0.2]),
        6.0 * (angle(0.9) - angle(0.2)),
    );
    close(
        closed(&Geometric, &[0.19], &[0.64]),
        2.0 * (0.9_f64.atanh() - 0.6_f64.atanh()),
    );
    close(closed(&Poisson, &[2.25], &[9.0]), 3.0);
    close(closed(&Exponential, &[0.5], &[4.0]), 8f64.ln());
    close(closed(&NormalLocation { sigma: 2.0 }, &[1.0], &[4.0]), 1.5);
    let (p, q): ([f64; 3], [f64; 3]) = ([0.2, 0.3, 0.5], [0.6, 0.3, 0.1]);
    let overlap: f64 = (0..3).map(|i| (p[i] * q[i]).sqrt()).sum();
    close(
        closed(&Categorical { categories: 3 }, &p[..2], &q[..2]),
        2.0 * overlap.acos(),
    );
    let four = Multinomial {
        trials: 4,
        categories: 3,
    };
    close(closed(&four, &p[..2], &q[..2]), 4.0 * overlap.acos());
    // Mahalanobis: (1, 1)·[[2, ½], [½, 1]]⁻¹·(1, 1)ᵀ = (1 + 2 − 1)/1.75.
    let location = MultivariateNormalLocation::new(2, &[2.0, 0.5, 1.0]).unwrap();
    close(
        closed(&location, &[0.0, 0.0], &[1.0, 1.0]),
        (2.0 / 1.75_f64).sqrt(),
    );
    // Eigenvalues 4 and 1/9 beside the unit matrix.
    let normal = MultivariateNormal { dimension: 2 };
    close(
        closed(
            &normal,
            &[1.0, 2.0, 1.0, 0.0, 1.0],
            &[1.0, 2.0, 4.0, 0.0, 1.0 / 9.0],
        ),
        (0.5 * (4f64.ln().powi(2) + 9f64.ln().powi(2))).sqrt(),
    );
    close(
        closed(
            &MultivariateNormal { dimension: 1 },
            &[0.0, 1.0],
            &[2.0, 9.0],
        ),
        2f64.sqrt() * 2f64.acosh(),
    );
}

#[test]
fn near_points_keep_their_digits() {
    // d = √I·δ to first order: a difference of two arcs would have lost half of the digits.
    let step = 1e-9;
    for (model, theta) in [
        (&Bernoulli as &dyn Model, vec![0.3]),
        (&Binomial { trials: 7 }, vec![0.9]),
        (&Geometric, vec![0.7]),
        (&Poisson, vec![50.0]),
        (&Exponential, vec![3.0]),
        (&Normal, vec![4.0, 0.7]),
        (&Weibull, vec![1.5, 7.0]),
        (&LogLogistic, vec![3.0, 7.0]),
        (&InverseGaussian, vec![3.0, 7.0]),
        (&Gumbel, vec![3.0, 7.0]),
        (&Categorical { categories: 3 }, vec![0.2, 0.7]),
        (
            &MultivariateNormal { dimension: 2 },
            vec![0.0, 0.0, 2.0, 0.5, 1.0],
        ),
    ] {
        let mut other = theta.clone();
        let last = theta.len() - 1;
        other[last] *= 1.0 + step;
        let moved = other[last] - theta[last];
        let information = model.closed_form_information(&theta).unwrap();
        let wanted = information[(last, last)].sqrt() * moved;
        let found = closed(model, &theta, &other);
        assert!(
            (found / wanted - 1.0).abs() < 20.0 * step,
            "{model:?}: {found} {wanted}"
        );
    }
}

/// Energy ½∫θ'ᵀIθ' dt by Gauss–Legendre on panels, with θ' by central differences of the path.
fn energy(model: &dyn Model, path: &dyn Fn(f64) -> Vec<f64>) -> f64 {
    let nodes = [
        (-0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
        (-0.339_981_043_584_856_26, 0.652_145_154_862_546_1),
        (0.339_981_043_584_856_26, 0.652_145_154_862_546_1),
        (0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
    ];
    let panels = 16;
    let h = 1e-5;
    let mut total = 0.0;
    for panel in 0..panels {
        for (node, weight) in nodes {
            let t = (f64::from(panel) + 0.5 * (1.0 + node)) / f64::from(panels);
            let (theta, ahead, behind) = (path(t), path(t + h), path(t - h));
            let speed: Vec<f64> = ahead
                .iter()
                .zip(&behind)
                .map(|(a, b)| (a - b) / (2.0 * h))
                .collect();
            let information = model.closed_form_information(&theta).unwrap();
            for (i, u) in speed.iter().enumerate() {
                for (j, v) in speed.iter().enumerate() {
                    total += 0.5 * weight * u * v * information[(i, j)] / f64::from(panels);
                }
            }
        }
    }
    0.5 * total
}

#[test]
fn formulas_are_extremal_under_the_closed_information() {
    // By the matrices alone, without moments: the energy of the path is half its squared length, and
    // bending the path either way, its ends held, raises it to second order only.
    let mut seen = 0;
    for entry in CATALOGUE {
        let instance = example(entry);
        let model = instance.model.as_ref();
        let open = model.space().unconstrained();
        let start = open.forward(&instance.theta);
        for spread in [0.3, 1.1] {
            let end: Vec<f64> = start
                .iter()
                .enumerate()
                .map(|(i, u)| u + spread * [1.0, -0.8, 0.5, -0.3, 0.7][i % 5])
                .collect();
            let mut to = open.inverse(&end);
            if entry.name == "mvnormal-full" {
                // The full normal has a formula for equal means.
                let means = (0..to.len())
                    .take_while(|d| d * (d + 3) / 2 < to.len())
                    .count();
                to[..means].copy_from_slice(&instance.theta[..means]);
            }
            let Some(path) = model.closed_form_geodesic(&instance.theta, &to) else {
                continue;
            };
            seen += 1;
            let own = energy(model, &|t| path.at(t));
            let wanted = 0.5 * path.length() * path.length();
            assert!(
                (own / wanted - 1.0).abs() < 1e-7,
                "{}: {own} {wanted}",
                entry.name
            );
            for axis in 0..to.len() {
                let bent = |size: f64| {
                    energy(model, &|t| {
                        let mut u = open.forward(&path.at(t));
                        u[axis] += size * (3.0 * t * (1.0 - t)).powi(2);
                        open.inverse(&u)
                    })
                };
                let (plus, minus) = (bent(0.01), bent(-0.01));
                let (first, second) = (plus - minus, plus + minus - 2.0 * own);
                assert!(
                    second > 0.0 && first.abs() < 0.1 * second,
                    "{}, axis {axis}: {first} {second}",
                    entry.name
                );
            }
        }
    }
    assert!(seen >= 2 * 22, "{seen}");
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
    // Half a turn leads through the uniform density, which is no point of the space: it is said, and
    // does not take for ever.
    let opposite = fisher_rao_distance(
        &VonMises,
        &[0.0, 1.0],
        &[std::f64::consts::PI, 1.0],
        GeodesicMethod::Automatic,
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
fn formulas_meet_the_path_of_least_energy() {
    at_random_tuples(3, 2, 1.5, |model, points| {
        let mut to = points[1].clone();
        if model.closed_form_geodesic(&points[0], &to).is_none() {
            // The full normal has a formula for equal means.
            let names = model.space().names();
            for (at, _) in names
                .iter()
                .enumerate()
                .filter(|(_, name)| name.starts_with("mean"))
            {
                to[at] = points[0][at];
            }
        }
        let Some(path) = model.closed_form_geodesic(&points[0], &to) else {
            return Ok(());
        };
        let numeric = geodesic(model, &points[0], &to, GeodesicMethod::Numeric).unwrap();
        let difference = (path.length() - numeric.length()).abs();
        prop_assert!(
            difference <= numeric.error() + 1e-12 * path.length(),
            "formula {}, numeric {} ± {:.1e}",
            path.length(),
            numeric.length(),
            numeric.error()
        );
        prop_assert!(
            numeric.error() <= 1e-9 * (1.0 + path.length()),
            "{:.1e}",
            numeric.error()
        );
        for t in [0.0, 0.3, 0.5, 0.9, 1.0] {
            for (a, b) in path.at(t).iter().zip(numeric.at(t)) {
                prop_assert!(
                    (a - b).abs() <= 1e-5 * (1.0 + a.abs()),
                    "t = {t}: {a} against {b}"
                );
            }
            // A shortest path is run through at constant speed.
            let part = closed(model, &points[0], &path.at(t));
            prop_assert!((part - t * path.length()).abs() <= 1e-12 * (1.0 + path.length()));
        }
        Ok(())
    });
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
