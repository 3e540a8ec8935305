//! What a Fisher file says of itself, as JSON in the header's metadata.

use super::fisher::Progress;
use crate::fisher::About;
use crate::parameters::ParameterInfo;
use crate::representation::InputSide;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) about: About,
    pub(super) parameters: Vec<ParameterHeader>,
    pub(super) blocks: Vec<BlockHeader>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) progress: Option<Progress>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterHeader {
    name: String,
    shape: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockHeader {
    /// Places in the list of parameters.
    pub(super) tensors: Vec<usize>,
    pub(super) form: FormHeader,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum FormHeader {
    Dense,
    Diagonal,
    Kronecker {
        /// Outer products summed in each factor.
        count: f64,
        inputs: Side,
        /// Rows of the block as a matrix.
        rows: usize,
        /// Is the factor of the rows a diagonal?
        diagonal_rows: bool,
        biased: bool,
    },
    EigenKronecker {
        rows: usize,
        biased: bool,
    },
    LowRank {
        /// Scores.
        rows: usize,
    },
}

/// Where the inputs' factor is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Side {
    Rows,
    Columns,
}

impl From<InputSide> for Side {
    fn from(side: InputSide) -> Self {
        match side {
            InputSide::Rows => Self::Rows,
            InputSide::Columns => Self::Columns,
        }
    }
}

impl From<Side> for InputSide {
    fn from(side: Side) -> Self {
        match side {
            Side::Rows => Self::Rows,
            Side::Columns => Self::Columns,
        }
    }
}

impl ParameterHeader {
    pub(super) fn of(info: &ParameterInfo) -> Self {
        Self {
            name: info.name.clone(),
            shape: info.shape.clone(),
        }
    }

    /// The tensors with their places in θ, none when they are more than could be.
    pub(super) fn placed(headers: Vec<Self>) -> Option<Vec<ParameterInfo>> {
        let mut offset = 0_usize;
        let mut infos = Vec::with_capacity(headers.len());
        for header in headers {
            let length = header
                .shape
                .iter()
                .try_fold(1_usize, |n, &size| n.checked_mul(size))?;
            infos.push(ParameterInfo {
                name: header.name,
                shape: header.shape,
                offset,
            });
            offset = offset.checked_add(length)?;
        }
        Some(infos)
    }
}
