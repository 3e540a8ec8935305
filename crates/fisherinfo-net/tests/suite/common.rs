//! Networks to test on, with numbers that are no special ones.

use crate::naive::{Tensors, forward};
use fisherinfo::dual::Dual;
use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{Estimation, Estimator, Reduction, Representation, Settings};
use fisherinfo_net::{Architecture, Dataset, Fisher, Network};
use num_dual::Dual64;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) type Net = Network<Cpu<f64>>;

pub(crate) fn architecture(text: &str) -> Architecture {
    Architecture::from_toml("test", text).unwrap()
}

pub(crate) fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// Every parameter and statistic drawn, none of them zero or one.
pub(crate) fn network(text: &str, seed: u64) -> Net {
    let architecture = architecture(text);
    let network = Network::initialised(&architecture, Cpu::<f64>::new(), seed).unwrap();
    let mut checkpoint = network.checkpoint();
    for (i, (name, tensor)) in checkpoint.iter_mut().enumerate() {
        tensor.values = numbers(tensor.values.len(), seed + 100 + i as u64);
        if name.ends_with("var") {
            tensor.values.iter_mut().for_each(|v| *v = v.abs() + 0.3);
        }
    }
    Network::new(&architecture, Cpu::new(), &checkpoint).unwrap()
}

pub(crate) fn with_classes(inputs: Vec<f64>, width: usize, classes: usize, per: usize) -> Dataset {
    let n = inputs.len() / width * per;
    let labels = (0..n).map(|i| (i * i % classes) as f64).collect();
    Dataset::new(inputs, width, labels).unwrap()
}

/// θ as tensors over dual numbers with this derivative.
pub(crate) fn tensors<D: Dual>(network: &Net, theta: &[D]) -> Tensors<D> {
    let mut tensors: Tensors<D> = network
        .checkpoint()
        .into_iter()
        .map(|(name, t)| (name, t.values.into_iter().map(D::from).collect()))
        .collect();
    for info in network.parameters() {
        let part = theta[info.offset..info.offset + info.length()].to_vec();
        tensors.insert(info.name.clone(), part);
    }
    tensors
}

/// Value and derivative along `direction` of the outputs of one example.
pub(crate) fn along(network: &Net, input: &[f64], direction: &[f64]) -> Vec<Dual64> {
    let theta: Vec<Dual64> = network
        .theta()
        .iter()
        .zip(direction)
        .map(|(&re, &eps)| Dual64::new(re, eps))
        .collect();
    forward(network.architecture(), &tensors(network, &theta), input)
}

/// The Jacobian of one example, outputs × parameters, column by column.
pub(crate) fn jacobian(network: &Net, input: &[f64]) -> Vec<Vec<f64>> {
    let n = network.dimension();
    let columns: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            along(network, input, &unit).iter().map(|y| y.eps).collect()
        })
        .collect();
    (0..columns[0].len())
        .map(|o| columns.iter().map(|c| c[o]).collect())
        .collect()
}

pub(crate) fn settings(estimator: Estimator, representation: Representation) -> Settings {
    Settings {
        estimator,
        representation,
        reduction: Reduction::Sum,
    }
}

pub(crate) fn estimate(
    network: &Net,
    data: &Dataset,
    estimator: Estimator,
    representation: Representation,
) -> Fisher {
    Estimation::whole(network, data, settings(estimator, representation), 3).unwrap()
}

/// The whole matrix, column by column through `apply`.
pub(crate) fn matrix(fisher: &Fisher) -> Vec<Vec<f64>> {
    let n = fisher.dimension();
    (0..n)
        .map(|i| {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            fisher.apply(&unit).unwrap()
        })
        .collect()
}

/// Σ JᵀFJ (or of score products) from the dual Jacobian and the engine-backed output, no tap involved.
pub(crate) fn oracle(network: &Net, data: &Dataset, empirical: bool) -> Vec<Vec<f64>> {
    let n = network.dimension();
    let (k, output) = (network.output().coordinates(), network.output());
    let mut total = vec![vec![0.0; n]; n];
    for example in 0..data.len() {
        let input = data.inputs(example..example + 1);
        let z: Vec<f64> = along(network, input, &vec![0.0; n])
            .iter()
            .map(|y| y.re)
            .collect();
        let j = jacobian(network, input);
        let labels = data.labels(example..example + 1);
        let width = output.label_width();
        let padded = |row: usize| match network.architecture().input {
            fisherinfo_net::InputDescription::Tokens {
                padding: Some(p), ..
            } => z.len() / k == input.len() && input[row] == p as f64,
            _ => false,
        };
        let pull = |u: &[f64]| -> Vec<f64> {
            (0..n)
                .map(|i| (0..z.len()).map(|o| j[o][i] * u[o]).sum())
                .collect()
        };
        let mut outer = |g: Vec<f64>| {
            for a in 0..n {
                for b in 0..n {
                    total[a][b] += g[a] * g[b];
                }
            }
        };
        if empirical {
            let mut u = vec![0.0; z.len()];
            for row in (0..z.len() / k).filter(|r| !padded(*r)) {
                let part = row * k..(row + 1) * k;
                output.score(
                    &z[part.clone()],
                    &labels[row * width..(row + 1) * width],
                    &mut u[part],
                );
            }
            outer(pull(&u));
            continue;
        }
        for row in (0..z.len() / k).filter(|r| !padded(*r)) {
            for column in 0..output.rank() {
                let mut u = vec![0.0; z.len()];
                let part = row * k..(row + 1) * k;
                output.factor(&z[part.clone()], column, &mut u[part]);
                outer(pull(&u));
            }
        }
    }
    total
}

pub(crate) fn close(found: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len());
    let top = wanted.iter().fold(0.0_f64, |t, w| t.max(w.abs()));
    assert!(top > 0.0, "nothing is compared");
    for (i, (f, w)) in found.iter().zip(wanted).enumerate() {
        assert!(
            (f - w).abs() <= tolerance * top,
            "{i}: {f} against {w} (greatest {top})"
        );
    }
}

pub(crate) fn close_matrix(found: &[Vec<f64>], wanted: &[Vec<f64>], tolerance: f64) {
    close(&found.concat(), &wanted.concat(), tolerance);
}
