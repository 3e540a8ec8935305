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
