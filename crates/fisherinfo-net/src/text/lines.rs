use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use thiserror::Error;

/// One line of a file of texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its place in the file, from 1.
    pub line: u64,
    /// A text, or the numbers of its tokens.
    pub content: Result<String, Vec<u32>>,
    /// Its class, where there is one.
    pub label: Option<f64>,
}

/// What is wrong with a file of texts.
#[derive(Debug, Error)]
pub enum TextError {
    /// It cannot be read.
    #[error("{file} cannot be read: {error}")]
    NotRead {
        /// Its path.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// A line that is no document.
    #[error("{file}, line {line}: {reason}")]
    Line {
        /// Its path.
        file: String,
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A tokenizer that cannot be made.
    #[error("{file} is no tokenizer that is understood: {reason}")]
    Tokenizer {
        /// Where it is from.
        file: String,
        /// Why.
        reason: String,
    },
    /// A tokenizer of another model.
    #[error("the tokenizer of {file} has {tokens} tokens, and the model knows {vocabulary}")]
    Vocabulary {
        /// Where it is from.
        file: String,
        /// Tokens of the tokenizer.
        tokens: usize,
        /// Tokens of the model.
        vocabulary: usize,
    },
}

#[derive(Deserialize)]
struct Line {
    text: Option<String>,
    input_ids: Option<Vec<u32>>,
    label: Option<f64>,
}

/// Bytes that one line may have.
const LONGEST: u64 = 1 << 28;

/// Reads JSON lines with a field `text` or `input_ids`, and perhaps `label`; other fields are passed over, and
/// so are empty lines.
///
/// # Errors
/// A file that cannot be read; a line that is no such object, and is named.
pub fn read_documents(path: &Path) -> Result<Vec<Document>, TextError> {
    let file = || path.display().to_string();
    let not_read = |error| TextError::NotRead {
        file: file(),
        error,
    };
    let mut reader = BufReader::new(File::open(path).map_err(not_read)?);
    let mut documents = Vec::new();
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let refused = |reason: String| TextError::Line {
            file: file(),
            line,
            reason,
        };
        let read = Read::by_ref(&mut reader)
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)
            .map_err(not_read)?;
        if read == 0 {
            break;
        }
        if read as u64 == LONGEST {
            return Err(refused(format!("it is longer than {LONGEST} bytes")));
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let found: Line =
            serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
        let content = match (found.text, found.input_ids) {
            (Some(text), None) => Ok(text),
            (None, Some(tokens)) => Err(tokens),
            (None, None) => {
                return Err(refused("it has neither a `text` nor `input_ids`".into()));
            }
            (Some(_), Some(_)) => {
                return Err(refused("it has both a `text` and `input_ids`".into()));
            }
        };
        documents.push(Document {
            line,
            content,
            label: found.label,
        });
    }
    Ok(documents)
}
