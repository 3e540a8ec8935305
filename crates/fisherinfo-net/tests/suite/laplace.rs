//! Laplace's approximation against a linear model, whose posterior and evidence have closed forms.

use crate::common::{Net, close, close_matrix, estimate, matrix, network, numbers};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use fisherinfo_net::estimator::{Estimator, Representation, Sharing};
use fisherinfo_net::laplace::Laplace;
use fisherinfo_net::{Dataset, Fisher};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const SIGMA: f64 = 0.7;
const PRIOR: f64 = 0.5;

const ALL: [Representation; 6] = [
    Representation::Dense,
    Representation::BlockDiagonal,
    Representation::Diagonal,
    Representation::LowRank,
    Representation::Kronecker(Sharing::Expand),
    Representation::EigenKronecker(Sharing::Expand),
];

fn line(x: &[f64], y: &[f64]) -> (Net, Dataset, Mat<f64>) {
    let text = format!(
        "input={{features=2}}\noutput={{normal={{sigma={SIGMA}}}}}\n[[layer]]\nkind=\"linear\"\nname=\"w\"\noutputs=1\n"
    );
    let n = y.len();
    let data = Dataset::new(x.to_vec(), 2, y.to_vec()).unwrap();
    // θ is the two weights and the bias.
    let design = Mat::from_fn(n, 3, |i, j| if j == 2 { 1.0 } else { x[2 * i + j] });
    let variance = SIGMA * SIGMA;
    let precision = design.transpose() * &design * faer::Scale(1.0 / variance)
        + Mat::<f64>::identity(3, 3) * faer::Scale(PRIOR);
    let pull = Mat::from_fn(3, 1, |j, _| {
        (0..n).map(|i| design[(i, j)] * y[i]).sum::<f64>() / variance
    });
    let mode = precision.llt(Side::Lower).unwrap().solve(&pull);
    let mode: Vec<f64> = (0..3).map(|i| mode[(i, 0)]).collect();
    (network(&text, 1).at(&mode).unwrap(), data, design)
}

fn posterior(net: &Net, data: &Dataset, representation: Representation) -> (Laplace, Fisher) {
    let fisher = estimate(net, data, Estimator::Exact, representation);
    (
        Laplace::of(net, data, fisher.clone(), PRIOR).unwrap(),
        fisher,
    )
}

/// y of a linear model is normal, with mean 0 and covariance σ² + XXᵀ/λ.
#[test]
fn the_evidence_of_a_linear_model() {
    let (x, y) = (numbers(14, 1), numbers(7, 2));
    let (net, data, design) = line(&x, &y);
    let n = y.len();
    let covariance = &design * design.transpose() * faer::Scale(1.0 / PRIOR)
        + Mat::<f64>::identity(n, n) * faer::Scale(SIGMA * SIGMA);
    let values = covariance.self_adjoint_eigenvalues(Side::Lower).unwrap();
    let seen = Mat::from_fn(n, 1, |i, _| y[i]);
    let solved = covariance.llt(Side::Lower).unwrap().solve(&seen);
    let square: f64 = (0..n).map(|i| y[i] * solved[(i, 0)]).sum();
    let determinant: f64 = values.iter().map(|v| v.ln()).sum();
    let wanted = -0.5 * (n as f64 * (2.0 * std::f64::consts::PI).ln() + determinant + square);
    // One matrix and one output: every form but the diagonal is the whole.
    for representation in ALL {
        let (laplace, _) = posterior(&net, &data, representation);
        let found = laplace.log_marginal_likelihood().unwrap();
        if representation == Representation::Diagonal {
            assert!((found - wanted).abs() > 1e-3);
        } else {
            assert!((found - wanted).abs() < 1e-11, "{found} {wanted}");
        }
    }
    // Among priors the evidence prefers one that fits: one of precision 10⁶ says that θ is zero.
    let (laplace, _) = posterior(&net, &data, Representation::Dense);
    let tight = laplace.under(1e6).unwrap();
    assert!(tight.log_marginal_likelihood().unwrap() < wanted);
}

/// A million draws: their mean within 1e-2 of the mode, their covariance that of (λ + ΣF)⁻¹.
#[test]
fn samples_are_from_the_posterior() {
    let (net, data, _) = line(&numbers(40, 3), &numbers(20, 4));
    for representation in [
        Representation::Dense,
        Representation::Diagonal,
        Representation::Kronecker(Sharing::Expand),
    ] {
        let (laplace, fisher) = posterior(&net, &data, representation);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let n = 1_000_000;
        let (mut sums, mut squares) = (vec![0.0; 3], vec![vec![0.0; 3]; 3]);
        for _ in 0..n {
            let theta = laplace.sample(&mut rng).unwrap();
            for i in 0..3 {
                sums[i] += theta[i];
                for j in 0..3 {
                    squares[i][j] +=
                        (theta[i] - laplace.mode()[i]) * (theta[j] - laplace.mode()[j]);
                }
            }
        }
        for (sum, mode) in sums.iter().zip(laplace.mode()) {
            assert!((sum / f64::from(n) - mode).abs() < 1e-2, "{representation}");
        }
        // Against the matrix itself: (λ + ΣF) times the samples' covariance is one.
        let full = matrix(&fisher);
        let product: Vec<Vec<f64>> = (0..3)
            .map(|i| {
                (0..3)
                    .map(|j| {
                        let row = |k: usize| full[i][k] + if i == k { PRIOR } else { 0.0 };
                        (0..3).map(|k| row(k) * squares[k][j] / f64::from(n)).sum()
                    })
                    .collect()
            })
            .collect();
        let one: Vec<Vec<f64>> = (0..3)
            .map(|i| (0..3).map(|j| f64::from(u8::from(i == j))).collect())
            .collect();
        close_matrix(&product, &one, 1e-2);
    }
}

#[test]
fn three_times_the_data_is_three_times_the_information() {
    let (x, y) = (numbers(14, 6), numbers(7, 7));
    let (net, data, _) = line(&x, &y);
    let (x, y) = (x.repeat(3), y.repeat(3));
    let thrice = Dataset::new(x, 2, y).unwrap();
    let v = numbers(3, 8);
    for representation in ALL {
        let (one, fisher) = posterior(&net, &data, representation);
        let (three, _) = posterior(&net, &thrice, representation);
        let h = fisher.apply(&v).unwrap();
        let wanted: Vec<f64> = h.iter().zip(&v).map(|(h, v)| 3.0 * h + PRIOR * v).collect();
        close(&three.precision_times(&v).unwrap(), &wanted, 1e-12);
        close(&three.covariance_times(&wanted).unwrap(), &v, 1e-11);
        // The reduction of an estimate does not matter: the posterior is of the whole sample.
        use fisherinfo_net::estimator::Reduction;
        let mean = fisher.reduced(Reduction::Mean);
        let same = Laplace::of(&net, &data, mean, PRIOR).unwrap();
        close(
            &same.precision_times(&v).unwrap(),
            &one.precision_times(&v).unwrap(),
            1e-14,
        );
    }
}

/// What a linear model says at x has the variance xᵀΣx.
#[test]
fn outputs_have_the_variance_of_the_line() {
    let (net, data, design) = line(&numbers(14, 9), &numbers(7, 10));
    let (laplace, _) = posterior(&net, &data, Representation::Dense);
    for example in 0..3 {
        let row: Vec<f64> = (0..3).map(|j| design[(example, j)]).collect();
        let spread = laplace.covariance_times(&row).unwrap();
        let wanted: f64 = spread.iter().zip(&row).map(|(s, x)| s * x).sum();
        let found = laplace.output_covariance(&net, &data, example).unwrap();
        close(&found, &[wanted], 1e-12);
    }
    // Several outputs: symmetric, and along u what the sum of them varies by.
    let text = "input={features=2}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=3\n[[layer]]\nkind=\"tanh\"\n\
        [[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n";
    let net = network(text, 11);
    let data = crate::common::with_classes(numbers(8, 12), 2, 3, 1);
    let (laplace, _) = posterior(&net, &data, Representation::Kronecker(Sharing::Expand));
    let covariance = laplace.output_covariance(&net, &data, 2).unwrap();
    let u = numbers(3, 13);
    let gradient = net.linearise(&data, 2..3).unwrap().gradient(&u);
    let spread = laplace.covariance_times(&gradient).unwrap();
    let wanted: f64 = spread.iter().zip(&gradient).map(|(s, g)| s * g).sum();
    let found: f64 = (0..9).map(|i| u[i / 3] * covariance[i] * u[i % 3]).sum();
    assert!((found / wanted - 1.0).abs() < 1e-11);
    assert!((covariance[1] - covariance[3]).abs() < 1e-12 * covariance[0]);
}

#[test]
fn posteriors_that_cannot_be_are_refused() {
    let (net, data, _) = line(&numbers(14, 14), &numbers(7, 15));
    let fisher = estimate(&net, &data, Estimator::Exact, Representation::Dense);
    for prior in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = Laplace::of(&net, &data, fisher.clone(), prior).unwrap_err();
        assert!(error.to_string().contains("precision of the prior"));
    }
    let other = net.at(&[0.0; 3]).unwrap();
    let error = Laplace::of(&other, &data, fisher.clone(), PRIOR).unwrap_err();
    assert!(error.to_string().contains("another model"), "{error}");
    let fewer = data.select(&[0, 1]);
    let error = Laplace::of(&net, &fewer, fisher.clone(), PRIOR).unwrap_err();
    assert!(error.to_string().contains("7 there and 2 here"), "{error}");
    assert!(Laplace::new(fisher, vec![0.0; 2], 0.0, PRIOR).is_err());
}
