//! The output's formulas against the engine: its score, information and sampler, pulled back.

use crate::common::{close, numbers};
use fisherinfo::family::{Bernoulli, Categorical, Model, NormalLocation};
use fisherinfo_net::Output;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Jᵀ v and Jᵀ F J v with J = ∂θ/∂z of the engine's parameters θ.
fn pulled(
    model: &dyn Model,
    theta: &[f64],
    j: &[Vec<f64>],
    y: f64,
    v: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let s = model.score(theta, &[y]);
    let f = model.closed_form_information(theta).unwrap();
    let k = v.len();
    let jv: Vec<f64> = j
        .iter()
        .map(|row| (0..k).map(|c| row[c] * v[c]).sum())
        .collect();
    let n = theta.len();
    let fjv: Vec<f64> = (0..n)
        .map(|a| (0..n).map(|b| f[(a, b)] * jv[b]).sum())
        .collect();
    let back = |u: &[f64]| {
        (0..k)
            .map(|c| (0..n).map(|a| j[a][c] * u[a]).sum())
            .collect()
    };
    (back(&s), back(&fjv))
}

fn check(output: Output, model: &dyn Model, z: &[f64], theta: &[f64], j: &[Vec<f64>], y: f64) {
    let v = numbers(z.len(), 3);
    let (score, along) = pulled(model, theta, j, y, &v);
    let (mut found, mut applied) = (vec![0.0; z.len()], vec![0.0; z.len()]);
    output.score(z, &[y], &mut found);
    close(&found, &score, 1e-12);
    output.apply_information(z, &v, &mut applied);
    close(&applied, &along, 1e-12);
    let mut summed = vec![0.0; z.len()];
    for column in 0..output.rank() {
        let mut s = vec![0.0; z.len()];
        output.factor(z, column, &mut s);
        let dot: f64 = s.iter().zip(&v).map(|(s, v)| s * v).sum();
        summed.iter_mut().zip(&s).for_each(|(t, s)| *t += dot * s);
    }
    close(&summed, &along, 1e-12);
    let density = model.log_density(theta, &[y]);
    assert!((output.log_density(z, &[y]) - density).abs() < 1e-12);
}

#[test]
fn outputs_are_the_engines_families() {
    let z = [0.3, -1.2, 0.9, 0.1];
    let total: f64 = z.iter().map(|z: &f64| z.exp()).sum();
    let p: Vec<f64> = z.iter().map(|z| z.exp() / total).collect();
    let j: Vec<Vec<f64>> = (0..3)
        .map(|a| {
            (0..4)
                .map(|b| p[a] * (f64::from(u8::from(a == b)) - p[b]))
                .collect()
        })
        .collect();
    for y in 0..4 {
        let categorical = Output::Categorical { classes: 4 };
        check(
            categorical,
            &Categorical { categories: 4 },
            &z,
            &p[..3],
            &j,
            f64::from(y),
        );
    }
    let q = 1.0 / (1.0 + 0.7_f64.exp());
    for y in [0.0, 1.0] {
        check(
            Output::Bernoulli,
            &Bernoulli,
            &[-0.7],
            &[q],
            &[vec![q * (1.0 - q)]],
            y,
        );
    }
    let normal = Output::Normal {
        sigma: 0.3,
        outputs: 1,
    };
    check(
        normal,
        &NormalLocation { sigma: 0.3 },
        &[0.4],
        &[0.4],
        &[vec![1.0]],
        -0.2,
    );
}

#[test]
fn far_logits_keep_their_digits() {
    let mut f = [0.0];
    Output::Bernoulli.apply_information(&[-700.0], &[1.0], &mut f);
    assert!((f[0] / (-700.0_f64).exp() - 1.0).abs() < 1e-12);
    assert_eq!(Output::Bernoulli.log_density(&[-1e4], &[1.0]), -1e4);
    let mut s = [0.0; 2];
    Output::Categorical { classes: 2 }.score(&[50.0, 0.0], &[0.0], &mut s);
    assert!((s[0] / (-50.0_f64).exp() - 1.0).abs() < 1e-12);
    let huge = Output::Categorical { classes: 2 }.log_density(&[1e5, 0.0], &[1.0]);
    assert_eq!(huge, -1e5);
}

#[test]
fn draws_have_the_models_frequencies() {
    let z = [0.0, 1.0, -1.0];
    let total: f64 = z.iter().map(|z: &f64| z.exp()).sum();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut counts = [0.0; 3];
    let n = 40_000.0;
    for _ in 0..40_000 {
        let mut y = [0.0];
        Output::Categorical { classes: 3 }
            .sample(&z, &mut rng, &mut y)
            .unwrap();
        counts[y[0] as usize] += 1.0;
    }
    for (count, z) in counts.iter().zip(z) {
        let p = z.exp() / total;
        assert!((count / n - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt());
    }
}
