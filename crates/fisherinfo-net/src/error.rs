use thiserror::Error;

/// What is wrong with a network, its checkpoint or its data.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NetworkError {
    /// The text is no description of a network.
    #[error("{file} is no description of a network: {reason}")]
    Description {
        /// Where it is from.
        file: String,
        /// What the parser says.
        reason: String,
    },

    /// A layer that does not fit what comes before it.
    #[error("layer {layer}: {reason}")]
    Layer {
        /// Its path, `encoder.1`.
        layer: String,
        /// What does not fit.
        reason: String,
    },

    /// A tensor that the network has and the checkpoint has not.
    #[error("the checkpoint has no tensor `{name}` of shape {shape:?}; it has {known}")]
    MissingTensor {
        /// Its name.
        name: String,
        /// The shape it should have.
        shape: Vec<usize>,
        /// The names there are.
        known: String,
    },

    /// A tensor whose numbers cannot be had.
    #[error("tensor `{name}` cannot be read: {reason}")]
    NotRead {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },

    /// A tensor of another shape.
    #[error(
        "tensor `{name}` has the shape {found:?} and should have {expected:?}{}",
        transposed_note(found, expected)
    )]
    Shape {
        /// Its name.
        name: String,
        /// The shape in the checkpoint.
        found: Vec<usize>,
        /// The shape that the layers make it.
        expected: Vec<usize>,
    },

    /// A tensor with a NaN or an infinity.
    #[error("tensor `{name}` is not finite: number {index} is {value}")]
    NotFinite {
        /// Its name.
        name: String,
        /// The place of the first such number.
        index: usize,
        /// What is there.
        value: f64,
    },

    /// Texts without a token to learn from.
    #[error("there is no text with two tokens or more")]
    NoTokens,

    /// Data of another width than the input.
    #[error("an example has {expected} numbers, and {found} were given")]
    Width {
        /// What the network takes.
        expected: usize,
        /// What there is.
        found: usize,
    },

    /// A number in the data that the network cannot take.
    #[error("example {example}: {reason}")]
    Example {
        /// Which, from 0.
        example: usize,
        /// What is wrong.
        reason: String,
    },

    /// A forward pass that overflowed.
    #[error("example {example}: output {output} of the network is {value}")]
    Output {
        /// Which, from 0.
        example: usize,
        /// Which output.
        output: usize,
        /// What came out.
        value: f64,
    },

    /// A vector of another length than θ.
    #[error("the network has {expected} parameters, and {found} numbers were given")]
    Length {
        /// Parameters.
        expected: usize,
        /// What there is.
        found: usize,
    },
}

fn transposed_note(found: &[usize], expected: &[usize]) -> &'static str {
    let turned: Vec<usize> = found.iter().rev().copied().collect();
    if found != expected && turned == expected {
        ": it is transposed, weights are out × in"
    } else {
        ""
    }
}
