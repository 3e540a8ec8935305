use super::config::only;
use crate::description::{LayerDescription, Projection, Projections};
use serde::Deserialize;

/// Llama and those built like it: Mistral, Qwen2 with biases at queries, keys and values, SmolLM.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Llama {
    pub(super) vocab_size: usize,
    pub(super) hidden_size: usize,
    pub(super) intermediate_size: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) num_key_value_heads: Option<usize>,
    pub(super) head_dim: Option<usize>,
    pub(super) hidden_act: Option<String>,
    #[serde(default = "positions")]
    pub(super) max_position_embeddings: usize,
    #[serde(default = "epsilon")]
    pub(super) rms_norm_eps: f64,
    pub(super) rope_theta: Option<f64>,
    /// Where rotary embedding is kept since transformers 5.
    pub(super) rope_parameters: Option<Rope>,
    pub(super) rope_scaling: Option<Rope>,
    pub(super) partial_rotary_factor: Option<f64>,
    #[serde(default)]
    pub(super) tie_word_embeddings: bool,
    #[serde(default)]
    pub(super) attention_bias: bool,
    #[serde(default)]
    pub(super) mlp_bias: bool,
    pub(super) sliding_window: Option<usize>,
    pub(super) use_sliding_window: Option<bool>,
    /// Set by [`Llama::checked`].
    #[serde(skip)]
    pub(super) type_name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Rope {
    rope_theta: Option<f64>,
    #[serde(alias = "type")]
    rope_type: Option<String>,
}

fn positions() -> usize {
    2048
}

fn epsilon() -> f64 {
    1e-6
}

impl Llama {
    pub(super) fn checked(mut self, model_type: &str) -> Result<Self, String> {
        only("hidden_act", &self.hidden_act, "silu".into())?;
        only("partial_rotary_factor", &self.partial_rotary_factor, 1.0)?;
        for rope in self.rope_parameters.iter().chain(&self.rope_scaling) {
            only("rope_type", &rope.rope_type, "default".into())?;
        }
        if self.use_sliding_window == Some(false) || model_type == "llama" {
            self.sliding_window = None;
        }
        let base = self.base();
        if !(base > 0.0 && base.is_finite()) {
            return Err(format!("a `rope_theta` of {base} cannot be"));
        }
        self.type_name = model_type.into();
        Ok(self)
    }

    pub(super) fn kind(&self) -> &str {
        &self.type_name
    }

    /// In the form of `config.json`.
    pub(super) fn json(&self) -> String {
        let class = match self.kind() {
            "qwen2" => "Qwen2ForCausalLM",
            "mistral" => "MistralForCausalLM",
            _ => "LlamaForCausalLM",
        };
        let value = serde_json::json!({
            "architectures": [class],
            "model_type": self.kind(),
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads,
            "num_key_value_heads": self.num_key_value_heads.unwrap_or(self.num_attention_heads),
            "head_dim": self.head_dim.unwrap_or(self.hidden_size / self.num_attention_heads.max(1)),
            "hidden_act": "silu",
            "max_position_embeddings": self.max_position_embeddings,
            "rms_norm_eps": self.rms_norm_eps,
            "rope_theta": self.base(),
            "tie_word_embeddings": self.tie_word_embeddings,
            "attention_bias": self.attention_bias,
            "mlp_bias": self.mlp_bias,
        });
        format!("{value:#}")
    }

    fn base(&self) -> f64 {
        let given = self.rope_parameters.as_ref().and_then(|r| r.rope_theta);
        given.or(self.rope_theta).unwrap_or(10_000.0)
    }

    pub(super) fn layers(&self, length: usize) -> Result<Vec<LayerDescription>, String> {
        if let Some(window) = self.sliding_window.filter(|window| *window < length) {
            return Err(format!(
                "attention looks back {window} tokens only; give texts of at most as many, not {length}"
            ));
        }
        let norm = |name: String| LayerDescription::RmsNorm {
            name,
            epsilon: self.rms_norm_eps,
        };
        let linear = |name: String, outputs: usize| LayerDescription::Linear {
            name,
            outputs,
            bias: self.mlp_bias,
            weight: None,
            transposed: false,
            adapter: None,
        };
        let embedding = "model.embed_tokens";
        let mut layers = vec![LayerDescription::Embedding {
            name: embedding.into(),
            vocabulary: self.vocab_size,
            features: self.hidden_size,
        }];
        let qwen = self.type_name == "qwen2";
        for i in 0..self.num_hidden_layers {
            let at = |part: &str| format!("model.layers.{i}.{part}");
            let projection = |part: &str, bias| Projection {
                name: at(&format!("self_attn.{part}_proj")),
                bias,
                transposed: false,
                adapter: None,
            };
            let bias = self.attention_bias || qwen;
            let attention = LayerDescription::Attention {
                name: at("self_attn"),
                heads: self.num_attention_heads,
                groups: self.num_key_value_heads,
                causal: true,
                rotary: Some(self.base()),
                bias,
                size: self.head_dim,
                projections: Some(Projections {
                    inputs: ["q", "k", "v"].map(|p| projection(p, bias)).to_vec(),
                    output: projection("o", self.attention_bias && !qwen),
                }),
            };
            let gated = LayerDescription::Product {
                left: vec![
                    linear(at("mlp.gate_proj"), self.intermediate_size),
                    LayerDescription::Silu,
                ],
                right: vec![linear(at("mlp.up_proj"), self.intermediate_size)],
            };
            layers.push(LayerDescription::Residual {
                layer: vec![norm(at("input_layernorm")), attention],
            });
            layers.push(LayerDescription::Residual {
                layer: vec![
                    norm(at("post_attention_layernorm")),
                    gated,
                    linear(at("mlp.down_proj"), self.hidden_size),
                ],
            });
        }
        layers.push(norm("model.norm".into()));
        layers.push(LayerDescription::Linear {
            name: "lm_head".into(),
            outputs: self.vocab_size,
            bias: false,
            weight: self
                .tie_word_embeddings
                .then(|| format!("{embedding}.weight")),
            transposed: false,
            adapter: None,
        });
        Ok(layers)
    }
}
