//! The command from its start to its end: `fisher info` and `fisher fit` as a shell runs them.
//!
//! Needs the command built beside it: `cargo build --release` first.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;
use std::process::Command;

fn main() {
    divan::main();
}

/// `target/release/fisher`, found from `target/release/deps/whole_process-…`.
fn fisher() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let path = own.ancestors().nth(2).unwrap().join("fisher");
    assert!(
        path.exists(),
        "{} is missing: run `cargo build --release` first",
        path.display()
    );
    path
}

const SPECTOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../notebooks/data/spector.csv");

#[divan::bench(sample_count = 50, args = [
    "info bernoulli p=0.3",
    "info gamma shape=2 rate=3 --coordinates shape-mean --n 50",
    "info mvnormal-full mean=[0,0] cov=[[2,0.5],[0.5,1]]",
    "info bernoulli p=0.4 --kl 0.01",
    "info exponential rate=2 --jeffreys",
    "families",
])]
fn command(bencher: divan::Bencher<'_, '_>, arguments: &str) {
    let words: Vec<&str> = arguments.split(' ').collect();
    run(bencher, &words);
}

#[divan::bench(sample_count = 50)]
fn fit_spector(bencher: divan::Bencher<'_, '_>) {
    run(
        bencher,
        &[
            "fit",
            SPECTOR,
            "grade ~ gpa + tuce + psi",
            "--family",
            "binomial",
        ],
    );
}

fn run(bencher: divan::Bencher<'_, '_>, words: &[&str]) {
    let path = fisher();
    bencher.bench_local(|| {
        let output = Command::new(&path).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}");
    });
}
