//! One side of `peers/networks.py`: the Fisher information of the network in a folder, as often as asked,
//! with the seconds of every round.
//!
//! `cargo bench -p fisherinfo-bench --bench networks -- FOLDER ESTIMATOR REPRESENTATION BATCH ROUNDS THREADS`.
//! In the folder are `model.toml`, `weights.safetensors`, and `inputs` and `labels` as little-endian floats. The
//! estimators are empirical, monte-carlo and exact; the representations diagonal, kfac and ekfac. The seconds are
//! those of the whole estimate from numbers in memory, hashes of model and data included.
#![allow(clippy::unwrap_used, clippy::panic)]

use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{
    Estimation, Estimator, Reduction, Representation, Settings, Sharing,
};
use fisherinfo_net::file::read_checkpoint;
use fisherinfo_net::{Architecture, Dataset, Network};
use std::path::Path;
use std::time::Instant;

fn floats(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let (fours, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    fours
        .iter()
        .map(|&four| f64::from(f32::from_le_bytes(four)))
        .collect()
}

/// A line of `/proc/self/status` in megabytes.
fn megabytes(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok())
        .map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [
        folder,
        estimator,
        representation,
        batch,
        rounds,
        threads,
        rest @ ..,
    ] = arguments.as_slice()
    else {
        println!("nothing to do: peers/networks.py says what, with a folder of data");
        return;
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.parse().unwrap())
        .build_global()
        .unwrap();
    let folder = Path::new(folder);
    let text = std::fs::read_to_string(folder.join("model.toml")).unwrap();
    let architecture = Architecture::from_toml("model.toml", &text).unwrap();
    let weights = read_checkpoint(&folder.join("weights.safetensors")).unwrap();
    let network = Network::new(&architecture, Cpu::<f32>::new(), &weights).unwrap();
    let inputs = floats(&folder.join("inputs"));
    let labels = floats(&folder.join("labels"));
    let data = Dataset::new(inputs, network.input_width(), labels).unwrap();
    let sharing = match rest {
        [reduce] if reduce == "reduce" => Sharing::Reduce,
        _ => Sharing::Expand,
    };
    let settings = Settings {
        estimator: match estimator.as_str() {
            "empirical" => Estimator::Empirical,
            "monte-carlo" => Estimator::MonteCarlo { draws: 1, seed: 1 },
            "exact" => Estimator::Exact,
            other => panic!("no estimator {other}"),
        },
        representation: match representation.as_str() {
            "diagonal" => Representation::Diagonal,
            "kfac" => Representation::Kronecker(sharing),
            "ekfac" => Representation::EigenKronecker(sharing),
            other => panic!("no representation {other}"),
        },
        reduction: Reduction::Sum,
    };
    let before = megabytes("VmRSS:");
    for _ in 0..rounds.parse().unwrap() {
        let start = Instant::now();
        let fisher = Estimation::whole(&network, &data, settings, batch.parse().unwrap()).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{{\"seconds\": {seconds}, \"trace\": {}, \"before\": {before}, \"peak\": {}}}",
            fisher.trace(),
            megabytes("VmHWM:")
        );
    }
}
