//! Training and consolidation.

use crate::common::{close, estimate, network, numbers, with_classes};
use fisherinfo_net::estimator::{Estimator, Representation, Sharing};
use fisherinfo_net::train::{Optimiser, Training, evaluate, train};
use fisherinfo_net::{Consolidation, Dataset};

const TEXT: &str = "input={features=2}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=6\n[[layer]]\nkind=\"tanh\"\n\
    [[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=2\n";

/// Classes by the sign of a coordinate.
fn task(axis: usize, seed: u64) -> Dataset {
    let x = numbers(400, seed);
    let y = x
        .chunks(2)
        .map(|p| f64::from(u8::from(p[axis] > 0.0)))
        .collect();
    Dataset::new(x, 2, y).unwrap()
}

fn by(optimiser: Optimiser, rate: f64) -> Training {
    Training {
        optimiser,
        rate,
        epochs: 30,
        batch: 20,
        seed: 1,
    }
}

#[test]
fn both_optimisers_learn_and_repeat_themselves() {
    let data = task(0, 1);
    for training in [
        by(Optimiser::Adam, 0.02),
        by(Optimiser::Sgd { momentum: 0.9 }, 0.1),
    ] {
        let none = Consolidation::default();
        let run = || train(network(TEXT, 2), &data, &training, &none, |_, _| true).unwrap();
        let trained = run();
        let fit = evaluate(&trained, &data).unwrap();
        assert!(fit.accuracy.unwrap() > 0.97 && fit.loss < 0.15, "{fit:?}");
        assert_eq!(trained.hash(), run().hash());
        let stopped = train(network(TEXT, 2), &data, &training, &none, |epoch, _| {
            epoch < 1
        })
        .unwrap();
        assert_ne!(stopped.hash(), trained.hash());
    }
}

#[test]
fn divergence_is_an_error() {
    let data = task(0, 3);
    let wild = by(Optimiser::Sgd { momentum: 0.9 }, 1e308);
    let error = train(
        network(TEXT, 2),
        &data,
        &wild,
        &Consolidation::default(),
        |_, _| true,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("a smaller rate may help"),
        "{error}"
    );
}

#[test]
fn a_penalty_is_not_zero_and_has_its_own_gradient() {
    let net = network(TEXT, 4);
    let data = with_classes(numbers(20, 5), 2, 2, 1);
    for representation in [
        Representation::Diagonal,
        Representation::Kronecker(Sharing::Expand),
    ] {
        let fisher = estimate(&net, &data, Estimator::Exact, representation);
        let theta = net.theta();
        let one = Consolidation::default()
            .and(fisher.clone(), theta.clone(), 3.0)
            .unwrap();
        assert_eq!(one.penalty(&theta).unwrap(), 0.0);
        let away: Vec<f64> = theta
            .iter()
            .zip(numbers(theta.len(), 6))
            .map(|(t, d)| t + d)
            .collect();
        let step: Vec<f64> = away.iter().zip(&theta).map(|(a, t)| a - t).collect();
        let wanted = 1.5 * fisher.quadratic_form(&step).unwrap();
        let both = one.and(fisher, theta.clone(), 1.0).unwrap();
        let found = both.penalty(&away).unwrap();
        assert!(wanted > 0.1 && (found / (wanted * 4.0 / 3.0) - 1.0).abs() < 1e-12);
        let v = numbers(theta.len(), 7);
        let shifted = |h: f64| {
            let at: Vec<f64> = away.iter().zip(&v).map(|(a, v)| a + h * v).collect();
            both.penalty(&at).unwrap()
        };
        // A quadratic's central difference is exact.
        let slope = (shifted(0.5) - shifted(-0.5)) / 1.0;
        let along: f64 = both
            .gradient(&away)
            .unwrap()
            .iter()
            .zip(&v)
            .map(|(g, v)| g * v)
            .sum();
        assert!((slope - along).abs() < 1e-10 * slope.abs());
    }
}

/// The second task alone forgets the first; held by the exact Fisher it forgets less.
#[test]
fn consolidation_keeps_the_first_task() {
    let (first, second) = (task(0, 8), task(1, 9));
    let training = by(Optimiser::Adam, 0.02);
    let start = train(
        network(TEXT, 10),
        &first,
        &training,
        &Consolidation::default(),
        |_, _| true,
    )
    .unwrap();
    let theta = start.theta();
    let fisher = estimate(&start, &first, Estimator::Exact, Representation::Diagonal);
    let penalty = Consolidation::default()
        .and(fisher, theta.clone(), 1.0)
        .unwrap();
    let after = |penalty: &Consolidation| {
        let begun = start.at(&theta).unwrap();
        let net = train(begun, &second, &training, penalty, |_, _| true).unwrap();
        evaluate(&net, &first).unwrap().loss
    };
    let (free, held) = (after(&Consolidation::default()), after(&penalty));
    assert!(held < 0.5 * free, "{held} {free}");
    close(&[start.theta()[0]], &[theta[0]], 0.0);
}
