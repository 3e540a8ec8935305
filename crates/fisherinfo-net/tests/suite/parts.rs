//! A batch of many examples goes through the layers part by part, parts of few rows are joined for their sums,
//! and several draws keep the pass forward of every part: none of it may be seen in what comes out.

use crate::common::{network, numbers, settings, with_classes};
use fisherinfo_net::Dataset;
use fisherinfo_net::backend::{Backend, Cpu};
use fisherinfo_net::estimator::{Estimation, Estimator, Representation, Sharing};

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
        let net = network(text, 2);
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
