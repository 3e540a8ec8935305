use super::vectors::{count, vector};
use super::{Estimation, EstimationError, Estimator, Reduction};
use crate::backend::Backend;
use crate::dataset::Dataset;
use crate::error::NetworkError;
use crate::network::Network;

/// A Fisher information that is never written down: F v is a derivative forward, F of the output's family or
/// the scores, and a derivative backwards.
///
/// ```
/// use fisherinfo_net::backend::Cpu;
/// use fisherinfo_net::estimator::{Estimator, MatrixFree, Reduction};
/// use fisherinfo_net::{Architecture, Dataset, Network};
/// let architecture = Architecture::from_toml("line.toml", r#"
///     input = { features = 2 }
///     output = { normal = { sigma = 0.5 } }
///     [[layer]]
///     kind = "linear"
///     name = "w"
///     outputs = 1
///     bias = false
/// "#)?;
/// let network = Network::initialised(&architecture, Cpu::<f64>::new(), 0)?;
/// let data = Dataset::new(vec![1.0, 2.0, 3.0, 4.0], 2, vec![0.0, 0.0])?;
/// let fisher = MatrixFree::new(&network, &data, Estimator::Exact, Reduction::Sum, 2)?;
/// // Σ x xᵀ/σ² = 4·[[10, 14], [14, 20]].
/// assert_eq!(fisher.apply(&[1.0, 0.0])?, [40.0, 56.0]);
/// # Ok::<(), fisherinfo_net::estimator::EstimationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MatrixFree<'a, B: Backend> {
    network: &'a Network<B>,
    data: &'a Dataset,
    estimator: Estimator,
    reduction: Reduction,
    batch: usize,
}

impl<'a, B: Backend> MatrixFree<'a, B> {
    /// The information of a network from these examples, `batch` at a time.
    ///
    /// # Errors
    /// Data that the network cannot take.
    pub fn new(
        network: &'a Network<B>,
        data: &'a Dataset,
        estimator: Estimator,
        reduction: Reduction,
        batch: usize,
    ) -> Result<Self, EstimationError> {
        if let Estimator::MonteCarlo { draws: 0, .. } = estimator {
            return Err(EstimationError::Draws);
        }
        data.check(network)?;
        Ok(Self {
            network,
            data,
            estimator,
            reduction,
            batch: batch.max(1),
        })
    }

    /// F v.
    ///
    /// # Errors
    /// A vector of another length than θ; an output that is not finite.
    pub fn apply(&self, v: &[f64]) -> Result<Vec<f64>, EstimationError> {
        let mut total = vec![0.0; self.network.dimension()];
        let (mut examples, mut observations) = (0, 0);
        let mut from = 0;
        while from < self.data.len() {
            let range = from..(from + self.batch).min(self.data.len());
            let there = self.network.linearise(self.data, range.clone())?;
            let moved = there.push_forward(v)?;
            let mut pulled = vec![0.0; moved.len()];
            if self.estimator == Estimator::Exact {
                let output = self.network.output();
                let k = output.coordinates();
                for row in (0..moved.len() / k).filter(|row| there.is_observed(*row)) {
                    let part = row * k..(row + 1) * k;
                    output.apply_information(
                        &there.coordinates()[part.clone()],
                        &moved[part.clone()],
                        &mut pulled[part],
                    );
                }
            } else {
                let (vectors, weight) = count(self.estimator, self.network);
                let width = moved.len() / there.examples();
                for index in 0..vectors {
                    let (network, data) = (self.network, self.data);
                    let u = vector(self.estimator, index, network, &there, data, range.clone())?;
                    for example in 0..there.examples() {
                        // s sᵀ of one example: its score times the derivative of its log-density.
                        let part = example * width..(example + 1) * width;
                        let along: f64 = u[part.clone()]
                            .iter()
                            .zip(&moved[part.clone()])
                            .map(|(u, v)| u * v)
                            .sum();
                        for (pulled, u) in pulled[part.clone()].iter_mut().zip(&u[part]) {
                            *pulled += weight * along * u;
                        }
                    }
                }
            }
            for (total, part) in total.iter_mut().zip(there.gradient(&pulled)) {
                *total += part;
            }
            examples += there.examples();
            observations += there.observations();
            from = range.end;
        }
        let share = match self.reduction {
            Reduction::Sum => 1.0,
            Reduction::Mean => 1.0 / examples as f64,
            Reduction::MeanOverObservations => 1.0 / observations as f64,
        };
        Ok(total.into_iter().map(|f| share * f).collect())
    }

    /// vᵀ F v.
    ///
    /// # Errors
    /// As [`MatrixFree::apply`].
    pub fn quadratic_form(&self, v: &[f64]) -> Result<f64, EstimationError> {
        Ok(dot(&self.apply(v)?, v))
    }

    /// The trace, from the diagonal, which one pass over the data gives.
    ///
    /// # Errors
    /// As [`Estimation::update`].
    pub fn trace(&self) -> Result<f64, EstimationError> {
        let settings = super::Settings {
            estimator: self.estimator,
            representation: super::Representation::Diagonal,
            reduction: self.reduction,
        };
        Ok(Estimation::whole(self.network, self.data, settings, self.batch)?.trace())
    }

    /// The solution x of (F + λ) x = b by conjugate gradients, to a residual of `tolerance` times b, and the
    /// number of products it took.
    ///
    /// # Errors
    /// As [`MatrixFree::apply`]; no convergence within `most` products, with the residual that was come to.
    pub fn damped_solve(
        &self,
        b: &[f64],
        damping: f64,
        tolerance: f64,
        most: usize,
    ) -> Result<(Vec<f64>, usize), SolveError> {
        if b.len() != self.network.dimension() {
            return Err(EstimationError::from(NetworkError::Length {
                expected: self.network.dimension(),
                found: b.len(),
            })
            .into());
        }
        let mut x = vec![0.0; b.len()];
        let mut residual = b.to_vec();
        let mut direction = b.to_vec();
        let mut size = dot(b, b);
        let wanted = tolerance * tolerance * size;
        for products in 0..=most {
            if size <= wanted {
                return Ok((x, products));
            }
            if products == most {
                break;
            }
            let mut image = self.apply(&direction)?;
            for (y, d) in image.iter_mut().zip(&direction) {
                *y += damping * d;
            }
            let step = size / dot(&direction, &image);
            for i in 0..x.len() {
                x[i] += step * direction[i];
                residual[i] -= step * image[i];
            }
            let next = dot(&residual, &residual);
            for (d, r) in direction.iter_mut().zip(&residual) {
                *d = r + next / size * *d;
            }
            size = next;
        }
        Err(SolveError::NotConverged {
            products: most,
            residual: (size / dot(b, b)).sqrt(),
        })
    }
}

/// Why a solve failed.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum SolveError {
    /// A product failed.
    #[error(transparent)]
    Estimation(#[from] EstimationError),
    /// Not close enough.
    #[error(
        "conjugate gradients came to a residual of {residual:e} of the right-hand side in {products} products: allow more, or damp more"
    )]
    NotConverged {
        /// Products with F.
        products: usize,
        /// ‖b − (F + λ)x‖ / ‖b‖.
        residual: f64,
    },
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
