//! Fits of streamed rows that search for more than coefficients, and wide ones, against the same rows in
//! memory.

use crate::common::names;
use crate::glm_streamed::{Batches, bits, noise};
use crate::glm_streamed_rows::{CASES, Rows, rows_of};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, GlmError, Heteroscedasticity, Penalty, Regression, Weighting};
use std::sync::Arc;

/// Counts that vary more than Poisson ones.
fn overdispersed(n: usize) -> Rows {
    let mut rows = Rows::new(Family::Poisson, 31, n);
    for (i, y) in rows.batch.response.iter_mut().enumerate() {
        *y = (*y * (0.1 + 1.5 * (1.0 + noise(91, i)).powi(2))).round();
    }
    rows
}

#[test]
fn an_estimated_shape() {
    for weighting in [None, Some(Weighting::Frequency)] {
        let mut rows = overdispersed(16_384 + 700).with_offset();
        if let Some(weighting) = weighting {
            rows = rows.with_weights(weighting);
        }
        let numbers = |regression: &Regression| {
            let fit = regression.fit_negative_binomial(Link::Log).unwrap();
            let errors = fit.shape_standard_errors();
            let mut all = fit.fit().coefficients().to_vec();
            all.extend([fit.shape(), fit.log_likelihood()]);
            all.extend([errors.expected, errors.observed, errors.coefficients_known]);
            all.push(fit.information_matrix_test().unwrap().test.statistic);
            all
        };
        let wanted = numbers(&rows.memory());
        assert!(wanted[3] > 0.1 && wanted[3] < 100.0);
        assert_eq!(bits(&numbers(&rows.streamed(&[4000, 17]))), bits(&wanted));
    }
}

#[test]
fn firths_correction() {
    // Separated: without the correction there are no finite estimates.
    let mut rows = Rows::new(Family::Binomial, 12, 300);
    for (y, a) in rows.batch.response.iter_mut().zip(&rows.batch.columns[1]) {
        *y = f64::from(*a > 0.1);
    }
    let numbers = |regression: &Regression| {
        let fit = regression.fit_firth(Family::Binomial, Link::Logit).unwrap();
        let mut all = fit.fit().coefficients().to_vec();
        all.push(fit.penalised_log_likelihood());
        all.push(fit.likelihood_ratio(2, 0.0).unwrap());
        all.extend(fit.profile_interval(2, 0.95).unwrap());
        all
    };
    let wanted = numbers(&rows.memory());
    assert!(wanted.iter().all(|value| value.is_finite()));
    assert_eq!(bits(&numbers(&rows.streamed(&[70, 9]))), bits(&wanted));
    let rows = rows.with_weights(Weighting::Frequency).with_offset();
    assert_eq!(
        bits(&numbers(&rows.streamed(&[70, 9]))),
        bits(&numbers(&rows.memory()))
    );
}

#[test]
fn categories_of_a_stream() {
    let mut rows = Rows::new(Family::Gaussian, 14, 16_384 + 600);
    let (a, b) = (rows.batch.columns[1].clone(), rows.batch.columns[2].clone());
    for (i, y) in rows.batch.response.iter_mut().enumerate() {
        let u = 2.0 * noise(92, i);
        *y = f64::from(a[i] + u > 0.4) + f64::from(0.02 * (b[i] - 1e5) + u > -0.3);
    }
    let levels = names(&["low", "middle", "high"]);
    for reference in [0, 2] {
        let numbers = |regression: &Regression| {
            let fit = regression.fit_multinomial(&levels, reference).unwrap();
            let errors = fit.standard_errors();
            let mut all = fit.coefficients().to_vec();
            all.extend(errors.expected);
            all.extend(errors.empirical.unwrap());
            all.extend(errors.sandwich);
            all.extend([fit.log_likelihood(), fit.null_log_likelihood()]);
            all.extend(&fit.fitted_probabilities().unwrap()[16_500]);
            all
        };
        let wanted = numbers(&rows.memory());
        assert_eq!(bits(&numbers(&rows.streamed(&[999]))), bits(&wanted));
    }
    // The same refusals.
    let refused = |rows: &Rows| {
        let both = [rows.memory(), rows.streamed(&[999])];
        let [memory, streamed] = both.map(|r| r.fit_multinomial(&levels, 0).map(|_| ()));
        assert_eq!(memory, streamed);
        memory.unwrap_err()
    };
    let mut wrong = rows.clone();
    wrong.batch.response[16_900] = 3.0;
    assert_eq!(refused(&wrong).row(), Some(16_900));
    let mut separated = rows.clone();
    for (y, a) in separated.batch.response.iter_mut().zip(&a) {
        *y = f64::from(*a > 0.2) + f64::from(*a > 0.7);
    }
    assert!(matches!(
        refused(&separated),
        GlmError::MultinomialSeparation(_)
    ));
    assert_eq!(refused(&rows.with_offset()), GlmError::PlainRowsOnly);
}

#[test]
fn penalties_of_a_stream() {
    for (family, link) in [CASES[0], CASES[1], CASES[3]] {
        for penalty in [
            Penalty::ridge(0.3).unwrap(),
            Penalty::elastic_net(0.05, 0.7).unwrap(),
        ] {
            let mut rows = rows_of(family, 15, 16_384 + 77, Some(Weighting::Precision), true);
            // A column that others determine, which a penalty can bear.
            let twice = rows.batch.columns[1]
                .iter()
                .map(|a| 2.0 * a - 3.0)
                .collect();
            rows.batch.columns.push(twice);
            rows.terms.push("twice".into());
            let (weighting, weights) = rows.batch.weights.as_ref().unwrap();
            let columns = &rows.batch.columns;
            let memory =
                Regression::for_penalty(&rows.batch.response, columns, &rows.terms, Some(0))
                    .and_then(|r| r.offset(rows.batch.offset.as_ref().unwrap()))
                    .and_then(|r| r.weights(*weighting, weights))
                    .unwrap();
            let source = rows.source(&[1234, 8], 2);
            let streamed =
                Regression::streamed_for_penalty(source, &rows.terms, Some(0), None).unwrap();
            assert_eq!(
                streamed.fit(family, link).map(|_| ()).unwrap_err(),
                GlmError::ForPenaltyOnly
            );
            let numbers = |regression: &Regression| {
                let fit = regression.fit_penalised(family, link, penalty).unwrap();
                assert!(fit.violation <= 1e-9);
                let mut all = fit.coefficients;
                all.extend([
                    fit.objective,
                    fit.deviance,
                    fit.effective_degrees_of_freedom,
                ]);
                if let Some(spread) = fit.spread {
                    all.extend(spread.standard_errors);
                    all.extend(spread.bias);
                }
                all
            };
            assert_eq!(
                bits(&numbers(&streamed)),
                bits(&numbers(&memory)),
                "{family}"
            );
        }
    }
}

/// In memory an information is kept for several steps, where streams find that of every point: both
/// end at the same maximum and with its information, from near and from far.
#[test]
fn steps_with_an_information_that_is_kept() {
    let (n, width) = (1200, 90);
    let cases = [
        (Family::Binomial, Link::Probit),
        (Family::Gamma, Link::Inverse),
        (Family::Poisson, Link::Sqrt),
    ];
    for (family, link) in CASES.into_iter().chain(cases) {
        for effect in [0.0, 0.25] {
            let mut rows = Rows::new(family, 43, n);
            for j in 3..width {
                let column: Vec<f64> = (0..n).map(|i| noise(2000 + j as u64, i)).collect();
                // Effects that the start knows nothing of.
                for (y, x) in rows.batch.response.iter_mut().zip(&column) {
                    let grown = *y * (1.0 + effect * x);
                    *y = match family {
                        Family::Binomial if effect * x > 0.24 => 1.0,
                        Family::Binomial => *y,
                        Family::Poisson | Family::NegativeBinomial(_) => grown.round(),
                        _ => grown,
                    };
                }
                rows.batch.columns.push(column);
                rows.terms.push(format!("x{j}"));
            }
            if family == Family::Gamma {
                for y in &mut rows.batch.response {
                    *y += 0.5;
                }
            }
            let (memory, streamed) = (rows.memory(), rows.streamed(&[500]));
            let memory = memory.fit(family, link).unwrap();
            let streamed = streamed.fit(family, link).unwrap();
            let (errors, wanted) = (memory.standard_errors(), streamed.standard_errors());
            for j in 0..width {
                let size = wanted.expected[j];
                let apart = (memory.coefficients()[j] - streamed.coefficients()[j]).abs();
                assert!(apart < 1e-9 * size, "{family} {link} {effect}: {apart}");
                let apart = (errors.expected[j] - size).abs();
                assert!(apart < 1e-9 * size, "{family} {link} {effect}: {apart}");
            }
        }
    }
}

/// More columns than the sums have lanes for: the fits of streams are the same to the bit however they
/// are cut and on any number of threads, and so are those of memory, which keeps an information for
/// several steps where reading rows anew would cost more than that spares.
#[test]
fn wide_designs() {
    let (n, width) = (1500, 530);
    let mut rows = Rows::new(Family::Poisson, 41, n).with_offset();
    for j in 3..width {
        rows.batch
            .columns
            .push((0..n).map(|i| noise(1000 + j as u64, i)).collect());
        rows.terms.push(format!("x{j}"));
    }
    for (family, link) in [CASES[1], CASES[3]] {
        if family == Family::Gamma {
            for y in &mut rows.batch.response {
                *y += 0.5;
            }
        }
        let numbers = |regression: &Regression| {
            let fit = regression.fit(family, link).unwrap();
            let errors = fit.standard_errors();
            let mut all = fit.coefficients().to_vec();
            all.extend(&errors.expected);
            all.extend(errors.observed.unwrap());
            all.extend(errors.sandwich.unwrap());
            all.extend([fit.deviance(), fit.log_likelihood()]);
            let hc1 = fit
                .heteroscedasticity_consistent(Heteroscedasticity::Hc1)
                .unwrap();
            for j in [0, 1, width - 1] {
                // The covariance and its root agree.
                let square: f64 = (0..width).map(|k| hc1.root[(j, k)].powi(2)).sum();
                assert!((square / hc1.covariance[(j, j)] - 1.0).abs() < 1e-9);
            }
            let leverages = fit.leverages().unwrap();
            assert!((leverages.iter().sum::<f64>() - width as f64).abs() < 1e-7);
            // The score of every term is zero, and φ times the inverse of XᵀWX the covariance.
            let means = fit.fitted_means().unwrap();
            for column in &rows.batch.columns {
                let score: f64 = (0..n)
                    .map(|i| {
                        let (y, mean) = (rows.batch.response[i], means[i]);
                        let residual = if family == Family::Gamma {
                            y / mean - 1.0
                        } else {
                            y - mean
                        };
                        residual * column[i]
                    })
                    .sum();
                let size: f64 = column.iter().map(|x| x.abs()).sum();
                assert!(score.abs() < 1e-9 * size, "{score}");
            }
            let covariance = fit.covariance();
            let k = 7;
            for j in [0, 7, width - 1] {
                let entry: f64 = (0..n)
                    .map(|i| {
                        let weight = if family == Family::Gamma {
                            1.0
                        } else {
                            means[i]
                        };
                        let solved: f64 = (0..width)
                            .map(|l| covariance[(l, k)] * rows.batch.columns[l][i])
                            .sum();
                        weight * solved * rows.batch.columns[j][i]
                    })
                    .sum();
                let wanted = f64::from(j == k) * fit.dispersion();
                assert!(
                    (entry - wanted).abs() < 1e-6 * fit.dispersion(),
                    "{j}: {entry}"
                );
            }
            all
        };
        let on = |threads: usize, regression: &Regression| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| numbers(regression))
        };
        let streamed = on(1, &rows.streamed(&[97, 400]));
        assert_eq!(bits(&on(3, &rows.streamed(&[1024]))), bits(&streamed));
        let memory = on(2, &rows.memory());
        assert_eq!(bits(&on(1, &rows.memory())), bits(&memory));
        for (i, (found, wanted)) in memory.iter().zip(&streamed).enumerate() {
            // Coefficients in units of their standard errors, all else of itself.
            let size = streamed[if i < width { i + width } else { i }];
            assert!(
                (found - wanted).abs() < 1e-11 * size.abs(),
                "{family}, {i}: {found} {wanted}"
            );
        }
    }
    // Fewer rows than columns is one error, before anything is added up.
    let cut: Vec<Vec<f64>> = rows
        .batch
        .columns
        .iter()
        .map(|c| c[..100].to_vec())
        .collect();
    let error = Regression::new(&rows.batch.response[..100], &cut, &rows.terms, Some(0));
    let wanted = GlmError::TooFewRows {
        rows: 100,
        terms: width,
    };
    assert_eq!(error.map(|_| ()).unwrap_err(), wanted);
    // Of ten thousand columns, so that their square is never asked for.
    let columns = vec![vec![1.0, 2.0, 4.0]; 10_000];
    let terms: Vec<String> = (0..10_000).map(|j| format!("x{j}")).collect();
    let response = [1.0, 0.0, 2.0];
    let wanted = GlmError::TooFewRows {
        rows: 3,
        terms: 10_000,
    };
    let memory = Regression::new(&response, &columns, &terms, None);
    assert_eq!(memory.map(|_| ()).unwrap_err(), wanted);
    let source = Arc::new(Batches::new(&response, &columns, &[2]));
    let streamed = Regression::streamed(source, &terms, None, None);
    assert_eq!(streamed.map(|_| ()).unwrap_err(), wanted);
}
