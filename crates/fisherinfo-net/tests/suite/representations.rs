//! What every representation can do, against its own matrix and the engine.

use crate::common::{close, estimate, matrix, network, numbers, with_classes};
use faer::Mat;
use fisherinfo::information::{Damping as EngineDamping, Information};
use fisherinfo_net::estimator::{Estimator, Representation, Sharing};
use fisherinfo_net::representation::{Damping, Factor, Form, InputSide, Kronecker};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const TEXT: &str = "input={tokens={length=2}}\noutput=\"categorical\"\n[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=4\nfeatures=2\n\
    [[layer]]\nkind=\"layer-norm\"\nname=\"n\"\n[[layer]]\nkind=\"flatten\"\n[[layer]]\nkind=\"linear\"\nname=\"h\"\noutputs=2\n";

const ALL: [Representation; 8] = [
    Representation::Dense,
    Representation::LowRank,
    Representation::BlockDiagonal,
    Representation::Diagonal,
    Representation::Kronecker(Sharing::Expand),
    Representation::Kronecker(Sharing::Reduce),
    Representation::EigenKronecker(Sharing::Expand),
    Representation::EigenKronecker(Sharing::Reduce),
];

#[test]
fn operations_agree_with_the_matrix() {
    let net = network(TEXT, 1);
    let data = with_classes(vec![0.0, 1.0, 2.0, 1.0, 3.0, 3.0], 2, 2, 1);
    let v = numbers(net.dimension(), 2);
    for representation in ALL {
        let fisher = estimate(&net, &data, Estimator::Exact, representation);
        let full = matrix(&fisher);
        let n = full.len();
        let mat = Mat::from_fn(n, n, |i, j| full[i][j]);
        let names: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        let engine = Information::expected(mat, &names).unwrap();
        let damping = Damping::Absolute(0.3);
        let solved = fisher.damped_solve(&v, damping).unwrap();
        close(
            &solved,
            &engine
                .damped_solve(&v, EngineDamping::Absolute(0.3))
                .unwrap(),
            1e-11,
        );
        let form = fisher.quadratic_form(&v).unwrap();
        assert!((form - engine.quadratic_form(&v).unwrap()).abs() < 1e-12 * form);
        let diagonal: Vec<f64> = (0..n).map(|i| full[i][i]).collect();
        close(&fisher.diagonal(), &diagonal, 1e-12);
        assert!((fisher.trace() - diagonal.iter().sum::<f64>()).abs() < 1e-12 * fisher.trace());
        let norm = full.concat().iter().map(|f| f * f).sum::<f64>().sqrt();
        assert!((fisher.frobenius_norm() - norm).abs() < 1e-12 * norm);
        let values = fisher.eigenvalues().unwrap();
        let mut wanted = engine
            .matrix()
            .self_adjoint_eigenvalues(faer::Side::Lower)
            .unwrap();
        wanted.reverse();
        assert_eq!(values.len(), n);
        assert!(
            values
                .iter()
                .zip(&wanted)
                .all(|(a, b)| (a - b).abs() < 1e-12 * wanted[0])
        );
        let determinant: f64 = wanted.iter().map(|v| (v.max(0.0) + 0.3).ln()).sum();
        let found = fisher.log_determinant(damping).unwrap();
        assert!((found - determinant).abs() < 1e-10, "{found} {determinant}");
        if representation != Representation::Dense {
            continue;
        }
        // Softmax logits have a direction without information.
        let singular = fisher
            .log_determinant(Damping::NONE)
            .unwrap_err()
            .to_string();
        assert!(singular.contains("singular"), "{singular}");
    }
}

#[test]
fn samples_have_the_inverse_as_covariance() {
    let net = network(TEXT, 3);
    let data = with_classes(vec![0.0, 1.0, 2.0, 1.0, 3.0, 3.0], 2, 2, 1);
    let v = numbers(net.dimension(), 4);
    for representation in ALL {
        let fisher = estimate(&net, &data, Estimator::Empirical, representation);
        let damping = Damping::Absolute(0.5);
        let wanted: f64 = fisher
            .damped_solve(&v, damping)
            .unwrap()
            .iter()
            .zip(&v)
            .map(|(x, v)| x * v)
            .sum();
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let n = 1500;
        let square: f64 = (0..n)
            .map(|_| {
                let z = fisher.sample(damping, &mut rng).unwrap();
                z.iter().zip(&v).map(|(z, v)| z * v).sum::<f64>().powi(2)
            })
            .sum::<f64>()
            / f64::from(n);
        // A mean of squares of normals has the relative standard error √(2/n).
        assert!(
            (square / wanted - 1.0).abs() < 4.5 * (2.0 / f64::from(n)).sqrt(),
            "{square} {wanted}"
        );
    }
}

/// Row-major flattening gives B ⊗ A, entry by entry.
#[test]
fn a_kronecker_block_is_b_times_a() {
    let factor = |size: usize, seed| {
        let x = numbers(size * size, seed);
        let values = (0..size * size)
            .map(|k| {
                (0..size)
                    .map(|l| x[l * size + k / size] * x[l * size + k % size])
                    .sum()
            })
            .collect();
        Factor::Dense { size, values }
    };
    let (b, a) = (factor(2, 6), factor(3, 7));
    let form = Form::Kronecker(Kronecker {
        rows: b.clone(),
        columns: a.clone(),
        count: 2.0,
        inputs: InputSide::Columns,
        biased: false,
    });
    for i in 0..6 {
        let mut unit = vec![0.0; 6];
        unit[i] = 1.0;
        let wanted: Vec<f64> = (0..6)
            .map(|j| b.entry(i / 3, j / 3) * a.entry(i % 3, j % 3) / 2.0)
            .collect();
        close(&form.apply(&unit), &wanted, 1e-14);
    }
}

#[test]
fn tiny_damping_and_nan_factors_are_errors() {
    let net = network(TEXT, 8);
    let data = with_classes(vec![0.0, 1.0], 2, 2, 1);
    let fisher = estimate(&net, &data, Estimator::Exact, Representation::Dense);
    let v = numbers(net.dimension(), 9);
    for damping in [
        Damping::Absolute(1e-300),
        Damping::Absolute(-1.0),
        Damping::Absolute(f64::NAN),
    ] {
        assert!(fisher.damped_solve(&v, damping).is_err());
    }
    let broken = Form::Dense(fisherinfo_net::representation::Dense {
        size: 1,
        values: vec![f64::NAN],
    });
    assert!(broken.spectral(1.0, Damping::NONE).is_err());
    assert!(
        fisher
            .apply(&v[1..])
            .unwrap_err()
            .to_string()
            .contains("vector of")
    );
}

/// Scores are the whole matrix, fewer or more of them than parameters; adding concatenates.
#[test]
fn scores_are_the_dense_matrix() {
    let net = network(TEXT, 10);
    let n = net.dimension();
    let tokens = |examples: usize| {
        let place = |i: usize| ((i * i + 3 * i) % 4) as f64;
        with_classes((0..2 * examples).map(place).collect(), 2, 2, 1)
    };
    let v = numbers(n, 11);
    for (examples, fewer) in [(4, true), (60, false)] {
        let data = tokens(examples);
        for estimator in [
            Estimator::Exact,
            Estimator::Empirical,
            Estimator::MonteCarlo { draws: 3, seed: 2 },
        ] {
            let of = |r| estimate(&net, &data, estimator, r);
            let (scores, dense) = (of(Representation::LowRank), of(Representation::Dense));
            let Form::LowRank(form) = &scores.blocks[0].form else {
                panic!()
            };
            assert_eq!(form.rows() < n, fewer);
            close(&matrix(&scores).concat(), &matrix(&dense).concat(), 1e-12);
            // Damping far below the information: inverses by singular values keep their digits.
            for strength in [10.0, 1e-4, 1e-7] {
                let damping = Damping::Absolute(strength);
                close(
                    &scores.damped_solve(&v, damping).unwrap(),
                    &dense.damped_solve(&v, damping).unwrap(),
                    1e-6,
                );
                let left = scores.log_determinant(damping).unwrap();
                let right = dense.log_determinant(damping).unwrap();
                assert!((left - right).abs() < 1e-5, "{left} {right}");
            }
            let all = dense.eigenvalues().unwrap();
            close(&scores.eigenvalues().unwrap(), &all, 1e-13);
            close(&scores.greatest_eigenvalues(3).unwrap(), &all[..3], 1e-12);
            let singular = scores.damped_solve(&v, Damping::NONE).unwrap_err();
            assert!(singular.to_string().contains("larger damping"));
            let bytes = fisherinfo_net::file::fisher_bytes(&scores, None).unwrap();
            assert_eq!(
                fisherinfo_net::file::parse_fisher(&bytes).unwrap().0,
                scores
            );
        }
    }
    let data = tokens(5);
    let of =
        |d: &fisherinfo_net::Dataset| estimate(&net, d, Estimator::Exact, Representation::LowRank);
    let halves = [data.select(&[0, 1]), data.select(&[2, 3, 4])];
    let sum = of(&halves[0]).plus(&of(&halves[1])).unwrap();
    assert_eq!(sum.blocks[0].form, {
        let mut both = of(&halves[0]).blocks[0].form.clone();
        both.add(&of(&halves[1]).blocks[0].form).unwrap();
        both
    });
    close(
        &sum.apply(&v).unwrap(),
        &of(&data).apply(&v).unwrap(),
        1e-12,
    );
}

/// What would not fit is refused with its size, before a score is computed.
#[test]
fn too_many_scores_are_refused() {
    use fisherinfo_net::estimator::{Estimation, EstimationError};
    let net = network(TEXT, 12);
    let data = with_classes(vec![0.0, 1.0], 2, 2, 1);
    let draws = (1 << 24) - 1;
    let many = crate::common::settings(
        Estimator::MonteCarlo { draws, seed: 1 },
        Representation::LowRank,
    );
    let n = net.dimension();
    let text = "input={features=100}\noutput=\"bernoulli\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=1\n";
    let wide = network(text, 13);
    let one = with_classes(numbers(100, 14), 100, 2, 1);
    let error = Estimation::new(&wide, &one, many).unwrap_err();
    let bytes = 8 * u128::from(draws) * 101;
    assert!(
        matches!(&error, EstimationError::Scores { bytes: b, .. } if *b == bytes),
        "{error}"
    );
    assert!(error.to_string().contains("fewer examples or draws"));
    assert!(n < 64 && Estimation::new(&net, &data, many).is_ok());
}
