//! Maximum likelihood against closed forms, and the efficiency of estimators against theory.

use fisherinfo::estimate::{
    Efficiency, EfficiencyError, MaximumLikelihoodError, PointEstimator, SampleInformation,
    maximum_likelihood, simulate_efficiency,
};
use fisherinfo::expression::Expression;
use fisherinfo::family::{
    Bernoulli, Beta, Categorical, DensityFormula, Exponential, Gamma, Geometric, Laplace, Model,
    MultivariateNormal, Normal, Poisson, TypedDensity, Value,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn draws(model: &dyn Model, theta: &[f64], n: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let support = model.support(theta);
    (0..n)
        .map(|_| {
            let mut x = vec![0.0; support.width()];
            model.sample(theta, &mut rng, &mut x).unwrap();
            x.truncate(support.columns());
            x
        })
        .collect()
}

fn mean(rows: &[Vec<f64>]) -> f64 {
    rows.iter().map(|row| row[0]).sum::<f64>() / rows.len() as f64
}

fn near(found: &[f64], wanted: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), wanted.len());
    for (f, w) in found.iter().zip(wanted) {
        prop_assert!(
            (f - w).abs() <= tolerance * w.abs().max(1e-3),
            "{:?} {:?}",
            found,
            wanted
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// From a start that is not near.
    #[test]
    fn maxima_meet_their_closed_forms(seed in 0..1_000_u64, n in 12..60_usize, p in 0.2..0.8_f64, a in 0.3..8.0_f64, b in 0.05..20.0_f64) {
        let coin = draws(&Bernoulli, &[p], n, seed);
        let heads = mean(&coin);
        prop_assume!(heads > 0.0 && heads < 1.0);
        near(&maximum_likelihood(&Bernoulli, &coin, &[0.9]).unwrap().theta, &[heads], 1e-8)?;
        let waits = draws(&Geometric, &[p], n, seed);
        prop_assume!(mean(&waits) > 0.0);
        let geometric = maximum_likelihood(&Geometric, &waits, &[0.5]).unwrap();
        near(&geometric.theta, &[1.0 / (1.0 + mean(&waits))], 1e-8)?;
        let counts = draws(&Poisson, &[b + 0.5], n, seed);
        near(&maximum_likelihood(&Poisson, &counts, &[1.0]).unwrap().theta, &[mean(&counts)], 1e-8)?;
        let times = draws(&Exponential, &[b], n, seed);
        near(&maximum_likelihood(&Exponential, &times, &[1.0]).unwrap().theta, &[1.0 / mean(&times)], 1e-8)?;
        let normal = draws(&Normal, &[a - 4.0, b], n, seed);
        let centre = mean(&normal);
        let spread = (normal.iter().map(|x| (x[0] - centre).powi(2)).sum::<f64>() / n as f64).sqrt();
        near(&maximum_likelihood(&Normal, &normal, &[0.0, 1.0]).unwrap().theta, &[centre, spread], 1e-8)?;
        // Shape over rate is the mean, and ln α − ψ(α) = ln mean − mean of logarithms.
        let gamma = draws(&Gamma, &[a, b], n, seed);
        let found = maximum_likelihood(&Gamma, &gamma, &[1.0, 1.0]).unwrap().theta;
        near(&[found[0] / found[1]], &[mean(&gamma)], 1e-8)?;
        let logs = gamma.iter().map(|x| x[0].ln()).sum::<f64>() / n as f64;
        let excess = Expression::parse("log(a) - digamma(a)").unwrap().bind(&["a"]).unwrap();
        near(&[excess.evaluate(&[found[0]])], &[mean(&gamma).ln() - logs], 1e-7)?;
    }

    /// Without a formula for the information: the score vanishes at what is found.
    #[test]
    fn typed_and_joint_maxima_have_no_score(seed in 0..1_000_u64) {
        let (logistic, truth) = logistic();
        let rows = draws(&logistic, &truth, 30, seed);
        let found = maximum_likelihood(&logistic, &rows, &[0.0, 1.0]).unwrap();
        let sample = SampleInformation::from_rows(&logistic, &found.theta, &rows).unwrap();
        for (i, score) in sample.score.iter().enumerate() {
            prop_assert!(score.abs() < 1e-5 * sample.observed.matrix()[(i, i)].sqrt(), "{:?}", sample.score);
        }
        prop_assert!((sample.log_likelihood - found.log_likelihood).abs() < 1e-9);
        for (model, truth, start) in [
            (&Beta as &dyn Model, &[2.0, 5.0][..], &[1.0, 1.0][..]),
            (&Categorical { categories: 3 }, &[0.2, 0.5], &[0.4, 0.4]),
            (&MultivariateNormal { dimension: 2 }, &[1.0, -2.0, 2.0, 0.5, 1.0], &[0.0, 0.0, 1.0, 0.0, 1.0]),
        ] {
            let rows = draws(model, truth, 40, seed);
            let found = maximum_likelihood(model, &rows, start).unwrap();
            let sample = SampleInformation::from_rows(model, &found.theta, &rows).unwrap();
            for (i, score) in sample.score.iter().enumerate() {
                prop_assert!(score.abs() < 1e-5 * sample.expected.matrix()[(i, i)].sqrt(), "{}: {:?}", model.name(), sample.score);
            }
        }
    }
}

/// e^(−z)/(s(1 + e^(−z))²) with z = (x − m)/s: information diag(1/3, (3 + π²)/9)/s².
fn logistic() -> (TypedDensity, Vec<f64>) {
    DensityFormula::parse("z = (x-m)/s; -z - log(s) - 2*softplus(-z)", "(-inf,inf)")
        .unwrap()
        .within("s", 0.0, f64::INFINITY)
        .at(&[
            ("m".into(), Value::Number(1.0)),
            ("s".into(), Value::Number(2.0)),
        ])
        .unwrap()
}

#[test]
fn where_there_is_no_maximum_inside() {
    let never = [[0.0], [0.0], [0.0]];
    let found = maximum_likelihood(&Bernoulli, &never, &[0.3]).unwrap();
    assert_eq!((found.theta, found.on_boundary), (vec![0.0], vec![0]));
    assert!(found.log_likelihood.abs() < 1e-9);
    let always = [[1.0], [1.0]];
    assert_eq!(
        maximum_likelihood(&Bernoulli, &always, &[0.3])
            .unwrap()
            .theta,
        [1.0]
    );
    assert_eq!(
        maximum_likelihood(&Poisson, &never, &[5.0]).unwrap().theta,
        [0.0]
    );
    // A small maximum is no boundary.
    let tiny = [[1e16], [3e16]];
    let rate = maximum_likelihood(&Exponential, &tiny, &[1.0]).unwrap();
    assert!((rate.theta[0] / 5e-17 - 1.0).abs() < 1e-9 && rate.on_boundary.is_empty());
    // The same without a formula for the information.
    let (coin, theta) = DensityFormula::parse("x*log(p) + (1-x)*log1p(-p)", "{0,1}")
        .unwrap()
        .within("p", 0.0, 1.0)
        .at(&[("p".into(), Value::Number(0.3))])
        .unwrap();
    assert_eq!(
        maximum_likelihood(&coin, &never, &theta).unwrap().theta,
        [0.0]
    );

    // One observation has no spread.
    let error = maximum_likelihood(&Normal, &[[2.0]], &[0.0, 1.0]).unwrap_err();
    assert!(
        matches!(error, MaximumLikelihoodError::NoMaximum { ref parameter, .. } if parameter == "sigma"),
        "{error}"
    );
    let message = |rows: &[[f64; 1]], start: &[f64]| {
        maximum_likelihood(&Exponential, rows, start)
            .unwrap_err()
            .to_string()
    };
    assert!(message(&[], &[1.0]).contains("no observations"));
    assert!(message(&[[1.0], [-1.0]], &[1.0]).contains("observation 2"));
    assert!(message(&[[1.0]], &[-1.0]).contains("rate = -1 is outside"));
}

fn simulated(
    (model, theta): (&dyn Model, &[f64]),
    estimator: PointEstimator,
    n: usize,
    samples: usize,
) -> Efficiency {
    simulate_efficiency(model, theta, None, estimator, n, samples, 11, &|_| {}).unwrap()
}

/// The efficiency is what theory says, and its error is too small for a wrong factor to pass.
fn attains(found: &Efficiency, wanted: f64, smallness: f64) {
    let efficiency = found.parameters[0].efficiency;
    assert!(
        (efficiency.value - wanted).abs() < 4.0 * efficiency.error,
        "{efficiency:?} against {wanted}"
    );
    assert!(efficiency.error < smallness, "{efficiency:?}");
}

#[test]
fn efficiencies_that_are_known() {
    use PointEstimator::{MaximumLikelihood, Mean, Median};
    let normal = (&Normal as &dyn Model, &[1.0, 2.0][..]);
    // 2/π asymptotically; at n = 51 the variance of the median is 1.5396/51 (order statistics of
    // the normal), so 0.6495 of the bound.
    let found = simulated(normal, Median, 51, 40_000);
    attains(&found, 0.6495, 0.006);
    assert_eq!(found.parameters.len(), 1);
    let of_mu = &found.parameters[0];
    assert_eq!(of_mu.parameter, "mu");
    assert!(of_mu.bias.value.abs() < 4.0 * of_mu.bias.error, "{of_mu:?}");
    assert!((found.parameters[0].bound - 4.0 / 51.0).abs() < 1e-15);
    attains(&simulated(normal, Mean, 5, 20_000), 1.0, 0.015);
    // Of n tosses, to every order.
    let coin = (&Bernoulli as &dyn Model, &[0.3][..]);
    let found = simulated(coin, MaximumLikelihood, 40, 20_000);
    attains(&found, 1.0, 0.015);
    let mean = simulated(coin, Mean, 40, 20_000);
    // On the same draws the two are one estimator.
    assert!(
        (mean.parameters[0].variance.value / found.parameters[0].variance.value - 1.0).abs() < 1e-7
    );
    // Heads are rare: some samples have none, and count as p̂ = 0.
    let rare = simulated((&Bernoulli, &[0.05]), MaximumLikelihood, 10, 5_000);
    attains(&rare, 1.0, 0.05);
    let share = rare.on_boundary as f64 / 5_000.0;
    assert!((share - 0.95_f64.powi(10)).abs() < 4.0 * (0.24_f64 / 5_000.0).sqrt());

    // The logistic: bound 3s²/n, mean π²s²/3n, median 4s²/n.
    let (logistic, theta) = logistic();
    let nine = 9.0 / std::f64::consts::PI.powi(2);
    attains(
        &simulated((&logistic, &theta), Mean, 20, 10_000),
        nine,
        0.02,
    );
    let median = simulated((&logistic, &theta), Median, 201, 4_000);
    attains(&median, 0.75, 0.02);
}

/// The standard deviation of maximum likelihood is biased by −3/(4n) of itself, and its variance is
/// σ²/2n to first order; the variance of exact theory is σ²((n−1)/n − c²).
#[test]
fn a_biased_estimator_shows_its_bias() {
    let found = simulated(
        (&Normal, &[0.0, 1.0]),
        PointEstimator::MaximumLikelihood,
        10,
        20_000,
    );
    let sigma = &found.parameters[1];
    // E σ̂ = √(2/n) Γ(n/2)/Γ((n−1)/2) for n = 10.
    let mean = 0.2_f64.sqrt() * 24.0 / 11.631_728_396_567_448;
    assert!(
        (sigma.bias.value - (mean - 1.0)).abs() < 4.0 * sigma.bias.error,
        "{sigma:?}"
    );
    assert!(sigma.bias.value < -20.0 * sigma.bias.error);
    let variance = 0.9 - mean * mean;
    assert!((sigma.variance.value - variance).abs() < 4.0 * sigma.variance.error);
    assert!((sigma.bound - 0.05).abs() < 1e-15);
}

#[test]
fn the_same_on_any_number_of_threads() {
    let run = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                simulated(
                    (&Gamma, &[2.0, 3.0]),
                    PointEstimator::MaximumLikelihood,
                    15,
                    500,
                )
            })
    };
    let (one, three) = (run(1), run(3));
    assert_eq!(one, three);
    assert_eq!(one.parameters.len(), 2);
}

#[test]
fn estimators_of_something_else_are_refused() {
    let refused = |model: &dyn Model, theta: &[f64], estimator| {
        simulate_efficiency(model, theta, None, estimator, 10, 100, 1, &|_| {}).unwrap_err()
    };
    let error = refused(&Exponential, &[2.0], PointEstimator::Mean);
    assert!(
        matches!(error, EfficiencyError::NotAParameter { .. }),
        "{error}"
    );
    // At rate = 1 mean and rate agree, but they do not move together.
    let error = refused(&Exponential, &[1.0], PointEstimator::Mean);
    assert!(
        matches!(error, EfficiencyError::NotAParameter { .. }),
        "{error}"
    );
    let error = refused(&Poisson, &[2.0], PointEstimator::Median);
    assert!(error.to_string().contains("of integers"), "{error}");
    let pair = MultivariateNormal { dimension: 2 };
    let error = refused(&pair, &[0.0, 0.0, 1.0, 0.0, 1.0], PointEstimator::Mean);
    assert!(error.to_string().contains("vectors"), "{error}");
    let (cauchy, theta) = DensityFormula::parse("-log(pi*(1 + (x-m)^2))", "(-inf,inf)")
        .unwrap()
        .at(&[("m".into(), Value::Number(0.5))])
        .unwrap();
    let error = refused(&cauchy, &theta, PointEstimator::Mean);
    assert!(
        matches!(error, EfficiencyError::NotDefined { .. }),
        "{error}"
    );
    let error = simulate_efficiency(
        &Poisson,
        &[2.0],
        None,
        PointEstimator::Mean,
        10,
        1,
        1,
        &|_| {},
    );
    assert!(matches!(error, Err(EfficiencyError::Count { .. })));
    // In coordinates that have it the mean is an estimator: 1/rate of an exponential.
    let scale = Exponential
        .alternative_coordinates()
        .into_iter()
        .find(|c| (c.forward(&[4.0])[0] - 0.25).abs() < 1e-15)
        .unwrap();
    let found = simulate_efficiency(
        &Exponential,
        &[4.0],
        Some(&scale),
        PointEstimator::Mean,
        10,
        20_000,
        3,
        &|_| {},
    )
    .unwrap();
    attains(&found, 1.0, 0.02);
}

/// The likelihood of a Laplace sample is greatest at its median, which is a kink of it, and at the mean
/// distance from there; typed it is the same. An even sample has many medians, all as likely.
#[test]
fn the_likelihood_of_a_density_with_kinks() {
    let typed = fisherinfo::family::DensityFormula::parse("-log(2*b) - abs(x - mu)/b", "R")
        .unwrap()
        .within("b", 0.0, f64::INFINITY)
        .at(&crate::typed_densities::values(&[
            ("mu", "0.3"),
            ("b", "1.1"),
        ]))
        .unwrap()
        .0;
    for count in [2, 3, 20, 101] {
        let rows = draws(&Laplace, &[-4.0, 2.0], count, 3);
        let mut sorted: Vec<f64> = rows.iter().map(|x| x[0]).collect();
        sorted.sort_by(f64::total_cmp);
        let middle = (sorted[(count - 1) / 2], sorted[count / 2]);
        for model in [&Laplace as &dyn Model, &typed] {
            let found = maximum_likelihood(model, &rows, &[0.3, 1.1]).unwrap();
            let location = found.theta[0];
            assert!(middle.0 - 1e-12 <= location && location <= middle.1 + 1e-12);
            let distance: f64 = rows.iter().map(|x| (x[0] - location).abs()).sum();
            let wanted = distance / count as f64;
            assert!(
                (found.theta[1] / wanted - 1.0).abs() < 1e-6,
                "{count}: {found:?}"
            );
        }
    }
}
