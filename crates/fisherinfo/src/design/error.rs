use thiserror::Error;

/// Why there is no optimal design.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DesignError {
    /// Nothing to choose from.
    #[error("there are no candidate points; give at least as many as there are parameters")]
    NoCandidates,
    /// A row, a weight vector or a combination of the wrong length.
    #[error("{what}: expected {expected} numbers and found {found}")]
    Length {
        /// What it is.
        what: String,
        /// Numbers expected.
        expected: usize,
        /// Numbers found.
        found: usize,
    },
    /// NaN or ∞.
    #[error(
        "candidate {candidate}: its Jacobian or its information is not finite; leave the point out or change the assumed parameters"
    )]
    NotFinite {
        /// Its position, from 1.
        candidate: usize,
    },
    /// An output that carries negative information.
    #[error("candidate {candidate}: the information of its output is not positive semi-definite")]
    NotAnInformation {
        /// Its position, from 1.
        candidate: usize,
    },
    /// No candidate says anything.
    #[error(
        "no candidate carries any information at the assumed parameters: every weighted row is zero; assume other parameters"
    )]
    NoInformation,
    /// Rows that do not span.
    #[error(
        "the candidates have rank {rank} for {parameters} parameters: no design on them estimates the combination {direction}; add candidates or drop a parameter"
    )]
    Singular {
        /// Independent rows.
        rank: usize,
        /// Parameters.
        parameters: usize,
        /// A combination of parameters about which no candidate says anything.
        direction: String,
    },
    /// Weights that are no design.
    #[error("weights have to be ≥ 0 and sum to 1; these sum to {sum}")]
    Weights {
        /// Their sum.
        sum: f64,
    },
    /// A design that does not estimate what the criterion asks for.
    #[error(
        "the design does not estimate all that the criterion asks for: its information is singular there"
    )]
    NotEstimable,
    /// A combination of parameters that is none.
    #[error(
        "c is zero, and there is nothing to estimate; give a combination of the parameters, such as 0,1"
    )]
    NoCombination,
    /// Several outputs a candidate where only one is understood.
    #[error(
        "c-optimal designs are found for candidates with one output; candidate {candidate} has {outputs}"
    )]
    SeveralOutputs {
        /// Its position, from 1.
        candidate: usize,
        /// Its outputs.
        outputs: usize,
    },
    /// A model that is not defined at a point of the interval.
    #[error(
        "the model has no finite derivatives at {place}; narrow the range, or assume other parameters"
    )]
    NotDefined {
        /// The value of the factor.
        place: f64,
    },
    /// An interval without an inside.
    #[error(
        "the range has to go from a smaller to a larger finite number, not from {lower} to {upper}"
    )]
    Interval {
        /// Lower end.
        lower: f64,
        /// Upper end.
        upper: f64,
    },
    /// The limit of steps.
    #[error(
        "the design did not settle within {steps} steps: it is certain only to be {efficiency} times as efficient as the best; rescale the parameters or thin out the candidates"
    )]
    NotConverged {
        /// Steps taken.
        steps: usize,
        /// The bound of the certificate.
        efficiency: f64,
    },
}
