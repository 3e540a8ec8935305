//! Networks as a text: layers in TOML.

mod assemble;
mod layer;

pub use layer::{AdapterDescription, LayerDescription, PoolKind, Projection, Projections};

pub(crate) use assemble::{Constants, assemble};

use crate::error::NetworkError;
use crate::output::Output;
use serde::{Deserialize, Serialize};

/// What an example looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum InputDescription {
    /// So many numbers.
    Features(usize),
    /// Channels, height, width; in data channel by channel, row by row.
    Image([usize; 3]),
    /// Positions, and numbers a position.
    Sequence([usize; 2]),
    /// Positions, each with the number of a token.
    Tokens {
        /// How many positions.
        length: usize,
        /// A number that stands for padding; it may be outside the vocabulary.
        padding: Option<i64>,
    },
}

/// The family of the observation given the network's output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OutputDescription {
    /// Classes by the softmax of as many outputs as the last layer has.
    Categorical,
    /// Two classes by the logit of one output.
    Bernoulli,
    /// A normal observation of each output.
    Normal {
        /// Its known standard deviation.
        sigma: f64,
    },
}

/// A network without its numbers.
///
/// ```
/// use fisherinfo_net::Architecture;
/// let network = Architecture::from_toml("digits.toml", r#"
///     input = { features = 64 }
///     output = "categorical"
///     [[layer]]
///     kind = "linear"
///     name = "hidden"
///     outputs = 32
///     [[layer]]
///     kind = "tanh"
///     [[layer]]
///     kind = "linear"
///     name = "classes"
///     outputs = 10
/// "#)?;
/// assert_eq!(network.layer.len(), 3);
/// # Ok::<(), fisherinfo_net::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// What an example looks like.
    pub input: InputDescription,
    /// The family of the observation.
    pub output: OutputDescription,
    /// The checkpoint, a safetensors file beside the description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// Is nothing learnt but adapters?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frozen: bool,
    /// The layers in their order.
    #[serde(default)]
    pub layer: Vec<LayerDescription>,
}

impl Architecture {
    /// Reads a description; `file` is named in errors.
    ///
    /// # Errors
    /// Text that is no TOML, an unknown layer or key; the line is named.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, NetworkError> {
        toml::from_str(text).map_err(|error| NetworkError::Description {
            file: file.into(),
            reason: error.to_string(),
        })
    }

    /// The description as a text.
    ///
    /// # Errors
    /// What the format cannot say.
    pub fn to_toml(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|error| error.to_string())
    }

    /// Layers for texts of so many tokens, each position with an observation or all with one.
    pub(crate) fn of_tokens(length: usize, padding: i64, layer: Vec<LayerDescription>) -> Self {
        Self {
            input: InputDescription::Tokens {
                length,
                padding: Some(padding),
            },
            output: OutputDescription::Categorical,
            weights: None,
            frozen: false,
            layer,
        }
    }

    /// The network as JSON: what hashes are taken of. The length of texts is no part of it, since tables of
    /// positions are among its tensors.
    pub(crate) fn canonical(&self) -> String {
        let input = match self.input {
            InputDescription::Tokens { padding, .. } => {
                InputDescription::Tokens { length: 0, padding }
            }
            other => other,
        };
        let nameless = Self {
            input,
            weights: None,
            ..self.clone()
        };
        serde_json::to_string(&nameless).unwrap_or_default()
    }

    pub(crate) fn output(&self, features: usize) -> Result<Output, NetworkError> {
        let refused = |reason: String| NetworkError::Layer {
            layer: "output".into(),
            reason,
        };
        match self.output {
            OutputDescription::Categorical if features < 2 => Err(refused(format!(
                "a softmax needs two outputs or more, and the last layer has {features}"
            ))),
            OutputDescription::Categorical => Ok(Output::Categorical { classes: features }),
            OutputDescription::Bernoulli if features != 1 => Err(refused(format!(
                "a logit is one output, and the last layer has {features}"
            ))),
            OutputDescription::Bernoulli => Ok(Output::Bernoulli),
            OutputDescription::Normal { sigma } if !(sigma > 0.0 && sigma.is_finite()) => Err(
                refused(format!("sigma has to be a finite number > 0, not {sigma}")),
            ),
            OutputDescription::Normal { sigma } => Ok(Output::Normal {
                sigma,
                outputs: features,
            }),
        }
    }
}
