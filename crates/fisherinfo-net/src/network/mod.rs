mod initial;
mod linearised;
mod tensors;

pub use linearised::Linearised;

use crate::backend::{Backend, Real};
use crate::checkpoint::{Checkpoint, Tensor};
use crate::dataset::{Dataset, hex};
use crate::description::{Architecture, Constants, InputDescription, assemble};
use crate::error::NetworkError;
use crate::layer::{Layer, Sequence, Use};
use crate::output::Output;
use crate::parameters::{ParameterId, ParameterInfo, Parameters};
use crate::tensors::Tensors;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;
use tensors::{expect, find, finite};

/// A map from parameters to the coordinates of an output family, which can be linearised.
///
/// ```
/// use fisherinfo_net::backend::Cpu;
/// use fisherinfo_net::{Architecture, Dataset, Network};
/// let architecture = Architecture::from_toml("coin.toml", r#"
///     input = { features = 1 }
///     output = "bernoulli"
///     [[layer]]
///     kind = "linear"
///     name = "w"
///     outputs = 1
///     bias = false
/// "#)?;
/// let network = Network::initialised(&architecture, Cpu::<f64>::new(), 0)?.at(&[0.5])?;
/// let data = Dataset::new(vec![2.0], 1, vec![1.0])?;
/// let there = network.linearise(&data, 0..1)?;
/// assert_eq!(there.coordinates(), [1.0]);
/// assert_eq!(there.push_forward(&[3.0])?, [6.0]);
/// # Ok::<(), fisherinfo_net::NetworkError>(())
/// ```
#[derive(Debug)]
pub struct Network<B: Backend> {
    backend: B,
    architecture: Architecture,
    sequence: Arc<Sequence<B>>,
    infos: Arc<Vec<ParameterInfo>>,
    /// The tensors that are not learnt.
    frozen: Arc<Vec<ParameterInfo>>,
    constants: Arc<Checkpoint>,
    parameters: Parameters<B>,
    output: Output,
    output_positions: usize,
    output_keeps_positions: bool,
    vocabulary: Option<usize>,
}

impl<B: Backend> Network<B> {
    /// The network with the numbers of a checkpoint, which are asked for tensor by tensor; those that it does
    /// not use are passed over.
    ///
    /// # Errors
    /// Layers that do not fit each other; a tensor that is missing, of another shape, or not finite.
    pub fn new(
        architecture: &Architecture,
        backend: B,
        tensors: &impl Tensors,
    ) -> Result<Self, NetworkError> {
        let constant = |name: &str, length: usize| find(tensors, name, &[length]);
        let mut network = Self::assembled(architecture, backend, &constant)?;
        // What is missing is said before anything large is read.
        for info in network.infos.iter().chain(network.frozen.iter()) {
            expect(tensors, &info.name, &info.shape)?;
        }
        let upload = |info: &ParameterInfo| {
            let values = find(tensors, &info.name, &info.shape)?;
            let numbers = values.into_iter().map(B::Element::from_f64).collect();
            Ok(network.backend.upload(numbers))
        };
        let tensors: Result<_, NetworkError> = network.infos.iter().map(upload).collect();
        let frozen: Result<Vec<_>, NetworkError> = network.frozen.iter().map(upload).collect();
        network.parameters = Parameters::new(tensors?).beside(Arc::new(frozen?));
        Ok(network)
    }

    fn assembled(
        architecture: &Architecture,
        backend: B,
        constant: Constants<'_>,
    ) -> Result<Self, NetworkError> {
        let used = RefCell::new(Checkpoint::new());
        let recorded = |name: &str, length: usize| {
            let values = constant(name, length)?;
            let tensor = Tensor {
                shape: vec![length],
                values: values.clone(),
            };
            used.borrow_mut().insert(name.into(), tensor);
            Ok(values)
        };
        let assembled = assemble(architecture, &backend, &recorded)?;
        let output = architecture.output(assembled.output.features)?;
        let output_positions = assembled.output.positions();
        Ok(Self {
            backend,
            architecture: architecture.clone(),
            sequence: Arc::new(assembled.sequence),
            infos: Arc::new(assembled.infos),
            frozen: Arc::new(assembled.frozen),
            constants: Arc::new(used.into_inner()),
            parameters: Parameters::new(Vec::new()),
            output,
            output_positions,
            output_keeps_positions: assembled.output.is_masked(),
            vocabulary: assembled.vocabulary,
        })
    }

    /// The same network at another θ.
    ///
    /// # Errors
    /// A θ of another length, or with a NaN or infinity, whose tensor is named.
    pub fn at(&self, theta: &[f64]) -> Result<Self, NetworkError> {
        self.require_length(theta)?;
        for info in self.infos.iter() {
            let part = &theta[info.offset..info.offset + info.length()];
            finite(&info.name, part)?;
        }
        Ok(Self {
            backend: self.backend.clone(),
            architecture: self.architecture.clone(),
            sequence: Arc::clone(&self.sequence),
            infos: Arc::clone(&self.infos),
            frozen: Arc::clone(&self.frozen),
            constants: Arc::clone(&self.constants),
            parameters: Parameters::from_flat(&self.backend, &self.infos, theta)
                .beside(Arc::clone(self.parameters.frozen())),
            ..*self
        })
    }

    fn require_length(&self, theta: &[f64]) -> Result<(), NetworkError> {
        if theta.len() == self.dimension() {
            Ok(())
        } else {
            Err(NetworkError::Length {
                expected: self.dimension(),
                found: theta.len(),
            })
        }
    }

    /// θ.
    pub fn theta(&self) -> Vec<f64> {
        self.parameters.to_flat(&self.backend)
    }

    /// How many parameters.
    pub fn dimension(&self) -> usize {
        self.infos.iter().map(ParameterInfo::length).sum()
    }

    /// The tensors of parameters in the order of θ.
    pub fn parameters(&self) -> &[ParameterInfo] {
        &self.infos
    }

    /// The tensors that are not learnt, and no part of θ.
    pub fn frozen(&self) -> &[ParameterInfo] {
        &self.frozen
    }

    /// How layers use what is learnt, in the order of the layers.
    pub fn uses(&self) -> Vec<Use> {
        let uses = self.sequence.uses().into_iter();
        uses.filter(|one| one.is_learnt()).collect()
    }

    /// The description it was made of.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The family of the observation.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// How many positions an output has, each with an observation.
    pub fn output_positions(&self) -> usize {
        self.output_positions
    }

    /// What it computes with.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// Rows of the embedding, where there is one.
    pub fn vocabulary(&self) -> Option<usize> {
        self.vocabulary
    }

    /// Numbers an example.
    pub fn input_width(&self) -> usize {
        match self.architecture.input {
            InputDescription::Features(n) => n,
            InputDescription::Image(sizes) => sizes.iter().product(),
            InputDescription::Sequence(sizes) => sizes.iter().product(),
            InputDescription::Tokens { length, .. } => length,
        }
    }

    /// Which inputs are data and not padding.
    pub(crate) fn mask(&self, inputs: &[f64]) -> Option<Vec<bool>> {
        let InputDescription::Tokens {
            padding: Some(padding),
            ..
        } = self.architecture.input
        else {
            return None;
        };
        Some(inputs.iter().map(|x| *x != padding as f64).collect())
    }

    /// Which outputs have an observation; all of them where none.
    pub(crate) fn output_mask(&self, inputs: &[f64]) -> Option<Vec<bool>> {
        self.mask(inputs).filter(|_| self.output_keeps_positions)
    }

    /// Its tensors, frozen statistics among them, as a checkpoint has them.
    pub fn checkpoint(&self) -> Checkpoint {
        let mut checkpoint = (*self.constants).clone();
        let theta = self.theta();
        for info in self.infos.iter() {
            let values = theta[info.offset..info.offset + info.length()].to_vec();
            let shape = info.shape.clone();
            checkpoint.insert(info.name.clone(), Tensor { shape, values });
        }
        for (info, tensor) in self.frozen.iter().zip(&**self.parameters.frozen()) {
            let numbers = self.backend.download(tensor).into_iter();
            let tensor = Tensor {
                shape: info.shape.clone(),
                values: numbers.map(Real::to_f64).collect(),
            };
            checkpoint.insert(info.name.clone(), tensor);
        }
        checkpoint
    }

    /// SHA-256 of the description and of all numbers.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.architecture.canonical());
        // In the order of names, one tensor at a time: all of them may be large.
        let parameters = self.infos.iter().enumerate();
        let parameters = parameters.map(|(i, info)| (&info.name[..], ParameterId(i)));
        let frozen = self.frozen.iter().enumerate();
        let frozen = frozen.map(|(i, info)| (&info.name[..], ParameterId::frozen(i)));
        let all = parameters.chain(frozen);
        let mut names: Vec<(&str, Option<ParameterId>)> =
            all.map(|(name, id)| (name, Some(id))).collect();
        names.extend(self.constants.keys().map(|name| (&name[..], None)));
        names.sort_unstable();
        for (name, parameter) in names {
            hash.update(name);
            let mut add = |values: &mut dyn Iterator<Item = f64>| {
                let mut bytes = Vec::with_capacity(HASHED * 8);
                for value in values {
                    bytes.extend_from_slice(&value.to_bits().to_le_bytes());
                    if bytes.len() == HASHED * 8 {
                        hash.update(&bytes);
                        bytes.clear();
                    }
                }
                hash.update(&bytes);
            };
            match parameter {
                Some(id) => {
                    let tensor = self.parameters.tensor(id);
                    let numbers = self.backend.download(tensor);
                    add(&mut numbers.into_iter().map(Real::to_f64));
                }
                None => add(&mut self.constants[name].values.iter().copied()),
            }
        }
        hex(&hash.finalize())
    }

    /// The outputs of some examples of a dataset that [`Dataset::check`] passed, and all that their
    /// derivatives need.
    ///
    /// # Errors
    /// An output that is not finite.
    pub fn linearise(
        &self,
        data: &Dataset,
        range: Range<usize>,
    ) -> Result<Linearised<'_, B>, NetworkError> {
        if data.width() != self.input_width() {
            return Err(NetworkError::Width {
                expected: self.input_width(),
                found: data.width(),
            });
        }
        let first = range.start;
        let input = Arc::new(data.batch(self, range));
        let (output, trace) = self
            .sequence
            .forward(&self.backend, &self.parameters, &input);
        let coordinates: Vec<f64> = self
            .backend
            .download(&output.values)
            .into_iter()
            .map(Real::to_f64)
            .collect();
        if let Some(place) = coordinates.iter().position(|z| !z.is_finite()) {
            let outputs = output.positions * output.features;
            return Err(NetworkError::Output {
                example: first + place / outputs,
                output: place % outputs,
                value: coordinates[place],
            });
        }
        Ok(Linearised {
            network: self,
            input,
            output,
            trace,
            coordinates,
        })
    }
}

/// Numbers that a hash takes at once.
const HASHED: usize = 1 << 12;
