//! Invariants that hold between second derivatives, flattenings, reductions and draws.

use crate::common::{
    Net, close, close_matrix, estimate, matrix, network, numbers, settings, tensors, with_classes,
};
use crate::naive::forward;
use fisherinfo_net::estimator::{
    Estimation, Estimator, MatrixFree, Reduction, Representation, Sharing,
};
use fisherinfo_net::representation::{Damping, Factor, Form, InputSide, Kronecker};
use fisherinfo_net::{Dataset, Output};
use num_dual::HyperDual64;

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

/// −∂² ln f(y | x, θ)/∂θᵢ∂θⱼ summed over examples, by hyper-dual numbers through the slow network.
fn hessian(net: &Net, data: &Dataset) -> Vec<Vec<f64>> {
    let theta = net.theta();
    let n = theta.len();
    let entry = |i: usize, j: usize| -> f64 {
        let at: Vec<HyperDual64> = (0..n)
            .map(|k| {
                let unit = |same: bool| f64::from(u8::from(same));
                HyperDual64::new(theta[k], unit(k == i), unit(k == j), 0.0)
            })
            .collect();
        let all = tensors(net, &at);
        (0..data.len())
            .map(|example| {
                let z = forward(net.architecture(), &all, data.inputs(example..example + 1));
                let y = data.labels(example..example + 1);
                let loss = match net.output() {
                    Output::Normal { sigma, .. } => {
                        let squares = z.iter().zip(y).map(|(z, y)| (*z - *y) * (*z - *y));
                        let zero = HyperDual64::from_re(0.0);
                        squares.fold(zero, |s, r| s + r) / (2.0 * sigma * sigma)
                    }
                    _ => {
                        let zero = HyperDual64::from_re(0.0);
                        let total = z.iter().fold(zero, |s, z| s + num_dual::DualNum::exp(z));
                        num_dual::DualNum::ln(&total) - z[y[0] as usize]
                    }
                };
                loss.eps1eps2
            })
            .sum()
    };
    (0..n)
        .map(|i| (0..n).map(|j| entry(i, j)).collect())
        .collect()
}

/// Second derivatives of a piecewise linear network are zero within a layer: the diagonal blocks of the
/// Hessian are those of the Gauss–Newton matrix, which is F. With a curved activation they are not.
#[test]
fn hessian_blocks_of_piecewise_linear_networks_are_informations() {
    let text = |activation: &str, output: &str| {
        format!(
            "input={{features=3}}\noutput={output}\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=4\n\
             [[layer]]\nkind=\"{activation}\"\n[[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n"
        )
    };
    for output in ["\"categorical\"", "{ normal = { sigma = 0.6 } }"] {
        let data = match output {
            "\"categorical\"" => with_classes(numbers(12, 1), 3, 3, 1),
            _ => Dataset::new(numbers(12, 1), 3, numbers(12, 2)).unwrap(),
        };
        let compare = |activation: &str| {
            let net = network(&text(activation, output), 3);
            let blocks = estimate(&net, &data, Estimator::Exact, Representation::BlockDiagonal);
            let first = blocks.blocks[0].form.dimension();
            let mut h = hessian(&net, &data);
            for i in 0..h.len() {
                for j in 0..h.len() {
                    if (i < first) != (j < first) {
                        h[i][j] = 0.0;
                    }
                }
            }
            (matrix(&blocks), h)
        };
        let (f, h) = compare("relu");
        close_matrix(&f, &h, 1e-12);
        let (f, h) = compare("tanh");
        let away = f
            .concat()
            .into_iter()
            .zip(h.concat())
            .map(|(f, h)| (f - h).abs());
        assert!(away.fold(0.0, f64::max) > 1e-2);
    }
}

/// Rosenbrock's function (1 − x)² + α(y − x²)² as two residuals with the densities that make a squared
/// residual a negative log-likelihood: G = 2[[1 + 4αx², −2αx], [−2αx, α]], and only H₁₁ is another.
#[test]
fn rosenbrocks_function() {
    let (alpha, x, y) = (10.0_f64, -0.4, 0.7);
    let half = 0.5_f64.sqrt();
    let line = |sigma: f64, rest: &str| {
        format!(
            "input={{features=1}}\noutput={{normal={{sigma={sigma:?}}}}}\n\
             [[layer]]\nkind=\"linear\"\nname=\"w\"\noutputs=1\nbias=false\n{rest}\n"
        )
    };
    let again = "[[layer]]\nkind=\"linear\"\nname=\"v\"\noutputs=1\nweight=\"w.weight\"\n";
    // x·1 seen as 1, and x·(x·u) + y with u = −1, a tied weight twice, seen as 0.
    let first = network(&line(half, ""), 1).at(&[x]).unwrap();
    let second = network(&line(half / alpha.sqrt(), again), 2);
    let second = second.at(&[x, y]).unwrap();
    let of = |input: f64, label: f64| Dataset::new(vec![input], 1, vec![label]).unwrap();
    let (one, two) = (of(1.0, 1.0), of(-1.0, 0.0));
    assert_eq!(
        second.linearise(&two, 0..1).unwrap().coordinates(),
        [y - x * x]
    );
    for representation in [Representation::Dense, Representation::LowRank] {
        let f = |net: &Net, data: &Dataset| {
            matrix(&estimate(net, data, Estimator::Exact, representation))
        };
        let mut g = f(&second, &two);
        g[0][0] += f(&first, &one)[0][0];
        let wanted = [
            vec![2.0 * (1.0 + 4.0 * alpha * x * x), -4.0 * alpha * x],
            vec![-4.0 * alpha * x, 2.0 * alpha],
        ];
        close_matrix(&g, &wanted, 1e-14);
        let mut h = hessian(&second, &two);
        h[0][0] += hessian(&first, &one)[0][0];
        let curved = 2.0 * (1.0 + 6.0 * alpha * x * x - 2.0 * alpha * y);
        close_matrix(&h, &[vec![curved, wanted[0][1]], wanted[1].clone()], 1e-14);
        assert!((curved - wanted[0][0]).abs() > 1.0);
    }
}

/// S = diag√p − p√pᵀ, written out at p = (1, 2, 5)/8.
#[test]
fn the_factor_of_a_softmax() {
    let p = [0.125, 0.25, 0.625_f64];
    let z: Vec<f64> = p.iter().map(|p| p.ln() + 3.0).collect();
    let output = Output::Categorical { classes: 3 };
    for j in 0..3 {
        let mut column = [0.0; 3];
        output.factor(&z, j, &mut column);
        let wanted: Vec<f64> = (0..3)
            .map(|i| p[j].sqrt() * (f64::from(u8::from(i == j)) - p[i]))
            .collect();
        close(&column, &wanted, 1e-14);
    }
}

/// Flattened row by row a layer's block is B ⊗ A, column by column A ⊗ B.
#[test]
fn flattening_by_columns_turns_the_product_round() {
    let b = [2.0, 0.5, 0.5, 3.0];
    let a = [1.0, 0.2, -0.3, 0.2, 4.0, 0.7, -0.3, 0.7, 5.0];
    let factor = |values: &[f64], size| Factor::Dense {
        size,
        values: values.to_vec(),
    };
    let form = Form::Kronecker(Kronecker {
        rows: factor(&b, 2),
        columns: factor(&a, 3),
        count: 1.0,
        inputs: InputSide::Columns,
        biased: false,
    });
    // W is 2 × 3: entry (r, c) is number 3r + c by rows, and 2c + r by columns.
    let by_columns = |i: usize| 3 * (i % 2) + i / 2;
    for i in 0..6 {
        let mut unit = vec![0.0; 6];
        unit[by_columns(i)] = 1.0;
        let image = form.apply(&unit);
        let found: Vec<f64> = (0..6).map(|j| image[by_columns(j)]).collect();
        let wanted: Vec<f64> = (0..6)
            .map(|j| a[i / 2 * 3 + j / 2] * b[i % 2 * 2 + j % 2])
            .collect();
        close(&found, &wanted, 1e-15);
    }
}

/// mean = sum / N, and sum / (N · terms of the loss), in every form and without one, at any batch.
#[test]
fn a_mean_is_the_sum_by_examples_or_by_terms() {
    let text = "input={sequence=[3, 2]}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=4\n\
        [[layer]]\nkind=\"tanh\"\n[[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n";
    let net = network(text, 4);
    let data = with_classes(numbers(5 * 6, 5), 6, 3, 3);
    let v = numbers(net.dimension(), 6);
    for estimator in [
        Estimator::Exact,
        Estimator::Empirical,
        Estimator::MonteCarlo { draws: 2, seed: 1 },
    ] {
        let divided = |all: &[f64], by: f64| all.iter().map(|f| f / by).collect::<Vec<_>>();
        for representation in ALL {
            let of = |reduction, batch| {
                let how = fisherinfo_net::estimator::Settings {
                    reduction,
                    ..settings(estimator, representation)
                };
                Estimation::whole(&net, &data, how, batch).unwrap()
            };
            let sum = of(Reduction::Sum, 2);
            for (reduction, by) in [
                (Reduction::Mean, 5.0),
                (Reduction::MeanOverObservations, 15.0),
            ] {
                let mean = of(reduction, 4);
                let wanted = divided(&sum.apply(&v).unwrap(), by);
                close(&mean.apply(&v).unwrap(), &wanted, 1e-12);
                let solved = mean.damped_solve(&wanted, Damping::Absolute(0.2)).unwrap();
                let by_sum = sum.damped_solve(&wanted, Damping::Absolute(0.2 * by));
                close(&divided(&solved, by), &by_sum.unwrap(), 1e-10);
                assert!((mean.trace() * by / sum.trace() - 1.0).abs() < 1e-12);
                let norm = mean.frobenius_norm() * by / sum.frobenius_norm();
                assert!((norm - 1.0).abs() < 1e-12);
                let top = mean.greatest_eigenvalues(1).unwrap()[0];
                let of_sum = sum.greatest_eigenvalues(1).unwrap()[0];
                assert!((top * by / of_sum - 1.0).abs() < 1e-9);
            }
        }
        let free = |reduction| {
            let free = MatrixFree::new(&net, &data, estimator, reduction, 2).unwrap();
            free.apply(&v).unwrap()
        };
        let sum = free(Reduction::Sum);
        close(&free(Reduction::Mean), &divided(&sum, 5.0), 1e-14);
        close(
            &free(Reduction::MeanOverObservations),
            &divided(&sum, 15.0),
            1e-14,
        );
    }
}

/// One example with squared errors and with classes, sums and means: K-FAC is the block.
#[test]
fn kfac_of_one_example_under_every_reduction() {
    for (output, labels) in [
        ("\"categorical\"", vec![2.0]),
        (
            "{ normal = { sigma = 0.7071067811865476 } }",
            vec![0.3, -1.0, 0.4],
        ),
    ] {
        for activation in ["tanh", "sigmoid", "relu"] {
            let text = format!(
                "input={{features=4}}\noutput={output}\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=4\n[[layer]]\nkind=\"{activation}\"\n\
                 [[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n[[layer]]\nkind=\"{activation}\"\n[[layer]]\nkind=\"linear\"\nname=\"c\"\noutputs=3\n"
            );
            let net = network(&text, 7);
            let data = Dataset::new(numbers(4, 8), 4, labels.clone()).unwrap();
            for estimator in [Estimator::Exact, Estimator::Empirical] {
                for reduction in [
                    Reduction::Sum,
                    Reduction::Mean,
                    Reduction::MeanOverObservations,
                ] {
                    let of = |representation| {
                        let fisher = estimate(&net, &data, estimator, representation);
                        matrix(&fisher.reduced(reduction))
                    };
                    let wanted = of(Representation::BlockDiagonal);
                    close_matrix(
                        &of(Representation::Kronecker(Sharing::Expand)),
                        &wanted,
                        1e-12,
                    );
                }
            }
        }
    }
}

/// A deep linear network with squared errors: K-FAC from 25,000 drawn labels is the Gauss–Newton matrix to
/// 5e-4 and 5 %.
#[test]
fn kfac_from_many_draws_is_the_gauss_newton_matrix() {
    let text = "input={features=3}\noutput={normal={sigma=0.7071067811865476}}\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=3\nbias=false\n\
        [[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=2\nbias=false\n";
    let net = network(text, 9);
    // Of a size at which 5e-4 is four standard errors of an entry that is zero.
    let x = numbers(12, 10).iter().map(|x| 0.25 * x).collect();
    let data = Dataset::new(x, 3, numbers(8, 11)).unwrap();
    let mean = |estimator, representation| {
        let fisher = estimate(&net, &data, estimator, representation);
        matrix(&fisher.reduced(Reduction::Mean)).concat()
    };
    let exact = mean(Estimator::Exact, Representation::BlockDiagonal);
    let draws = Estimator::MonteCarlo {
        draws: 25_000,
        seed: 12,
    };
    let drawn = mean(draws, Representation::Kronecker(Sharing::Expand));
    assert!(exact.iter().any(|f| *f > 0.02));
    let mut away = 0.0_f64;
    for (found, wanted) in drawn.iter().zip(&exact) {
        let allowed = 5e-4 + 5e-2 * wanted.abs();
        assert!((found - wanted).abs() < allowed, "{found} {wanted}");
        away = away.max((found - wanted).abs());
    }
    assert!(away > 0.0, "nothing was drawn");
}

/// Factors with a NaN are one error that names the block, in every operation that decomposes.
#[test]
fn factors_that_are_no_numbers_are_one_clear_error() {
    let text = "input={features=2}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=3\n[[layer]]\nkind=\"tanh\"\n\
        [[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\n";
    let net = network(text, 13);
    let data = with_classes(numbers(8, 14), 2, 3, 1);
    let kfac = Representation::Kronecker(Sharing::Expand);
    for wrong in [f64::NAN, f64::INFINITY] {
        let mut fisher = estimate(&net, &data, Estimator::Exact, kfac);
        let Form::Kronecker(kronecker) = &mut fisher.blocks[1].form else {
            panic!()
        };
        let Factor::Dense { values, .. } = &mut kronecker.rows else {
            panic!()
        };
        values[1] = wrong;
        let b = numbers(net.dimension(), 15);
        for error in [
            fisher
                .damped_solve(&b, Damping::Absolute(1e-3))
                .unwrap_err(),
            fisher.eigenvalues().unwrap_err(),
            fisher.greatest_eigenvalues(2).unwrap_err(),
            fisher.log_determinant(Damping::Absolute(1.0)).unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(
                text.contains("b.weight + b.bias") && text.contains("eigenvalues of a 3 × 3"),
                "{text}"
            );
        }
        // EK-FAC takes eigenvectors between its passes.
        let settings = settings(
            Estimator::Exact,
            Representation::EigenKronecker(Sharing::Expand),
        );
        let fresh = Estimation::new(&net, &data, settings).unwrap();
        fisher.about = fresh.state().about.clone();
        let n = data.len() as u64;
        let mut resumed = fresh.resumed(fisher, n, false, n).unwrap();
        let error = resumed.update(&net, &data, 0..2).unwrap_err().to_string();
        assert!(error.contains("b.weight + b.bias"), "{error}");
    }
    // A damping too small for the rounding of the factors is said, and no NaN comes out.
    let fisher = estimate(&net, &data, Estimator::Exact, kfac);
    let b = numbers(net.dimension(), 16);
    for strength in [0.0, 1e-300, 1e-30] {
        for damping in [Damping::Absolute(strength), Damping::Factored(strength)] {
            match fisher.damped_solve(&b, damping) {
                Ok(x) => assert!(x.iter().all(|x| x.is_finite())),
                Err(error) => assert!(error.to_string().contains("larger damping")),
            }
        }
    }
}

/// The second pass of EK-FAC goes on only with the data of the first, in their order.
#[test]
fn data_shuffled_between_passes_are_refused() {
    let text = "input={features=2}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=3\n";
    let net = network(text, 17);
    let data = with_classes(numbers(8, 18), 2, 3, 1);
    let how = settings(
        Estimator::MonteCarlo { draws: 1, seed: 1 },
        Representation::EigenKronecker(Sharing::Expand),
    );
    let mut begun = Estimation::new(&net, &data, how).unwrap();
    while !begun.place().1 {
        let range = begun.next(&data, 2).unwrap();
        begun.update(&net, &data, range).unwrap();
    }
    let (seen, second) = begun.place();
    let state = begun.finish();
    let go_on = |data: &Dataset| {
        let fresh = Estimation::new(&net, data, how).unwrap();
        fresh.resumed(state.clone(), seen, second, 4)
    };
    assert!(go_on(&data).is_ok());
    let error = go_on(&data.select(&[1, 0, 2, 3])).unwrap_err().to_string();
    assert!(error.contains("the data differs"), "{error}");
}

/// What has no Kronecker factors falls back to its diagonal, says so, and holds up nothing else.
#[test]
fn layers_without_factors_fall_back_alone() {
    let text = "input={tokens={length=3}}\noutput=\"categorical\"\n[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=5\nfeatures=3\n\
        [[layer]]\nkind=\"position\"\nname=\"p\"\n[[layer]]\nkind=\"layer-norm\"\nname=\"n\"\n\
        [[layer]]\nkind=\"linear\"\nname=\"h\"\noutputs=3\n";
    let net = network(text, 19);
    let data = with_classes(vec![0.0, 4.0, 1.0, 2.0, 2.0, 3.0], 3, 3, 3);
    let kfac = estimate(
        &net,
        &data,
        Estimator::Exact,
        Representation::Kronecker(Sharing::Expand),
    );
    let report = kfac.coverage();
    let forms: Vec<&str> = report.iter().map(|c| c.form.as_str()).collect();
    assert_eq!(forms, ["kronecker", "diagonal", "diagonal", "kronecker"]);
    let said: Vec<bool> = report.iter().map(|c| c.note.is_some()).collect();
    assert_eq!(said, [false, true, true, false]);
    let all: usize = report.iter().map(|c| c.parameters).sum();
    assert_eq!(all, net.dimension(), "no tensor is left out");
    let exact = estimate(&net, &data, Estimator::Exact, Representation::Diagonal);
    let (from, to) = (15, 15 + 9 + 6);
    close(
        &kfac.diagonal()[from..to],
        &exact.diagonal()[from..to],
        1e-13,
    );
}
