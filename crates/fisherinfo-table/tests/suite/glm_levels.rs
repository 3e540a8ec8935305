//! A factor of many levels held as one number a row, against its indicator columns.

use crate::common::{assert_close, names};
use crate::glm_streamed::noise;
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{
    Family, GlmError, Heteroscedasticity, LevelRegression, Options, Regression, Weighting,
};
use proptest::prelude::*;

struct Data {
    response: Vec<f64>,
    columns: Vec<Vec<f64>>,
    terms: Vec<String>,
    codes: Vec<usize>,
    levels: Vec<String>,
}

impl Data {
    /// Levels of different sizes, their rows scattered; the second term lies far from zero and differs
    /// much between levels.
    fn new(family: Family, seed: u64, n: usize, levels: usize) -> Self {
        let codes: Vec<usize> = (0..n)
            .map(|i| {
                if i < 3 * levels {
                    i % levels
                } else {
                    let u = 0.5 * (1.0 + noise(seed + 9, i));
                    ((u * u * levels as f64) as usize).min(levels - 1)
                }
            })
            .collect();
        let a: Vec<f64> = (0..n).map(|i| noise(seed, i)).collect();
        let b: Vec<f64> = (0..n)
            .map(|i| 1e4 + 50.0 * codes[i] as f64 + 3.0 * noise(seed + 1, i))
            .collect();
        let response = (0..n)
            .map(|i| {
                let own = 0.6 * noise(seed + 3, codes[i]);
                let eta = own + 0.7 * a[i] - 0.1 * (b[i] - 1e4 - 50.0 * codes[i] as f64);
                let u = noise(seed + 2, i);
                match family {
                    Family::Binomial => f64::from(eta + 2.0 * u > 0.0),
                    Family::Poisson | Family::NegativeBinomial(_) => {
                        (2.0 * eta.exp() * (1.0 + u)).round()
                    }
                    Family::Gaussian => eta + u,
                    _ => (0.3 * eta).exp() * (1.1 + u),
                }
            })
            .collect();
        Self {
            response,
            columns: vec![a, b],
            terms: names(&["a", "b"]),
            codes,
            levels: (0..levels).map(|level| format!("g{level}")).collect(),
        }
    }

    fn sparse(&self) -> Result<LevelRegression, GlmError> {
        LevelRegression::new(
            &self.response,
            &self.columns,
            &self.terms,
            &self.codes,
            &self.levels,
            "ward",
        )
    }

    /// With an indicator column for every level and no intercept.
    fn dense(&self) -> Regression {
        let mut columns = self.columns.clone();
        let mut terms = self.terms.clone();
        for (level, name) in self.levels.iter().enumerate() {
            let of = |code: &usize| f64::from(*code == level);
            columns.push(self.codes.iter().map(of).collect());
            terms.push(name.clone());
        }
        Regression::new(&self.response, &columns, &terms, None).unwrap()
    }
}

const CASES: [(Family, Link); 6] = [
    (Family::Binomial, Link::Logit),
    (Family::Binomial, Link::Cloglog),
    (Family::Poisson, Link::Log),
    (Family::Gaussian, Link::Identity),
    (Family::Gamma, Link::Log),
    (Family::NegativeBinomial(2.5), Link::Log),
];

/// Tight: the two maximisers end within 1e-13 standard errors of the same place.
fn options() -> Options {
    Options {
        tolerance: 1e-12,
        ..Options::default()
    }
}

fn compare(
    data: &Data,
    family: Family,
    link: Link,
    beside: impl Fn(Regression) -> Regression,
    own: impl Fn(LevelRegression) -> LevelRegression,
) {
    let (sparse, dense) = (
        own(data.sparse().unwrap()).options(options()),
        beside(data.dense()).options(options()),
    );
    let (found, wanted) = (sparse.fit(family, link), dense.fit(family, link));
    let (found, wanted) = match (found, wanted) {
        (Ok(found), Ok(wanted)) => (found, wanted),
        (
            Err(GlmError::SeparatedLevels { .. } | GlmError::Separation(_)),
            Err(GlmError::Separation(_)),
        ) => return,
        (found, wanted) => panic!("{:?} {:?}", found.err(), wanted.err()),
    };
    let close = |found: &[f64], wanted: &[f64], errors: &[f64], name: &str| {
        assert_eq!(found.len(), wanted.len());
        for (i, ((a, b), error)) in found.iter().zip(wanted).zip(errors).enumerate() {
            assert!(
                (a - b).abs() <= 1e-8 * error,
                "{family} {link} {name} {i}: {a} {b} {error}"
            );
        }
    };
    let p = data.terms.len();
    let errors = wanted.standard_errors().expected;
    close(
        found.coefficients(),
        &wanted.coefficients()[..p],
        &errors,
        "terms",
    );
    close(
        found.level_coefficients(),
        &wanted.coefficients()[p..],
        &errors[p..],
        "levels",
    );
    let own_errors = found.standard_errors();
    close(&own_errors.terms, &errors[..p], &errors, "errors of terms");
    close(
        &own_errors.levels,
        &errors[p..],
        &errors[p..],
        "errors of levels",
    );
    assert_close(
        &[found.dispersion(), found.deviance(), found.log_likelihood()],
        &[
            wanted.dispersion(),
            wanted.deviance(),
            wanted.log_likelihood(),
        ],
        1e-9,
    );
    let covariance = wanted.covariance();
    for (level, [estimate, error]) in found.contrasts(1).unwrap().into_iter().enumerate() {
        let (i, j) = (p + level, p + 1);
        let variance = covariance[(i, i)] + covariance[(j, j)] - 2.0 * covariance[(i, j)];
        let b = wanted.coefficients();
        assert!((estimate - (b[i] - b[j])).abs() <= 1e-7 * (1e-9 + error));
        assert!(
            (error - variance.max(0.0).sqrt()).abs() <= 1e-6 * (error + 1e-3),
            "{error} {variance}"
        );
    }
    assert_close(&found.leverages(), &wanted.leverages().unwrap(), 1e-7);
    assert_close(&found.fitted_means(), &wanted.fitted_means().unwrap(), 1e-8);
    for kind in [
        Heteroscedasticity::Hc0,
        Heteroscedasticity::Hc1,
        Heteroscedasticity::Hc2,
        Heteroscedasticity::Hc3,
    ] {
        let own = found.heteroscedasticity_consistent(kind).unwrap();
        let wanted = wanted.heteroscedasticity_consistent(kind).unwrap();
        assert_close(&own.standard_errors(), &wanted.standard_errors()[..p], 1e-7);
        for i in 0..p {
            for j in 0..p {
                let product: f64 = (0..p).map(|k| own.root[(i, k)] * own.root[(j, k)]).sum();
                let size = (own.covariance[(i, i)] * own.covariance[(j, j)]).sqrt();
                assert!((product - own.covariance[(i, j)]).abs() <= 1e-12 * size);
            }
        }
    }
}

#[test]
fn indicator_columns_say_the_same() {
    for (family, link) in CASES {
        let data = Data::new(family, 5, 4000, 12);
        compare(&data, family, link, |r| r, |r| r);
    }
}

/// Several chunks, of which a level spans more than one.
#[test]
fn levels_that_span_chunks() {
    let data = Data::new(Family::Poisson, 8, 3 * 16_384 + 7, 5);
    compare(&data, Family::Poisson, Link::Log, |r| r, |r| r);
}

#[test]
fn offsets_weights_and_trials() {
    let n = 1500;
    let offset: Vec<f64> = (0..n).map(|i| 0.4 * noise(70, i)).collect();
    for weighting in [Weighting::Frequency, Weighting::Precision] {
        let weights: Vec<f64> = (0..n)
            .map(|i| match weighting {
                Weighting::Frequency => (2.0 + noise(71, i)).round(),
                Weighting::Precision => 1.5 + noise(71, i),
            })
            .collect();
        for (family, link) in [CASES[2], CASES[3], CASES[4]] {
            let data = Data::new(family, 6, n, 9);
            compare(
                &data,
                family,
                link,
                |r| {
                    r.offset(&offset)
                        .unwrap()
                        .weights(weighting, &weights)
                        .unwrap()
                },
                |r| {
                    r.offset(&offset)
                        .unwrap()
                        .weights(weighting, &weights)
                        .unwrap()
                },
            );
        }
    }
    let mut data = Data::new(Family::Binomial, 6, n, 9);
    let trials: Vec<f64> = (0..n).map(|i| 4.0 + (3.0 * noise(79, i)).round()).collect();
    for (i, y) in data.response.iter_mut().enumerate() {
        *y = (trials[i] * (0.5 + 0.45 * noise(80, i))).round();
    }
    compare(
        &data,
        Family::Binomial,
        Link::Logit,
        |r| r.trials(&trials).unwrap(),
        |r| r.trials(&trials).unwrap(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_levels(case in 0..CASES.len(), seed in 0..500_u64, n in 200..900_usize, levels in 2..30_usize) {
        let (family, link) = CASES[case];
        let data = Data::new(family, seed, n, levels);
        compare(&data, family, link, |r| r, |r| r);
    }
}

/// The order of the rows and the number of threads change nothing that can be seen.
#[test]
fn threads_change_no_bit() {
    let data = Data::new(Family::Poisson, 8, 40_000, 300);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let sparse = data.sparse().unwrap();
            let fit = sparse.fit(Family::Poisson, Link::Log).unwrap();
            let errors = fit.standard_errors();
            let all = fit
                .coefficients()
                .iter()
                .chain(fit.level_coefficients())
                .chain(&errors.terms)
                .chain(&errors.levels);
            all.map(|value| value.to_bits()).collect::<Vec<_>>()
        })
    };
    assert_eq!(on(1), on(3));
}

/// Levels whose responses are all alike are found before anything is fitted, and named; without their
/// rows the other estimates are those that the likelihood tends to.
#[test]
fn separated_levels() {
    let mut data = Data::new(Family::Binomial, 5, 4000, 12);
    for (y, &code) in data.response.iter_mut().zip(&data.codes) {
        match code {
            3 => *y = 1.0,
            7 => *y = 0.0,
            _ => {}
        }
    }
    let sparse = data.sparse().unwrap();
    let (family, link) = (Family::Binomial, Link::Logit);
    let error = sparse.fit(family, link).unwrap_err();
    let wanted = GlmError::SeparatedLevels {
        factor: "ward".into(),
        levels: "g3, g7".into(),
        count: 2,
        of: 12,
    };
    assert_eq!(error, wanted);
    assert_eq!(sparse.separated_levels(family, link), [3, 7]);
    let none = sparse.separated_levels(Family::Gaussian, Link::Identity);
    assert!(none.is_empty());
    // Counts: only levels of zeros.
    let counts = sparse.fit(Family::Poisson, Link::Log).unwrap_err();
    assert!(
        matches!(counts, GlmError::SeparatedLevels { count: 1, ref levels, .. } if levels == "g7")
    );
    // With the dense columns the fit ends at the same error.
    assert!(matches!(
        data.dense().fit(family, link),
        Err(GlmError::Separation(_))
    ));
}

/// A term that separates within levels, none of which is separated by itself.
#[test]
fn terms_that_separate() {
    let mut data = Data::new(Family::Binomial, 5, 900, 6);
    // In every level the middle is at another place.
    for i in 0..data.response.len() {
        let middle = 0.3 * noise(44, data.codes[i]);
        data.response[i] = f64::from(data.columns[0][i] > middle);
    }
    let error = data
        .sparse()
        .unwrap()
        .fit(Family::Binomial, Link::Logit)
        .unwrap_err();
    let GlmError::Separation(found) = error else {
        panic!("{error}")
    };
    assert!(found.is_complete());
    assert!(
        found.direction.to_string().contains('a'),
        "{}",
        found.direction
    );
    // Quasi-complete: only rows of level 2 have a third term, and with it no failure.
    let mut data = Data::new(Family::Binomial, 5, 900, 6);
    let extra: Vec<f64> = (0..900)
        .map(|i| f64::from(data.codes[i] == 2 && i % 5 == 0))
        .collect();
    for (y, extra) in data.response.iter_mut().zip(&extra) {
        if *extra == 1.0 {
            *y = 1.0;
        }
    }
    let rows = extra.iter().filter(|x| **x == 1.0).count();
    data.columns.push(extra);
    data.terms.push("extra".into());
    let error = data
        .sparse()
        .unwrap()
        .fit(Family::Binomial, Link::Logit)
        .unwrap_err();
    let GlmError::Separation(found) = error else {
        panic!("{error}")
    };
    assert_eq!(found.rows, rows);
    assert!(
        found.direction.to_string().contains("extra"),
        "{}",
        found.direction
    );
}

/// Terms that the levels determine, alone and with another term.
#[test]
fn terms_that_levels_determine() {
    let mut data = Data::new(Family::Gaussian, 5, 900, 6);
    data.columns.push(
        data.codes
            .iter()
            .map(|&code| 1e5 + 0.1 * code as f64)
            .collect(),
    );
    data.terms.push("size".into());
    let error = data.sparse().unwrap_err();
    let wanted = GlmError::ConstantWithinLevels {
        term: "size".into(),
        factor: "ward".into(),
    };
    assert_eq!(error, wanted);
    let mixed: Vec<f64> = (0..900)
        .map(|i| 2.0 * data.columns[0][i] + 1e4 * data.codes[i] as f64)
        .collect();
    data.columns[2] = mixed;
    let error = data.sparse().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the terms are collinear: size = 2·a + a constant in every level of «ward»; no data of this shape can separate their coefficients, so leave «size» out"
    );
}

/// Errors name the row as it was given, and what cannot be held is refused.
#[test]
fn refusals() {
    let mut data = Data::new(Family::Poisson, 5, 900, 6);
    data.response[777] = -1.0;
    let error = data
        .sparse()
        .unwrap()
        .fit(Family::Poisson, Link::Log)
        .unwrap_err();
    assert_eq!(error.row(), Some(777));
    data.response[777] = 1.0;
    let mut weights = vec![1.0; 900];
    weights[13] = 0.0;
    let error = data
        .sparse()
        .unwrap()
        .weights(Weighting::Precision, &weights)
        .unwrap_err();
    assert_eq!(error.row(), Some(13));
    let mut wrong = Data::new(Family::Poisson, 5, 900, 6);
    wrong.columns[1][500] = f64::NAN;
    assert_eq!(wrong.sparse().unwrap_err().row(), Some(500));
    wrong.columns[1][500] = 1.0;
    wrong.codes[600] = 6;
    assert_eq!(wrong.sparse().unwrap_err().row(), Some(600));
    wrong.codes[600] = 0;
    wrong.levels.push("nobody".into());
    assert_eq!(
        wrong.sparse().unwrap_err(),
        GlmError::EmptyCategory {
            level: "nobody".into()
        }
    );
    // A level of one row: its leverage is one.
    let mut data = Data::new(Family::Poisson, 5, 900, 6);
    for code in &mut data.codes {
        *code += usize::from(*code > 4);
    }
    data.levels.push("alone".into());
    data.codes[450] = 5;
    let sparse = data.sparse().unwrap();
    let fit = sparse.fit(Family::Poisson, Link::Log);
    if let Ok(fit) = fit {
        let error = fit
            .heteroscedasticity_consistent(Heteroscedasticity::Hc3)
            .unwrap_err();
        assert_eq!(error, GlmError::FullLeverage { row: 450 });
        assert!((fit.leverages()[450] - 1.0).abs() < 1e-9);
        assert!((fit.leverages().iter().sum::<f64>() - 9.0).abs() < 1e-8);
    } else {
        assert!(data.response[450] == 0.0);
    }
}
