//! Fits of rows that are read anew for every pass, against the same rows in memory.

use crate::common::{Table, assert_close, names};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{
    Checkpoint, ClusterFactor, Family, GlmError, Heteroscedasticity, Regression, RowBatch,
    RowReader, RowSource, RowsError, Watch, Weighting,
};
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Rows in memory, given out in batches of the sizes told, over and over.
#[derive(Debug)]
pub(crate) struct Batches {
    pub(crate) rows: RowBatch,
    sizes: Vec<usize>,
    pub(crate) at_once: usize,
    /// From this pass on (counted from 1) the last row is missing.
    shorter_from: usize,
    passes: AtomicUsize,
}

impl Batches {
    pub(crate) fn new(response: &[f64], columns: &[Vec<f64>], sizes: &[usize]) -> Self {
        Self {
            rows: RowBatch {
                response: response.to_vec(),
                columns: columns.to_vec(),
                ..RowBatch::default()
            },
            sizes: sizes.to_vec(),
            at_once: 3,
            shorter_from: usize::MAX,
            passes: AtomicUsize::new(0),
        }
    }
}

struct Reader<'a> {
    source: &'a Batches,
    rows: usize,
    next: usize,
    given: usize,
}

impl RowSource for Batches {
    fn open(&self) -> Result<Box<dyn RowReader + '_>, RowsError> {
        let pass = self.passes.fetch_add(1, Ordering::Relaxed) + 1;
        let rows = self.rows.response.len();
        Ok(Box::new(Reader {
            source: self,
            rows: rows - usize::from(pass >= self.shorter_from),
            next: 0,
            given: 0,
        }))
    }
}

/// Some of the rows.
pub(crate) fn cut(all: &RowBatch, rows: std::ops::Range<usize>) -> RowBatch {
    let of = |values: &[f64]| values[rows.clone()].to_vec();
    RowBatch {
        response: of(&all.response),
        columns: all.columns.iter().map(|column| of(column)).collect(),
        trials: all.trials.as_deref().map(of),
        offset: all.offset.as_deref().map(of),
        weights: all.weights.as_ref().map(|(kind, w)| (*kind, of(w))),
        clusters: all.clusters.as_ref().map(|all| all[rows.clone()].to_vec()),
    }
}

impl RowReader for Reader<'_> {
    fn next(&mut self) -> Result<Vec<RowBatch>, RowsError> {
        let mut batches = Vec::new();
        while self.next < self.rows && batches.len() < self.source.at_once {
            let size = self.source.sizes[self.given % self.source.sizes.len()];
            self.given += 1;
            let rows = self.next..(self.next + size).min(self.rows);
            self.next = rows.end;
            batches.push(cut(&self.source.rows, rows));
        }
        Ok(batches)
    }
}

pub(crate) fn noise(seed: u64, i: usize) -> f64 {
    let mut x = (seed + 1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(i as u64 + 1);
    for _ in 0..3 {
        x ^= x >> 30;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x ^= x >> 27;
    }
    (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// A response and columns: one, two of noise of which the second lies far from zero.
pub(crate) fn data(family: Family, seed: u64, n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let a: Vec<f64> = (0..n).map(|i| noise(seed, i)).collect();
    let b: Vec<f64> = (0..n).map(|i| 1e5 + 30.0 * noise(seed + 1, i)).collect();
    let response = (0..n)
        .map(|i| {
            let eta = 0.3 + 0.8 * a[i] - 0.02 * (b[i] - 1e5);
            let u = noise(seed + 2, i);
            match family {
                Family::Binomial => f64::from(eta + 2.0 * u > 0.0),
                Family::Poisson | Family::NegativeBinomial(_) => (eta.exp() * (1.0 + u)).round(),
                Family::Gaussian => eta + u,
                Family::Tweedie(_) => (eta.exp() * (0.5 + u)).max(0.0),
                Family::Gamma | Family::InverseGaussian => (0.3 * eta).exp() * (1.1 + u),
            }
        })
        .collect();
    (response, vec![vec![1.0; n], a, b])
}

/// Every number of a fit.
fn everything(regression: &Regression, family: Family, link: Link) -> Vec<f64> {
    let fit = regression.fit(family, link).unwrap();
    let errors = fit.standard_errors();
    let hc3 = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc3)
        .unwrap();
    let hc2 = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc2)
        .unwrap();
    let mut all = fit.coefficients().to_vec();
    all.extend(errors.expected);
    all.extend(errors.observed.unwrap());
    all.extend(errors.empirical.unwrap());
    all.extend(errors.sandwich.unwrap());
    all.extend(hc2.standard_errors());
    all.extend(hc3.standard_errors());
    all.extend([fit.log_likelihood(), fit.deviance(), fit.dispersion()]);
    all.extend(fit.null_deviance());
    let test = fit.test_of(&[1]).unwrap();
    all.extend([test.wald, test.score, test.likelihood_ratio].map(|test| test.statistic));
    all.push(fit.information_matrix_test().unwrap().test.statistic);
    all.extend(fit.fitted_means().unwrap().first());
    all
}

pub(crate) fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

const CASES: [(Family, Link); 8] = [
    (Family::Binomial, Link::Logit),
    (Family::Binomial, Link::Cloglog),
    (Family::Poisson, Link::Log),
    (Family::Gaussian, Link::Identity),
    (Family::Gamma, Link::Log),
    (Family::NegativeBinomial(2.5), Link::Log),
    (Family::InverseGaussian, Link::Log),
    (Family::Tweedie(1.5), Link::Log),
];

pub(crate) const TERMS: [&str; 3] = ["(intercept)", "a", "b"];

/// The sums are made in the same chunks, so they agree to the last bit: several chunks, the last one
/// not full, its last block not either.
#[test]
fn the_same_bits_as_in_memory() {
    let n = 2 * 16_384 + 3 * 256 + 17;
    for (family, link) in CASES {
        let (response, columns) = data(family, 5, n);
        let terms = names(&TERMS);
        let memory = Regression::new(&response, &columns, &terms, Some(0)).unwrap();
        let wanted = everything(&memory, family, link);
        for (sizes, threads) in [(&[100, 7001, 1, 30_000][..], 1), (&[16_384], 2), (&[n], 3)] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let found = pool.install(|| {
                let source = Arc::new(Batches::new(&response, &columns, sizes));
                let streamed = Regression::streamed(source, &terms, Some(0), None).unwrap();
                assert_eq!(streamed.rows(), n);
                everything(&streamed, family, link)
            });
            assert_eq!(bits(&found), bits(&wanted), "{family} {link} {sizes:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// However the rows are cut.
    #[test]
    fn batches_change_no_bit(
        case in 0..CASES.len(),
        seed in 0..1000_u64,
        n in 60..900_usize,
        sizes in prop::collection::vec(1..400_usize, 1..5),
        at_once in 1..6_usize,
    ) {
        let (family, link) = CASES[case];
        let (response, columns) = data(family, seed, n);
        let terms = names(&TERMS);
        let Ok(memory) = Regression::new(&response, &columns, &terms, Some(0)) else { return Ok(()) };
        let Ok(wanted) = memory.fit(family, link) else { return Ok(()) };
        let mut source = Batches::new(&response, &columns, &sizes);
        source.at_once = at_once;
        let streamed = Regression::streamed(Arc::new(source), &terms, Some(0), None).unwrap();
        let found = streamed.fit(family, link).unwrap();
        prop_assert_eq!(bits(found.coefficients()), bits(wanted.coefficients()));
        prop_assert_eq!(bits(&found.standard_errors().expected), bits(&wanted.standard_errors().expected));
        prop_assert_eq!(found.iterations(), wanted.iterations());
    }
}

/// NIST's Longley in batches of three rows: badly conditioned, so the columns go through the QR
/// decomposition in chunks.
#[test]
fn longley_in_batches_of_three_rows() {
    let table = Table::read("longley");
    let mut columns = vec![vec![1.0; 16]];
    columns.extend(table.columns(&["gnpdefl", "gnp", "unemp", "armed", "pop", "year"]));
    let terms = names(&["1", "gnpdefl", "gnp", "unemp", "armed", "pop", "year"]);
    let response = table.column("totemp");
    let source = Arc::new(Batches::new(&response, &columns, &[3]));
    let streamed = Regression::streamed(source, &terms, Some(0), None).unwrap();
    let fit = streamed.fit(Family::Gaussian, Link::Identity).unwrap();
    // Certified by NIST.
    let certified = [
        -3482258.63459582,
        15.0618722713733,
        -0.358191792925910E-01,
        -2.02022980381683,
        -1.03322686717359,
        -0.511041056535807E-01,
        1829.15146461355,
    ];
    assert_close(fit.coefficients(), &certified, 1e-10);
    let hc3 = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc3)
        .unwrap();
    assert_close(&hc3.standard_errors()[1..2], &[91.1193866011], 1e-9);
    let memory = Regression::new(&response, &columns, &terms, Some(0)).unwrap();
    let memory = memory.fit(Family::Gaussian, Link::Identity).unwrap();
    assert_eq!(bits(fit.coefficients()), bits(memory.coefficients()));
    assert_eq!(
        bits(&fit.standard_errors().expected),
        bits(&memory.standard_errors().expected)
    );
}

/// The factors of several chunks are merged: powers of a year, whose products alone would leave
/// nothing of the cubes.
#[test]
fn badly_conditioned_columns_in_several_chunks() {
    let n = 2 * 16_384 + 1000;
    let year: Vec<f64> = (0..n).map(|i| 2000.0 + 10.0 * noise(1, i)).collect();
    let powers = |k: i32| year.iter().map(|x| x.powi(k)).collect::<Vec<f64>>();
    let columns = vec![vec![1.0; n], powers(1), powers(2)];
    let response: Vec<f64> = (0..n)
        .map(|i| 0.3 * (year[i] - 2000.0) + 0.01 * (year[i] - 2000.0).powi(2) + noise(2, i))
        .collect();
    let terms = names(&TERMS);
    let memory = Regression::new(&response, &columns, &terms, Some(0)).unwrap();
    let source = Arc::new(Batches::new(&response, &columns, &[3001]));
    let keeper = Arc::new(Keeper {
        kept: Mutex::default(),
        passes: Mutex::default(),
        most: usize::MAX,
    });
    let streamed = Regression::streamed(source, &terms, Some(0), Some(keeper.clone())).unwrap();
    assert_eq!(
        keeper.passes.lock().unwrap()[..],
        names(&[
            "centres and scales",
            "products of columns",
            "orthogonal columns",
            "products of columns"
        ])
    );
    let (family, link) = (Family::Gaussian, Link::Identity);
    assert_eq!(
        bits(&everything(&streamed, family, link)),
        bits(&everything(&memory, family, link))
    );
    let fit = streamed.fit(family, link).unwrap();
    assert!((fit.coefficients()[2] - 0.01).abs() < 1e-3);
}

#[test]
fn trials_of_a_stream() {
    let table = Table::read("beetle");
    let columns = vec![vec![1.0; 8], table.column("dose")];
    let terms = names(&["1", "dose"]);
    let response = table.column("killed");
    let mut source = Batches::new(&response, &columns, &[3, 1]);
    source.rows.trials = Some(table.column("n"));
    let streamed = Regression::streamed(Arc::new(source), &terms, Some(0), None).unwrap();
    let fit = streamed.fit(Family::Binomial, Link::Cloglog).unwrap();
    assert_close(fit.coefficients(), &[-39.572310606, 22.041169821], 1e-9);
    assert_close(&[fit.deviance()], &[3.446438733], 1e-9);
    let wrong = streamed.fit(Family::Poisson, Link::Log).unwrap_err();
    assert!(matches!(wrong, GlmError::TrialsWithoutBinomial { .. }));
}

/// Each error is the one of the same rows in memory.
#[test]
fn the_same_errors_as_in_memory() {
    let n = 20_000;
    let (response, columns) = data(Family::Binomial, 3, n);
    let terms = names(&TERMS);
    let both = |response: &[f64], columns: &[Vec<f64>]| {
        let memory = Regression::new(response, columns, &terms, Some(0)).and_then(|r| {
            r.fit(Family::Binomial, Link::Logit)
                .map(|fit| fit.coefficients().to_vec())
        });
        let source = Arc::new(Batches::new(response, columns, &[777]));
        let streamed = Regression::streamed(source, &terms, Some(0), None).and_then(|r| {
            r.fit(Family::Binomial, Link::Logit)
                .map(|fit| fit.coefficients().to_vec())
        });
        let (memory, streamed) = (memory.unwrap_err(), streamed.unwrap_err());
        assert_eq!(memory, streamed);
        memory
    };
    let mut wrong = response.clone();
    wrong[17_000] = 0.5;
    assert_eq!(both(&wrong, &columns).row(), Some(17_000));
    let mut wrong = columns.clone();
    wrong[1][19_999] = f64::INFINITY;
    assert_eq!(both(&response, &wrong).row(), Some(19_999));
    let mut wrong = columns.clone();
    wrong[0][16_999] = 2.0;
    assert!(matches!(
        both(&response, &wrong),
        GlmError::Intercept { row: 16_999, .. }
    ));
    let mut wrong = columns.clone();
    wrong[2] = wrong[1].iter().map(|a| 3.0 - 2.0 * a).collect();
    assert!(matches!(
        both(&response, &wrong),
        GlmError::Collinear { .. }
    ));
    wrong[2] = vec![4.0; n];
    assert!(matches!(both(&response, &wrong), GlmError::Constant { .. }));
    let few: Vec<Vec<f64>> = columns.iter().map(|column| column[..2].to_vec()).collect();
    assert!(matches!(
        both(&response[..2], &few),
        GlmError::TooFewRows { .. }
    ));
    // Separation, complete and of some rows.
    let separated: Vec<f64> = columns[1].iter().map(|a| f64::from(*a > 0.1)).collect();
    let GlmError::Separation(found) = both(&separated, &columns) else {
        panic!()
    };
    assert!(found.is_complete());
    let mut dummy = columns.clone();
    dummy[1] = (0..n).map(|i| f64::from(i % 4 == 0)).collect();
    let quasi: Vec<f64> = (0..n)
        .map(|i| if i % 4 == 0 { 1.0 } else { response[i] })
        .collect();
    let GlmError::Separation(found) = both(&quasi, &dummy) else {
        panic!()
    };
    assert_eq!(found.rows, n / 4);
}

#[test]
fn rows_that_change_between_passes() {
    let (response, columns) = data(Family::Poisson, 9, 5000);
    let mut source = Batches::new(&response, &columns, &[1000]);
    source.shorter_from = 4;
    let streamed = Regression::streamed(Arc::new(source), &names(&TERMS), Some(0), None).unwrap();
    let error = streamed.fit(Family::Poisson, Link::Log).unwrap_err();
    let wanted = GlmError::RowsChanged {
        before: 5000,
        now: 4999,
    };
    assert_eq!(error, wanted);
}

/// Keeps every checkpoint, and ends the fit after so many.
#[derive(Debug)]
struct Keeper {
    kept: Mutex<Vec<Checkpoint>>,
    passes: Mutex<Vec<String>>,
    most: usize,
}

impl Watch for Keeper {
    fn pass(&self, name: &str) {
        self.passes.lock().unwrap().push(name.into());
    }

    fn iteration(&self, checkpoint: &Checkpoint) -> ControlFlow<()> {
        let mut kept = self.kept.lock().unwrap();
        kept.push(checkpoint.clone());
        if kept.len() == self.most {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// A fit that is ended after any iteration and goes on from there ends with the same bits.
#[test]
fn a_fit_goes_on_from_any_iteration() {
    for (family, link) in [
        (Family::Binomial, Link::Logit),
        // Its steps become Newton's.
        (Family::Gamma, Link::Log),
        (Family::Binomial, Link::Cloglog),
    ] {
        let (response, columns) = data(family, 11, 3000);
        let terms = names(&TERMS);
        let fit = |watch: Option<Arc<dyn Watch>>, from: Option<Checkpoint>| {
            let source = Arc::new(Batches::new(&response, &columns, &[512]));
            let mut streamed = Regression::streamed(source, &terms, Some(0), watch).unwrap();
            if let Some(checkpoint) = from {
                streamed = streamed.resumed_from(checkpoint).unwrap();
            }
            let fit = streamed.fit(family, link)?;
            Ok::<_, GlmError>((fit.iterations(), everything(&streamed, family, link)))
        };
        let (iterations, wanted) = fit(None, None).unwrap();
        assert!(iterations > 3);
        for most in 1..iterations {
            let keeper = Arc::new(Keeper {
                kept: Mutex::default(),
                passes: Mutex::default(),
                most,
            });
            let ended = fit(Some(keeper.clone()), None).unwrap_err();
            assert_eq!(ended, GlmError::Interrupted);
            let last = keeper.kept.lock().unwrap().pop().unwrap();
            assert_eq!(last.iteration, most);
            let (again, found) = fit(None, Some(last)).unwrap();
            assert_eq!(
                (again, bits(&found)),
                (iterations, bits(&wanted)),
                "{family} {link}"
            );
        }
    }
}

/// Numbers that stand apart from the rows of a stream are refused by name.
#[test]
fn what_stands_apart_from_the_rows_is_refused() {
    let n = 200;
    let (response, columns) = data(Family::Poisson, 3, n);
    let terms = names(&TERMS);
    let streamed = || {
        let source = Arc::new(Batches::new(&response, &columns, &[64]));
        Regression::streamed(source, &terms, Some(0), None).unwrap()
    };
    let ones = vec![1.0; n];
    let regression = streamed();
    let fit = regression.fit(Family::Poisson, Link::Log).unwrap();
    let clusters: Vec<usize> = (0..n).map(|i| i % 7).collect();
    let refused = [
        streamed().offset(&ones).err(),
        streamed().weights(Weighting::Frequency, &ones).err(),
        streamed().trials(&ones).err(),
        fit.cluster_robust(&clusters, ClusterFactor::Cr1).err(),
    ];
    for error in refused {
        let error = error.unwrap();
        assert!(matches!(error, GlmError::InMemoryOnly { .. }), "{error}");
    }
    let none = fit.cluster_robust_of_rows(ClusterFactor::Cr1).unwrap_err();
    assert_eq!(none, GlmError::NoClusters);
}

/// Terms that are held are refitted through the same chunks.
#[test]
fn profiles_and_deviances_have_the_bits_of_those_in_memory() {
    let (response, columns) = data(Family::Poisson, 8, 700);
    let terms = names(&TERMS);
    let source = Arc::new(Batches::new(&response, &columns, &[97]));
    let streamed = Regression::streamed(source, &terms, Some(0), None).unwrap();
    let memory = Regression::new(&response, &columns, &terms, Some(0)).unwrap();
    let streamed = streamed.fit(Family::Poisson, Link::Log).unwrap();
    let memory = memory.fit(Family::Poisson, Link::Log).unwrap();
    assert_eq!(
        streamed.profile_interval(1, 0.95).unwrap(),
        memory.profile_interval(1, 0.95).unwrap()
    );
    assert_eq!(
        streamed.deviance_table(1, &[2, 3]).unwrap(),
        memory.deviance_table(1, &[2, 3]).unwrap()
    );
}
