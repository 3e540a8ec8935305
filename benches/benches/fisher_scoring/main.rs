//! Logistic regression of 1,000,000 rows on 10 columns in memory, beside its floor: one fused pass
//! for the linear predictor, the mean, the weight and XᵀWX, written for ten columns alone.
//!
//! The report names the ratio fit / (iterations × floor), and what share the floor and the fit have
//! of the machine's own limits (memory bandwidth, fused multiplications), all from this run.
#![allow(clippy::unwrap_used)]

mod machine;
mod one_pass;

use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, Regression};
use rand::{RngExt, SeedableRng};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const ROWS: usize = 1_000_000;
const WIDTH: usize = one_pass::WIDTH;
const THREADS: usize = 2;

struct Data {
    response: Vec<f64>,
    columns: Vec<Vec<f64>>,
    terms: Vec<String>,
}

impl Data {
    fn new() -> Self {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20_260_711);
        let mut columns = vec![vec![1.0; ROWS]];
        for _ in 1..WIDTH {
            columns.push(
                (0..ROWS)
                    .map(|_| 4.0 * random.random::<f64>() - 2.0)
                    .collect(),
            );
        }
        let response = (0..ROWS)
            .map(|i| {
                let eta: f64 = (1..WIDTH)
                    .map(|j| columns[j][i] * (0.7 - 0.15 * j as f64))
                    .sum();
                f64::from(random.random::<f64>() < (1.0 + (-eta).exp()).recip())
            })
            .collect();
        Self {
            response,
            columns,
            terms: (0..WIDTH).map(|j| format!("x{j}")).collect(),
        }
    }

    fn regression(&self) -> Regression {
        Regression::new(&self.response, &self.columns, &self.terms, Some(0)).unwrap()
    }
}

/// The least time of several runs: what the work takes when nothing else runs.
fn least(times: &[Duration]) -> f64 {
    times.iter().min().map_or(f64::NAN, Duration::as_secs_f64)
}

fn report(data: &Data) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build()
        .unwrap();
    let regression = data.regression();
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let iterations = fit.iterations();
    let floor = one_pass::Floor::new(&data.columns);
    let coefficients: Vec<f64> = fit.coefficients().to_vec();
    // The floor computes what the fit computes.
    let information = pool.install(|| floor.run(&coefficients));
    let own = fit.information().unwrap().expected;
    for (i, j) in (0..WIDTH).flat_map(|i| (0..=i).map(move |j| (i, j))) {
        let (a, b) = (information[i * (i + 1) / 2 + j], own.matrix()[(i, j)]);
        assert!((a - b).abs() < 1e-8 * ROWS as f64, "{i} {j} {a} {b}");
    }
    let (mut floors, mut fits, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    // Interleaved and of like length, so that a disturbance meets both.
    for _ in 0..40 {
        pool.install(|| {
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(floor.run(black_box(&coefficients)));
            }
            floors.push(start.elapsed());
        });
        let start = Instant::now();
        pool.install(|| black_box(regression.fit(Family::Binomial, Link::Logit).unwrap()));
        fits.push(start.elapsed());
    }
    for _ in 0..5 {
        let start = Instant::now();
        let regression = data.regression();
        black_box(regression.fit(Family::Binomial, Link::Logit).unwrap());
        whole.push(start.elapsed());
    }
    let (floor_time, fit_time) = (least(&floors) / iterations as f64, least(&fits));
    let bandwidth = pool.install(|| machine::bandwidth(floor.values()));
    let peak = pool.install(machine::multiply_add_peak);
    let bytes = (8 * ROWS * (WIDTH + 1)) as f64;
    // Predictor, weighting and the lower triangle; the exponential counted as 30.
    let operations = (ROWS * (2 * WIDTH + WIDTH + WIDTH * (WIDTH + 1) + 30)) as f64;
    let share = |seconds: f64| {
        format!(
            "{:5.1} GB/s ({:3.0} % of memory), {:5.1} GFLOP/s ({:3.0} % of peak)",
            bytes / seconds / 1e9,
            100.0 * bytes / seconds / bandwidth,
            operations / seconds / 1e9,
            100.0 * operations / seconds / peak
        )
    };
    println!("logistic regression, {ROWS} rows × {WIDTH} columns, {THREADS} threads");
    println!(
        "  machine      {:.1} GB/s read, {:.1} GFLOP/s fused",
        bandwidth / 1e9,
        peak / 1e9
    );
    println!(
        "  floor        {:8.3} ms a pass   {}",
        1e3 * floor_time,
        share(floor_time)
    );
    let pass_time = fit_time / iterations as f64;
    println!(
        "  fit          {:8.3} ms a pass   {}",
        1e3 * pass_time,
        share(pass_time)
    );
    println!(
        "  fit          {:8.3} ms in {iterations} iterations, from the columns to the estimates",
        1e3 * fit_time
    );
    println!(
        "  design + fit {:8.3} ms, columns centred, scaled and copied",
        1e3 * least(&whole)
    );
    println!(
        "  fit / (iterations × floor) = {:.3}",
        pass_time / floor_time
    );
    let with_design = least(&whole) / iterations as f64 / floor_time;
    println!("  (design + fit) / (iterations × floor) = {with_design:.3}");
}

fn main() {
    report(&Data::new());
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn fit(bencher: divan::Bencher<'_, '_>) {
    let regression = Data::new().regression();
    bencher.bench_local(|| {
        black_box(
            regression
                .fit(Family::Binomial, Link::Logit)
                .unwrap()
                .iterations(),
        )
    });
}

#[divan::bench(sample_count = 10)]
fn design(bencher: divan::Bencher<'_, '_>) {
    let data = Data::new();
    bencher.bench_local(|| black_box(data.regression().rows()));
}

#[divan::bench(sample_count = 50)]
fn floor(bencher: divan::Bencher<'_, '_>) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build()
        .unwrap();
    let floor = one_pass::Floor::new(&Data::new().columns);
    bencher.bench_local(|| pool.install(|| black_box(floor.run(black_box(&[0.1; WIDTH])))));
}
