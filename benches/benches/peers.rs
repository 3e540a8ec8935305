//! One side of `peers/compare.py`: fits the table that lies in a folder as columns of doubles, and
//! prints the seconds of every round with what was found.
//!
//! `cargo bench -p fisherinfo-bench --bench peers -- FOLDER FAMILY LINK ROUNDS THREADS`. In the
//! folder are `response` and `columns`, little-endian doubles, column after column, the intercept not
//! among them. The seconds are those of the whole fit from such columns: the design centred, scaled and
//! its rank decided, scoring, and the standard errors from the expected information.
#![allow(clippy::unwrap_used)]

use fisherinfo_table::glm::{Options, Regression};
use std::path::Path;
use std::time::Instant;

fn doubles(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let (eights, rest) = bytes.as_chunks::<8>();
    assert!(rest.is_empty());
    eights
        .iter()
        .map(|&eight| f64::from_le_bytes(eight))
        .collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [folder, family, link, rounds, threads] = arguments.as_slice() else {
        println!("nothing to do: peers/compare.py says what, with a folder of data");
        return;
    };
    let folder = Path::new(folder);
    let response = doubles(&folder.join("response"));
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0; response.len()]];
    columns.extend(
        doubles(&folder.join("columns"))
            .chunks(response.len())
            .map(<[f64]>::to_vec),
    );
    let terms: Vec<String> = (0..columns.len()).map(|j| format!("x{j}")).collect();
    let options = Options {
        threads: Some(threads.parse().unwrap()),
        ..Options::default()
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.parse().unwrap())
        .build()
        .unwrap();
    for _ in 0..rounds.parse().unwrap() {
        let start = Instant::now();
        let (coefficients, errors, iterations) = pool.install(|| {
            let regression = Regression::new(&response, &columns, &terms, Some(0))
                .unwrap()
                .options(options.clone());
            let fit = regression
                .fit(family.parse().unwrap(), link.parse().unwrap())
                .unwrap();
            let errors = fit.standard_errors().expected;
            (fit.coefficients().to_vec(), errors, fit.iterations())
        });
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{{\"seconds\": {seconds}, \"iterations\": {iterations}, \"coefficients\": {coefficients:?}, \
             \"errors\": {errors:?}}}"
        );
    }
}
