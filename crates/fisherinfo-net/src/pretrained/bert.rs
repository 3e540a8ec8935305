use super::config::only;
use super::gpt2::activation;
use crate::description::{LayerDescription, Projection, Projections};
use serde::Deserialize;

/// BERT with a classifier on its first token; all tokens are of the first type.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Bert {
    pub(super) vocab_size: usize,
    pub(super) max_position_embeddings: usize,
    hidden_size: usize,
    pub(super) num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: Option<String>,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
    #[serde(default = "types")]
    type_vocab_size: usize,
    position_embedding_type: Option<String>,
    problem_type: Option<String>,
    is_decoder: Option<bool>,
    /// Set by [`Bert::checked`].
    #[serde(skip)]
    classes: usize,
}

fn epsilon() -> f64 {
    1e-12
}

fn types() -> usize {
    2
}

impl Bert {
    pub(super) fn checked(mut self, head: &[usize]) -> Result<Self, String> {
        let single = "single_label_classification";
        only("problem_type", &self.problem_type, single.into())?;
        let kind = &self.position_embedding_type;
        only("position_embedding_type", kind, "absolute".into())?;
        only("is_decoder", &self.is_decoder, false)?;
        activation(Some(self.hidden_act.as_deref().unwrap_or("gelu")))?;
        self.classes = head.first().copied().unwrap_or(0);
        if self.classes < 2 {
            return Err("its classifier has one output, which is no class".into());
        }
        Ok(self)
    }

    pub(super) fn layers(&self) -> Vec<LayerDescription> {
        let norm = |name: String| LayerDescription::LayerNorm {
            name,
            epsilon: self.layer_norm_eps,
        };
        let linear = |name: String, outputs: usize| LayerDescription::Linear {
            name,
            outputs,
            bias: true,
            weight: None,
            transposed: false,
            adapter: None,
        };
        let embedding = |part: &str| format!("bert.embeddings.{part}");
        let mut layers = vec![
            LayerDescription::Embedding {
                name: embedding("word_embeddings"),
                vocabulary: self.vocab_size,
                features: self.hidden_size,
            },
            LayerDescription::Row {
                name: embedding("token_type_embeddings"),
                rows: self.type_vocab_size,
            },
            LayerDescription::Position {
                name: embedding("position_embeddings"),
                rows: Some(self.max_position_embeddings),
            },
            norm(embedding("LayerNorm")),
        ];
        for i in 0..self.num_hidden_layers {
            let at = |part: &str| format!("bert.encoder.layer.{i}.{part}");
            let projection = |part: &str| Projection {
                name: at(part),
                bias: true,
                transposed: false,
                adapter: None,
            };
            let attention = LayerDescription::Attention {
                name: at("attention"),
                heads: self.num_attention_heads,
                groups: None,
                causal: false,
                rotary: None,
                bias: true,
                size: None,
                projections: Some(Projections {
                    inputs: ["query", "key", "value"]
                        .map(|part| projection(&format!("attention.self.{part}")))
                        .to_vec(),
                    output: projection("attention.output.dense"),
                }),
            };
            layers.push(LayerDescription::Residual {
                layer: vec![attention],
            });
            layers.push(norm(at("attention.output.LayerNorm")));
            layers.push(LayerDescription::Residual {
                layer: vec![
                    linear(at("intermediate.dense"), self.intermediate_size),
                    activation(Some(self.hidden_act.as_deref().unwrap_or("gelu")))
                        .unwrap_or(LayerDescription::Gelu),
                    linear(at("output.dense"), self.hidden_size),
                ],
            });
            layers.push(norm(at("output.LayerNorm")));
        }
        layers.push(LayerDescription::First);
        layers.push(linear("bert.pooler.dense".into(), self.hidden_size));
        layers.push(LayerDescription::Tanh);
        layers.push(linear("classifier".into(), self.classes));
        layers
    }
}
