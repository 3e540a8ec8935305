//! Offsets and weights, against rows written out, transformed responses and published fits.

use crate::common::{assert_close, names, ships::SHIPS};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, Fit, GlmError, Heteroscedasticity, Regression, Weighting};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, Table};
use proptest::prelude::*;

const KINDS: [Heteroscedasticity; 4] = [
    Heteroscedasticity::Hc0,
    Heteroscedasticity::Hc1,
    Heteroscedasticity::Hc2,
    Heteroscedasticity::Hc3,
];

fn noise(i: usize) -> f64 {
    let x = (i as f64 + 1.0) * 12.9898;
    let y = x.sin() * 43_758.545_3;
    2.0 * (y - y.floor()) - 1.0
}

/// Columns, and a response of the family near them; trials for the binomial.
struct Data {
    columns: Vec<Vec<f64>>,
    response: Vec<f64>,
    trials: Option<Vec<f64>>,
    offset: Vec<f64>,
}

impl Data {
    fn new(n: usize, family: Family, seed: usize) -> Self {
        let column = |k: usize| (0..n).map(|i| noise(i * 7 + k * 1009 + seed)).collect();
        let columns: Vec<Vec<f64>> = vec![vec![1.0; n], column(1), column(2)];
        let offset: Vec<f64> = column(3);
        let trials: Vec<f64> = (0..n).map(|i| (4 + i % 3) as f64).collect();
        let response = (0..n)
            .map(|i| {
                let eta = 0.3 + 0.5 * columns[1][i] - 0.4 * columns[2][i] + 0.3 * offset[i];
                let u = noise(i + 77_777 + seed);
                match family {
                    Family::Binomial => (trials[i] / (1.0 + (-eta - 0.6 * u).exp())).round(),
                    Family::Poisson => (3.0 * eta.exp() * (1.0 + 0.8 * u)).round(),
                    Family::Gaussian => eta + u,
                    _ => eta.exp() * (1.1 + u),
                }
            })
            .collect();
        Self {
            columns,
            response,
            trials: (family == Family::Binomial).then_some(trials),
            offset,
        }
    }

    /// Row i as often as `copies[i]` says.
    fn repeated(&self, copies: &[f64]) -> Self {
        let repeat = |values: &[f64]| -> Vec<f64> {
            values
                .iter()
                .zip(copies)
                .flat_map(|(&value, &copies)| std::iter::repeat_n(value, copies as usize))
                .collect()
        };
        Self {
            columns: self.columns.iter().map(|column| repeat(column)).collect(),
            response: repeat(&self.response),
            trials: self.trials.as_deref().map(repeat),
            offset: repeat(&self.offset),
        }
    }

    fn regression(&self, with_offset: bool) -> Regression {
        let terms = names(&["1", "a", "b"]);
        let mut regression =
            Regression::new(&self.response, &self.columns, &terms, Some(0)).unwrap();
        if let Some(trials) = &self.trials {
            regression = regression.trials(trials).unwrap();
        }
        if with_offset {
            regression = regression.offset(&self.offset).unwrap();
        }
        regression
    }
}

/// Everything that a fit says of its parameters and its sample.
fn everything(fit: &Fit<'_>) -> Vec<f64> {
    let errors = fit.standard_errors();
    let mut all = fit.coefficients().to_vec();
    all.extend(errors.expected);
    all.extend(errors.observed.unwrap());
    all.extend(errors.empirical.unwrap());
    all.extend(errors.sandwich.unwrap());
    for kind in KINDS {
        let robust = fit.heteroscedasticity_consistent(kind).unwrap();
        all.extend(robust.standard_errors());
    }
    all.extend([
        fit.dispersion(),
        fit.deviance(),
        fit.null_deviance().unwrap(),
        fit.log_likelihood(),
        fit.aic(),
        fit.pearson_chi_squared(),
        fit.residual_degrees_of_freedom() as f64,
        fit.information().unwrap().expected.sample_size(),
        fit.information_matrix_test().unwrap().test.statistic,
    ]);
    all
}

const CASES: [(Family, Link); 7] = [
    (Family::Binomial, Link::Logit),
    (Family::Binomial, Link::Cloglog),
    (Family::Poisson, Link::Log),
    (Family::Poisson, Link::Identity),
    (Family::Gaussian, Link::Identity),
    (Family::Gamma, Link::Log),
    (Family::Gamma, Link::Inverse),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// A frequency is so many rows, in every number that comes out.
    #[test]
    fn frequencies_are_rows_written_out(
        seed in 0..1000_usize,
        copies in prop::collection::vec(1..5_u8, 60),
        case in 0..CASES.len(),
    ) {
        let (family, link) = CASES[case];
        let copies: Vec<f64> = copies.into_iter().map(f64::from).collect();
        let data = Data::new(copies.len(), family, seed);
        let with_offset = link == Link::Log || link == Link::Logit;
        let counted = data
            .regression(with_offset)
            .weights(Weighting::Frequency, &copies)
            .unwrap();
        let long = data.repeated(&copies).regression(with_offset);
        let (counted, long) = (counted.fit(family, link), long.fit(family, link));
        let (Ok(counted), Ok(long)) = (&counted, &long) else {
            // A mean at the edge of an identity link: both say so.
            prop_assert_eq!(counted.is_err(), long.is_err(), "{:?} {:?}", counted.err(), long.err());
            return Ok(());
        };
        prop_assert_eq!(counted.sample_size(), long.rows());
        for (i, (a, b)) in everything(counted).iter().zip(everything(long)).enumerate() {
            prop_assert!((a - b).abs() <= 2e-7 * (1e-3 + b.abs()), "{} {} entry {}: {} {}", family, link, i, a, b);
        }
        let leverages = counted.leverages().unwrap();
        let total: f64 = leverages.iter().zip(&copies).map(|(h, v)| h * v).sum();
        prop_assert!((total - 3.0).abs() < 1e-10);
    }

    /// A precision scales a row: least squares on √w·y and √w·x, its corrections included.
    #[test]
    fn precisions_scale_rows_of_least_squares(
        seed in 0..1000_usize,
        weights in prop::collection::vec(0.1..9.0_f64, 40),
    ) {
        let data = Data::new(weights.len(), Family::Gaussian, seed);
        let weighted = data.regression(false).weights(Weighting::Precision, &weights).unwrap();
        let fit = weighted.fit(Family::Gaussian, Link::Identity).unwrap();
        let scaled = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&weights).map(|(v, w)| v * w.sqrt()).collect()
        };
        let columns: Vec<Vec<f64>> = data.columns.iter().map(|c| scaled(c)).collect();
        let plain = Regression::new(&scaled(&data.response), &columns, &names(&["1", "a", "b"]), None).unwrap();
        let plain = plain.fit(Family::Gaussian, Link::Identity).unwrap();
        assert_close(fit.coefficients(), plain.coefficients(), 1e-10);
        assert_close(&fit.standard_errors().expected, &plain.standard_errors().expected, 1e-10);
        assert_close(&fit.standard_errors().empirical.unwrap(), &plain.standard_errors().empirical.unwrap(), 1e-9);
        for kind in KINDS {
            let errors = |fit: &Fit<'_>| fit.heteroscedasticity_consistent(kind).unwrap().standard_errors();
            assert_close(&errors(&fit), &errors(&plain), 1e-10);
        }
        assert_close(&fit.leverages().unwrap(), &plain.leverages().unwrap(), 1e-9);
        assert_close(&[fit.deviance(), fit.dispersion()], &[plain.deviance(), plain.dispersion()], 1e-11);
        // Σ ln N(yᵢ; μᵢ, φ/wᵢ): each density is √wᵢ times that of the scaled row.
        let jacobian: f64 = weights.iter().map(|w| 0.5 * w.ln()).sum();
        prop_assert!((fit.log_likelihood() - plain.log_likelihood() - jacobian).abs() < 1e-9);
        prop_assert_eq!(fit.sample_size(), weights.len());
        // All alike, precisions say nothing; doubled, they double the dispersion only.
        let doubled: Vec<f64> = weights.iter().map(|w| 2.0 * w).collect();
        let doubled = data.regression(false).weights(Weighting::Precision, &doubled).unwrap();
        let doubled = doubled.fit(Family::Gaussian, Link::Identity).unwrap();
        assert_close(&doubled.standard_errors().expected, &fit.standard_errors().expected, 1e-10);
        assert_close(&[doubled.dispersion()], &[2.0 * fit.dispersion()], 1e-10);
    }

    /// With the identity link an offset is subtracted from the response; with the log link its
    /// exponential multiplies the mean.
    #[test]
    fn offsets_move_the_predictor(seed in 0..1000_usize) {
        let data = Data::new(50, Family::Gaussian, seed);
        let with = data.regression(true);
        let with = with.fit(Family::Gaussian, Link::Identity).unwrap();
        let moved: Vec<f64> = data.response.iter().zip(&data.offset).map(|(y, o)| y - o).collect();
        let without = Regression::new(&moved, &data.columns, &names(&["1", "a", "b"]), Some(0)).unwrap();
        let without = without.fit(Family::Gaussian, Link::Identity).unwrap();
        for (a, b) in everything(&with).iter().zip(everything(&without)) {
            prop_assert!((a - b).abs() <= 1e-8 * (1e-3 + b.abs()), "{} {}", a, b);
        }
        let gamma = Data::new(50, Family::Gamma, seed);
        let with = gamma.regression(true);
        let with = with.fit(Family::Gamma, Link::Log).unwrap();
        let divided: Vec<f64> = gamma.response.iter().zip(&gamma.offset).map(|(y, o)| y / o.exp()).collect();
        let without = Regression::new(&divided, &gamma.columns, &names(&["1", "a", "b"]), Some(0)).unwrap();
        let without = without.fit(Family::Gamma, Link::Log).unwrap();
        assert_close(&with.standard_errors().observed.unwrap(), &without.standard_errors().observed.unwrap(), 1e-8);
        let fitted: Vec<f64> = without.fitted_means().unwrap().iter().zip(&gamma.offset).map(|(m, o)| m * o.exp()).collect();
        assert_close(&with.fitted_means().unwrap(), &fitted, 1e-9);
        prop_assert!((with.null_deviance().unwrap() - without.null_deviance().unwrap()).abs() < 1e-7);
    }
}

/// Frequencies in the fits that estimate more: the negative binomial's shape, and Firth's; and offsets
/// there, against a mean of their own.
#[test]
fn frequencies_of_fits_with_more_to_estimate() {
    let copies: Vec<f64> = (0..40).map(|i| (1 + i % 3) as f64).collect();
    let mut data = Data::new(40, Family::Poisson, 5);
    for (i, y) in data.response.iter_mut().enumerate() {
        // More spread than Poisson has.
        *y = if i % 5 == 0 { 3.0 * *y + 4.0 } else { *y };
    }
    let counted = data
        .regression(true)
        .weights(Weighting::Frequency, &copies)
        .unwrap();
    let long = data.repeated(&copies).regression(true);
    let (counted, long) = (
        counted.fit_negative_binomial(Link::Log).unwrap(),
        long.fit_negative_binomial(Link::Log).unwrap(),
    );
    let all = |fit: &fisherinfo_table::glm::NegativeBinomialFit<'_>| {
        let errors = fit.shape_standard_errors();
        let mut all = fit.fit().coefficients().to_vec();
        all.extend(fit.fit().standard_errors().sandwich.unwrap());
        all.extend([
            fit.shape(),
            errors.expected,
            errors.observed,
            errors.coefficients_known,
            fit.log_likelihood(),
            fit.information_matrix_test().unwrap().test.statistic,
        ]);
        all
    };
    assert_close(&all(&counted), &all(&long), 1e-7);

    let data = Data::new(40, Family::Binomial, 9);
    let counted = data
        .regression(true)
        .weights(Weighting::Frequency, &copies)
        .unwrap();
    let long = data.repeated(&copies).regression(true);
    let (counted, long) = (
        counted.fit_firth(Family::Binomial, Link::Cloglog).unwrap(),
        long.fit_firth(Family::Binomial, Link::Cloglog).unwrap(),
    );
    assert_close(
        counted.fit().coefficients(),
        long.fit().coefficients(),
        1e-8,
    );
    let interval = |fit: &fisherinfo_table::glm::FirthFit<'_>| fit.profile_interval(1, 0.9);
    assert_close(
        &interval(&counted).unwrap(),
        &interval(&long).unwrap(),
        1e-7,
    );
    let levels = names(&["a", "b"]);
    assert!(matches!(
        data.regression(true).fit_multinomial(&levels, 0),
        Err(GlmError::PlainRowsOnly)
    ));
}

/// McCullagh & Nelder (1989), table 6.3; the digits beyond the book's are those of R's `glm` on
/// `MASS::ships`.
#[test]
fn ships_have_an_offset() {
    let table = Table::from_csv_reader(SHIPS.as_bytes(), "ships.csv").unwrap();
    let formula =
        Formula::parse("incidents ~ type + C(year) + C(period) + offset(log(service))").unwrap();
    let options = DesignOptions {
        missing: Missing::Drop,
        ..DesignOptions::default()
    };
    let design = Design::new(&table, &formula, &options).unwrap();
    assert_eq!(design.dropped_rows, 6);
    let regression = Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        Some(0),
    )
    .unwrap()
    .offset(design.offset.as_ref().unwrap())
    .unwrap();
    let fit = regression.fit(Family::Poisson, Link::Log).unwrap();
    let rounded = |values: &[f64], digits: i32| -> Vec<f64> {
        let unit = 10_f64.powi(digits);
        values.iter().map(|v| (v * unit).round() / unit).collect()
    };
    assert_eq!(
        rounded(fit.coefficients(), 3),
        [
            -6.406, -0.543, -0.687, -0.076, 0.326, 0.697, 0.818, 0.453, 0.384
        ]
    );
    assert_eq!(
        rounded(&fit.standard_errors().expected, 4),
        [
            0.2174, 0.1776, 0.3290, 0.2906, 0.2359, 0.1496, 0.1698, 0.2332, 0.1183
        ]
    );
    assert_eq!(rounded(&[fit.deviance()], 3), [38.695]);
    assert_eq!(fit.residual_degrees_of_freedom(), 25);
    assert_eq!(rounded(&[fit.null_deviance().unwrap()], 2), [146.33]);
}

#[test]
fn weights_that_mean_nothing_are_refused() {
    let data = Data::new(10, Family::Gaussian, 1);
    let mut weights = vec![2.0; 10];
    let refused = |weighting: Weighting, weights: &[f64]| {
        data.regression(false)
            .weights(weighting, weights)
            .unwrap_err()
    };
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        weights[4] = wrong;
        for weighting in [Weighting::Frequency, Weighting::Precision] {
            let error = refused(weighting, &weights);
            assert_eq!(error.row(), Some(4));
            assert!(error.to_string().contains("observation 5"), "{error}");
        }
    }
    weights[4] = 1.5;
    assert!(matches!(
        refused(Weighting::Frequency, &weights),
        GlmError::Weight { row: 4, .. }
    ));
    assert!(
        data.regression(false)
            .weights(Weighting::Precision, &weights)
            .is_ok()
    );
    assert!(matches!(
        refused(Weighting::Precision, &[1.0; 9]),
        GlmError::Shape {
            expected: 10,
            found: 9,
            ..
        }
    ));
    let mut offset = vec![0.0; 10];
    offset[2] = f64::NEG_INFINITY;
    let error = data.regression(false).offset(&offset).unwrap_err();
    assert_eq!(error.row(), Some(2));
}
