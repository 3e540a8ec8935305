//! The invariants that hold between estimators, representations, batches, threads and shards.

use crate::common::{
    Net, architecture, close, close_matrix, estimate, matrix, network, numbers, oracle, settings,
    with_classes,
};
use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{
    Estimation, Estimator, MatrixFree, Reduction, Representation, Settings, Sharing,
};
use fisherinfo_net::representation::{Damping, Form};
use fisherinfo_net::{Dataset, Network};

const EXPAND: Representation = Representation::Kronecker(Sharing::Expand);
const REDUCE: Representation = Representation::Kronecker(Sharing::Reduce);
const EKFAC: Representation = Representation::EigenKronecker(Sharing::Expand);
const MONTE_CARLO: Estimator = Estimator::MonteCarlo { draws: 3, seed: 5 };

fn mlp(activation: &str, output: &str, outputs: usize) -> String {
    format!(
        "input={{features=3}}\noutput={output}\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=4\n\
         [[layer]]\nkind=\"{activation}\"\n[[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs={outputs}\n"
    )
}

const NORMAL: &str = "{ normal = { sigma = 0.7 } }";

fn families() -> Vec<(Net, Dataset)> {
    let x = numbers(5 * 3, 21);
    let normal = Dataset::new(x.clone(), 3, numbers(10, 22)).unwrap();
    vec![
        (
            network(&mlp("tanh", "\"categorical\"", 3), 1),
            with_classes(x.clone(), 3, 3, 1),
        ),
        (
            network(&mlp("sigmoid", "\"bernoulli\"", 1), 2),
            with_classes(x, 3, 2, 1),
        ),
        (network(&mlp("relu", NORMAL, 2), 3), normal),
    ]
}

#[test]
fn the_exact_estimate_is_the_sum_of_pulled_back_informations() {
    for (net, data) in families() {
        let wanted = oracle(&net, &data, false);
        close_matrix(
            &matrix(&estimate(
                &net,
                &data,
                Estimator::Exact,
                Representation::Dense,
            )),
            &wanted,
            1e-12,
        );
    }
    // An output at each position.
    let text = "input={sequence=[3, 2]}\noutput=\"categorical\"\n[[layer]]\nkind=\"conv1d\"\nname=\"c\"\noutputs=2\nsize=2\n\
        [[layer]]\nkind=\"tanh\"\n[[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n";
    let (net, data) = (network(text, 4), with_classes(numbers(12, 5), 6, 3, 2));
    let dense = estimate(&net, &data, Estimator::Exact, Representation::Dense);
    close_matrix(&matrix(&dense), &oracle(&net, &data, false), 1e-12);
    assert_eq!((dense.about.examples, dense.about.observations), (2, 4));
    let per = dense.clone().reduced(Reduction::MeanOverObservations);
    close(
        &per.diagonal(),
        &dense.diagonal().iter().map(|f| f / 4.0).collect::<Vec<_>>(),
        1e-15,
    );
}

#[test]
fn blocks_are_slices_and_diagonals_the_diagonal() {
    for (net, data) in families() {
        for estimator in [Estimator::Exact, Estimator::Empirical, MONTE_CARLO] {
            let full = matrix(&estimate(&net, &data, estimator, Representation::Dense));
            let blocks = estimate(&net, &data, estimator, Representation::BlockDiagonal);
            let first = blocks.blocks[0].form.dimension();
            let sliced: Vec<Vec<f64>> = (0..full.len())
                .map(|i| {
                    (0..full.len())
                        .map(|j| {
                            if (i < first) == (j < first) {
                                full[i][j]
                            } else {
                                0.0
                            }
                        })
                        .collect()
                })
                .collect();
            close_matrix(&matrix(&blocks), &sliced, 1e-13);
            let diagonal: Vec<f64> = (0..full.len()).map(|i| full[i][i]).collect();
            let found = estimate(&net, &data, estimator, Representation::Diagonal);
            close(&found.diagonal(), &diagonal, 1e-13);
            let moments = estimate(&net, &data, estimator, EKFAC);
            assert!((moments.trace() / found.trace() - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn kfac_of_one_example_is_its_block() {
    for activation in ["tanh", "sigmoid", "relu"] {
        for (output, outputs, labels) in [
            ("\"categorical\"", 3, vec![1.0]),
            (NORMAL, 2, vec![0.3, -1.0]),
        ] {
            let net = network(&mlp(activation, output, outputs), 6);
            let data = Dataset::new(numbers(3, 7), 3, labels).unwrap();
            for estimator in [Estimator::Exact, Estimator::Empirical] {
                let block = matrix(&estimate(
                    &net,
                    &data,
                    estimator,
                    Representation::BlockDiagonal,
                ));
                close_matrix(
                    &matrix(&estimate(&net, &data, estimator, EXPAND)),
                    &block,
                    1e-12,
                );
                close_matrix(
                    &matrix(&estimate(&net, &data, estimator, EKFAC)),
                    &block,
                    1e-12,
                );
            }
        }
    }
}

#[test]
fn kfac_of_deep_linear_networks_is_exact() {
    let linear = "[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=3\n[[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=2\n";
    let text = |input: &str, pool: &str| format!("input={input}\noutput={NORMAL}\n{linear}{pool}");
    let flat = network(&text("{features=2}", ""), 8);
    let data = Dataset::new(numbers(12, 9), 2, numbers(12, 10)).unwrap();
    let block = |net: &Net, data: &Dataset| {
        matrix(&estimate(
            net,
            data,
            Estimator::Exact,
            Representation::BlockDiagonal,
        ))
    };
    close_matrix(
        &matrix(&estimate(&flat, &data, Estimator::Exact, EXPAND)),
        &block(&flat, &data),
        1e-12,
    );
    // Expand where the loss is a sum over positions, reduce where they are pooled.
    let wise = network(&text("{sequence=[3, 2]}", ""), 8);
    let data = Dataset::new(numbers(12, 9), 6, numbers(12, 10)).unwrap();
    close_matrix(
        &matrix(&estimate(&wise, &data, Estimator::Exact, EXPAND)),
        &block(&wise, &data),
        1e-12,
    );
    for pool in ["global-mean", "global-sum"] {
        let pooled = network(
            &text(
                "{sequence=[3, 2]}",
                &format!("[[layer]]\nkind=\"{pool}\"\n"),
            ),
            8,
        );
        let data = Dataset::new(numbers(12, 9), 6, numbers(4, 10)).unwrap();
        close_matrix(
            &matrix(&estimate(&pooled, &data, Estimator::Exact, REDUCE)),
            &block(&pooled, &data),
            1e-12,
        );
    }
}

#[test]
fn ekfac_is_nearer_than_kfac() {
    let net = network(&mlp("tanh", "\"categorical\"", 3), 11);
    let data = with_classes(numbers(30, 12), 3, 3, 1);
    for estimator in [Estimator::Exact, Estimator::Empirical] {
        let full = matrix(&estimate(
            &net,
            &data,
            estimator,
            Representation::BlockDiagonal,
        ));
        let distance = |r| {
            let other = matrix(&estimate(&net, &data, estimator, r));
            let pairs = full.concat().into_iter().zip(other.concat());
            pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
        };
        assert!(distance(EKFAC) < 0.999 * distance(EXPAND));
    }
    let kfac = estimate(&net, &data, Estimator::Exact, EXPAND);
    for block in &kfac.blocks {
        let Form::Kronecker(kronecker) = &block.form else {
            panic!("{block:?}")
        };
        // Inputs count once, however many vectors are sent backwards.
        assert_eq!(kronecker.count, 10.0);
        let same = Form::EigenKronecker(kronecker.diagonalised().unwrap());
        let v = numbers(block.form.dimension(), 13);
        close(&same.apply(&v), &block.form.apply(&v), 1e-12);
    }
}

#[test]
fn matrix_free_is_explicit() {
    for (net, data) in families() {
        for estimator in [Estimator::Exact, Estimator::Empirical, MONTE_CARLO] {
            let free = MatrixFree::new(&net, &data, estimator, Reduction::Sum, 2).unwrap();
            let full = estimate(&net, &data, estimator, Representation::Dense);
            let v = numbers(net.dimension(), 14);
            close(&free.apply(&v).unwrap(), &full.apply(&v).unwrap(), 1e-12);
            let trace = free.trace().unwrap();
            assert!((trace / full.trace() - 1.0).abs() < 1e-12);
            let (x, products) = free.damped_solve(&v, 0.1, 1e-11, 200).unwrap();
            close(
                &x,
                &full.damped_solve(&v, Damping::Absolute(0.1)).unwrap(),
                1e-9,
            );
            assert!(products > 1);
            assert!(free.damped_solve(&v, 0.1, 1e-11, 1).is_err());
        }
    }
}

/// √(2 KL / δᵀFδ) = 1 for a small step, the divergence by the engine's family.
#[test]
fn half_the_quadratic_form_is_the_divergence() {
    use fisherinfo::family::{Categorical, Model};
    let net = network(&mlp("tanh", "\"categorical\"", 3), 15);
    let data = with_classes(numbers(12, 16), 3, 3, 1);
    let delta: Vec<f64> = numbers(net.dimension(), 17)
        .iter()
        .map(|v| 1e-4 * v)
        .collect();
    let theta: Vec<f64> = net.theta().iter().zip(&delta).map(|(t, d)| t + d).collect();
    let moved = net.at(&theta).unwrap();
    let chances = |net: &Net| -> Vec<Vec<f64>> {
        let there = net.linearise(&data, 0..data.len()).unwrap();
        let softmax = |z: &[f64]| {
            let total: f64 = z.iter().map(|z| z.exp()).sum();
            z[..2].iter().map(|z| z.exp() / total).collect()
        };
        there.coordinates().chunks(3).map(softmax).collect()
    };
    let model = Categorical { categories: 3 };
    let divergence: f64 = chances(&net)
        .iter()
        .zip(&chances(&moved))
        .map(|(p, q)| Model::closed_form_divergence(&model, p, q).unwrap())
        .sum();
    let form = estimate(&net, &data, Estimator::Exact, Representation::Dense)
        .quadratic_form(&delta)
        .unwrap();
    assert!(((2.0 * divergence / form).sqrt() - 1.0).abs() < 1e-3);
}

#[test]
fn monte_carlo_is_within_its_standard_errors_of_exact() {
    let (net, data) = families().swap_remove(0);
    let exact = estimate(&net, &data, Estimator::Exact, Representation::Diagonal).diagonal();
    let drawn = |draws: u32, seed: u64| {
        let estimator = Estimator::MonteCarlo { draws, seed };
        estimate(&net, &data, estimator, Representation::Diagonal)
    };
    let mut squares = Vec::new();
    for seed in 0..12 {
        let drawn = drawn(400, seed);
        let errors = drawn.standard_errors().unwrap();
        for ((found, exact), error) in drawn.diagonal().iter().zip(&exact).zip(errors) {
            squares.push(((found - exact) / error).powi(2));
        }
    }
    assert!(squares.iter().all(|z| *z < 25.0), "{squares:?}");
    // Standardised errors have the mean square one.
    let square = squares.iter().sum::<f64>() / squares.len() as f64;
    assert!((0.7..1.4).contains(&square), "{square}");
    let errors = drawn(4000, 3).standard_errors().unwrap();
    // A quarter of the draws, twice the error.
    let wider = drawn(1000, 9).standard_errors().unwrap();
    let ratio = wider.iter().sum::<f64>() / errors.iter().sum::<f64>();
    assert!((1.8..2.2).contains(&ratio), "{ratio}");
    let one = Estimator::MonteCarlo { draws: 1, seed: 9 };
    assert!(
        estimate(&net, &data, one, Representation::Diagonal)
            .standard_errors()
            .is_none()
    );
}

/// Examples that are the same are drawn for one by one.
#[test]
fn every_example_has_draws_of_its_own() {
    let text = "input={features=1}\noutput=\"bernoulli\"\n[[layer]]\nkind=\"linear\"\nname=\"w\"\noutputs=1\nbias=false\n";
    let net = network(text, 1).at(&[1.0]).unwrap();
    let data = Dataset::new(vec![1.0, 1.0], 1, vec![1.0, 1.0]).unwrap();
    let p = 1.0 / (1.0 + (-1.0_f64).exp());
    let mixed = (1.0 - p).powi(2) + p * p;
    let seen = (0..40).filter(|&seed| {
        let estimator = Estimator::MonteCarlo { draws: 1, seed };
        let sum = estimate(&net, &data, estimator, Representation::Diagonal).trace();
        (sum - mixed).abs() < 1e-12
    });
    // 2p(1 − p) = 0.39 of the pairs differ.
    assert!((6..28).contains(&seen.count()));
}

#[test]
fn batches_shards_and_threads_change_nothing() {
    let text = mlp("tanh", "\"categorical\"", 3);
    let net = network(&text, 18);
    let single = Network::new(&architecture(&text), Cpu::<f32>::new(), &net.checkpoint()).unwrap();
    let data = with_classes(numbers(33, 19), 3, 3, 1);
    let parts = [
        data.select(&[0, 1, 2, 3]),
        data.select(&[4, 5, 6, 7, 8, 9, 10]).starting_at(4),
    ];
    for representation in [
        Representation::Dense,
        Representation::LowRank,
        Representation::Diagonal,
        EXPAND,
        EKFAC,
    ] {
        for estimator in [Estimator::Exact, Estimator::Empirical, MONTE_CARLO] {
            let s = settings(estimator, representation);
            let of = |batch| Estimation::whole(&net, &data, s, batch).unwrap();
            let v = numbers(net.dimension(), 20);
            let whole = of(11).apply(&v).unwrap();
            for batch in [1, 2, 100] {
                close(&of(batch).apply(&v).unwrap(), &whole, 1e-12);
            }
            let narrow = |batch| {
                Estimation::whole(&single, &data, s, batch)
                    .unwrap()
                    .apply(&v)
                    .unwrap()
            };
            // Eigenvectors of sums that were rounded otherwise are others.
            if representation != EKFAC {
                close(&narrow(2), &narrow(11), 1.3e-6);
            }
            let threads = |n| {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(n)
                    .build()
                    .unwrap();
                pool.install(|| of(4))
            };
            assert_eq!(threads(1), threads(3));
            // Moments along eigenvectors of other data are no summands.
            if representation == EKFAC {
                continue;
            }
            let shard = |i: usize| Estimation::whole(&net, &parts[i], s, 3).unwrap();
            let sum = shard(0).plus(&shard(1)).unwrap();
            close(&sum.apply(&v).unwrap(), &whole, 1e-12);
            close(
                &shard(1).plus(&shard(0)).unwrap().apply(&v).unwrap(),
                &whole,
                1e-12,
            );
            assert_eq!(sum.about.examples, 11);
        }
    }
}

#[test]
fn an_embeddings_inputs_are_counts_of_tokens() {
    let text = "input={tokens={length=3}}\noutput=\"categorical\"\n[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=1000\nfeatures=2\n\
        [[layer]]\nkind=\"global-mean\"\n[[layer]]\nkind=\"linear\"\nname=\"h\"\noutputs=2\n";
    let net = network(text, 23);
    let data = with_classes(vec![7.0, 7.0, 999.0, 0.0, 7.0, 3.0], 3, 2, 1);
    let fisher = estimate(&net, &data, Estimator::Exact, EXPAND);
    let Form::Kronecker(kronecker) = &fisher.blocks[0].form else {
        panic!()
    };
    let counts = kronecker.rows.values();
    assert_eq!(counts.len(), 1000);
    assert_eq!(
        [counts[7], counts[999], counts[0], counts[3], counts[1]],
        [3.0, 1.0, 1.0, 1.0, 0.0]
    );
    let plan = fisherinfo_net::estimator::Plan::new(&net, EXPAND);
    assert_eq!(plan.bytes(), 8 * (1000 + 4 + 9 + 4));
    let moments = estimate(&net, &data, Estimator::Exact, EKFAC);
    let diagonal = estimate(&net, &data, Estimator::Exact, Representation::Diagonal);
    assert!((moments.trace() / diagonal.trace() - 1.0).abs() < 1e-12);
}

#[test]
fn what_is_wrong_with_data_is_said() {
    let net = network(&mlp("tanh", "\"categorical\"", 3), 24);
    let refused = |x: Vec<f64>, width: usize, y: f64| {
        let data = Dataset::new(x, width, vec![y]).unwrap();
        let s: Settings = settings(Estimator::Exact, Representation::Diagonal);
        Estimation::new(&net, &data, s).unwrap_err().to_string()
    };
    assert!(refused(vec![1.0; 3], 3, 3.0).contains("label 3 is no class from 0 to 2"));
    assert!(refused(vec![1.0; 3], 3, 0.5).contains("label 0.5"));
    assert!(refused(vec![1.0; 2], 2, 0.0).contains("an example has 3 numbers, and 2"));
    assert!(refused(vec![1.0, f64::NAN, 1.0], 3, 0.0).contains("example 0: input 1 is NaN"));
}
