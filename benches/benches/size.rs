//! How large a model may be: a dense design of thousands of columns, and a factor of a hundred thousand
//! levels. Each run is a process of its own, so that its peak of memory is its own.
//!
//! `cargo bench -p fisherinfo-bench --bench size -- wide 20000 2000` (rows, columns) and
//! `… -- levels 1000000 100000 10` (rows, levels, columns).
#![allow(clippy::unwrap_used, clippy::panic)]

use fisherinfo_table::glm::{Family, Heteroscedasticity, LevelRegression, Regression};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

fn main() {
    let words: Vec<String> = std::env::args().filter(|word| word != "--bench").collect();
    let number = |i: usize| words[i].parse::<usize>().unwrap();
    match words.get(1).map(String::as_str) {
        Some("wide") => wide(number(2), number(3)),
        Some("levels") => levels(number(2), number(3), number(4)),
        _ => println!("wide ROWS COLUMNS or levels ROWS LEVELS COLUMNS"),
    }
}

/// The most memory that the process held, in megabytes.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kilobytes: f64 = kilobytes.map_or(0.0, |number| number.parse().unwrap());
    format!("{:.0} MB", kilobytes / 1e3)
}

fn timed<T>(name: &str, flops: f64, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let seconds = start.elapsed().as_secs_f64();
    let rate = if flops > 0.0 {
        format!(", {:.1} GFLOP/s", flops / seconds / 1e9)
    } else {
        String::new()
    };
    println!("{name:34} {seconds:8.2} s{rate}; peak {}", peak());
    done
}

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    2.0 * random.random::<f64>() - 1.0
}

fn wide(rows: usize, width: usize) {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut values = vec![0.0; rows * width];
    for row in values.chunks_exact_mut(width) {
        row[0] = 1.0;
        for value in &mut row[1..] {
            *value = uniform(&mut random);
        }
    }
    let response: Vec<f64> = values
        .chunks_exact(width)
        .map(|row| {
            let eta: f64 = row[1..].iter().take(20).sum::<f64>() * 0.3;
            f64::from(random.random::<f64>() < 1.0 / (1.0 + (-eta).exp()))
        })
        .collect();
    let terms: Vec<String> = (0..width).map(|j| format!("x{j}")).collect();
    println!("{rows} rows, {width} columns; the table takes {}", peak());
    let pass = rows as f64 * (width as f64).powi(2);
    let regression = timed("centres, scales, products", pass, || {
        Regression::from_row_major(&response, &values, &terms, Some(0)).unwrap()
    });
    drop(values);
    let family = Family::Binomial;
    let start = Instant::now();
    let fit = timed("fit", 0.0, || {
        regression.fit(family, family.default_link()).unwrap()
    });
    let each = start.elapsed().as_secs_f64() / fit.iterations() as f64;
    println!("{} iterations, {each:.2} s each", fit.iterations());
    let errors = timed("standard errors, all kinds", 0.0, || fit.standard_errors());
    println!("{:.6} ± {:.6}", fit.coefficients()[1], errors.expected[1]);
}

fn levels(rows: usize, levels: usize, width: usize) {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let own: Vec<f64> = (0..levels).map(|_| uniform(&mut random)).collect();
    let codes: Vec<usize> = (0..rows)
        .map(|i| {
            if i < levels {
                i
            } else {
                random.random_range(0..levels)
            }
        })
        .collect();
    let columns: Vec<Vec<f64>> = (0..width)
        .map(|_| (0..rows).map(|_| uniform(&mut random)).collect())
        .collect();
    let response: Vec<f64> = (0..rows)
        .map(|i| {
            let eta: f64 = own[codes[i]] + columns.iter().map(|c| 0.2 * c[i]).sum::<f64>();
            // A count with the mean e^η, by inversion; no level of zeros only.
            let (mut left, mut count) = (random.random::<f64>() * (eta + 1.0).exp().exp(), 0.0);
            let mut term = 1.0;
            while left > term {
                left -= term;
                count += 1.0;
                term *= (eta + 1.0).exp() / count;
            }
            if i < levels { count.max(1.0) } else { count }
        })
        .collect();
    let terms: Vec<String> = (0..width).map(|j| format!("x{j}")).collect();
    let names: Vec<String> = (0..levels).map(|level| level.to_string()).collect();
    println!(
        "{rows} rows, {levels} levels, {width} columns; the table takes {}",
        peak()
    );
    let regression = timed("rows sorted and centred", 0.0, || {
        LevelRegression::new(&response, &columns, &terms, &codes, &names, "level").unwrap()
    });
    let family = Family::Poisson;
    let fit = timed("fit", 0.0, || {
        regression.fit(family, family.default_link()).unwrap()
    });
    println!("{} iterations", fit.iterations());
    let errors = timed("standard errors of terms and levels", 0.0, || {
        fit.standard_errors()
    });
    let hc1 = timed("HC1", 0.0, || {
        fit.heteroscedasticity_consistent(Heteroscedasticity::Hc1)
            .unwrap()
    });
    println!(
        "{:.6} ± {:.6} (HC1 {:.6}); first level {:.3} ± {:.3}",
        fit.coefficients()[0],
        errors.terms[0],
        hc1.standard_errors()[0],
        fit.level_coefficients()[0],
        errors.levels[0]
    );
}
