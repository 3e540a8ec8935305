//! Closed forms of geodesics: against published values, under the closed information, and against the
//! path of least energy.

use crate::families::example;
use crate::geometry::{at_random_tuples, closed};
use fisherinfo::family::{
    Bernoulli, Binomial, CATALOGUE, Categorical, Exponential, Gamma, Geometric, Gumbel,
    InverseGaussian, LogLogistic, Model, Multinomial, MultivariateNormal,
    MultivariateNormalLocation, Normal, NormalLocation, Poisson, Weibull, Wishart, WishartKnownNu,
};
use fisherinfo::geometry::{
    GeodesicMethod, fisher_rao_distance, geodesic, location_scale_distance, scalar_curvature,
};
use proptest::prelude::*;

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

/// Of a 1 × 1 Wishart matrix, a gamma variable of shape ν/2 and scale 2V, the metric is differentiated as a
/// formula; the gamma family takes moments of the score.
#[test]
fn a_metric_differentiated_and_one_of_moments() {
    let model = Wishart { dimension: 1 };
    let (from, to) = ([3.0, 2.0], [7.0, 0.5]);
    let gamma = |[nu, v]: [f64; 2]| [0.5 * nu, 0.5 / v];
    let by_formula = fisher_rao_distance(&model, &from, &to, GeodesicMethod::Numeric).unwrap();
    let by_moments =
        fisher_rao_distance(&Gamma, &gamma(from), &gamma(to), GeodesicMethod::Numeric).unwrap();
    assert!((by_formula.value - by_moments.value).abs() <= by_formula.error + by_moments.error);
    assert!(by_formula.error < 1e-9 && by_moments.error < 1e-9);
    let found = scalar_curvature(&model, &from).unwrap();
    let wanted = scalar_curvature(&Gamma, &gamma(from)).unwrap();
    assert!((found.value - wanted.value).abs() <= found.error + wanted.error + 1e-12);
}

/// Matrices too: with ν apart the path is no longer than one that moves ν first and V then, and with
/// the same ν not longer than the path that keeps it.
#[test]
fn wishart_matrices_with_unknown_degrees_of_freedom() {
    let model = Wishart { dimension: 2 };
    let (a, b) = ([5.0, 2.0, 0.5, 1.0], [5.0, 1.0, 0.2, 3.0]);
    let distance = |from: &[f64], to: &[f64]| {
        fisher_rao_distance(&model, from, to, GeodesicMethod::Numeric).unwrap()
    };
    let there = distance(&a, &b);
    let back = distance(&b, &a);
    assert!((there.value - back.value).abs() <= there.error + back.error);
    let known = WishartKnownNu {
        dimension: 2,
        nu: 5.0,
    };
    let kept = fisher_rao_distance(&known, &a[1..], &b[1..], GeodesicMethod::ClosedForm).unwrap();
    assert!(there.value < kept.value && there.value > 0.5 * kept.value);
    let c = [9.0, 1.5, 0.1, 2.0];
    let (first, second) = (distance(&a, &c), distance(&c, &b));
    assert!(there.value <= first.value + second.value + first.error + second.error);
}
