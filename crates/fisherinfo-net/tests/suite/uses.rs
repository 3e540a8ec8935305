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

#[test]
fn natural_gradients_learn_in_fewer_steps() {
    use fisherinfo_net::train::Natural;
    let data = task(0, 21);
    let none = Consolidation::default();
    let fit = |optimiser, rate| {
        let training = Training {
            epochs: 6,
            ..by(optimiser, rate)
        };
        let trained = train(network(TEXT, 2), &data, &training, &none, |_, _| true).unwrap();
        evaluate(&trained, &data).unwrap().loss
    };
    let natural = |kronecker| Optimiser::Natural {
        information: Natural {
            kronecker,
            divergence: 0.05,
            every: 2,
            ..Natural::default()
        },
        momentum: 0.5,
    };
    let adam = fit(Optimiser::Adam, 0.02);
    let (kfac, diagonal) = (fit(natural(true), 0.5), fit(natural(false), 0.5));
    assert!(kfac < 0.6 * adam, "K-FAC {kfac}, Adam {adam}");
    assert!(diagonal < adam, "diagonal {diagonal}, Adam {adam}");
}

/// A normal model is quadratic: one natural step of full length without damping goes to the minimum.
#[test]
fn one_natural_step_minimises_a_quadratic() {
    use fisherinfo_net::train::Natural;
    let text = "input={features=2}\noutput={normal={sigma=1.0}}\n[[layer]]\nkind=\"linear\"\nname=\"w\"\noutputs=1\nbias=false\n";
    let x = numbers(60, 22);
    let y = x.chunks(2).map(|p| 3.0 * p[0] - p[1] + 0.1 * p[0] * p[1]);
    let data = Dataset::new(x.clone(), 2, y.collect()).unwrap();
    let training = Training {
        optimiser: Optimiser::Natural {
            information: Natural {
                damping: 0.0,
                divergence: 1e9,
                ..Natural::default()
            },
            momentum: 0.0,
        },
        rate: 1.0,
        epochs: 1,
        batch: 30,
        seed: 1,
    };
    let begun = network(text, 23);
    let none = Consolidation::default();
    // The exact F of one output is XᵀX whatever is drawn only in expectation: the step is long or short, and
    // its direction is that of least squares.
    let least = {
        let exact = estimate(&begun, &data, Estimator::Exact, Representation::Dense);
        let there = begun.linearise(&data, 0..30).unwrap();
        let labels = data.labels(0..30);
        let u: Vec<f64> = there
            .coordinates()
            .iter()
            .zip(labels)
            .map(|(z, y)| z - y)
            .collect();
        let g = there.gradient(&u);
        exact
            .damped_solve(&g, fisherinfo_net::representation::Damping::NONE)
            .unwrap()
    };
    let trained = train(begun, &data, &training, &none, |_, _| true).unwrap();
    let start = network(text, 23).theta();
    let moved: Vec<f64> = start
        .iter()
        .zip(trained.theta())
        .map(|(s, t)| s - t)
        .collect();
    let ratio = moved[0] / least[0];
    assert!((0.4..2.5).contains(&ratio), "{ratio}");
    close(
        &moved,
        &least.iter().map(|l| ratio * l).collect::<Vec<_>>(),
        1e-8,
    );
}

#[test]
fn penalties_of_other_networks_name_what_differs() {
    let of = |text: &str| {
        let net = network(text, 24);
        let data = with_classes(numbers(8, 25), 2, 2, 1);
        let fisher = estimate(&net, &data, Estimator::Exact, Representation::Diagonal);
        (fisher, net.theta())
    };
    let (first, theta) = of(TEXT);
    let one = Consolidation::default().and(first, theta, 1.0).unwrap();
    let refused = |text: &str| {
        let (other, theta) = of(text);
        one.clone().and(other, theta, 1.0).unwrap_err().to_string()
    };
    let error = refused(&TEXT.replace("\"b\"", "\"c\""));
    assert!(
        error.contains("b.weight, b.bias here and c.weight, c.bias there"),
        "{error}"
    );
    let error = refused(&TEXT.replace("outputs=6", "outputs=5"));
    assert!(
        error.contains("`a.weight` [6, 2] here and `a.weight` [5, 2] there"),
        "{error}"
    );
}

#[test]
fn merging_solves_its_equation() {
    use fisherinfo_net::merge::{Merged, average, merge};
    let nets = [network(TEXT, 31), network(TEXT, 32)];
    let data = [task(0, 33), task(1, 34)];
    let thetas = [nets[0].theta(), nets[1].theta()];
    for representation in [
        Representation::Diagonal,
        Representation::Kronecker(Sharing::Expand),
        Representation::EigenKronecker(Sharing::Expand),
        Representation::Dense,
        Representation::LowRank,
    ] {
        let fishers =
            [0, 1].map(|i| estimate(&nets[i], &data[i], Estimator::Exact, representation));
        let models = [0, 1].map(|i| Merged {
            fisher: &fishers[i],
            theta: &thetas[i],
            weight: [1.0, 2.0][i],
        });
        let (damping, mean) = (0.01, average(&models).unwrap());
        let found = merge(&models, damping).unwrap();
        // (ΣwF + λ)θ = ΣwFθᵢ + λθ̄, put in.
        let n = mean.len();
        let diagonal: f64 = models
            .iter()
            .map(|m| m.weight * m.fisher.trace())
            .sum::<f64>()
            / n as f64;
        let mut rest: Vec<f64> = (0..n)
            .map(|i| damping * diagonal * (found[i] - mean[i]))
            .collect();
        let mut size = vec![0.0; n];
        for model in &models {
            let away: Vec<f64> = found.iter().zip(model.theta).map(|(f, t)| f - t).collect();
            for (i, pull) in model.fisher.apply(&away).unwrap().into_iter().enumerate() {
                rest[i] += model.weight * pull;
                size[i] += (model.weight * pull).abs();
            }
        }
        let top = size.iter().copied().fold(0.0, f64::max);
        assert!(
            rest.iter().all(|r| r.abs() < 1e-8 * top),
            "{representation}"
        );
        let same = [models[0], models[0]];
        close(&merge(&same, damping).unwrap(), &thetas[0], 1e-12);
    }
    let fisher = estimate(
        &nets[0],
        &data[0],
        Estimator::Exact,
        Representation::Diagonal,
    );
    let bad = [Merged {
        fisher: &fisher,
        theta: &thetas[0],
        weight: f64::NAN,
    }];
    assert!(merge(&bad, 0.0).is_err());
}

#[test]
fn pruning_takes_the_least_important() {
    use fisherinfo_net::prune::{Saliency, prune};
    let data = task(0, 41);
    let training = by(Optimiser::Adam, 0.02);
    let none = Consolidation::default();
    let net = train(network(TEXT, 42), &data, &training, &none, |_, _| true).unwrap();
    let fisher = estimate(&net, &data, Estimator::Exact, Representation::Diagonal);
    let theta = net.theta();
    let of = |saliency| prune(&fisher, &theta, 0.5, saliency).unwrap();
    let diagonal = fisher.diagonal();
    for (saliency, importance) in [
        (
            Saliency::Magnitude,
            theta.iter().map(|t| t.abs()).collect::<Vec<_>>(),
        ),
        (
            Saliency::Fisher,
            theta
                .iter()
                .zip(&diagonal)
                .map(|(t, f)| f * t * t)
                .collect(),
        ),
    ] {
        let (pruned, gone) = of(saliency);
        let weights = |i: &usize| {
            net.parameters()
                .iter()
                .any(|p| p.shape.len() == 2 && (p.offset..p.offset + p.length()).contains(i))
        };
        let places: Vec<usize> = (0..theta.len()).filter(weights).collect();
        assert_eq!(gone, places.len() / 2);
        assert_eq!(pruned.iter().filter(|t| **t == 0.0).count(), gone);
        let least_kept = places
            .iter()
            .filter(|i| pruned[**i] != 0.0)
            .map(|i| importance[*i]);
        let least_kept = least_kept.fold(f64::INFINITY, f64::min);
        assert!(
            places
                .iter()
                .filter(|i| pruned[**i] == 0.0)
                .all(|i| importance[*i] <= least_kept)
        );
    }
    let loss = |theta: &[f64]| evaluate(&net.at(theta).unwrap(), &data).unwrap().loss;
    assert!(loss(&of(Saliency::Fisher).0) < loss(&of(Saliency::Magnitude).0));
}

#[test]
fn an_audit_finds_the_empirical_estimate_wrong_and_the_drawn_one_right() {
    use fisherinfo_net::audit::{Audit, audit};
    // Labels that have nothing to do with the network: its own information and that of their scores differ.
    let net = network(TEXT, 51);
    let data = task(1, 52);
    let how = Audit {
        draws: 16,
        ..Audit::default()
    };
    let report = audit(&net, &data, &how).unwrap();
    assert_eq!(report.reference, "exact");
    let [exact, drawn, empirical] = &report.estimators[..] else {
        panic!()
    };
    assert_eq!(
        (exact.ratio.value, exact.ratio.error, exact.distance),
        (1.0, 0.0, 0.0)
    );
    let off =
        |e: &fisherinfo_net::audit::EstimatorReport| (e.ratio.value - 1.0).abs() / e.ratio.error;
    assert!(off(drawn) < 3.0 && drawn.ratio.error > 0.0, "{drawn:?}");
    assert!(off(empirical) > 4.0, "{empirical:?}");
    let whole = estimate(&net, &data, Estimator::Exact, Representation::Diagonal);
    assert!((exact.trace.value * 200.0 / whole.trace() - 1.0).abs() < 1e-12);
    // Along random directions every form has the right trace on average; along the gradient they differ.
    for form in &report.representations {
        assert!(form.ratio.error < 0.5 && form.ratio.value > 0.2 && form.ratio.value < 3.0);
    }
    let one = data.select(&[0, 1]);
    assert!(audit(&net, &one, &how).is_ok());
}

/// Greatest eigenvalues by Lanczos against all of them.
#[test]
fn greatest_eigenvalues_are_those_of_all() {
    let text = "input={features=300}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=5\n[[layer]]\nkind=\"tanh\"\n\
        [[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n";
    let net = network(text, 61);
    let data = with_classes(numbers(300 * 40, 62), 300, 3, 1);
    for representation in [
        Representation::Diagonal,
        Representation::LowRank,
        Representation::Kronecker(Sharing::Expand),
        Representation::EigenKronecker(Sharing::Expand),
    ] {
        let fisher = estimate(&net, &data, Estimator::Exact, representation);
        let all = fisher.eigenvalues().unwrap();
        close(&fisher.greatest_eigenvalues(8).unwrap(), &all[..8], 1e-8);
    }
}
