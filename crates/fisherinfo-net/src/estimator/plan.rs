//! Which block each tensor is in, in which form, and why.

use super::{Representation, Sharing};
use crate::backend::Backend;
use crate::layer::Use;
use crate::network::Network;
use crate::parameters::ParameterId;
use crate::representation::{Dense, Diagonal, Factor, Form, InputSide, Kronecker, LowRank};
use serde::{Deserialize, Serialize};

/// How a block was treated, for the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Its tensors.
    pub tensors: Vec<String>,
    /// How many parameters.
    pub parameters: usize,
    /// The form it has.
    pub form: String,
    /// Why it is not the one that was asked for, or what else has to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One block to come.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its tensors.
    pub tensors: Vec<ParameterId>,
    /// What it is to be.
    pub shape: Shape,
    /// Why not what was asked for.
    pub note: Option<String>,
}

/// The form of a block before there are numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// n × n.
    Dense(usize),
    /// n.
    Diagonal(usize),
    /// n numbers a score.
    LowRank {
        /// n.
        parameters: usize,
        /// How many scores there will be.
        scores: u64,
    },
    /// A layer's factors.
    Kronecker {
        /// Rows of the weight.
        rows: usize,
        /// Columns, a bias among them.
        columns: usize,
        /// Where the inputs are.
        inputs: InputSide,
        /// Is the factor of the rows a diagonal: that of an embedding, or of a vocabulary's gradients?
        diagonal_rows: bool,
        /// Is there a bias?
        biased: bool,
    },
}

/// A factor with so many rows, 2 GB, is kept as its diagonal: outputs that are a vocabulary.
const VOCABULARY: usize = 1 << 14;

/// The blocks of an estimate, before it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// In the order of the layers.
    pub blocks: Vec<Planned>,
    /// Will there be a second pass?
    pub refined: bool,
}

impl Plan {
    /// The blocks of a network's parameters in a representation.
    pub fn new<B: Backend>(network: &Network<B>, representation: Representation) -> Self {
        let infos = network.parameters();
        let length = |ids: &[ParameterId]| ids.iter().map(|id| infos[id.0].length()).sum::<usize>();
        if matches!(
            representation,
            Representation::Dense | Representation::LowRank
        ) {
            let tensors: Vec<ParameterId> = (0..infos.len()).map(ParameterId).collect();
            let parameters = length(&tensors);
            let shape = match representation {
                Representation::LowRank => Shape::LowRank {
                    parameters,
                    scores: 0,
                },
                _ => Shape::Dense(parameters),
            };
            return Self {
                blocks: vec![Planned {
                    tensors,
                    shape,
                    note: None,
                }],
                refined: false,
            };
        }
        let uses = network.uses();
        let shared = |id: ParameterId| {
            let times = uses
                .iter()
                .filter(|one| one.tensors().contains(&id))
                .count();
            times > 1
        };
        let mut blocks: Vec<Planned> = Vec::new();
        for one in &uses {
            let ids = one.tensors();
            let tied = ids.iter().any(|id| shared(*id));
            // A tensor that several layers use has a block of its own.
            let groups = if tied {
                ids.iter().map(|id| vec![*id]).collect()
            } else {
                vec![ids]
            };
            for tensors in groups {
                if blocks.iter().any(|block| block.tensors == tensors) {
                    continue;
                }
                let n = length(&tensors);
                let (shape, note) = match representation {
                    Representation::Dense
                    | Representation::LowRank
                    | Representation::BlockDiagonal => (Shape::Dense(n), None),
                    Representation::Diagonal => (Shape::Diagonal(n), None),
                    Representation::Kronecker(sharing)
                    | Representation::EigenKronecker(sharing) => {
                        let fallback = |why: &str| (Shape::Diagonal(n), Some(why.to_owned()));
                        match one {
                            _ if tensors.iter().any(|id| shared(*id)) => {
                                fallback("diagonal: several layers share it")
                            }
                            _ if tied => {
                                fallback("diagonal: its weight is shared with other layers")
                            }
                            Use::Direct { .. } => {
                                fallback("diagonal: an elementwise layer has no Kronecker factors")
                            }
                            // A bias is one more input, 1: one more row of in × out.
                            Use::Matrix {
                                weight,
                                bias,
                                transposed: true,
                            } => {
                                let rows = infos[weight.0].shape[0] + usize::from(bias.is_some());
                                let shape = Shape::Kronecker {
                                    rows,
                                    columns: n / rows,
                                    inputs: InputSide::Rows,
                                    diagonal_rows: false,
                                    biased: false,
                                };
                                (shape, None)
                            }
                            Use::Matrix { weight, bias, .. } => {
                                let rows = infos[weight.0].shape[0];
                                let wide = rows >= VOCABULARY;
                                let shape = Shape::Kronecker {
                                    rows,
                                    columns: n / rows,
                                    inputs: InputSide::Columns,
                                    diagonal_rows: wide,
                                    biased: bias.is_some(),
                                };
                                let note = wide.then(|| {
                                    format!("of the gradients' factor, {rows} × {rows}, only the diagonal")
                                });
                                (shape, note)
                            }
                            Use::Rows { weight } => {
                                let rows = infos[weight.0].shape[0];
                                let shape = Shape::Kronecker {
                                    rows,
                                    columns: n / rows,
                                    inputs: InputSide::Rows,
                                    diagonal_rows: true,
                                    biased: false,
                                };
                                let note = (sharing == Sharing::Reduce)
                                    .then(|| "expand: a mean of tokens is no token".to_owned());
                                (shape, note)
                            }
                        }
                    }
                };
                blocks.push(Planned {
                    tensors,
                    shape,
                    note,
                });
            }
        }
        Self {
            blocks,
            refined: matches!(representation, Representation::EigenKronecker(_)),
        }
    }

    /// The same for so many scores: examples times the vectors that each sends backwards.
    #[must_use]
    pub fn seeing(mut self, number: u64) -> Self {
        for block in &mut self.blocks {
            if let Shape::LowRank { scores, .. } = &mut block.shape {
                *scores = number;
            }
        }
        self
    }

    /// Bytes of the estimate in memory, and on disk to a header.
    pub fn bytes(&self) -> u128 {
        let numbers: u128 = self
            .blocks
            .iter()
            .map(|block| block.shape.numbers(self.refined))
            .sum();
        8 * numbers
    }
}

impl Shape {
    fn numbers(self, refined: bool) -> u128 {
        match self {
            Self::Dense(n) => (n as u128).pow(2),
            Self::Diagonal(n) => n as u128,
            Self::LowRank { parameters, scores } => parameters as u128 * u128::from(scores),
            Self::Kronecker {
                rows,
                columns,
                diagonal_rows,
                ..
            } => {
                let (r, c) = (rows as u128, columns as u128);
                let of_rows = if diagonal_rows { r } else { r * r };
                of_rows + c * c + if refined { r * c } else { 0 }
            }
        }
    }

    /// Zeros in this form.
    pub(super) fn zeros(self) -> Form {
        match self {
            Self::Dense(n) => Form::Dense(Dense::zeros(n)),
            Self::Diagonal(n) => Form::Diagonal(Diagonal::zeros(n)),
            Self::LowRank { parameters, .. } => Form::LowRank(LowRank::empty(parameters)),
            Self::Kronecker {
                rows,
                columns,
                inputs,
                diagonal_rows,
                biased,
            } => Form::Kronecker(Kronecker {
                rows: match diagonal_rows {
                    true => Factor::Diagonal(vec![0.0; rows]),
                    false => Factor::zeros(rows),
                },
                columns: Factor::zeros(columns),
                count: 0.0,
                inputs,
                biased,
            }),
        }
    }
}
