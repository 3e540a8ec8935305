use crate::backend::{Backend, Real};
use crate::batch::Batch;
use crate::description::InputDescription;
use crate::error::NetworkError;
use crate::network::Network;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Examples with their labels.
///
/// ```
/// use fisherinfo_net::Dataset;
/// let data = Dataset::new(vec![0.0, 1.0, 2.0, 3.0], 2, vec![0.0, 1.0])?;
/// assert_eq!(data.len(), 2);
/// # Ok::<(), fisherinfo_net::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    inputs: Vec<f64>,
    labels: Vec<f64>,
    width: usize,
    examples: usize,
    first: u64,
    hash: Hash,
}

/// Numbers that a hash takes at once.
const HASHED: usize = 1 << 12;

/// The hash of the numbers beside it, once it was asked for; it follows from them and tells nothing apart.
#[derive(Clone, Debug, Default)]
struct Hash(OnceLock<String>);

impl PartialEq for Hash {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Dataset {
    /// `inputs`, `width` numbers an example, and `labels`, as many an example as there are.
    ///
    /// # Errors
    /// Numbers that do not divide into examples, or labels that do not.
    pub fn new(inputs: Vec<f64>, width: usize, labels: Vec<f64>) -> Result<Self, NetworkError> {
        let examples = inputs.len().checked_div(width).unwrap_or(0);
        if examples == 0 || examples * width != inputs.len() {
            return Err(NetworkError::Width {
                expected: width,
                found: inputs.len(),
            });
        }
        if labels.is_empty() || !labels.len().is_multiple_of(examples) {
            return Err(NetworkError::Width {
                expected: examples,
                found: labels.len(),
            });
        }
        Ok(Self {
            inputs,
            labels,
            width,
            examples,
            first: 0,
            hash: Hash::default(),
        })
    }

    /// The same examples as a shard of more, whose first is example `first` of the whole: Monte Carlo draws
    /// follow from an example's place, and shards then add up to the estimate of the whole.
    #[must_use]
    pub fn starting_at(mut self, first: u64) -> Self {
        self.first = first;
        self.hash = Hash::default();
        self
    }

    /// The place of its first example in the whole.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many examples.
    pub fn len(&self) -> usize {
        self.examples
    }

    /// Never; a dataset without examples is refused.
    pub fn is_empty(&self) -> bool {
        self.examples == 0
    }

    /// Numbers an example.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The examples of these places, in that order.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        let labels = self.label_width();
        let take = |values: &[f64], width: usize| {
            places
                .iter()
                .flat_map(|&i| values[i * width..(i + 1) * width].iter().copied())
                .collect()
        };
        Self {
            inputs: take(&self.inputs, self.width),
            labels: take(&self.labels, labels),
            width: self.width,
            examples: places.len(),
            first: 0,
            hash: Hash::default(),
        }
    }

    /// The inputs of some examples.
    pub fn inputs(&self, range: Range<usize>) -> &[f64] {
        &self.inputs[range.start * self.width..range.end * self.width]
    }

    /// The labels of some examples.
    pub fn labels(&self, range: Range<usize>) -> &[f64] {
        let width = self.label_width();
        &self.labels[range.start * width..range.end * width]
    }

    /// Labels an example.
    pub fn label_width(&self) -> usize {
        self.labels.len() / self.examples.max(1)
    }

    /// SHA-256 of all numbers and of the place in the whole; it is found once.
    pub fn hash(&self) -> String {
        let find = || {
            let mut hash = Sha256::new();
            hash.update((self.examples as u64).to_le_bytes());
            hash.update(self.first.to_le_bytes());
            let mut bytes = Vec::with_capacity(8 * HASHED);
            for values in self.inputs.chunks(HASHED).chain(self.labels.chunks(HASHED)) {
                bytes.clear();
                bytes.extend(values.iter().flat_map(|v| v.to_bits().to_le_bytes()));
                hash.update(&bytes);
            }
            hex(&hash.finalize())
        };
        self.hash.0.get_or_init(find).clone()
    }

    /// Is every example one that the network takes, with labels that its output can have?
    ///
    /// # Errors
    /// The first example that is not, with what is wrong.
    pub fn check<B: Backend>(&self, network: &Network<B>) -> Result<(), NetworkError> {
        if self.width != network.input_width() {
            return Err(NetworkError::Width {
                expected: network.input_width(),
                found: self.width,
            });
        }
        let (positions, output) = (network.output_positions(), network.output());
        let width = output.label_width();
        if self.label_width() != positions * width {
            return Err(NetworkError::Example {
                example: 0,
                reason: format!(
                    "it has {} labels and the output {positions} × {width}",
                    self.label_width()
                ),
            });
        }
        let faults = (0..self.examples).into_par_iter().map(|example| {
            let fault = |reason: String| NetworkError::Example { example, reason };
            let inputs = self.inputs(example..example + 1);
            if let Some(place) = inputs.iter().position(|x| !x.is_finite()) {
                return Err(fault(format!("input {place} is {}", inputs[place])));
            }
            let mask = network.mask(inputs);
            if let InputDescription::Tokens { .. } = network.architecture().input {
                let vocabulary = network.vocabulary().unwrap_or(0);
                let wrong = inputs.iter().enumerate().find(|(t, x)| {
                    mask.as_ref().is_none_or(|mask| mask[*t])
                        && !(x.fract() == 0.0 && **x >= 0.0 && **x < vocabulary as f64)
                });
                if let Some((t, x)) = wrong {
                    return Err(fault(format!(
                        "token {x} at position {t} is outside the vocabulary of {vocabulary}"
                    )));
                }
                if mask.is_some_and(|mask| !mask.contains(&true)) {
                    return Err(fault("it is nothing but padding".into()));
                }
            }
            let labels = self.labels(example..example + 1);
            let masked = network.output_mask(inputs);
            for (t, label) in labels.chunks_exact(width).enumerate() {
                if masked.as_ref().is_some_and(|mask| !mask[t]) {
                    continue;
                }
                if let Some(reason) = output.fault(label) {
                    return Err(fault(reason));
                }
            }
            Ok(())
        });
        // The first example that is wrong, whichever was looked at first.
        faults.find_first(Result::is_err).unwrap_or(Ok(()))
    }

    /// Some examples as a network takes them.
    pub(crate) fn batch<B: Backend>(&self, network: &Network<B>, range: Range<usize>) -> Batch<B> {
        let inputs = self.inputs(range.clone());
        let backend = network.backend();
        let number = |&x: &f64| B::Element::from_f64(x);
        let examples = range.len();
        let plain = |positions, features, values: Vec<B::Element>, mask| Batch {
            examples,
            positions,
            features,
            values: backend.upload(values),
            mask,
        };
        match network.architecture().input {
            InputDescription::Features(n) => plain(1, n, inputs.iter().map(number).collect(), None),
            InputDescription::Sequence([t, d]) => {
                plain(t, d, inputs.iter().map(number).collect(), None)
            }
            InputDescription::Image([c, h, w]) => {
                // Channels last, so that positions are rows.
                let mut values = Vec::with_capacity(inputs.len());
                for image in inputs.chunks_exact(c * h * w) {
                    for place in 0..h * w {
                        values
                            .extend((0..c).map(|channel| number(&image[channel * h * w + place])));
                    }
                }
                plain(h * w, c, values, None)
            }
            InputDescription::Tokens { length, .. } => {
                let mask = network.mask(inputs);
                let values = inputs
                    .iter()
                    .enumerate()
                    .map(|(i, x)| match &mask {
                        // The padding's number may be outside the vocabulary.
                        Some(mask) if !mask[i] => B::Element::default(),
                        _ => number(x),
                    })
                    .collect();
                plain(length, 1, values, mask.map(Arc::new))
            }
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
