//! Terms that are combinations of others, against the null space of their products.

use crate::common::{assert_close, draws, names};
use crate::glm_streamed::{Batches, bits, noise};
use faer::{Mat, Side};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{
    Family, Fit, GlmError, IdentifiedTerms, PredictOptions, Regression, SavedFit, SavedFitError,
};
use fisherinfo_table::{Design, DesignOptions, Formula, Table};
use proptest::prelude::*;
use std::sync::Arc;

/// Columns in steps of 2⁻¹⁰, some of which are small multiples of those before them added up, constant or
/// zero; the first is one where there is an intercept.
fn columns(seed: u64, width: usize, rows: usize, intercept: bool) -> Vec<Vec<f64>> {
    let mut next = draws(seed + 1);
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for j in 0..width {
        let fresh = |i: usize| (noise(seed * 31 + j as u64, i) * 1024.0).round() / 1024.0;
        columns.push(match next(6) {
            _ if j == 0 && intercept => vec![1.0; rows],
            0..3 => (0..rows).map(fresh).collect(),
            3 if j > 0 => vec![next(3) as f64; rows],
            _ => {
                let weights: Vec<f64> = columns.iter().map(|_| next(5) as f64 - 2.0).collect();
                let sum = |i: usize| weights.iter().zip(&columns).map(|(w, x)| w * x[i]).sum();
                (0..rows).map(sum).collect()
            }
        });
    }
    columns
}

/// The rank of columns, an inverse of their products on their span, and the projection onto the
/// combinations that are zero.
fn span(columns: &[Vec<f64>]) -> (usize, Mat<f64>, Mat<f64>) {
    let width = columns.len();
    let size = |x: &Vec<f64>| x.iter().map(|v| v * v).sum::<f64>().sqrt();
    let sizes: Vec<f64> = columns
        .iter()
        .map(size)
        .map(|s| if s == 0.0 { 1.0 } else { s })
        .collect();
    let products = Mat::from_fn(width, width, |i, j| {
        let sum: f64 = columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum();
        sum / sizes[i] / sizes[j]
    });
    let eigen = products.self_adjoint_eigen(Side::Lower).unwrap();
    let (values, vectors) = (eigen.S(), eigen.U());
    let is_null = |k: usize| values[k] < 1e-9;
    let sum_of = |weight: &dyn Fn(usize) -> f64| {
        Mat::from_fn(width, width, |i, j| {
            (0..width)
                .map(|k| weight(k) * vectors[(i, k)] * vectors[(j, k)])
                .sum::<f64>()
        })
    };
    let inverse = sum_of(&|k| if is_null(k) { 0.0 } else { values[k].recip() });
    let null = sum_of(&|k| f64::from(is_null(k)));
    let rank = (0..width).filter(|&k| !is_null(k)).count();
    let inverse = Mat::from_fn(width, width, |i, j| inverse[(i, j)] / sizes[i] / sizes[j]);
    let null = Mat::from_fn(width, width, |i, j| null[(i, j)] / sizes[i] * sizes[j]);
    (rank, inverse, null)
}

fn response(family: Family, seed: u64, columns: &[Vec<f64>]) -> Vec<f64> {
    let eta = |i: usize| {
        columns
            .iter()
            .enumerate()
            .map(|(j, x)| x[i] / (j + 3) as f64)
            .sum::<f64>()
    };
    (0..columns[0].len())
        .map(|i| {
            let (eta, u) = (eta(i).clamp(-2.0, 2.0), noise(seed + 77, i));
            match family {
                Family::Gaussian => eta + u,
                Family::Poisson => ((0.4 * eta).exp() * (1.5 + u)).round(),
                _ => f64::from(0.4 * eta + 2.0 * u > 0.0),
            }
        })
        .collect()
}

const FAMILIES: [Family; 3] = [Family::Gaussian, Family::Poisson, Family::Binomial];

/// The weights of what is estimated in the coefficients of the given terms, row by row.
fn estimated(terms: &IdentifiedTerms, intercept: Option<usize>) -> Vec<Vec<f64>> {
    let weights = |j: usize| {
        let mut row = vec![0.0; terms.given().len()];
        row[j] = 1.0;
        for relation in terms.relations() {
            row[relation.term] = if intercept == Some(j) {
                relation.constant
            } else {
                let part = relation.combination.iter().find(|(k, _)| *k == j);
                part.map_or(0.0, |(_, weight)| *weight)
            };
        }
        row
    };
    terms.kept().into_iter().map(weights).collect()
}

fn numbers(fit: &Fit<'_>) -> Vec<f64> {
    let errors = fit.standard_errors();
    let mut all = fit.coefficients().to_vec();
    all.extend(errors.expected);
    all.extend(errors.sandwich.unwrap());
    all.extend([fit.deviance(), fit.log_likelihood(), fit.dispersion()]);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What is said to be unidentified is what the null space touches; what is estimated is orthogonal to
    /// it, has the variance of the generalised inverse and the mean of any choice of columns.
    #[test]
    fn what_the_data_can_tell(seed in 0..10_000_u64, width in 2..8_usize, intercept: bool) {
        let rows = 300;
        let given = columns(seed, width, rows, intercept);
        let (rank, inverse, null) = span(&given);
        prop_assume!(rank > 0);
        let terms: Vec<String> = (0..width).map(|j| format!("x{j}")).collect();
        let intercept = intercept.then_some(0);
        for family in FAMILIES {
            let y = response(family, seed, &given);
            let regression = Regression::identified(&y, &given, &terms, intercept).unwrap();
            let identified = regression.identified_terms();
            prop_assert_eq!(regression.terms().len(), rank);
            let touched: Vec<usize> = (0..width).filter(|&j| null[(j, j)] > 1e-7).collect();
            prop_assert_eq!(identified.unidentified(), touched);
            let weights = estimated(identified, intercept);
            for row in &weights {
                for j in 0..width {
                    let along: f64 = (0..width).map(|i| row[i] * null[(i, j)]).sum();
                    prop_assert!(along.abs() < 1e-7, "{row:?} {along}");
                }
            }
            let fit = regression.fit(family, family.default_link()).unwrap();
            if family == Family::Gaussian {
                let variance = |row: &Vec<f64>| {
                    let pairs = (0..width).flat_map(|i| (0..width).map(move |j| (i, j)));
                    fit.dispersion() * pairs.map(|(i, j)| row[i] * inverse[(i, j)] * row[j]).sum::<f64>()
                };
                let wanted: Vec<f64> = weights.iter().map(|row| variance(row).sqrt()).collect();
                assert_close(&fit.standard_errors().expected, &wanted, 1e-7);
            }
            // Other columns are left out where the order is turned round, and the means are the same.
            let turned: Vec<Vec<f64>> = given.iter().rev().cloned().collect();
            let other = Regression::identified(&y, &turned, &terms, intercept.map(|_| width - 1)).unwrap();
            let other = other.fit(family, family.default_link()).unwrap();
            prop_assert!((fit.deviance() / other.deviance() - 1.0).abs() < 1e-9);
            let (means, others) = (fit.fitted_means().unwrap(), other.fitted_means().unwrap());
            for (a, b) in means.iter().zip(&others) {
                prop_assert!((a - b).abs() < 1e-7 * (1.0 + a.abs()));
            }
            // Read anew for every pass: the same bits.
            let source = Arc::new(Batches::new(&y, &given, &[7, 100, 1]));
            let streamed = Regression::streamed_identified(source, &terms, intercept, None).unwrap();
            prop_assert_eq!(streamed.identified_terms(), identified);
            let streamed = streamed.fit(family, family.default_link()).unwrap();
            prop_assert_eq!(bits(&numbers(&streamed)), bits(&numbers(&fit)));
        }
    }

    /// Terms can be tested just by as much as the rank falls without them, and then against the deviance
    /// of the model without them.
    #[test]
    fn tests_of_terms(seed in 0..10_000_u64, chosen in prop::collection::vec(any::<bool>(), 6)) {
        let given = columns(seed, 6, 300, true);
        let (rank, ..) = span(&given);
        let terms: Vec<String> = (0..6).map(|j| format!("x{j}")).collect();
        let y = response(Family::Poisson, seed, &given);
        let regression = Regression::identified(&y, &given, &terms, Some(0)).unwrap();
        let fit = regression.fit(Family::Poisson, Link::Log).unwrap();
        let identified = regression.identified_terms();
        let left: Vec<usize> = (0..6).filter(|&j| j == 0 || !chosen[j]).collect();
        let without: Vec<Vec<f64>> = left.iter().map(|&j| given[j].clone()).collect();
        let set: Vec<usize> = (1..6).filter(|&j| chosen[j]).collect();
        prop_assume!(!set.is_empty());
        let fall = rank - span(&without).0;
        match identified.columns_of(&set) {
            Ok(found) => {
                prop_assert_eq!(found.len(), fall);
                let ratio = fit.test_of(&found).unwrap().likelihood_ratio.statistic;
                let kept: Vec<String> = left.iter().map(|&j| terms[j].clone()).collect();
                let null = Regression::identified(&y, &without, &kept, Some(0)).unwrap();
                let null = null.fit(Family::Poisson, Link::Log).unwrap().deviance();
                prop_assert!((null - fit.deviance() - ratio).abs() < 1e-6 * (1.0 + ratio));
            }
            Err(GlmError::NotIdentified { relation, .. }) => {
                prop_assert!(set.len() > 1 || fall == 0, "{relation}");
                prop_assert!(relation.contains(" = "), "{relation}");
            }
            Err(error) => panic!("{error}"),
        }
        prop_assert_eq!(identified.kept_before(6), rank);
    }
}

#[test]
fn relations_and_sums_have_names() {
    let rows = 200;
    let fresh = |seed: u64| -> Vec<f64> {
        let value = |i: usize| (noise(seed, i) * 64.0).round() / 64.0;
        (0..rows).map(value).collect()
    };
    let (a, b) = (fresh(1), fresh(2));
    let sum: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 2.0 * a - b + 4.0).collect();
    let half: Vec<f64> = sum.iter().map(|c| c / 2.0).collect();
    let given = [
        vec![1.0; rows],
        a.clone(),
        vec![3.0; rows],
        b,
        sum,
        vec![0.0; rows],
        half,
    ];
    let terms = names(&["1", "a", "three", "b", "sum", "zero", "half"]);
    let y = response(Family::Gaussian, 3, &[a]);
    let regression = Regression::identified(&y, &given, &terms, Some(0)).unwrap();
    assert_eq!(
        regression.terms(),
        [
            "1 + 3·three + 4·sum + 2·half",
            "a + 2·sum + half",
            "b − sum − 0.5·half"
        ]
    );
    let identified = regression.identified_terms();
    let relations = identified.relations().iter();
    let relations: Vec<String> = relations.map(|relation| relation.text(&terms)).collect();
    assert_eq!(
        relations,
        [
            "three = 3",
            "sum = 2·a − b + 4",
            "zero = 0",
            "half = a − 0.5·b + 2"
        ]
    );
    assert_eq!(identified.kept(), [0, 1, 3]);
    // Nothing at all is left of columns of zeros without an intercept.
    let nothing = Regression::identified(&y, &[vec![0.0; rows]], &names(&["zero"]), None);
    assert!(matches!(nothing, Err(GlmError::Constant { .. })));
}

/// A saved fit speaks of rows that obey the relations of its data, and of no others.
#[test]
fn predictions_of_what_the_data_can_tell() {
    let text: String = (0..60)
        .map(|i| {
            let (a, b) = ((noise(5, i) * 8.0).round(), (noise(6, i) * 8.0).round());
            let y = u8::from(a - b + 9.0 * noise(7, i) > 0.0);
            format!("{y},{a},{b},{}\n", a + 2.0 * b - 1.0)
        })
        .collect();
    let table = |rows: &str| {
        Table::from_csv_reader(format!("y,a,b,c\n{rows}").as_bytes(), "t.csv").unwrap()
    };
    let saved_by = |formula: &str| {
        let formula = Formula::parse(formula).unwrap();
        let design = Design::new(&table(&text), &formula, &DesignOptions::default()).unwrap();
        let (y, x) = (&design.response.values, &design.columns);
        let regression = Regression::identified(y, x, &design.terms, Some(0)).unwrap();
        let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
        SavedFit::new(&fit, &formula, &design.levels).to_json()
    };
    let (whole, reduced) = (saved_by("y ~ a + b + c"), saved_by("y ~ a + b"));
    let predict = |saved: &str, rows: &str| {
        let saved = SavedFit::from_json(saved).unwrap();
        saved
            .predict(&table(rows), &PredictOptions::default())
            .unwrap()
    };
    let rows = "0,1,1,2\n0,1,1,3\n0,-3,2,0\n";
    let (found, wanted) = (predict(&whole, rows), predict(&reduced, rows));
    for row in [0, 2] {
        let all = |p: &fisherinfo_table::glm::Prediction| {
            [
                p.predictor[row],
                p.mean[row],
                p.standard_error[row],
                p.lower[row],
                p.upper[row],
            ]
        };
        assert_close(&all(&found), &all(&wanted), 1e-12);
    }
    assert!(found.predictor[1].is_nan() && found.mean[1].is_nan());
    assert_eq!(found.standard_error[1], f64::INFINITY);
    assert_eq!((found.lower[1], found.upper[1]), (0.0, 1.0));

    assert!(whole.contains("\"version\": 2") && reduced.contains("\"version\": 1"));
    for (from, to) in [
        ("\"term\": 3", "\"term\": 9"),
        ("\"term\": 3", "\"term\": 0"),
        ("\"constant\": -1", "\"constant\": -2"),
        ("\"intercept\": 0", "\"intercept\": 7"),
    ] {
        let damaged = whole.replacen(from, to, 1);
        assert_ne!(damaged, whole, "{whole}");
        let refused = SavedFit::from_json(&damaged);
        assert!(
            matches!(refused, Err(SavedFitError::Inconsistent(_))),
            "{from} {to}"
        );
    }
}
