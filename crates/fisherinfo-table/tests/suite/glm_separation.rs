//! Separation is found, named and told apart from data that are only hard.

use crate::common::names;
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, GlmError, Regression, Separation};

fn regression(y: &[f64], columns: &[Vec<f64>], terms: &[&str]) -> Regression {
    let all: Vec<Vec<f64>> = [vec![1.0; y.len()]]
        .into_iter()
        .chain(columns.iter().cloned())
        .collect();
    let mut labels = names(&["(intercept)"]);
    labels.extend(names(terms));
    Regression::new(y, &all, &labels, Some(0)).unwrap()
}

#[track_caller]
fn separation(regression: &Regression, family: Family, link: Link) -> Separation {
    match regression.fit(family, link) {
        Err(GlmError::Separation(separation)) => separation,
        Err(other) => panic!("{link}: {other}"),
        Ok(fit) => panic!("{link}: {:?}", fit.coefficients()),
    }
}

const SIGMOID: [Link; 3] = [Link::Logit, Link::Probit, Link::Cloglog];

/// Numbers without a pattern.
fn noise(i: usize) -> f64 {
    let x = (i as f64 + 1.0) * 12.9898;
    let y = x.sin() * 43758.5453;
    y - y.floor() - 0.5
}

#[test]
fn complete() {
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|&x| f64::from(x > 12.5)).collect();
    for link in SIGMOID {
        let found = separation(
            &regression(&y, std::slice::from_ref(&x), &["x"]),
            Family::Binomial,
            link,
        );
        assert!(found.is_complete() && found.of == 20, "{link}");
        assert_eq!(found.direction.to_string(), "x", "{link}");
    }
    let text = regression(&y, &[x], &["dose"])
        .fit(Family::Binomial, Link::Logit)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("complete separation: dose tells the response of 20 of 20"),
        "{text}"
    );
}

#[test]
fn quasi_complete() {
    // At x = 5 both responses occur; elsewhere x decides.
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 6.0, 7.0, 8.0];
    let y = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0];
    for link in SIGMOID {
        let found = separation(
            &regression(&y, &[x.to_vec()], &["x"]),
            Family::Binomial,
            link,
        );
        assert!(!found.is_complete());
        assert_eq!(
            (found.rows, found.direction.to_string().as_str()),
            (7, "x"),
            "{link}"
        );
    }
}

#[test]
fn a_category_of_one_response() {
    // Every row with b = 1 succeeds; z has an effect that the other rows determine.
    let n = 60;
    let b: Vec<f64> = (0..n).map(|i| f64::from(i % 5 == 0)).collect();
    let z: Vec<f64> = (0..n).map(noise).collect();
    let y: Vec<f64> = (0..n)
        .map(|i| f64::from(b[i] == 1.0 || z[i] + noise(i + 500) > 0.1))
        .collect();
    for link in SIGMOID {
        let model = regression(&y, &[b.clone(), z.clone()], &["b", "z"]);
        let found = separation(&model, Family::Binomial, link);
        assert_eq!(
            (found.rows, found.direction.to_string().as_str()),
            (12, "b"),
            "{link}"
        );
    }
    // The same for counts: a group that never has any.
    let counts: Vec<f64> = (0..n)
        .map(|i| {
            if b[i] == 1.0 {
                0.0
            } else {
                (4.0 * noise(i + 70).abs()).round()
            }
        })
        .collect();
    let found = separation(
        &regression(&counts, &[b, z], &["b", "z"]),
        Family::Poisson,
        Link::Log,
    );
    assert_eq!(
        (found.rows, found.direction.to_string().as_str()),
        (12, "b")
    );
}

/// No term separates, nor do two, but a combination of three does.
#[test]
fn along_a_mixture_of_three_terms() {
    let n = 400;
    let columns: Vec<Vec<f64>> = (0..4)
        .map(|j| (0..n).map(|i| noise(i + 1000 * j)).collect())
        .collect();
    let along = |i: usize| columns[0][i] + 0.5 * columns[1][i] - 2.0 * columns[2][i];
    let y: Vec<f64> = (0..n).map(|i| f64::from(along(i) > 0.05)).collect();
    let terms = ["a", "b", "c", "d"];
    for link in SIGMOID {
        let found = separation(&regression(&y, &columns, &terms), Family::Binomial, link);
        assert!(found.is_complete());
        let weights = found.direction.weights();
        for (weight, expected) in weights[1..].iter().zip([-0.5, -0.25, 1.0, 0.0]) {
            assert!(
                (weight - expected).abs() < 0.1,
                "{link} {}",
                found.direction
            );
        }
    }
    // Quasi-complete: on the plane where the combination is zero, both responses occur.
    let mut columns = columns;
    for i in (0..n).step_by(4) {
        columns[0][i] = 2.0 * columns[2][i] - 0.5 * columns[1][i];
    }
    let along = |i: usize| columns[0][i] + 0.5 * columns[1][i] - 2.0 * columns[2][i];
    let y: Vec<f64> = (0..n)
        .map(|i| {
            f64::from(if i % 4 == 0 {
                noise(7 * i) > 0.0
            } else {
                along(i) > 0.0
            })
        })
        .collect();
    for link in SIGMOID {
        let found = separation(&regression(&y, &columns, &terms), Family::Binomial, link);
        assert_eq!((found.rows, found.is_complete()), (300, false), "{link}");
        let weights = found.direction.weights();
        for (weight, expected) in weights[1..].iter().zip([-0.5, -0.25, 1.0, 0.0]) {
            assert!(
                (weight - expected).abs() < 1e-6,
                "{link} {}",
                found.direction
            );
        }
    }
}

#[test]
fn all_the_same_response() {
    let x: Vec<f64> = (0..12).map(noise).collect();
    let found = separation(
        &regression(&[1.0; 12], std::slice::from_ref(&x), &["x"]),
        Family::Binomial,
        Link::Logit,
    );
    assert!(found.is_complete());
    let found = separation(
        &regression(&[0.0; 12], &[x], &["x"]),
        Family::Poisson,
        Link::Log,
    );
    assert!(found.is_complete());
}

#[test]
fn trials_separate_only_at_their_ends() {
    let dose = vec![1.0, 2.0, 3.0, 4.0];
    let of = |killed: &[f64]| {
        regression(killed, std::slice::from_ref(&dose), &["dose"])
            .trials(&[10.0; 4])
            .unwrap()
    };
    let found = separation(&of(&[0.0, 0.0, 10.0, 10.0]), Family::Binomial, Link::Logit);
    assert!(found.is_complete());
    let found = separation(&of(&[0.0, 3.0, 10.0, 10.0]), Family::Binomial, Link::Logit);
    assert_eq!((found.rows, found.is_complete()), (3, false));
    // Two doses with both outcomes fix the line.
    let model = of(&[0.0, 3.0, 9.0, 10.0]);
    assert!(model.fit(Family::Binomial, Link::Logit).is_ok());
}

/// One row on the wrong side, by ever less: the estimate is large but finite.
#[test]
fn overlapping_but_hard() {
    for overlap in [1.0, 1e-1, 1e-2, 1e-3, 1e-4] {
        let n = 40;
        let mut x: Vec<f64> = (0..n).map(|i| f64::from(i) / 10.0).collect();
        let y: Vec<f64> = (0..n).map(|i| f64::from(i >= 20)).collect();
        // The last failure lies beyond the first success.
        x[19] = 2.0 + overlap;
        x[20] = 2.0;
        let model = regression(&y, std::slice::from_ref(&x), &["x"]);
        for link in [Link::Logit, Link::Probit] {
            let fit = model.fit(Family::Binomial, link);
            let fit = fit.unwrap_or_else(|error| panic!("{overlap} {link}: {error}"));
            // A zero score at the estimate, from the definition.
            let slope = fit.coefficients()[1];
            assert!(slope.is_finite() && slope > 0.0);
            let means = fit.fitted_means().unwrap();
            if link == Link::Logit {
                let score: f64 = (0..n as usize)
                    .map(|i| (y[i] - means[i]) * (x[i] - 2.0))
                    .sum();
                let size: f64 = (0..n as usize)
                    .map(|i| ((y[i] - means[i]) * (x[i] - 2.0)).abs())
                    .sum();
                assert!(score.abs() <= 1e-8 * size, "{overlap}: {score} {size}");
            }
        }
    }
}
