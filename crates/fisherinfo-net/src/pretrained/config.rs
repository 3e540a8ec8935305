use super::bert::Bert;
use super::gpt2::Gpt2;
use super::llama::Llama;
use crate::tensors::{TensorFiles, Tensors};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What `config.json` says.
#[derive(Clone, Debug)]
pub(super) enum Config {
    Gpt2(Gpt2),
    Llama(Llama),
    Bert(Bert),
}

#[derive(Deserialize)]
struct Kind {
    model_type: String,
}

impl Config {
    /// The tensors decide what `config.json` leaves open.
    pub(super) fn parse(text: &[u8], tensors: &TensorFiles) -> Result<Self, String> {
        let Kind { model_type } = parsed(text)?;
        match model_type.as_str() {
            "gpt2" => Ok(Self::Gpt2(parsed::<Gpt2>(text)?.checked()?)),
            "llama" | "mistral" | "qwen2" => {
                let llama: Llama = parsed(text)?;
                Ok(Self::Llama(llama.checked(&model_type)?))
            }
            "bert" => {
                let head = tensors.shape("classifier.weight").ok_or(
                    "a BERT without `classifier.weight` has no classes, and so no Fisher information",
                )?;
                Ok(Self::Bert(parsed::<Bert>(text)?.checked(head)?))
            }
            other => Err(format!(
                "models of type `{other}` are unknown; gpt2, llama, mistral, qwen2 and bert are read"
            )),
        }
    }

    /// Are the sizes those of the tensors? Said before anything of these sizes is made.
    pub(super) fn fits(self, tensors: &TensorFiles) -> Result<Self, String> {
        let (layers, heads) = match &self {
            Self::Gpt2(gpt2) => (gpt2.n_layer, None),
            Self::Bert(bert) => (bert.num_hidden_layers, None),
            Self::Llama(llama) => {
                let size = llama.head_dim;
                let size = size.or(llama.hidden_size.checked_div(llama.num_attention_heads));
                let rows = size.and_then(|size| size.checked_mul(llama.num_attention_heads));
                (llama.num_hidden_layers, Some(rows))
            }
        };
        let count = tensors.names().len();
        if layers > count {
            return Err(format!(
                "it says {layers} layers, and there are {count} tensors: the first that is missing is of layer {}",
                count.min(layers)
            ));
        }
        let query = "model.layers.0.self_attn.q_proj.weight";
        if let (Some(rows), Some(shape)) = (heads, tensors.shape(query))
            && rows != shape.first().copied()
        {
            return Err(format!(
                "its heads do not fit tensor `{query}` of shape {shape:?}"
            ));
        }
        Ok(self)
    }

    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Gpt2(_) => "gpt2",
            Self::Llama(llama) => llama.kind(),
            Self::Bert(_) => "bert",
        }
    }

    pub(super) fn positions(&self) -> usize {
        match self {
            Self::Gpt2(gpt2) => gpt2.n_positions,
            Self::Llama(llama) => llama.max_position_embeddings,
            Self::Bert(bert) => bert.max_position_embeddings,
        }
    }

    pub(super) fn vocabulary(&self) -> usize {
        match self {
            Self::Gpt2(gpt2) => gpt2.vocab_size,
            Self::Llama(llama) => llama.vocab_size,
            Self::Bert(bert) => bert.vocab_size,
        }
    }
}

fn parsed<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

/// A setting has to be what is computed here.
pub(super) fn only<T: PartialEq + std::fmt::Debug>(
    name: &str,
    found: &Option<T>,
    wanted: T,
) -> Result<(), String> {
    match found {
        Some(value) if *value != wanted => Err(format!(
            "`{name}` is {value:?}; only {wanted:?} is computed here"
        )),
        _ => Ok(()),
    }
}
