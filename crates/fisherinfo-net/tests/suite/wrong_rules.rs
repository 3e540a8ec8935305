//! Rules that are in use elsewhere and are wrong, each beside the case that tells it from the right one.

use crate::common::{estimate, network, settings};
use fisherinfo_net::Dataset;
use fisherinfo_net::estimator::{Estimation, Estimator, Reduction, Representation, Settings};

/// A logistic model with w = 0, x = 1 and y = 1, 0: true and empirical information are both 0.25 a toss.
#[test]
fn the_square_of_a_mean_and_the_weighted_true_label() {
    let text = "input={features=1}\noutput=\"bernoulli\"\n[[layer]]\nkind=\"linear\"\nname=\"w\"\noutputs=1\nbias=false\n";
    let net = network(text, 1).at(&[0.0]).unwrap();
    let data = Dataset::new(vec![1.0, 1.0], 1, vec![1.0, 0.0]).unwrap();
    for batch in [1, 2] {
        for estimator in [
            Estimator::Exact,
            Estimator::Empirical,
            Estimator::MonteCarlo { draws: 1, seed: 1 },
        ] {
            for representation in [Representation::Diagonal, Representation::Dense] {
                let mean = Settings {
                    reduction: Reduction::Mean,
                    ..settings(estimator, representation)
                };
                let fisher = Estimation::whole(&net, &data, mean, batch).unwrap();
                assert_eq!(fisher.diagonal(), [0.25]);
            }
        }
    }
    // The rules themselves, from the same passes: the first squares the mean gradient of a batch, the second
    // weights squares of true-label gradients by p(y|x).
    let there = net.linearise(&data, 0..2).unwrap();
    let scores: Vec<f64> = [1.0, 0.0]
        .iter()
        .zip(there.coordinates())
        .map(|(y, z)| {
            let mut s = [0.0];
            net.output().score(&[*z], &[*y], &mut s);
            s[0]
        })
        .collect();
    let of_mean = (there.gradient(&scores)[0] / 2.0).powi(2);
    assert_eq!(of_mean, 0.0);
    let weighted: f64 = scores.iter().map(|s| 0.5 * s * s).sum::<f64>() / 2.0;
    assert_eq!(weighted, 0.125);
}

#[test]
fn mean_reduction_divides_by_what_it_says() {
    let text = "input={tokens={length=3, padding=-1}}\noutput=\"categorical\"\n[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=3\nfeatures=2\n\
        [[layer]]\nkind=\"linear\"\nname=\"h\"\noutputs=3\n";
    let net = network(text, 2);
    let data = Dataset::new(
        vec![0.0, 1.0, 2.0, 1.0, -1.0, -1.0],
        3,
        vec![0.0, 1.0, 2.0, 2.0, -1.0, -1.0],
    )
    .unwrap();
    let sum = estimate(&net, &data, Estimator::Exact, Representation::Diagonal);
    let trace = sum.trace();
    assert_eq!((sum.about.examples, sum.about.observations), (2, 4));
    let mean = sum.clone().reduced(Reduction::Mean).trace();
    let observed = sum.reduced(Reduction::MeanOverObservations).trace();
    assert!((trace / mean - 2.0).abs() < 1e-15 && (trace / observed - 4.0).abs() < 1e-15);
}
