//! From a description to layers: shapes are followed and checked, tensors get their places in θ.

mod attention;
mod layers;

use super::{AdapterDescription, Architecture, InputDescription, LayerDescription};
use crate::backend::Backend;
use crate::error::NetworkError;
use crate::layer::{Adapter, Layer, Linear, Sequence};
use crate::parameters::{ParameterId, ParameterInfo};

/// What comes out of a layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Height and width; a sequence is one column.
    grid: [usize; 2],
    pub(crate) features: usize,
    /// Are the features numbers of tokens?
    tokens: bool,
    masked: bool,
}

impl Shape {
    pub(crate) fn is_masked(self) -> bool {
        self.masked
    }

    pub(crate) fn positions(self) -> usize {
        self.grid[0] * self.grid[1]
    }
}

pub(crate) struct Assembled<B: Backend> {
    pub(crate) sequence: Sequence<B>,
    pub(crate) infos: Vec<ParameterInfo>,
    /// What is not learnt.
    pub(crate) frozen: Vec<ParameterInfo>,
    pub(crate) output: Shape,
    /// The size of each table of tokens that the input goes through.
    pub(crate) vocabulary: Option<usize>,
}

/// Numbers that are no parameters: name, length → values.
pub(crate) type Constants<'a> = &'a dyn Fn(&str, usize) -> Result<Vec<f64>, NetworkError>;

/// Numbers in one tensor, or positions times features of one example, beyond which indices would not fit.
const MOST: usize = 1 << 31;

pub(crate) fn assemble<B: Backend>(
    architecture: &Architecture,
    backend: &B,
    constants: Constants<'_>,
) -> Result<Assembled<B>, NetworkError> {
    let mut assembly = Assembly {
        backend,
        constants,
        infos: Vec::new(),
        frozen: Vec::new(),
        freezing: architecture.frozen,
        vocabulary: None,
    };
    let (grid, features, tokens, masked) = match architecture.input {
        InputDescription::Features(n) => ([1, 1], n, false, false),
        InputDescription::Image([c, h, w]) => ([h, w], c, false, false),
        InputDescription::Sequence([t, d]) => ([t, 1], d, false, false),
        InputDescription::Tokens { length, padding } => ([length, 1], 1, true, padding.is_some()),
    };
    let input = Shape {
        grid,
        features,
        tokens,
        masked,
    };
    let place = Place {
        path: "input".into(),
    };
    place.checked(input)?;
    let (sequence, output) = assembly.sequence(&architecture.layer, "", input)?;
    if assembly.infos.is_empty() {
        return Err(place.error(match architecture.frozen {
            true => "the network is frozen and has no adapters: there is nothing to learn",
            false => "the network has no parameters",
        }));
    }
    Ok(Assembled {
        sequence,
        infos: assembly.infos,
        frozen: assembly.frozen,
        output,
        vocabulary: assembly.vocabulary,
    })
}

struct Assembly<'a, B: Backend> {
    backend: &'a B,
    constants: Constants<'a>,
    infos: Vec<ParameterInfo>,
    frozen: Vec<ParameterInfo>,
    /// Is what is declared next not learnt?
    freezing: bool,
    vocabulary: Option<usize>,
}

/// A layer's place, for errors.
struct Place {
    path: String,
}

impl Place {
    fn error(&self, reason: impl Into<String>) -> NetworkError {
        NetworkError::Layer {
            layer: self.path.clone(),
            reason: reason.into(),
        }
    }

    fn checked(&self, shape: Shape) -> Result<Shape, NetworkError> {
        let size = shape.grid[0]
            .checked_mul(shape.grid[1])
            .and_then(|n| n.checked_mul(shape.features));
        match size {
            Some(size) if size > 0 && size < MOST => Ok(shape),
            _ => Err(self.error(format!(
                "{} × {} positions of {} features cannot be",
                shape.grid[0], shape.grid[1], shape.features
            ))),
        }
    }

    fn unmasked(&self, shape: Shape) -> Result<(), NetworkError> {
        if shape.masked {
            return Err(self.error("padding cannot be kept apart here; leave `padding` out"));
        }
        Ok(())
    }
}

type Built<B> = (Vec<Box<dyn Layer<B>>>, Shape);

impl<B: Backend> Assembly<'_, B> {
    fn sequence(
        &mut self,
        layers: &[LayerDescription],
        parent: &str,
        mut shape: Shape,
    ) -> Result<(Sequence<B>, Shape), NetworkError> {
        let mut sequence = Sequence { layers: Vec::new() };
        for (i, layer) in layers.iter().enumerate() {
            let place = Place {
                path: format!("{parent}{i}"),
            };
            if shape.tokens && !matches!(layer, LayerDescription::Embedding { .. }) {
                return Err(place.error("tokens have to go through an embedding first"));
            }
            let (built, after) = self.layer(layer, &place, shape)?;
            shape = place.checked(after)?;
            sequence.layers.extend(built);
        }
        Ok((sequence, shape))
    }

    /// The parameter of this name, which may be there already: tied weights.
    fn declare(
        &mut self,
        place: &Place,
        name: &str,
        shape: &[usize],
    ) -> Result<ParameterId, NetworkError> {
        let id = |frozen, i| match frozen {
            true => ParameterId::frozen(i),
            false => ParameterId(i),
        };
        for (infos, frozen) in [(&self.infos, false), (&self.frozen, true)] {
            let Some(i) = infos.iter().position(|info| info.name == name) else {
                continue;
            };
            if infos[i].shape != shape {
                return Err(place.error(format!(
                    "`{name}` is shared and has the shape {:?} elsewhere, {shape:?} here",
                    infos[i].shape
                )));
            }
            if frozen != self.freezing {
                return Err(place.error(format!(
                    "`{name}` is learnt in one place and not in another"
                )));
            }
            return Ok(id(frozen, i));
        }
        let size = shape
            .iter()
            .try_fold(1_usize, |size, &n| size.checked_mul(n));
        if !size.is_some_and(|size| size > 0 && size < MOST) {
            return Err(place.error(format!("`{name}` cannot have the shape {shape:?}")));
        }
        let infos = match self.freezing {
            true => &mut self.frozen,
            false => &mut self.infos,
        };
        let last = infos.last();
        let offset = last.map_or(0, |info| info.offset + info.length());
        infos.push(ParameterInfo {
            name: name.into(),
            shape: shape.to_vec(),
            offset,
        });
        Ok(id(self.freezing, infos.len() - 1))
    }

    fn linear(
        &mut self,
        place: &Place,
        name: &str,
        weight: Option<&str>,
        shape: &[usize],
        (bias, transposed): (bool, bool),
        adapter: Option<AdapterDescription>,
    ) -> Result<Linear, NetworkError> {
        let outside = self.freezing;
        self.freezing = outside || adapter.is_some();
        let own = format!("{name}.weight");
        let kept = if transposed {
            vec![shape[1], shape[0]]
        } else {
            shape.to_vec()
        };
        let weight = self.declare(place, weight.unwrap_or(&own), &kept)?;
        let bias = bias
            .then(|| self.declare(place, &format!("{name}.bias"), &shape[..1]))
            .transpose()?;
        let inputs = shape[1..].iter().product();
        let adapter = adapter
            .map(|adapter| self.adapter(place, name, adapter, [inputs, shape[0]]))
            .transpose()?;
        self.freezing = outside;
        Ok(Linear {
            weight,
            bias,
            inputs,
            outputs: shape[0],
            transposed,
            adapter,
        })
    }

    /// A and B, which are learnt whatever is not.
    fn adapter(
        &mut self,
        place: &Place,
        name: &str,
        AdapterDescription { rank, alpha }: AdapterDescription,
        [inputs, outputs]: [usize; 2],
    ) -> Result<Adapter, NetworkError> {
        let scale = alpha / rank as f64;
        if !(scale.is_finite() && scale != 0.0) {
            return Err(place.error(format!(
                "an adapter of rank {rank} and alpha {alpha} has no scale alpha/rank"
            )));
        }
        self.freezing = false;
        Ok(Adapter {
            down: self.declare(place, &format!("{name}.lora_A.weight"), &[rank, inputs])?,
            up: self.declare(place, &format!("{name}.lora_B.weight"), &[outputs, rank])?,
            rank,
            scale,
        })
    }
}
