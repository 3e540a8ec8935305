use super::TextError;
use std::str::FromStr;
use tokenizers::Tokenizer;

/// A tokenizer in the form of `tokenizer.json`.
#[derive(Debug)]
pub struct Tokens {
    tokenizer: Tokenizer,
}

impl Tokens {
    /// From the text of a `tokenizer.json`; `file` is named in errors.
    ///
    /// # Errors
    /// A text that is none, or more tokens than the model's `vocabulary`.
    pub fn new(file: &str, json: &str, vocabulary: usize) -> Result<Self, TextError> {
        let mut tokenizer = Tokenizer::from_str(json).map_err(|error| TextError::Tokenizer {
            file: file.into(),
            reason: error.to_string(),
        })?;
        // Lengths are ours to decide.
        tokenizer.with_padding(None);
        let cut = tokenizer.with_truncation(None).map(|_| ());
        cut.map_err(|error| TextError::Tokenizer {
            file: file.into(),
            reason: error.to_string(),
        })?;
        let tokens = tokenizer.get_vocab_size(true);
        if tokens > vocabulary {
            return Err(TextError::Vocabulary {
                file: file.into(),
                tokens,
                vocabulary,
            });
        }
        Ok(Self { tokenizer })
    }

    /// The tokens of a text, with those that the model expects around it.
    ///
    /// # Errors
    /// What the tokenizer says.
    pub fn of(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding = self.tokenizer.encode(text, true);
        encoding
            .map(|encoding| encoding.get_ids().to_vec())
            .map_err(|error| error.to_string())
    }
}
