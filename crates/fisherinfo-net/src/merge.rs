//! Several models made one.

use crate::fisher::{Fisher, FisherError};
use thiserror::Error;

/// A model to merge: its θ, its F there, and how much it counts.
#[derive(Clone, Copy, Debug)]
pub struct Merged<'a> {
    /// F.
    pub fisher: &'a Fisher,
    /// θ.
    pub theta: &'a [f64],
    /// w.
    pub weight: f64,
}

/// Why models could not be merged.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum MergeError {
    /// An estimate of other parameters.
    #[error(transparent)]
    Fisher(#[from] FisherError),
    /// No model, or weights that cannot be.
    #[error("to merge takes models with finite weights ≥ 0, one of them > 0, and a damping ≥ 0")]
    Weights,
    /// Not close enough.
    #[error(
        "conjugate gradients came to a residual of {residual:e} of the right-hand side in {products} products: damp more"
    )]
    NotConverged {
        /// Products with ΣwF.
        products: usize,
        /// What was left, relative to the beginning.
        residual: f64,
    },
}

/// The plain average Σwθ/Σw.
///
/// # Errors
/// No models, weights that cannot be, or θ of different lengths.
pub fn average(models: &[Merged<'_>]) -> Result<Vec<f64>, MergeError> {
    let total: f64 = models.iter().map(|model| model.weight).sum();
    let fine = |w: f64| w.is_finite() && w >= 0.0;
    if !(total > 0.0 && total.is_finite() && models.iter().all(|model| fine(model.weight))) {
        return Err(MergeError::Weights);
    }
    let mut mean = vec![0.0; models[0].theta.len()];
    for model in models {
        if model.theta.len() != mean.len() {
            return Err(FisherError::Length {
                expected: mean.len(),
                found: model.theta.len(),
            }
            .into());
        }
        for (mean, theta) in mean.iter_mut().zip(model.theta) {
            *mean += model.weight / total * theta;
        }
    }
    Ok(mean)
}

/// The θ that the models together think likeliest, each a normal density with its F around its θ:
/// (ΣwF + λ)θ = ΣwFθ + λθ̄, θ̄ the plain average, to which what no model knows about falls back. λ is `damping`
/// times the mean of the diagonal of ΣwF.
///
/// With diagonals that is a weighted mean number by number; with Kronecker factors conjugate gradients find it.
/// Source: M. Matena & C. Raffel, NeurIPS 2022, eq. 3; D. Tam et al., TMLR 2024, eq. 7.
///
/// ```
/// use fisherinfo_net::backend::Cpu;
/// use fisherinfo_net::estimator::{Estimation, Estimator, Reduction, Representation, Settings};
/// use fisherinfo_net::merge::{Merged, merge};
/// use fisherinfo_net::{Architecture, Dataset, Network};
/// let line = Architecture::from_toml("line.toml", r#"
///     input = { features = 2 }
///     output = { normal = { sigma = 1.0 } }
///     [[layer]]
///     kind = "linear"
///     name = "w"
///     outputs = 1
///     bias = false
/// "#)?;
/// let at = |theta: [f64; 2]| Network::initialised(&line, Cpu::<f64>::new(), 0)?.at(&theta);
/// let settings = Settings {
///     estimator: Estimator::Exact,
///     representation: Representation::Diagonal,
///     reduction: Reduction::Sum,
/// };
/// // One model saw the first input alone and one the second.
/// let (a, b) = (at([1.0, 0.0])?, at([0.0, 2.0])?);
/// let of = |network: &Network<_>, x: [f64; 2]| {
///     let data = Dataset::new(x.to_vec(), 2, vec![0.0])?;
///     Estimation::whole(network, &data, settings, 1)
/// };
/// let (fa, fb) = (of(&a, [3.0, 0.0])?, of(&b, [0.0, 1.0])?);
/// let (ta, tb) = (a.theta(), b.theta());
/// let both = [
///     Merged { fisher: &fa, theta: &ta, weight: 1.0 },
///     Merged { fisher: &fb, theta: &tb, weight: 1.0 },
/// ];
/// assert_eq!(merge(&both, 0.0)?, [1.0, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`average`]; estimates of other parameters; a system that is not solved within 10,000 products.
pub fn merge(models: &[Merged<'_>], damping: f64) -> Result<Vec<f64>, MergeError> {
    let mean = average(models)?;
    if !(damping.is_finite() && damping >= 0.0) {
        return Err(MergeError::Weights);
    }
    for model in &models[1..] {
        models[0].fisher.require_same_parameters(model.fisher)?;
    }
    let n = mean.len();
    let mut diagonal = vec![0.0; n];
    // Σ wF(θ − θ̄), so that rounding is of the size of the difference.
    let mut residual = vec![0.0; n];
    for model in models {
        let away: Vec<f64> = model.theta.iter().zip(&mean).map(|(t, m)| t - m).collect();
        add(model.weight, &model.fisher.apply(&away)?, &mut residual);
        add(model.weight, &model.fisher.diagonal(), &mut diagonal);
    }
    let ridge = damping * diagonal.iter().sum::<f64>() / n.max(1) as f64;
    let preconditioned = |r: &[f64]| -> Vec<f64> {
        let of = |(r, d): (&f64, &f64)| match d + ridge {
            whole if whole > 0.0 => r / whole,
            // No model knows anything of it.
            _ => 0.0,
        };
        r.iter().zip(&diagonal).map(of).collect()
    };
    let mut step = vec![0.0; n];
    let mut z = preconditioned(&residual);
    let mut direction = z.clone();
    let mut size = dot(&residual, &z);
    let (begun, most) = (size, 10_000);
    for _ in 0..most {
        if size <= 1e-20 * begun || size == 0.0 {
            return Ok(mean.iter().zip(&step).map(|(m, s)| m + s).collect());
        }
        let mut image: Vec<f64> = direction.iter().map(|d| ridge * d).collect();
        for model in models {
            add(model.weight, &model.fisher.apply(&direction)?, &mut image);
        }
        let along = size / dot(&direction, &image);
        add(along, &direction, &mut step);
        add(-along, &image, &mut residual);
        z = preconditioned(&residual);
        let next = dot(&residual, &z);
        for (d, z) in direction.iter_mut().zip(&z) {
            *d = z + next / size * *d;
        }
        size = next;
    }
    Err(MergeError::NotConverged {
        products: most,
        residual: (size / begun).sqrt(),
    })
}

fn add(weight: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += weight * x;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
