//! Checkpoints of others: a folder in Hugging Face form, or a GGUF file.
//!
//! Tensors keep the names and shapes of the Hugging Face form, so that an estimate is about what any other
//! program calls by the same name; a GGUF file's are renamed, and put in that order.

mod bert;
mod config;
mod gguf;
mod gpt2;
mod llama;
mod peft;

use crate::description::{AdapterDescription, Architecture};
use crate::error::NetworkError;
use crate::file::{FileError, read};
use crate::tensors::{Gguf, TensorFiles, Tensors};
use config::Config;
use peft::PeftConfig;
use std::collections::BTreeMap;
use std::path::Path;

/// What an example of a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A stretch of a text, each token to be said from those before it.
    Language,
    /// A whole text, with a class.
    Classes,
}

/// A checkpoint with its description, before any tensor is read.
#[derive(Clone, Debug)]
pub struct Pretrained {
    file: String,
    config: Config,
    /// `config.json`, where there is one.
    said: Option<String>,
    tensors: TensorFiles,
    tokenizer: Option<String>,
    /// The layers that have adapters, which then are all that is learnt.
    adapters: BTreeMap<String, AdapterDescription>,
    /// `adapter_config.json`, with the whole path of the model in it.
    adapted: Option<String>,
}

/// Stands for padding in the numbers of tokens.
pub const PADDING_TOKEN: i64 = -1;

impl Pretrained {
    /// Is this a folder or a GGUF file, and no description in TOML?
    pub fn is_one(path: &Path) -> bool {
        path.is_dir() || path.extension().is_some_and(|end| end == "gguf")
    }

    /// Opens a folder with `config.json` and `model.safetensors`, or its shards, or a GGUF file; or a folder with
    /// a LoRA adapter as PEFT saves it, `adapter_config.json` and `adapter_model.safetensors`, and the model
    /// that `base_model_name_or_path` there leads to, from the folder itself or from where the program runs.
    ///
    /// # Errors
    /// Files that are missing or damaged; an adapter of another kind, or whose model is not there; a model of a kind that is not known; settings that would change what
    /// the model computes and are not followed here.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let file = path.display().to_string();
        if !path.is_dir() {
            let gguf = Gguf::open(path)?;
            let refused = |reason| FileError::Malformed {
                file: file.clone(),
                what: "no model that is known",
                reason,
            };
            let config = gguf::config(&gguf).map_err(refused)?;
            let tokenizer = gguf::tokenizer(&gguf);
            let tensors = gguf::renamed(gguf, &config).map_err(refused)?;
            let config = config.fits(&tensors).map_err(refused)?;
            return Ok(Self {
                tensors,
                file,
                config,
                said: None,
                tokenizer,
                adapters: BTreeMap::new(),
                adapted: None,
            });
        }
        if path.join("adapter_config.json").exists() {
            return Self::adapted(path);
        }
        let config = path.join("config.json");
        let text = read(&config)?;
        let tensors = match path.join("model.safetensors") {
            whole if whole.exists() => TensorFiles::safetensors(&whole)?,
            _ => TensorFiles::shards(&path.join("model.safetensors.index.json"))?,
        };
        let parsed = Config::parse(&text, &tensors).and_then(|config| config.fits(&tensors));
        let config = parsed.map_err(|reason| FileError::Malformed {
            file: config.display().to_string(),
            what: "no model that is known",
            reason,
        })?;
        let tokenizer = path.join("tokenizer.json");
        let tokenizer = tokenizer.exists().then(|| read(&tokenizer)).transpose()?;
        Ok(Self {
            file,
            config,
            said: Some(String::from_utf8_lossy(&text).into_owned()),
            tensors,
            tokenizer: tokenizer.map(|text| String::from_utf8_lossy(&text).into_owned()),
            adapters: BTreeMap::new(),
            adapted: None,
        })
    }

    /// A model with the adapters of a folder beside its tensors.
    fn adapted(folder: &Path) -> Result<Self, FileError> {
        let config = folder.join("adapter_config.json");
        let refused = |reason: String| FileError::Malformed {
            file: config.display().to_string(),
            what: "no adapter that is known",
            reason,
        };
        let text = read(&config)?;
        let peft = PeftConfig::parse(&text).map_err(refused)?;
        let named = peft.base_model_name_or_path.as_deref().unwrap_or_default();
        // From the folder itself, or from where the program runs.
        let places = [folder.join(named), named.into()];
        let has_model =
            |place: &&std::path::PathBuf| place.is_dir() && place.join("config.json").exists();
        let base = places.iter().find(has_model).ok_or_else(|| {
            refused(format!(
                "its model `{named}` is no folder here: write the path of one to `base_model_name_or_path`"
            ))
        })?;
        if base.join("adapter_config.json").exists() {
            return Err(refused(format!("its model `{named}` is adapted itself")));
        }
        let model = Self::open(base)?;
        let own = TensorFiles::safetensors(&folder.join("adapter_model.safetensors"))?;
        let (tensors, adapters) = peft.beside(model.tensors, own).map_err(refused)?;
        let adapted = serde_json::from_slice(&text).map(|mut value: serde_json::Value| {
            let whole = std::path::absolute(base).unwrap_or_else(|_| base.clone());
            value["base_model_name_or_path"] = whole.display().to_string().into();
            format!("{value:#}")
        });
        Ok(Self {
            file: folder.display().to_string(),
            tensors,
            adapters,
            adapted: adapted.ok(),
            ..model
        })
    }

    /// What `adapter_config.json` says, where this is a model with adapters, to be saved elsewhere.
    pub fn adapter_config(&self) -> Option<&str> {
        self.adapted.as_deref()
    }

    /// The name that PEFT gives a tensor of an adapter.
    pub fn adapter_tensor(name: &str) -> String {
        format!("{}{name}", peft::PREFIX)
    }

    /// Where it is from.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// `gpt2`, `llama`, `mistral`, `qwen2`, `bert`.
    pub fn kind(&self) -> &str {
        self.config.kind()
    }

    /// What an example is.
    pub fn task(&self) -> Task {
        match self.config {
            Config::Bert(_) => Task::Classes,
            _ => Task::Language,
        }
    }

    /// The tokens that a text may have at most.
    pub fn positions(&self) -> usize {
        self.config.positions()
    }

    /// How many tokens are known.
    pub fn vocabulary(&self) -> usize {
        self.config.vocabulary()
    }

    /// Its tensors.
    pub fn tensors(&self) -> &TensorFiles {
        &self.tensors
    }

    /// `config.json`; what a GGUF file says in that form.
    pub fn config(&self) -> String {
        match (&self.said, &self.config) {
            (Some(text), _) => text.clone(),
            (None, Config::Llama(llama)) => llama.json(),
            (None, _) => String::new(),
        }
    }

    /// `tokenizer.json`, or what a GGUF file says of its tokenizer in that form.
    pub fn tokenizer(&self) -> Option<&str> {
        self.tokenizer.as_deref()
    }

    /// The layers for texts of so many tokens; shorter ones are padded with [`PADDING_TOKEN`].
    ///
    /// # Errors
    /// More tokens than the model was made for.
    pub fn architecture(&self, length: usize) -> Result<Architecture, NetworkError> {
        let refused = |reason: String| NetworkError::Layer {
            layer: "input".into(),
            reason,
        };
        if length == 0 || length > self.positions() {
            return Err(refused(format!(
                "the model takes texts of 1 to {} tokens, not {length}",
                self.positions()
            )));
        }
        let mut layers = match &self.config {
            Config::Llama(llama) => llama.layers(length).map_err(refused)?,
            Config::Gpt2(gpt2) => gpt2.layers(prefix(&self.tensors, "transformer.")),
            Config::Bert(bert) => bert.layers(),
        };
        let mut left = self.adapters.clone();
        peft::adapt(&mut layers, &mut left);
        if let Some(name) = left.keys().next() {
            return Err(refused(format!("`{name}` is adapted, and no linear map")));
        }
        Ok(Architecture {
            frozen: !self.adapters.is_empty(),
            ..Architecture::of_tokens(length, PADDING_TOKEN, layers)
        })
    }
}

/// What the names of most tensors begin with; base models are saved without.
fn prefix<'a>(tensors: &TensorFiles, with: &'a str) -> &'a str {
    let names = tensors.names();
    match names.iter().any(|name| name.starts_with(with)) {
        true => with,
        false => "",
    }
}
