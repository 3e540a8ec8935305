use crate::estimator::{Coverage, Estimator, Reduction, Representation};
use crate::parameters::{ParameterId, ParameterInfo};
use crate::representation::{Damping, Form, FormError, Spectral};
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where an estimate is from: what has to agree for two of them to be of the same thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What stands for F.
    pub estimator: Estimator,
    /// What is kept.
    pub representation: Representation,
    /// What the sums are divided by when they are used; they are kept undivided.
    pub reduction: Reduction,
    /// N, the number of examples.
    pub examples: u64,
    /// The number of observations: N times the terms of the loss an example, without padding.
    pub observations: u64,
    /// The precision of the passes, `F32` or `F64`; sums are in double precision.
    pub dtype: String,
    /// The family of the output.
    pub family: String,
    /// SHA-256 of the network.
    pub model: String,
    /// SHA-256 of the data, each part that was added.
    pub data: Vec<String>,
    /// The version of this engine.
    pub engine: String,
}

/// Part of an estimate: some tensors, and a form on all of their numbers, one tensor after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Which tensors.
    pub tensors: Vec<ParameterId>,
    /// What is known of them.
    pub form: Form,
    /// Why it is not the form asked for.
    pub note: Option<String>,
}

/// What cannot be done with an estimate.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum FisherError {
    /// A vector of another length.
    #[error("the estimate is on {expected} parameters, and a vector of {found} numbers was given")]
    Length {
        /// Parameters.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// Estimates of different things.
    #[error("these estimates cannot be added: {what} is {left} here and {right} there")]
    Different {
        /// In what they differ.
        what: &'static str,
        /// On the left.
        left: String,
        /// On the right.
        right: String,
    },
    /// Estimates of other tensors.
    #[error("the estimates are about different parameters: {left} here and {right} there")]
    Parameters {
        /// What only the first has, or has otherwise.
        left: String,
        /// What only the second has.
        right: String,
    },
    /// The same data twice.
    #[error("both estimates saw the same data (SHA-256 {data}): the sum would count it twice")]
    SameData {
        /// The hash.
        data: String,
    },
    /// A block that refuses.
    #[error("{block}: {error}")]
    Block {
        /// Its tensors.
        block: String,
        /// Why.
        error: FormError,
    },
}

/// An estimate of the Fisher information of a network.
///
/// Sums over examples are kept; what is asked of them is divided as [`About::reduction`] says. Entries
/// outside of the blocks are zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Fisher {
    /// Where it is from.
    pub about: About,
    /// The tensors, in the order of θ.
    pub parameters: Vec<ParameterInfo>,
    /// Its parts.
    pub blocks: Vec<Block>,
    /// The variance of each number of the diagonal over the draws, for a diagonal Monte Carlo estimate with
    /// two draws or more.
    pub variances: Option<Vec<f64>>,
}

impl Fisher {
    /// How many parameters.
    pub fn dimension(&self) -> usize {
        self.parameters.iter().map(ParameterInfo::length).sum()
    }

    /// What the sums are multiplied by: 1, 1/N, or one over the number of observations.
    pub fn scale(&self) -> f64 {
        let share = |n: u64| if n == 0 { 0.0 } else { 1.0 / n as f64 };
        match self.about.reduction {
            Reduction::Sum => 1.0,
            Reduction::Mean => share(self.about.examples),
            Reduction::MeanOverObservations => share(self.about.observations),
        }
    }

    /// The same estimate, divided otherwise.
    #[must_use]
    pub fn reduced(mut self, reduction: Reduction) -> Self {
        self.about.reduction = reduction;
        self
    }

    fn named(&self, block: &Block) -> String {
        let names: Vec<&str> = block
            .tensors
            .iter()
            .map(|id| self.parameters[id.0].name.as_str())
            .collect();
        names.join(" + ")
    }

    /// The names of a block's tensors.
    pub fn block_name(&self, block: usize) -> String {
        self.named(&self.blocks[block])
    }

    /// How each block was treated.
    pub fn coverage(&self) -> Vec<Coverage> {
        self.blocks
            .iter()
            .map(|block| Coverage {
                tensors: block
                    .tensors
                    .iter()
                    .map(|id| self.parameters[id.0].name.clone())
                    .collect(),
                parameters: block.form.dimension(),
                form: block.form.name().into(),
                note: block.note.clone(),
            })
            .collect()
    }

    pub(crate) fn require_length(&self, v: &[f64]) -> Result<(), FisherError> {
        if v.len() == self.dimension() {
            Ok(())
        } else {
            Err(FisherError::Length {
                expected: self.dimension(),
                found: v.len(),
            })
        }
    }

    /// The numbers of θ that belong to a block.
    pub fn part(&self, block: usize, v: &[f64]) -> Vec<f64> {
        self.blocks[block]
            .tensors
            .iter()
            .flat_map(|id| {
                let info = &self.parameters[id.0];
                v[info.offset..info.offset + info.length()].iter().copied()
            })
            .collect()
    }

    pub(crate) fn put(&self, block: usize, part: &[f64], into: &mut [f64]) {
        let mut from = 0;
        for id in &self.blocks[block].tensors {
            let info = &self.parameters[id.0];
            let n = info.length();
            into[info.offset..info.offset + n].copy_from_slice(&part[from..from + n]);
            from += n;
        }
    }

    fn by_block(
        &self,
        v: &[f64],
        mut change: impl FnMut(&Block, &[f64]) -> Result<Vec<f64>, FisherError>,
    ) -> Result<Vec<f64>, FisherError> {
        self.require_length(v)?;
        let mut y = vec![0.0; v.len()];
        for i in 0..self.blocks.len() {
            let part = change(&self.blocks[i], &self.part(i, v))?;
            self.put(i, &part, &mut y);
        }
        Ok(y)
    }

    fn spectral(&self, block: &Block, damping: Damping) -> Result<Spectral, FisherError> {
        let decomposed = block.form.spectral(self.scale(), damping);
        decomposed.map_err(|error| self.fault(block, error))
    }

    /// All blocks of F + damping, for those who need them more than once.
    pub(crate) fn decomposed(&self, damping: Damping) -> Result<Vec<Spectral>, FisherError> {
        let blocks = self.blocks.iter();
        blocks.map(|block| self.spectral(block, damping)).collect()
    }

    /// A vector, block by block through what [`Fisher::decomposed`] or the like gave.
    pub(crate) fn through(
        &self,
        spectra: &[Spectral],
        v: &[f64],
        mut change: impl FnMut(&Spectral, &[f64]) -> Result<Vec<f64>, FormError>,
    ) -> Result<Vec<f64>, FisherError> {
        let mut spectra = spectra.iter();
        self.by_block(v, |block, part| match spectra.next() {
            Some(spectral) => change(spectral, part).map_err(|error| self.fault(block, error)),
            None => Ok(part.to_vec()),
        })
    }

    /// The sum of the blocks' ln det.
    pub(crate) fn log_determinant_of(&self, spectra: &[Spectral]) -> Result<f64, FisherError> {
        let blocks = self.blocks.iter().zip(spectra);
        let parts = blocks.map(|(block, spectral)| {
            let part = spectral.log_determinant();
            part.map_err(|error| self.fault(block, error))
        });
        parts.sum()
    }

    pub(crate) fn fault_of(&self, block: usize, error: FormError) -> FisherError {
        self.fault(&self.blocks[block], error)
    }

    /// Is the other about parameters of the same names and shapes?
    ///
    /// # Errors
    /// The first that differs, or the names that only one has.
    pub fn require_same_parameters(&self, other: &Self) -> Result<(), FisherError> {
        if self.parameters == other.parameters {
            return Ok(());
        }
        let lacking = |one: &Self, other: &Self| {
            let has = |name: &str| other.parameters.iter().any(|info| info.name == name);
            let names = one.parameters.iter().map(|info| &info.name[..]);
            let mut names: Vec<&str> = names.filter(|name| !has(name)).collect();
            if names.len() > 5 {
                names.truncate(5);
                names.push("…");
            }
            names.join(", ")
        };
        let (mut left, mut right) = (lacking(self, other), lacking(other, self));
        if left.is_empty() && right.is_empty() {
            let pairs = self.parameters.iter().zip(&other.parameters);
            let first = pairs.into_iter().find(|(a, b)| a != b);
            let said = |info: &ParameterInfo| format!("`{}` {:?}", info.name, info.shape);
            (left, right) = first.map_or_else(Default::default, |(a, b)| (said(a), said(b)));
        }
        let or_none = |names: String| {
            if names.is_empty() {
                "none".into()
            } else {
                names
            }
        };
        Err(FisherError::Parameters {
            left: or_none(left),
            right: or_none(right),
        })
    }

    fn fault(&self, block: &Block, error: FormError) -> FisherError {
        FisherError::Block {
            block: self.named(block),
            error,
        }
    }

    /// F v.
    ///
    /// # Errors
    /// A vector of another length than θ.
    pub fn apply(&self, v: &[f64]) -> Result<Vec<f64>, FisherError> {
        let scale = self.scale();
        self.by_block(v, |block, part| {
            let y = block.form.apply(part);
            Ok(y.into_iter().map(|f| scale * f).collect())
        })
    }

    /// vᵀ F v: twice the Kullback–Leibler divergence of a small step v, to second order.
    ///
    /// # Errors
    /// A vector of another length than θ.
    pub fn quadratic_form(&self, v: &[f64]) -> Result<f64, FisherError> {
        let y = self.apply(v)?;
        Ok(y.iter().zip(v).map(|(y, v)| y * v).sum())
    }

    /// The solution x of (F + damping) x = b.
    ///
    /// # Errors
    /// A vector of another length, a negative damping, or a singular block, which is named.
    pub fn damped_solve(&self, b: &[f64], damping: Damping) -> Result<Vec<f64>, FisherError> {
        self.by_block(b, |block, part| {
            let solved = self.spectral(block, damping)?.solve(part);
            solved.map_err(|error| self.fault(block, error))
        })
    }

    /// Σ Fᵢᵢ.
    pub fn trace(&self) -> f64 {
        self.scale() * self.blocks.iter().map(|b| b.form.trace()).sum::<f64>()
    }

    /// Fᵢᵢ, like θ.
    pub fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = vec![0.0; self.dimension()];
        let scale = self.scale();
        for (i, block) in self.blocks.iter().enumerate() {
            let part: Vec<f64> = block.form.diagonal().iter().map(|f| scale * f).collect();
            self.put(i, &part, &mut diagonal);
        }
        diagonal
    }

    /// The standard error of each number of the diagonal, for a diagonal Monte Carlo estimate with two draws
    /// or more: what other draws would have changed, at the same examples. It is found from the spread of the
    /// squares at each example over its draws, and so does not depend on batches.
    pub fn standard_errors(&self) -> Option<Vec<f64>> {
        let variances = self.variances.as_ref()?;
        let scale = self.scale();
        Some(variances.iter().map(|v| scale * v.sqrt()).collect())
    }

    /// √ΣF²ᵢⱼ.
    pub fn frobenius_norm(&self) -> f64 {
        let squares = self.blocks.iter().map(|b| b.form.frobenius_norm().powi(2));
        self.scale() * squares.sum::<f64>().sqrt()
    }

    /// All eigenvalues, the greatest first.
    ///
    /// # Errors
    /// A block whose eigendecomposition fails.
    pub fn eigenvalues(&self) -> Result<Vec<f64>, FisherError> {
        let mut all = Vec::with_capacity(self.dimension());
        for block in &self.blocks {
            all.extend_from_slice(self.spectral(block, Damping::NONE)?.values());
        }
        all.sort_by(|a, b| b.total_cmp(a));
        Ok(all)
    }

    /// The greatest eigenvalues, the greatest first: of a large estimate much cheaper than all of them.
    ///
    /// # Errors
    /// A block whose eigenvalues are not found.
    pub fn greatest_eigenvalues(&self, wanted: usize) -> Result<Vec<f64>, FisherError> {
        let mut all = Vec::new();
        for block in &self.blocks {
            let greatest = block.form.greatest_eigenvalues(wanted);
            all.extend(greatest.map_err(|error| self.fault(block, error))?);
        }
        all.sort_by(|a, b| b.total_cmp(a));
        all.truncate(wanted);
        let scale = self.scale();
        Ok(all.into_iter().map(|v| scale * v).collect())
    }

    /// ln det(F + damping).
    ///
    /// # Errors
    /// A singular block, which is named.
    pub fn log_determinant(&self, damping: Damping) -> Result<f64, FisherError> {
        let mut sum = 0.0;
        for block in &self.blocks {
            let part = self.spectral(block, damping)?.log_determinant();
            sum += part.map_err(|error| self.fault(block, error))?;
        }
        Ok(sum)
    }

    /// A draw from the normal distribution with mean 0 and covariance (F + damping)⁻¹.
    ///
    /// # Errors
    /// A singular block, which is named.
    pub fn sample(&self, damping: Damping, rng: &mut dyn Rng) -> Result<Vec<f64>, FisherError> {
        let zeros = vec![0.0; self.dimension()];
        self.by_block(&zeros, |block, _| {
            let drawn = self.spectral(block, damping)?.sample(rng);
            drawn.map_err(|error| self.fault(block, error))
        })
    }

    /// The information of both samples: exactly what one estimate over all of the data would be.
    ///
    /// # Errors
    /// Estimates of other models, by other estimators, in other forms or precision, or of the same data.
    pub fn plus(mut self, other: &Self) -> Result<Self, FisherError> {
        let different = |what, left: &dyn ToString, right: &dyn ToString| FisherError::Different {
            what,
            left: left.to_string(),
            right: right.to_string(),
        };
        let (a, b) = (&self.about, &other.about);
        if a.model != b.model {
            return Err(different("the model (SHA-256)", &a.model, &b.model));
        }
        if a.family != b.family {
            return Err(different("the family", &a.family, &b.family));
        }
        if a.estimator != b.estimator {
            return Err(different("the estimator", &a.estimator, &b.estimator));
        }
        if a.representation != b.representation {
            let (a, b) = (&a.representation, &b.representation);
            return Err(different("the representation", a, b));
        }
        if a.reduction != b.reduction {
            return Err(different("the reduction", &a.reduction, &b.reduction));
        }
        if a.dtype != b.dtype {
            return Err(different("the precision", &a.dtype, &b.dtype));
        }
        if let Some(data) = a.data.iter().find(|hash| b.data.contains(hash)) {
            return Err(FisherError::SameData { data: data.clone() });
        }
        let matching = self.parameters == other.parameters
            && self.blocks.len() == other.blocks.len()
            && self
                .blocks
                .iter()
                .zip(&other.blocks)
                .all(|(a, b)| a.tensors == b.tensors);
        if !matching {
            let count =
                |fisher: &Self| format!("{} on {}", fisher.blocks.len(), fisher.dimension());
            return Err(different("the blocks", &count(&self), &count(other)));
        }
        for i in 0..self.blocks.len() {
            let name = self.block_name(i);
            self.blocks[i]
                .form
                .add(&other.blocks[i].form)
                .map_err(|error| FisherError::Block { block: name, error })?;
        }
        self.variances = match (self.variances, &other.variances) {
            (Some(left), Some(right)) => Some(left.iter().zip(right).map(|(l, r)| l + r).collect()),
            _ => None,
        };
        self.about.examples += other.about.examples;
        self.about.observations += other.about.observations;
        self.about.data.extend(other.about.data.iter().cloned());
        Ok(self)
    }
}
