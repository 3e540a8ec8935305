//! Texts as examples: JSON lines with texts or numbers of tokens, cut into stretches of one length.

mod lines;
#[cfg(feature = "text")]
mod tokens;

pub use lines::{Document, TextError, read_documents};
#[cfg(feature = "text")]
pub use tokens::Tokens;

use crate::dataset::Dataset;
use crate::error::NetworkError;
use crate::pretrained::PADDING_TOKEN;

/// The examples of a language model: of each text stretches of `length` tokens, one after the other, with the
/// token after each as its label. The last stretch of a text is padded. What has no token after its first is
/// passed over.
///
/// ```
/// use fisherinfo_net::text::stretches;
/// let data = stretches(&[vec![7, 8, 9, 5], vec![3]], 2)?;
/// assert_eq!(data.inputs(0..2), [7.0, 8.0, 9.0, -1.0]);
/// assert_eq!(data.labels(0..2), [8.0, 9.0, 5.0, 0.0]);
/// # Ok::<(), fisherinfo_net::NetworkError>(())
/// ```
///
/// # Errors
/// Nothing to learn from.
pub fn stretches(texts: &[Vec<u32>], length: usize) -> Result<Dataset, NetworkError> {
    let length = length.max(1);
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for text in texts {
        let last = text.len().saturating_sub(1);
        for from in (0..last).step_by(length) {
            let to = (from + length).min(last);
            inputs.extend(text[from..to].iter().map(|&t| f64::from(t)));
            labels.extend(text[from + 1..=to].iter().map(|&t| f64::from(t)));
            inputs.resize(inputs.len() + length - (to - from), PADDING_TOKEN as f64);
            labels.resize(inputs.len(), 0.0);
        }
    }
    if inputs.is_empty() {
        return Err(NetworkError::NoTokens);
    }
    Dataset::new(inputs, length, labels)
}

/// The examples of a classifier: each text padded, or cut to its first `length` − 1 tokens and its last.
///
/// # Errors
/// No text at all, or an empty one.
pub fn classified(texts: &[(Vec<u32>, f64)], length: usize) -> Result<Dataset, NetworkError> {
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for (text, label) in texts {
        if text.is_empty() {
            return Err(NetworkError::NoTokens);
        }
        let kept = text.len().min(length);
        inputs.extend(text[..kept].iter().map(|&t| f64::from(t)));
        if let (true, Some(end)) = (kept < text.len(), inputs.last_mut()) {
            *end = f64::from(text[text.len() - 1]);
        }
        inputs.resize(inputs.len() + length - kept, PADDING_TOKEN as f64);
        labels.push(*label);
    }
    if inputs.is_empty() {
        return Err(NetworkError::NoTokens);
    }
    Dataset::new(inputs, length, labels)
}
