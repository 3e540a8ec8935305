//! Laplace's approximation: the posterior of the parameters as a normal density around their mode, with the
//! Fisher information of the data and the precision of the prior added up.

use crate::backend::Backend;
use crate::dataset::Dataset;
use crate::error::NetworkError;
use crate::estimator::Reduction;
use crate::fisher::{Fisher, FisherError};
use crate::network::Network;
use crate::representation::{Damping, Spectral};
use crate::train::evaluate;
use rand::Rng;
use thiserror::Error;

/// Why there is no posterior.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LaplaceError {
    /// A prior that is none.
    #[error("the precision of the prior has to be a finite number > 0, not {precision}")]
    Prior {
        /// What was given.
        precision: f64,
    },
    /// An estimate of other numbers, or from other data.
    #[error("the estimate is of another {what}: {expected} there and {found} here")]
    Different {
        /// Model or number of examples.
        what: &'static str,
        /// The estimate's.
        expected: String,
        /// What was given.
        found: String,
    },
    /// An information that cannot be used.
    #[error(transparent)]
    Fisher(#[from] FisherError),
    /// Network or data.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// The posterior N(θ*, (λ + ΣF)⁻¹) under the prior N(0, 1/λ), with F in whatever form it was estimated.
///
/// θ* has to be the mode of the posterior: what training with a penalty ½λ‖θ‖² on the *sum* of the negative
/// log-likelihoods ends at. The information is that of the whole sample, however it is reduced elsewhere.
///
/// Source: D. MacKay, Neural Computation 4 (1992), 448–472; E. Daxberger et al., NeurIPS 2021, 2.
///
/// ```
/// use fisherinfo_net::backend::Cpu;
/// use fisherinfo_net::estimator::{Estimation, Estimator, Reduction, Representation, Settings};
/// use fisherinfo_net::laplace::Laplace;
/// use fisherinfo_net::{Architecture, Dataset, Network};
/// let line = Architecture::from_toml("line.toml", r#"
///     input = { features = 1 }
///     output = { normal = { sigma = 1.0 } }
///     [[layer]]
///     kind = "linear"
///     name = "w"
///     outputs = 1
///     bias = false
/// "#)?;
/// // y = 2 seen at x = 1 with unit noise, under the prior N(0, 1): the posterior is N(1, 1/2).
/// let network = Network::initialised(&line, Cpu::<f64>::new(), 0)?.at(&[1.0])?;
/// let data = Dataset::new(vec![1.0], 1, vec![2.0])?;
/// let settings = Settings {
///     estimator: Estimator::Exact,
///     representation: Representation::Dense,
///     reduction: Reduction::Mean,
/// };
/// let fisher = Estimation::whole(&network, &data, settings, 1)?;
/// let posterior = Laplace::of(&network, &data, fisher, 1.0)?;
/// assert_eq!(posterior.covariance_times(&[1.0])?, [0.5]);
/// // And y itself was N(0, 2).
/// let evidence = -0.5 * (4.0 * std::f64::consts::PI).ln() - 1.0;
/// assert!((posterior.log_marginal_likelihood()? - evidence).abs() < 1e-14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Laplace {
    fisher: Fisher,
    mode: Vec<f64>,
    log_likelihood: f64,
    precision: f64,
    /// λ + ΣF, decomposed once.
    damped: Vec<Spectral>,
}

impl Laplace {
    /// From an estimate, the mode it was made at, ln p(data | mode), and λ.
    ///
    /// # Errors
    /// A precision that is not positive, a mode of another length, a block that cannot be decomposed.
    pub fn new(
        fisher: Fisher,
        mode: Vec<f64>,
        log_likelihood: f64,
        precision: f64,
    ) -> Result<Self, LaplaceError> {
        if !(precision > 0.0 && precision.is_finite()) {
            return Err(LaplaceError::Prior { precision });
        }
        let fisher = fisher.reduced(Reduction::Sum);
        fisher.require_length(&mode)?;
        let damped = fisher.decomposed(Damping::Absolute(precision))?;
        Ok(Self {
            fisher,
            mode,
            log_likelihood,
            precision,
            damped,
        })
    }

    /// The posterior of a network that was trained on the data its information is from.
    ///
    /// # Errors
    /// As [`Laplace::new`]; an estimate of another network or of another number of examples.
    pub fn of<B: Backend>(
        network: &Network<B>,
        data: &Dataset,
        fisher: Fisher,
        precision: f64,
    ) -> Result<Self, LaplaceError> {
        let different = |what, expected: String, found: String| LaplaceError::Different {
            what,
            expected,
            found,
        };
        let model = network.hash();
        if model != fisher.about.model {
            return Err(different(
                "model (SHA-256)",
                fisher.about.model.clone(),
                model,
            ));
        }
        let examples = data.len() as u64;
        if examples != fisher.about.examples {
            let there = fisher.about.examples.to_string();
            return Err(different("number of examples", there, examples.to_string()));
        }
        let log_likelihood = -evaluate(network, data)?.loss * fisher.about.observations as f64;
        Self::new(fisher, network.theta(), log_likelihood, precision)
    }

    /// The same under another prior: how the evidence of several is compared. The mode stays, so that away
    /// from a flat likelihood the network should be trained again.
    ///
    /// # Errors
    /// As [`Laplace::new`].
    pub fn under(&self, precision: f64) -> Result<Self, LaplaceError> {
        let (fisher, mode) = (self.fisher.clone(), self.mode.clone());
        Self::new(fisher, mode, self.log_likelihood, precision)
    }

    /// θ*.
    pub fn mode(&self) -> &[f64] {
        &self.mode
    }

    /// λ.
    pub fn prior_precision(&self) -> f64 {
        self.precision
    }

    /// (λ + ΣF) v.
    ///
    /// # Errors
    /// A vector of another length than θ.
    pub fn precision_times(&self, v: &[f64]) -> Result<Vec<f64>, LaplaceError> {
        let mut y = self.fisher.apply(v)?;
        for (y, v) in y.iter_mut().zip(v) {
            *y += self.precision * v;
        }
        Ok(y)
    }

    /// (λ + ΣF)⁻¹ v.
    ///
    /// # Errors
    /// A vector of another length than θ.
    pub fn covariance_times(&self, v: &[f64]) -> Result<Vec<f64>, LaplaceError> {
        Ok(self
            .fisher
            .through(&self.damped, v, |block, part| block.solve(part))?)
    }

    /// ln ∫ p(data | θ) p(θ) dθ, the integrand a normal density around its mode:
    /// \\(\ln p(D\mid\theta^\*) - \tfrac\lambda2\lVert\theta^\*\rVert^2 + \tfrac P2\ln\lambda
    /// - \tfrac12\ln\det(\lambda + \sum F)\\). Exact for a linear model with normal noise and a dense F.
    ///
    /// # Errors
    /// A block whose determinant is not positive.
    pub fn log_marginal_likelihood(&self) -> Result<f64, LaplaceError> {
        let square: f64 = self.mode.iter().map(|t| t * t).sum();
        let determinant = self.fisher.log_determinant_of(&self.damped)?;
        let n = self.mode.len() as f64;
        let prior = 0.5 * (n * self.precision.ln() - self.precision * square);
        Ok(self.log_likelihood + prior - 0.5 * determinant)
    }

    /// A θ from the posterior; what follows from `rng` is the same on every machine.
    ///
    /// # Errors
    /// A block that cannot be sampled from.
    pub fn sample(&self, rng: &mut dyn Rng) -> Result<Vec<f64>, LaplaceError> {
        let drawn = |block: &Spectral, _: &[f64]| block.sample(rng);
        let mut theta = self.fisher.through(&self.damped, &self.mode, drawn)?;
        for (t, mode) in theta.iter_mut().zip(&self.mode) {
            *t += mode;
        }
        Ok(theta)
    }

    /// J(λ + ΣF)⁻¹Jᵀ, outputs × outputs of one example, row by row: the covariance of what a network that is
    /// linearised at the mode says of it, without the noise of an observation.
    ///
    /// # Errors
    /// A network with other parameters; an example that it cannot take.
    pub fn output_covariance<B: Backend>(
        &self,
        network: &Network<B>,
        data: &Dataset,
        example: usize,
    ) -> Result<Vec<f64>, LaplaceError> {
        data.check(network)?;
        let there = network.linearise(data, example..example + 1)?;
        let outputs = there.coordinates().len();
        let mut covariance = Vec::with_capacity(outputs * outputs);
        for output in 0..outputs {
            let mut unit = vec![0.0; outputs];
            unit[output] = 1.0;
            let spread = self.covariance_times(&there.gradient(&unit))?;
            covariance.extend(there.push_forward(&spread)?);
        }
        Ok(covariance)
    }
}
