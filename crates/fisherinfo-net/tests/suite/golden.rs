//! Published and hand-computed values.

use crate::common::{close_matrix, estimate, matrix, network, numbers, settings, with_classes};
use fisherinfo_net::backend::{Backend, Cpu};
use fisherinfo_net::estimator::{
    Estimation, Estimator, Reduction, Representation, Settings, Sharing,
};
use fisherinfo_net::{Dataset, Fisher};

const ONE: &str = "[[layer]]\nkind=\"linear\"\nname=\"w\"\nbias=false\n";

fn mean(net: &crate::common::Net, data: &Dataset) -> Fisher {
    let settings = Settings {
        reduction: Reduction::Mean,
        ..settings(Estimator::Exact, Representation::Dense)
    };
    Estimation::whole(net, data, settings, 2).unwrap()
}

#[test]
fn a_gram_matrix() {
    let wanted = [22.0, 26.0, 30.0, 26.0, 31.0, 36.0, 30.0, 36.0, 42.0];
    let x: Vec<f64> = (1..10).map(f64::from).collect();
    let rows = [(&x.clone().into(), 3)];
    let mut c = vec![0.0_f64; 9];
    Cpu::<f64>::new().add_outer_products(1.0 / 3.0, &rows, 3, &mut c, 3);
    assert!(
        c.iter()
            .zip(&wanted)
            .all(|(c, w)| (c - w).abs() < 1e-14 * w)
    );
    let single: Vec<f32> = x.iter().map(|&v| v as f32).collect();
    let mut c = vec![0.0; 9];
    Cpu::<f32>::new().add_outer_products(1.0 / 3.0, &[(&single.into(), 3)], 3, &mut c, 3);
    assert!(
        c.iter()
            .zip(&wanted)
            .all(|(c, w)| (c - w).abs() < 1e-14 * w)
    );
}

#[test]
fn linear_logistic_and_softmax_models() {
    let (n, d) = (5, 3);
    let x = numbers(n * d, 1);
    // (2/N)XᵀX: a squared error is a normal density of variance ½.
    let line = network(
        &format!(
            "input={{features=3}}\noutput={{normal={{sigma={:?}}}}}\n{ONE}outputs=1",
            0.5_f64.sqrt()
        ),
        2,
    );
    let sums = |weight: &dyn Fn(usize) -> f64| -> Vec<Vec<f64>> {
        (0..d)
            .map(|i| {
                (0..d)
                    .map(|j| {
                        (0..n)
                            .map(|r| weight(r) * x[r * d + i] * x[r * d + j])
                            .sum::<f64>()
                            / n as f64
                    })
                    .collect()
            })
            .collect()
    };
    let data = Dataset::new(x.clone(), d, vec![0.5; n]).unwrap();
    close_matrix(&matrix(&mean(&line, &data)), &sums(&|_| 2.0), 1e-13);
    let logistic = network(
        &format!("input={{features=3}}\noutput=\"bernoulli\"\n{ONE}outputs=1"),
        3,
    );
    let w = logistic.theta();
    let weight = |r: usize| {
        let eta: f64 = (0..d).map(|i| w[i] * x[r * d + i]).sum();
        let p = 1.0 / (1.0 + (-eta).exp());
        p * (1.0 - p)
    };
    let data = Dataset::new(x.clone(), d, vec![1.0; n]).unwrap();
    close_matrix(&matrix(&mean(&logistic, &data)), &sums(&weight), 1e-13);
    // Logits ln(1, 2, 5) at x = 1: 64H.
    let softmax = network(
        &format!("input={{features=1}}\noutput=\"categorical\"\n{ONE}outputs=3"),
        4,
    );
    let softmax = softmax.at(&[0.0, 2.0_f64.ln(), 5.0_f64.ln()]).unwrap();
    let data = Dataset::new(vec![1.0], 1, vec![0.0]).unwrap();
    let h: Vec<Vec<f64>> = matrix(&mean(&softmax, &data))
        .into_iter()
        .map(|row| row.into_iter().map(|f| 64.0 * f).collect())
        .collect();
    let wanted = [[7.0, -2.0, -5.0], [-2.0, 12.0, -10.0], [-5.0, -10.0, 15.0]];
    close_matrix(&h, &wanted.map(|row| row.to_vec()), 1e-14);
    // (1/N)Σ(diag p − ppᵀ) ⊗ xxᵀ.
    let softmax = network(
        &format!("input={{features=3}}\noutput=\"categorical\"\n{ONE}outputs=3"),
        5,
    );
    let w = softmax.theta();
    let mut wanted = vec![vec![0.0; 9]; 9];
    for r in 0..n {
        let row = &x[r * d..(r + 1) * d];
        let e: Vec<f64> = (0..3)
            .map(|k| (0..d).map(|i| w[k * d + i] * row[i]).sum::<f64>().exp())
            .collect();
        let p: Vec<f64> = e.iter().map(|v| v / e.iter().sum::<f64>()).collect();
        for a in 0..9 {
            for b in 0..9 {
                let same = f64::from(u8::from(a / 3 == b / 3));
                let h = p[a / 3] * (same - p[b / 3]);
                wanted[a][b] += h * row[a % 3] * row[b % 3] / n as f64;
            }
        }
    }
    close_matrix(
        &matrix(&mean(&softmax, &with_classes(x, d, 3, 1))),
        &wanted,
        1e-13,
    );
}

/// All-ones input, a convolution and a spatial sum: the block is expand's times the number of positions, and
/// reduce's itself (R. Eschenhagen et al. 2023; Grosse & Martens 2016 for expand, KFC).
#[test]
fn a_convolution_and_a_spatial_sum() {
    for (input, layer, n, times) in [
        ("{ sequence = [5, 1] }", "kind=\"conv1d\"\nsize=3", 5, 3.0),
        (
            "{ image = [1, 5, 7] }",
            "kind=\"conv2d\"\nsize=[3, 3]",
            35,
            15.0,
        ),
    ] {
        let text = format!(
            "input = {input}\noutput = {{ normal = {{ sigma = 1.0 }} }}\n[[layer]]\n{layer}\nname=\"c\"\noutputs=2\nbias=false\n\
             [[layer]]\nkind=\"global-sum\"\n"
        );
        let net = network(&text, 6);
        let data = Dataset::new(vec![1.0; n], n, vec![0.0, 0.0]).unwrap();
        let of = |r| matrix(&estimate(&net, &data, Estimator::Exact, r));
        let block = of(Representation::BlockDiagonal);
        let expand = of(Representation::Kronecker(Sharing::Expand));
        let scaled: Vec<Vec<f64>> = expand
            .iter()
            .map(|row| row.iter().map(|f| times * f).collect())
            .collect();
        close_matrix(&block, &scaled, 1e-13);
        close_matrix(
            &of(Representation::Kronecker(Sharing::Reduce)),
            &block,
            1e-13,
        );
    }
}
