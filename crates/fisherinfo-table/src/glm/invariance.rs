//! Results do not depend on how the rows are cut into chunks or on the number of threads, and the
//! vector code agrees with the scalar.
#![allow(clippy::unwrap_used)]

use super::{
    Family, Options, Regression,
    kernel::ROWS,
    rows::{RowModel, RowTerms, model},
};
use fisherinfo::coordinates::link::Link;
use proptest::prelude::*;
use pulp::Arch;
use std::num::NonZeroUsize;

fn noise(i: usize) -> f64 {
    let x = (i as f64 + 1.0) * 12.9898;
    let y = x.sin() * 43_758.545_3;
    2.0 * (y - y.floor()) - 1.0
}

struct Data {
    columns: Vec<Vec<f64>>,
    terms: Vec<String>,
}

impl Data {
    fn new(n: usize, width: usize) -> Self {
        Self {
            columns: (0..width)
                .map(|j| {
                    (0..n)
                        .map(|i| if j == 0 { 1.0 } else { noise(i * width + j) })
                        .collect()
                })
                .collect(),
            terms: (0..width).map(|j| format!("x{j}")).collect(),
        }
    }

    fn response(&self, family: Family) -> Vec<f64> {
        (0..self.columns[0].len())
            .map(|i| {
                let eta = 0.2 + 0.6 * self.columns[1][i] - 0.4 * self.columns[2][i];
                let u = noise(i + 1_000_003);
                match family {
                    Family::Binomial => f64::from(eta + u > 0.0),
                    Family::Poisson | Family::NegativeBinomial(_) | Family::Tweedie(_) => {
                        (eta.exp() * (1.0 + u)).round()
                    }
                    Family::Gaussian => eta + u,
                    Family::Gamma | Family::InverseGaussian => (1.0 + eta.abs()) * (1.1 + u),
                }
            })
            .collect()
    }

    fn regression(&self, family: Family, blocks_in_a_chunk: usize) -> Regression {
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let response = self.response(family);
        Regression::in_chunks(&response, &columns, &self.terms, Some(0), blocks_in_a_chunk).unwrap()
    }
}

const CASES: [(Family, Link); 8] = [
    (Family::Binomial, Link::Logit),
    (Family::Binomial, Link::Probit),
    (Family::Poisson, Link::Log),
    (Family::Gaussian, Link::Identity),
    (Family::Gamma, Link::Log),
    (Family::InverseGaussian, Link::Log),
    (Family::NegativeBinomial(1.5), Link::Log),
    (Family::Tweedie(1.4), Link::Log),
];

/// All numbers of a fit, bit by bit.
fn bits(regression: &Regression, family: Family, link: Link) -> Vec<u64> {
    let fit = regression.fit(family, link).unwrap();
    let errors = fit.standard_errors();
    let hc3 = fit
        .heteroscedasticity_consistent(super::Heteroscedasticity::Hc3)
        .unwrap();
    fit.coefficients()
        .iter()
        .chain(&errors.expected)
        .chain(&errors.observed.unwrap())
        .chain(&errors.empirical.unwrap())
        .chain(errors.sandwich.as_ref().unwrap())
        .chain(&hc3.standard_errors())
        .chain(&[fit.log_likelihood(), fit.deviance(), fit.dispersion()])
        .chain(&[fit.information_matrix_test().unwrap().test.statistic])
        .map(|value| value.to_bits())
        .collect()
}

#[test]
fn threads_change_no_bit() {
    let data = Data::new(9 * ROWS + 17, 4);
    for (family, link) in CASES {
        let regression = data.regression(family, 2);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            // The design is built in the pool as well.
            pool.install(|| bits(&data.regression(family, 2), family, link))
        };
        let one = on(1);
        assert_eq!(one, on(2), "{family} {link}");
        assert_eq!(one, on(3), "{family} {link}");
        let option = regression.options(Options {
            threads: NonZeroUsize::new(3),
            ..Options::default()
        });
        assert_eq!(one, bits(&option, family, link), "{family} {link}");
    }
}

#[test]
fn chunks_change_rounding_only() {
    let data = Data::new(5 * ROWS + 100, 5);
    for (family, link) in CASES {
        let whole = data.regression(family, 1000);
        let whole = whole.fit(family, link).unwrap();
        for blocks in [1, 2, 3] {
            let cut = data.regression(family, blocks);
            let cut = cut.fit(family, link).unwrap();
            for (a, b) in whole.coefficients().iter().zip(cut.coefficients()) {
                assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{family} {link}");
            }
            let (a, b) = (whole.standard_errors(), cut.standard_errors());
            for (a, b) in a.expected.iter().zip(&b.expected) {
                assert!((a - b).abs() <= 1e-12 * a);
            }
            for (a, b) in a
                .sandwich
                .as_ref()
                .unwrap()
                .iter()
                .zip(b.sandwich.as_ref().unwrap())
            {
                assert!((a - b).abs() <= 1e-12 * a);
            }
        }
    }
}

proptest! {
    /// Trials of one take the scalar code, and none the vector code.
    #[test]
    fn vector_rows_agree_with_scalar_rows(scale in 0.1..30.0_f64, count in 1..=ROWS) {
        let eta: Vec<f64> = (0..ROWS).map(|i| if i < count { scale * noise(i) } else { 0.0 }).collect();
        let zeros_and_ones: Vec<f64> = (0..count).map(|i| f64::from(noise(i + 5000) > 0.0)).collect();
        let counts: Vec<f64> = (0..count).map(|i| (4.0 * (1.0 + noise(i + 700))).round()).collect();
        let positive: Vec<f64> = (0..count).map(|i| 1.01 + noise(i + 900)).collect();
        let ones = vec![1.0; count];
        for (family, link, y) in [
            (Family::Binomial, Link::Logit, &zeros_and_ones),
            (Family::Poisson, Link::Log, &counts),
            (Family::Gamma, Link::Log, &positive),
        ] {
            let scalar = model(family, link, y, Some(&ones));
            let vector = model(family, link, y, None);
            for arch in [Arch::new(), Arch::Scalar] {
                let fill = |model: &dyn RowModel| {
                    let mut terms = RowTerms::new();
                    terms.predictor.copy_from_slice(&eta);
                    // What an earlier block may have left.
                    terms.weight.fill(7.0);
                    terms.score.fill(7.0);
                    terms.observed.fill(7.0);
                    let tally = model.fill(arch, 0, count, true, &mut terms);
                    (terms, tally)
                };
                let ((a, ta), (b, tb)) = (fill(scalar.as_ref()), fill(vector.as_ref()));
                for i in 0..ROWS {
                    prop_assert!((a.weight[i] - b.weight[i]).abs() <= 1e-14 * a.weight[i].abs());
                    prop_assert!((a.score[i] - b.score[i]).abs() <= 1e-14 * (1.0 + a.score[i].abs() + a.weight[i]));
                    if family == Family::Gamma {
                        prop_assert_eq!(a.weight[i], f64::from(i < count));
                        prop_assert!((a.observed[i] - b.observed[i]).abs() <= 1e-14 * (1.0 + a.observed[i]));
                    }
                    if family == Family::Binomial {
                        prop_assert!((a.score[i] - b.score[i]).abs() <= 1e-14 * a.score[i].abs());
                    }
                }
                prop_assert!((ta.log_kernel - tb.log_kernel).abs() <= 1e-13 * (ROWS as f64 + ta.log_kernel.abs()));
                prop_assert!((ta.largest - tb.largest).abs() == 0.0);
                prop_assert_eq!((ta.outside, tb.outside), (0, 0));
            }
        }
    }
}

#[test]
fn predictors_that_overflow_are_outside() {
    let mut terms = RowTerms::new();
    terms.predictor[3] = 800.0;
    let y = [1.0; 10];
    let poisson = model(Family::Poisson, Link::Log, &y, None);
    assert!(poisson.fill(Arch::new(), 0, 10, false, &mut terms).outside > 0);
    // The mean, and the reciprocal of the mean.
    let gamma = model(Family::Gamma, Link::Log, &y, None);
    for predictor in [800.0, -800.0] {
        terms.predictor[3] = predictor;
        assert!(gamma.fill(Arch::new(), 0, 10, false, &mut terms).outside > 0);
    }
    terms.predictor[3] = f64::NAN;
    let cases = [
        (Family::Binomial, Link::Logit),
        (Family::Poisson, Link::Log),
        (Family::Gamma, Link::Log),
    ];
    for (family, link) in cases {
        let model = model(family, link, &y, None);
        assert!(
            model.fill(Arch::new(), 0, 10, false, &mut terms).outside > 0,
            "{family}"
        );
    }
}
