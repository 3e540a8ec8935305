use super::config::only;
use crate::description::{LayerDescription, Projection, Projections};
use serde::Deserialize;

/// GPT-2, whose weights (`Conv1D`) are in × out.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Gpt2 {
    pub(super) vocab_size: usize,
    pub(super) n_positions: usize,
    n_embd: usize,
    pub(super) n_layer: usize,
    n_head: usize,
    n_inner: Option<usize>,
    activation_function: Option<String>,
    #[serde(default = "epsilon")]
    layer_norm_epsilon: f64,
    scale_attn_weights: Option<bool>,
    scale_attn_by_inverse_layer_idx: Option<bool>,
    add_cross_attention: Option<bool>,
    #[serde(default = "tied")]
    tie_word_embeddings: bool,
}

fn epsilon() -> f64 {
    1e-5
}

fn tied() -> bool {
    true
}

/// The name that transformers gives an activation, for those that are computed here.
pub(super) fn activation(name: Option<&str>) -> Result<LayerDescription, String> {
    match name.unwrap_or("gelu_new") {
        "gelu_new" | "gelu_pytorch_tanh" => Ok(LayerDescription::GeluTanh),
        "gelu" => Ok(LayerDescription::Gelu),
        "relu" => Ok(LayerDescription::Relu),
        "silu" | "swish" => Ok(LayerDescription::Silu),
        "tanh" => Ok(LayerDescription::Tanh),
        other => Err(format!("the activation `{other}` is unknown")),
    }
}

impl Gpt2 {
    pub(super) fn checked(self) -> Result<Self, String> {
        activation(self.activation_function.as_deref())?;
        only("scale_attn_weights", &self.scale_attn_weights, true)?;
        let by_layer = &self.scale_attn_by_inverse_layer_idx;
        only("scale_attn_by_inverse_layer_idx", by_layer, false)?;
        only("add_cross_attention", &self.add_cross_attention, false)?;
        Ok(self)
    }

    pub(super) fn layers(&self, prefix: &str) -> Vec<LayerDescription> {
        let norm = |name: String| LayerDescription::LayerNorm {
            name,
            epsilon: self.layer_norm_epsilon,
        };
        let table = format!("{prefix}wte");
        let mut layers = vec![
            LayerDescription::Embedding {
                name: table.clone(),
                vocabulary: self.vocab_size,
                features: self.n_embd,
            },
            LayerDescription::Position {
                name: format!("{prefix}wpe"),
                rows: Some(self.n_positions),
            },
        ];
        let hidden = self.n_inner.unwrap_or(4 * self.n_embd);
        for i in 0..self.n_layer {
            let at = |part: &str| format!("{prefix}h.{i}.{part}");
            let projection = |part: &str| Projection {
                name: at(part),
                bias: true,
                transposed: true,
                adapter: None,
            };
            let linear = |part: &str, outputs: usize| LayerDescription::Linear {
                name: at(part),
                outputs,
                bias: true,
                weight: None,
                transposed: true,
                adapter: None,
            };
            let attention = LayerDescription::Attention {
                name: at("attn"),
                heads: self.n_head,
                groups: None,
                causal: true,
                rotary: None,
                bias: true,
                size: None,
                projections: Some(Projections {
                    inputs: vec![projection("attn.c_attn")],
                    output: projection("attn.c_proj"),
                }),
            };
            layers.push(LayerDescription::Residual {
                layer: vec![norm(at("ln_1")), attention],
            });
            layers.push(LayerDescription::Residual {
                layer: vec![
                    norm(at("ln_2")),
                    linear("mlp.c_fc", hidden),
                    activation(self.activation_function.as_deref())
                        .unwrap_or(LayerDescription::GeluTanh),
                    linear("mlp.c_proj", self.n_embd),
                ],
            });
        }
        layers.push(norm(format!("{prefix}ln_f")));
        layers.push(LayerDescription::Linear {
            name: "lm_head".into(),
            outputs: self.vocab_size,
            bias: false,
            weight: self.tie_word_embeddings.then(|| format!("{table}.weight")),
            transposed: false,
            adapter: None,
        });
        layers
    }
}
