//! Models, as the commands of `fisher net` are given them: layers in TOML, a folder in Hugging Face form, or
//! a GGUF file.

use super::data::{DataArguments, name};
use super::estimate::write;
use super::failure::NetFailure;
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::file::{FileError, checkpoint_bytes, read_checkpoint};
use fisherinfo_net::pretrained::{Pretrained, Task};
use fisherinfo_net::tensors::{TensorFiles, Tensors};
use fisherinfo_net::text::{Document, TextError, classified, stretches};
use fisherinfo_net::{Architecture, Dataset, InputDescription, Network};
use std::path::{Path, PathBuf};

/// Tokens of an example where nothing else is said.
const LENGTH: usize = 128;

/// The line of a text, its tokens and its class.
type Tokenised = (u64, Vec<u32>, Option<f64>);

#[derive(Debug)]
pub(crate) struct Model {
    path: PathBuf,
    pub(crate) architecture: Architecture,
    pretrained: Option<Pretrained>,
}

impl Model {
    pub(crate) fn open(path: &Path, length: Option<usize>) -> Result<Self, NetFailure> {
        let file = name(path);
        let fault = |error| NetFailure::Network {
            file: name(path),
            error,
        };
        if Pretrained::is_one(path) {
            let pretrained = Pretrained::open(path)?;
            let length = length.unwrap_or(LENGTH.min(pretrained.positions()));
            return Ok(Self {
                path: path.into(),
                architecture: pretrained.architecture(length).map_err(fault)?,
                pretrained: Some(pretrained),
            });
        }
        if path.extension().is_some_and(|end| end == "safetensors") {
            return Err(NetFailure::Bare { file });
        }
        if length.is_some() {
            return Err(NetFailure::Length { model: file });
        }
        let text = std::fs::read_to_string(path).map_err(|error| FileError::NotRead {
            file: name(path),
            error,
        })?;
        Ok(Self {
            path: path.into(),
            architecture: Architecture::from_toml(&file, &text).map_err(fault)?,
            pretrained: None,
        })
    }

    /// Where its numbers are: those that were given, its own, or those that it names, which are beside it.
    pub(crate) fn weights(&self, given: Option<&PathBuf>) -> Result<PathBuf, NetFailure> {
        if let Some(path) = given {
            return Ok(path.clone());
        }
        if self.pretrained.is_some() {
            return Ok(self.path.clone());
        }
        let named = self.architecture.weights.as_ref();
        let named = named.ok_or_else(|| NetFailure::NoWeights {
            model: name(&self.path),
        })?;
        Ok(self.path.parent().unwrap_or(Path::new("")).join(named))
    }

    /// The network with the numbers of a checkpoint: a safetensors file, or a model with its own.
    pub(crate) fn network<R: Real>(&self, weights: &Path) -> Result<Network<Cpu<R>>, NetFailure>
    where
        Cpu<R>: Backend<Element = R>,
    {
        let of = |tensors: &TensorFiles| self.with::<R>(weights, tensors);
        match &self.pretrained {
            Some(own) if weights == self.path => of(own.tensors()),
            Some(own) if Pretrained::is_one(weights) => {
                let other = Pretrained::open(weights)?;
                // Its adapters would be passed over without a word.
                if own.adapter_config().is_none() && other.adapter_config().is_some() {
                    return Err(NetFailure::Adapters {
                        weights: name(weights),
                        model: name(&self.path),
                    });
                }
                of(other.tensors())
            }
            Some(_) => of(&TensorFiles::safetensors(weights)?),
            None => self.with(weights, &read_checkpoint(weights)?),
        }
    }

    fn with<R: Real>(
        &self,
        weights: &Path,
        tensors: &impl Tensors,
    ) -> Result<Network<Cpu<R>>, NetFailure>
    where
        Cpu<R>: Backend<Element = R>,
    {
        Network::new(&self.architecture, Cpu::new(), tensors).map_err(|error| NetFailure::Network {
            file: name(weights),
            error,
        })
    }

    /// Writes numbers: a safetensors file, or a folder with what says what is computed with them.
    pub(crate) fn save<R: Real>(
        &self,
        network: &Network<impl Backend>,
        to: &Path,
    ) -> Result<(), NetFailure> {
        let bytes = checkpoint_bytes::<R>(&network.checkpoint());
        if to.extension().is_some_and(|end| end == "safetensors") {
            return write(to, &bytes);
        }
        std::fs::create_dir_all(to).map_err(|error| FileError::NotWritten {
            file: name(to),
            error,
        })?;
        match &self.pretrained {
            Some(own) if own.adapter_config().is_some() => {
                let config = own.adapter_config().unwrap_or_default();
                write(&to.join("adapter_config.json"), &Ok(config.into()))?;
                let all = network.checkpoint();
                let learnt = network.parameters().iter().filter_map(|info| {
                    let tensor = all.get(&info.name)?.clone();
                    Some((Pretrained::adapter_tensor(&info.name), tensor))
                });
                let bytes = checkpoint_bytes::<R>(&learnt.collect());
                return write(&to.join("adapter_model.safetensors"), &bytes);
            }
            Some(own) => {
                write(&to.join("config.json"), &Ok(own.config().into_bytes()))?;
                if let Some(tokenizer) = own.tokenizer() {
                    write(&to.join("tokenizer.json"), &Ok(tokenizer.into()))?;
                }
            }
            None => {
                let mut described = self.architecture.clone();
                described.weights = Some("model.safetensors".into());
                let text = described.to_toml().map(String::into_bytes);
                write(&to.join("model.toml"), &text)?;
            }
        }
        write(&to.join("model.safetensors"), &bytes)
    }

    /// How many numbers its own checkpoint has, where that is known before it is read.
    pub(crate) fn count(&self) -> Option<usize> {
        Some(self.pretrained.as_ref()?.tensors().count())
    }

    /// Examples from a table, or from texts.
    pub(crate) fn data(&self, arguments: &DataArguments) -> Result<Dataset, NetFailure> {
        let Some(documents) = arguments.documents()? else {
            return arguments.read();
        };
        let InputDescription::Tokens { length, padding } = self.architecture.input else {
            return Err(NetFailure::NoText {
                file: arguments.file(),
                model: name(&self.path),
            });
        };
        if padding != Some(fisherinfo_net::pretrained::PADDING_TOKEN) {
            return Err(NetFailure::NoPadding {
                model: name(&self.path),
            });
        }
        let texts = self.tokens(arguments, documents)?;
        let fault = |error| NetFailure::Network {
            file: arguments.file(),
            error,
        };
        match self.pretrained.as_ref().map(Pretrained::task) {
            Some(Task::Classes) => {
                let mut labelled = Vec::with_capacity(texts.len());
                for (line, tokens, label) in texts {
                    let label = label.ok_or_else(|| TextError::Line {
                        file: arguments.file(),
                        line,
                        reason: "it has no `label`, the number of its class".into(),
                    })?;
                    labelled.push((tokens, label));
                }
                classified(&labelled, length).map_err(fault)
            }
            _ => {
                let texts: Vec<Vec<u32>> = texts.into_iter().map(|(_, tokens, _)| tokens).collect();
                stretches(&texts, length).map_err(fault)
            }
        }
    }

    fn tokens(
        &self,
        arguments: &DataArguments,
        documents: Vec<Document>,
    ) -> Result<Vec<Tokenised>, NetFailure> {
        let mut tokenizer = None;
        let mut all = Vec::with_capacity(documents.len());
        for document in documents {
            let tokens = match document.content {
                Err(tokens) => tokens,
                Ok(text) => {
                    let tokenizer = match &tokenizer {
                        Some(tokenizer) => tokenizer,
                        None => tokenizer.insert(self.tokenizer(arguments)?),
                    };
                    tokenizer.of(&text).map_err(|reason| TextError::Line {
                        file: arguments.file(),
                        line: document.line,
                        reason,
                    })?
                }
            };
            all.push((document.line, tokens, document.label));
        }
        Ok(all)
    }

    #[cfg(feature = "text")]
    fn tokenizer(
        &self,
        arguments: &DataArguments,
    ) -> Result<fisherinfo_net::text::Tokens, NetFailure> {
        use fisherinfo_net::text::Tokens;
        let vocabulary = self
            .pretrained
            .as_ref()
            .map_or(usize::MAX, Pretrained::vocabulary);
        if let Some(path) = &arguments.tokenizer {
            let text = std::fs::read_to_string(path).map_err(|error| FileError::NotRead {
                file: name(path),
                error,
            })?;
            return Ok(Tokens::new(&name(path), &text, vocabulary)?);
        }
        let own = self.pretrained.as_ref().and_then(Pretrained::tokenizer);
        let own = own.ok_or_else(|| NetFailure::NoTokenizer {
            model: name(&self.path),
        })?;
        Ok(Tokens::new(&name(&self.path), own, vocabulary)?)
    }

    #[cfg(not(feature = "text"))]
    fn tokenizer(&self, arguments: &DataArguments) -> Result<NoTokens, NetFailure> {
        Err(NetFailure::NotBuiltIn {
            file: arguments.file(),
        })
    }
}

/// Stands where the feature `text` has its tokenizer.
#[cfg(not(feature = "text"))]
enum NoTokens {}

#[cfg(not(feature = "text"))]
impl NoTokens {
    fn of(&self, _: &str) -> Result<Vec<u32>, String> {
        match *self {}
    }
}
