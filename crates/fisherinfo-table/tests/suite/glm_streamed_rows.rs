//! What the rows of a stream bring beside their columns, and the fits that estimate more than
//! coefficients, against the same rows in memory.

use crate::common::names;
use crate::glm_streamed::{Batches, TERMS, bits, data, noise};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{
    ClusterFactor, Family, GlmError, Heteroscedasticity, Regression, RowBatch, RowReader,
    RowSource, RowsError, Weighting,
};
use proptest::prelude::*;
use std::sync::Arc;

/// Rows with everything that rows can bring.
#[derive(Clone)]
pub(crate) struct Rows {
    pub(crate) batch: RowBatch,
    pub(crate) terms: Vec<String>,
}

impl Rows {
    pub(crate) fn new(family: Family, seed: u64, n: usize) -> Self {
        let (response, columns) = data(family, seed, n);
        Self {
            batch: RowBatch {
                response,
                columns,
                ..RowBatch::default()
            },
            terms: names(&TERMS),
        }
    }

    pub(crate) fn n(&self) -> usize {
        self.batch.response.len()
    }

    pub(crate) fn with_offset(mut self) -> Self {
        let n = self.n();
        self.batch.offset = Some((0..n).map(|i| 0.4 * noise(77, i)).collect());
        self
    }

    pub(crate) fn with_weights(mut self, weighting: Weighting) -> Self {
        let n = self.n();
        let weight = |i: usize| match weighting {
            Weighting::Frequency => (2.0 + 1.9 * noise(78, i)).round().max(1.0),
            Weighting::Precision => 1.5 + noise(78, i),
        };
        self.batch.weights = Some((weighting, (0..n).map(weight).collect()));
        self
    }

    pub(crate) fn with_trials(mut self) -> Self {
        let n = self.n();
        let trials: Vec<f64> = (0..n).map(|i| 4.0 + (3.0 * noise(79, i)).round()).collect();
        for (i, y) in self.batch.response.iter_mut().enumerate() {
            *y = (trials[i] * (0.5 + 0.45 * noise(80, i))).round();
        }
        self.batch.trials = Some(trials);
        self
    }

    pub(crate) fn with_clusters(mut self, clusters: usize) -> Self {
        // Numbers with gaps, in no order.
        let of = |i: usize| 17 * ((i * 7919) % clusters) + 3;
        self.batch.clusters = Some((0..self.n()).map(of).collect());
        self
    }

    pub(crate) fn memory(&self) -> Regression {
        let RowBatch {
            response,
            columns,
            trials,
            offset,
            weights,
            ..
        } = &self.batch;
        let mut regression = Regression::new(response, columns, &self.terms, Some(0)).unwrap();
        if let Some(trials) = trials {
            regression = regression.trials(trials).unwrap();
        }
        if let Some(offset) = offset {
            regression = regression.offset(offset).unwrap();
        }
        if let Some((weighting, weights)) = weights {
            regression = regression.weights(*weighting, weights).unwrap();
        }
        regression
    }

    pub(crate) fn source(&self, sizes: &[usize], at_once: usize) -> Arc<Batches> {
        let mut source = Batches::new(&[], &[], sizes);
        source.rows = self.batch.clone();
        source.at_once = at_once;
        Arc::new(source)
    }

    pub(crate) fn streamed(&self, sizes: &[usize]) -> Regression {
        Regression::streamed(self.source(sizes, 3), &self.terms, Some(0), None).unwrap()
    }
}

/// Every number of a fit.
fn everything(regression: &Regression, family: Family, link: Link) -> Vec<f64> {
    let fit = regression.fit(family, link).unwrap();
    let errors = fit.standard_errors();
    let hc3 = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc3)
        .unwrap();
    let mut all = fit.coefficients().to_vec();
    all.extend(errors.expected);
    all.extend(errors.observed.unwrap());
    all.extend(errors.empirical.unwrap());
    all.extend(errors.sandwich.unwrap());
    all.extend(hc3.standard_errors());
    all.extend([fit.log_likelihood(), fit.deviance(), fit.dispersion()]);
    all.push(fit.null_deviance().unwrap());
    all.push(fit.sample_size() as f64);
    let test = fit.test_of(&[1]).unwrap();
    all.extend([test.wald, test.score, test.likelihood_ratio].map(|test| test.statistic));
    all
}

pub(crate) const CASES: [(Family, Link); 5] = [
    (Family::Binomial, Link::Logit),
    (Family::Poisson, Link::Log),
    (Family::Gaussian, Link::Identity),
    (Family::Gamma, Link::Log),
    (Family::NegativeBinomial(2.5), Link::Log),
];

const WEIGHTINGS: [Option<Weighting>; 3] =
    [None, Some(Weighting::Frequency), Some(Weighting::Precision)];

pub(crate) fn rows_of(
    family: Family,
    seed: u64,
    n: usize,
    weighting: Option<Weighting>,
    offset: bool,
) -> Rows {
    let mut rows = Rows::new(family, seed, n);
    if let Some(weighting) = weighting {
        rows = rows.with_weights(weighting);
    }
    if offset {
        rows = rows.with_offset();
    }
    rows
}

/// Offsets and weights, in several chunks, on one thread and three.
#[test]
fn offsets_and_weights_have_the_bits_of_those_in_memory() {
    let n = 16_384 + 2 * 256 + 11;
    for (family, link) in CASES {
        for weighting in WEIGHTINGS {
            let rows = rows_of(family, 21, n, weighting, true);
            let wanted = everything(&rows.memory(), family, link);
            // The weights and the offset are seen.
            let plain = everything(&Rows::new(family, 21, n).memory(), family, link);
            assert!((wanted[0] - plain[0]).abs() > 1e-6, "{family}");
            for (sizes, threads) in [(&[100, 7001, 1][..], 1), (&[20_000], 3)] {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                let found = pool.install(|| everything(&rows.streamed(sizes), family, link));
                assert_eq!(bits(&found), bits(&wanted), "{family} {link} {weighting:?}");
            }
        }
    }
}

#[test]
fn trials_with_weights_and_offsets() {
    for weighting in WEIGHTINGS {
        let rows = rows_of(Family::Binomial, 4, 700, weighting, true).with_trials();
        let (family, link) = (Family::Binomial, Link::Probit);
        let wanted = everything(&rows.memory(), family, link);
        let found = everything(&rows.streamed(&[33, 150]), family, link);
        assert_eq!(bits(&found), bits(&wanted), "{weighting:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    /// However the rows are cut.
    #[test]
    fn batches_change_no_bit(
        case in 0..CASES.len(),
        weighting in 0..3_usize,
        offset in any::<bool>(),
        seed in 0..1000_u64,
        n in 80..700_usize,
        sizes in prop::collection::vec(1..300_usize, 1..5),
        at_once in 1..6_usize,
    ) {
        let (family, link) = CASES[case];
        let rows = rows_of(family, seed, n, WEIGHTINGS[weighting], offset).with_clusters(9);
        let memory = rows.memory();
        let Ok(wanted) = memory.fit(family, link) else { return Ok(()) };
        let streamed = Regression::streamed(rows.source(&sizes, at_once), &rows.terms, Some(0), None).unwrap();
        let found = streamed.fit(family, link).unwrap();
        prop_assert_eq!(bits(found.coefficients()), bits(wanted.coefficients()));
        prop_assert_eq!(bits(&[found.log_likelihood()]), bits(&[wanted.log_likelihood()]));
        let clusters = rows.batch.clusters.as_ref().unwrap();
        let wanted = wanted.cluster_robust(clusters, ClusterFactor::Cr1).unwrap();
        let found = found.cluster_robust_of_rows(ClusterFactor::Cr1).unwrap();
        prop_assert_eq!(bits(&found.standard_errors()), bits(&wanted.standard_errors()));
    }
}

/// Against a loop over the clusters; more of them than a block has rows, and each across chunks.
#[test]
fn clusters_of_a_stream() {
    let n = 16_384 + 999;
    for clusters in [5, 600] {
        let rows = Rows::new(Family::Poisson, 6, n)
            .with_weights(Weighting::Frequency)
            .with_clusters(clusters);
        let memory = rows.memory();
        let fit = memory.fit(Family::Poisson, Link::Log).unwrap();
        let codes = rows.batch.clusters.as_ref().unwrap();
        let wanted = fit.cluster_robust(codes, ClusterFactor::Cr1).unwrap();
        let streamed = rows.streamed(&[5000, 3]);
        let found = streamed.fit(Family::Poisson, Link::Log).unwrap();
        let found = found.cluster_robust_of_rows(ClusterFactor::Cr1).unwrap();
        assert_eq!((found.clusters, wanted.clusters), (clusters, clusters));
        assert_eq!(
            bits(&found.standard_errors()),
            bits(&wanted.standard_errors())
        );
        // Plainly: Σ w(y − μ)x by cluster.
        let means = fit.fitted_means().unwrap();
        let mut sums = std::collections::HashMap::<usize, [f64; 3]>::new();
        let weights = &rows.batch.weights.as_ref().unwrap().1;
        for i in 0..n {
            let sum = sums.entry(codes[i]).or_default();
            for (sum, column) in sum.iter_mut().zip(&rows.batch.columns) {
                *sum += weights[i] * (rows.batch.response[i] - means[i]) * column[i];
            }
        }
        let covariance = fit.covariance();
        let half = |u: &[f64; 3]| -> f64 { (0..3).map(|k| covariance[(1, k)] * u[k]).sum() };
        let variance: f64 = sums.values().map(|u| half(u).powi(2)).sum();
        let (g, total) = (clusters as f64, fit.sample_size() as f64);
        let factor = g / (g - 1.0) * (total - 1.0) / (total - 3.0);
        let error = (factor * variance).sqrt();
        assert!((found.standard_errors()[1] / error - 1.0).abs() < 1e-7);
    }
}

#[test]
fn one_cluster_and_batches_that_differ_are_refused() {
    let rows = Rows::new(Family::Poisson, 6, 400).with_clusters(1);
    let streamed = rows.streamed(&[64]);
    let fit = streamed.fit(Family::Poisson, Link::Log).unwrap();
    assert_eq!(
        fit.cluster_robust_of_rows(ClusterFactor::Cr1).unwrap_err(),
        GlmError::OneCluster
    );
    /// Every second batch lacks its offsets.
    #[derive(Debug)]
    struct Mixed(Arc<Batches>);
    struct Reader<'a>(Box<dyn RowReader + 'a>);
    impl RowSource for Mixed {
        fn open(&self) -> Result<Box<dyn RowReader + '_>, RowsError> {
            Ok(Box::new(Reader(self.0.open()?)))
        }
    }
    impl RowReader for Reader<'_> {
        fn next(&mut self) -> Result<Vec<RowBatch>, RowsError> {
            let mut batches = self.0.next()?;
            if let Some(last) = batches.last_mut() {
                last.offset = None;
            }
            Ok(batches)
        }
    }
    let rows = Rows::new(Family::Poisson, 6, 400).with_offset();
    let source = Arc::new(Mixed(rows.source(&[64], 2)));
    let error = Regression::streamed(source, &rows.terms, Some(0), None).unwrap_err();
    assert_eq!(error, GlmError::MixedBatches { what: "offsets" });
    let mut wrong = Rows::new(Family::Poisson, 6, 400).with_weights(Weighting::Frequency);
    wrong.batch.weights.as_mut().unwrap().1[300] = 1.5;
    let error = Regression::streamed(wrong.source(&[64], 2), &wrong.terms, Some(0), None);
    assert_eq!(error.unwrap_err().row(), Some(300));
}
