//! A batch of many examples goes through the layers part by part, parts of few rows are joined for their sums,
//! and several draws keep the pass forward of every part: none of it may be seen in what comes out.

use crate::common::{close, network, numbers, settings, with_classes};
use fisherinfo_net::backend::{Backend, Cpu};
use fisherinfo_net::estimator::{Estimation, Estimator, Representation, Sharing};
use fisherinfo_net::representation::Form;
use fisherinfo_net::{Dataset, Network};

/// Two convolutions of some ten thousand numbers an example, and a layer without positions after them.
const IMAGES: &str = r#"
    input = { image = [1, 20, 20] }
    output = "categorical"
    [[layer]]
    kind = "conv2d"
    name = "c"
    outputs = 14
    size = [3, 3]
    [[layer]]
    kind = "relu"
    [[layer]]
    kind = "pool"
    pooling = "max"
    size = [6, 6]
    [[layer]]
    kind = "flatten"
    [[layer]]
    kind = "linear"
    name = "l"
    outputs = 3
"#;

/// Words looked up, scaled, and padding at the end of some texts.
const TEXTS: &str = r#"
    input = { tokens = { length = 40, padding = -1 } }
    output = "categorical"
    [[layer]]
    kind = "embedding"
    name = "e"
    vocabulary = 6
    features = 60
    [[layer]]
    kind = "layer-norm"
    name = "n"
    [[layer]]
    kind = "linear"
    name = "h"
    outputs = 3
"#;

/// A network whose outputs are far from certain, so that draws differ.
fn unsure(text: &str) -> Network<Cpu<f64>> {
    let net = network(text, 2);
    let theta: Vec<f64> = net.theta().iter().map(|t| 0.2 * t).collect();
    net.at(&theta).unwrap()
}

fn images(n: usize) -> Dataset {
    with_classes(numbers(n * 400, 3), 400, 3, 1)
}

fn texts(n: usize) -> Dataset {
    let tokens = (0..n).flat_map(|i| (0..40).map(move |t| (i, t)));
    let tokens = tokens.map(|(i, t)| match t > 5 + i % 30 {
        true => -1.0,
        false => ((i * i + t * 3) % 6) as f64,
    });
    with_classes(tokens.collect(), 40, 3, 40)
}

#[test]
fn parts_of_a_batch_are_not_seen() {
    let estimators = [
        Estimator::Empirical,
        Estimator::MonteCarlo { draws: 2, seed: 5 },
        Estimator::Exact,
    ];
    let representations = [
        Representation::Diagonal,
        Representation::Kronecker(Sharing::Expand),
        Representation::Kronecker(Sharing::Reduce),
        Representation::EigenKronecker(Sharing::Expand),
        Representation::LowRank,
    ];
    for (text, data) in [(IMAGES, images(110)), (TEXTS, texts(110))] {
        let net = unsure(text);
        let numbers_of_one = net.linearise(&data, 0..1).unwrap().bytes() / 16;
        let part = Cpu::<f64>::new().examples_of_a_part(numbers_of_one as usize);
        assert!(part * 2 < data.len(), "a batch of several parts: {part}");
        let v = numbers(net.dimension(), 9);
        for estimator in estimators {
            for representation in representations {
                // A vector for each class at each position of a text, and scores of several, take their time.
                let long = text == TEXTS || representation == Representation::LowRank;
                if long && estimator == Estimator::Exact {
                    continue;
                }
                let settings = settings(estimator, representation);
                let of = |batch| Estimation::whole(&net, &data, settings, batch).unwrap();
                let (one, all) = (of(1), of(110));
                assert_eq!(one.about.observations, all.about.observations);
                let (x, y) = (one.apply(&v).unwrap(), all.apply(&v).unwrap());
                let size = x.iter().fold(0.0_f64, |top, x| top.max(x.abs()));
                let off = x.iter().zip(&y).map(|(x, y)| (x - y).abs());
                let off = off.fold(0.0, f64::max);
                // EK-FAC's bases are eigenvectors of factors that differ in their last digit.
                assert!(
                    off <= 1e-10 * size,
                    "{estimator:?} {representation:?}: {off} of {size}"
                );
                if let Some(errors) = all.standard_errors() {
                    close(&one.standard_errors().unwrap(), &errors, 1e-10);
                }
                if estimator == Estimator::Exact {
                    continue;
                }
                let threads = |n| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
                    pool.unwrap().install(|| of(110))
                };
                assert!(threads(1) == all && threads(3) == all);
            }
        }
    }
}

/// The variance over draws at each example, from the scores themselves: that of groups of two, the last of three.
#[test]
fn standard_errors_are_the_spread_over_draws_at_each_example() {
    let flat = "input={features=5}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=4\n[[layer]]\nkind=\"tanh\"\n[[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n";
    let table = with_classes(numbers(9 * 5, 4), 5, 3, 1);
    for (text, data) in [(flat, table), (IMAGES, images(7)), (TEXTS, texts(7))] {
        let net = unsure(text);
        let (n, width) = (data.len(), net.dimension());
        for draws in [2, 3, 5] {
            let estimator = Estimator::MonteCarlo { draws, seed: 6 };
            let of = |representation, batch| {
                let settings = settings(estimator, representation);
                Estimation::whole(&net, &data, settings, batch).unwrap()
            };
            let scores = of(Representation::LowRank, 1);
            let Form::LowRank(low_rank) = &scores.blocks[0].form else {
                panic!("{scores:?}")
            };
            let m = draws as usize;
            assert_eq!(low_rank.scores.len(), n * m * width);
            let groups: &[&[usize]] = match m {
                2 => &[&[0, 1]],
                3 => &[&[0, 1, 2]],
                _ => &[&[0, 1], &[2, 3, 4]],
            };
            let error_of = |parameter: usize| {
                // A score is kept over √m.
                let square = |example: usize, draw: usize| {
                    m as f64 * low_rank.scores[(example * m + draw) * width + parameter].powi(2)
                };
                let of_group = |example: usize, group: &[usize]| {
                    let k = group.len() as f64;
                    let mean = group.iter().map(|d| square(example, *d)).sum::<f64>() / k;
                    let apart = group.iter().map(|d| (square(example, *d) - mean).powi(2));
                    k * apart.sum::<f64>() / (k - 1.0)
                };
                let each = (0..n).flat_map(|e| groups.iter().map(move |group| (e, group)));
                let sum: f64 = each.map(|(e, group)| of_group(e, group)).sum();
                sum.sqrt() / m as f64
            };
            let expected: Vec<f64> = (0..width).map(error_of).collect();
            assert!(expected.iter().filter(|e| **e > 0.0).count() > width / 4);
            for batch in [1, 3, n] {
                let errors = of(Representation::Diagonal, batch).standard_errors();
                close(&errors.unwrap(), &expected, 1e-9);
            }
        }
    }
}
