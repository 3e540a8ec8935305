//! From a description to layers: shapes are followed and checked, tensors get their places in θ.

use super::{
    AdapterDescription, Architecture, InputDescription, LayerDescription, PoolKind, Projection,
};
use crate::backend::{Activation, Backend};
use crate::error::NetworkError;
use crate::layer::{
    Adapter, Attention, Elementwise, Embedding, First, Flatten, GlobalPool, Inputs, Layer, Linear,
    Normalise, Pool, Pooling, Position, Product, Residual, Rotary, Row, Scale, Sequence,
    Standardise, Unfold, Window,
};
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

    fn convolution(
        &mut self,
        place: &Place,
        name: &str,
        weight: &[usize],
        window: Window,
        bias: bool,
        shape: Shape,
    ) -> Result<Built<B>, NetworkError> {
        place.unmasked(shape)?;
        let grid = window.places(shape.grid);
        let fit = || {
            place.error(format!(
                "a window of {:?} every {:?} with padding {:?} does not fit on {:?} positions",
                window.size, window.stride, window.padding, shape.grid
            ))
        };
        let grid = grid.ok_or_else(fit)?;
        let patches = Shape {
            grid,
            features: weight[1..]
                .iter()
                .try_fold(1_usize, |n, &w| n.checked_mul(w))
                .ok_or_else(fit)?,
            ..shape
        };
        place.checked(patches)?;
        let linear = self.linear(place, name, None, weight, (bias, false), None)?;
        let unfold = Unfold::new(window, shape.grid, shape.features).ok_or_else(fit)?;
        let after = Shape {
            features: weight[0],
            ..patches
        };
        Ok((vec![Box::new(unfold), Box::new(linear)], after))
    }

    fn scale(
        &mut self,
        place: &Place,
        name: &str,
        features: usize,
        shift: bool,
    ) -> Result<Box<dyn Layer<B>>, NetworkError> {
        let scale = self.declare(place, &format!("{name}.weight"), &[features])?;
        let shift = shift
            .then(|| self.declare(place, &format!("{name}.bias"), &[features]))
            .transpose()?;
        Ok(Box::new(Scale { scale, shift }))
    }

    fn layer(
        &mut self,
        layer: &LayerDescription,
        place: &Place,
        shape: Shape,
    ) -> Result<Built<B>, NetworkError> {
        let simple = |activation| -> Result<Built<B>, NetworkError> {
            Ok((vec![Box::new(Elementwise(activation))], shape))
        };
        let features = |features| Shape { features, ..shape };
        match layer {
            LayerDescription::Tanh => simple(Activation::Tanh),
            LayerDescription::Sigmoid => simple(Activation::Sigmoid),
            LayerDescription::Relu => simple(Activation::Relu),
            LayerDescription::Gelu => simple(Activation::Gelu),
            LayerDescription::GeluTanh => simple(Activation::GeluTanh),
            LayerDescription::Silu => simple(Activation::Silu),
            LayerDescription::Linear {
                name,
                outputs,
                bias,
                weight,
                transposed,
                adapter,
            } => {
                let size = [*outputs, shape.features];
                let how = (*bias, *transposed);
                let linear = self.linear(place, name, weight.as_deref(), &size, how, *adapter)?;
                Ok((vec![Box::new(linear)], features(*outputs)))
            }
            LayerDescription::Conv2d {
                name,
                outputs,
                size,
                stride,
                padding,
                bias,
            } => {
                let weight = [*outputs, shape.features, size[0], size[1]];
                let window = Window {
                    size: *size,
                    stride: *stride,
                    padding: *padding,
                };
                self.convolution(place, name, &weight, window, *bias, shape)
            }
            LayerDescription::Conv1d {
                name,
                outputs,
                size,
                stride,
                padding,
                bias,
            } => {
                if shape.grid[1] != 1 {
                    return Err(place.error("conv1d takes a sequence; an image takes conv2d"));
                }
                let weight = [*outputs, shape.features, *size];
                let window = Window {
                    size: [*size, 1],
                    stride: [*stride, 1],
                    padding: [*padding, 0],
                };
                self.convolution(place, name, &weight, window, *bias, shape)
            }
            LayerDescription::Pool {
                pooling,
                size,
                stride,
            } => {
                place.unmasked(shape)?;
                let window = Window {
                    size: *size,
                    stride: stride.unwrap_or(*size),
                    padding: [0, 0],
                };
                let pooling = match pooling {
                    PoolKind::Mean => Pooling::Mean,
                    PoolKind::Max => Pooling::Maximum,
                };
                let fit = || {
                    place.error(format!(
                        "a window of {size:?} does not fit on {:?} positions",
                        shape.grid
                    ))
                };
                let grid = window.places(shape.grid).ok_or_else(fit)?;
                let pool =
                    Pool::new(pooling, window, shape.grid, shape.features).ok_or_else(fit)?;
                Ok((vec![Box::new(pool)], Shape { grid, ..shape }))
            }
            LayerDescription::GlobalMean | LayerDescription::GlobalSum => {
                let mean = matches!(layer, LayerDescription::GlobalMean);
                let after = Shape {
                    grid: [1, 1],
                    masked: false,
                    ..shape
                };
                Ok((vec![Box::new(GlobalPool { mean })], after))
            }
            LayerDescription::First => {
                let after = Shape {
                    grid: [1, 1],
                    masked: false,
                    ..shape
                };
                Ok((vec![Box::new(First)], after))
            }
            LayerDescription::Flatten => {
                place.unmasked(shape)?;
                let after = Shape {
                    grid: [1, 1],
                    features: shape.positions() * shape.features,
                    ..shape
                };
                let flatten = Flatten::new(shape.positions(), shape.features);
                Ok((vec![Box::new(flatten)], after))
            }
            LayerDescription::Embedding {
                name,
                vocabulary,
                features,
            } => {
                if !shape.tokens {
                    return Err(place.error("an embedding takes tokens: input = { tokens = … }"));
                }
                let weight =
                    self.declare(place, &format!("{name}.weight"), &[*vocabulary, *features])?;
                self.vocabulary = Some(*vocabulary);
                let after = Shape {
                    features: *features,
                    tokens: false,
                    ..shape
                };
                let embedding = Embedding {
                    weight,
                    features: *features,
                };
                Ok((vec![Box::new(embedding)], after))
            }
            LayerDescription::Position { name, rows } => {
                let rows = rows.unwrap_or(shape.positions());
                if rows < shape.positions() {
                    return Err(place.error(format!(
                        "the network was made for {rows} positions at most, not {}",
                        shape.positions()
                    )));
                }
                let size = [rows, shape.features];
                let table = self.declare(place, &format!("{name}.weight"), &size)?;
                Ok((vec![Box::new(Position { table })], shape))
            }
            LayerDescription::Row { name, rows } => {
                let size = [*rows, shape.features];
                let table = self.declare(place, &format!("{name}.weight"), &size)?;
                Ok((vec![Box::new(Row { table })], shape))
            }
            LayerDescription::LayerNorm { name, epsilon } => {
                let normalise = Normalise {
                    centred: true,
                    epsilon: positive(place, *epsilon)?,
                };
                let scale = self.scale(place, name, shape.features, true)?;
                Ok((vec![Box::new(normalise), scale], shape))
            }
            LayerDescription::RmsNorm { name, epsilon } => {
                let normalise = Normalise {
                    centred: false,
                    epsilon: positive(place, *epsilon)?,
                };
                let scale = self.scale(place, name, shape.features, false)?;
                Ok((vec![Box::new(normalise), scale], shape))
            }
            LayerDescription::BatchNorm { name, epsilon } => {
                let mean = (self.constants)(&format!("{name}.running_mean"), shape.features)?;
                let variance = (self.constants)(&format!("{name}.running_var"), shape.features)?;
                let epsilon = positive(place, *epsilon)?;
                if let Some(v) = variance.iter().find(|v| **v < 0.0) {
                    return Err(place.error(format!("a variance of {v} is negative")));
                }
                let standardise = Standardise::new(self.backend, &mean, &variance, epsilon);
                let scale = self.scale(place, name, shape.features, true)?;
                Ok((vec![Box::new(standardise), scale], shape))
            }
            LayerDescription::Residual { layer } => {
                let parent = format!("{}.", place.path);
                let (inner, after) = self.sequence(layer, &parent, shape)?;
                if after.grid != shape.grid || after.features != shape.features {
                    return Err(place.error(format!(
                        "x + f(x) with x {:?} × {} and f(x) {:?} × {}",
                        shape.grid, shape.features, after.grid, after.features
                    )));
                }
                Ok((vec![Box::new(Residual(inner))], shape))
            }
            LayerDescription::Product { left, right } => {
                let (left, after) = self.sequence(left, &format!("{}.left.", place.path), shape)?;
                let path = format!("{}.right.", place.path);
                let (right, other) = self.sequence(right, &path, shape)?;
                if after.grid != other.grid || after.features != other.features {
                    return Err(place.error(format!(
                        "f(x) g(x) with f(x) {:?} × {} and g(x) {:?} × {}",
                        after.grid, after.features, other.grid, other.features
                    )));
                }
                Ok((vec![Box::new(Product { left, right })], after))
            }
            LayerDescription::Attention { .. } => self.attention(layer, place, shape),
        }
    }

    fn attention(
        &mut self,
        layer: &LayerDescription,
        place: &Place,
        shape: Shape,
    ) -> Result<Built<B>, NetworkError> {
        let LayerDescription::Attention {
            name,
            heads,
            groups,
            causal,
            rotary,
            bias,
            size,
            projections,
        } = layer
        else {
            return Err(place.error("no attention"));
        };
        let groups = groups.unwrap_or(*heads);
        let d = shape.features;
        if *heads == 0
            || groups == 0
            || (size.is_none() && !d.is_multiple_of(*heads))
            || !heads.is_multiple_of(groups)
        {
            return Err(place.error(format!(
                "{heads} heads have to divide {d} features, and {groups} groups {heads} heads"
            )));
        }
        let size = size.unwrap_or(d / heads);
        if size == 0 || (rotary.is_some() && !size.is_multiple_of(2)) {
            return Err(place.error("rotary embedding needs heads of an even size"));
        }
        let wide = |heads: usize| heads.checked_mul(size).filter(|n| *n < MOST);
        let (Some(q), Some(k)) = (wide(*heads), wide(groups)) else {
            return Err(place.error(format!("{heads} heads of {size} cannot be")));
        };
        let own = |what: &str| Projection {
            name: format!("{name}.{what}"),
            bias: *bias,
            transposed: false,
            adapter: None,
        };
        let (inputs, output) = match projections {
            Some(given) => (given.inputs.clone(), given.output.clone()),
            None => (["query", "key", "value"].map(own).to_vec(), own("output")),
        };
        let mut part = |projection: &Projection, outputs: usize, inputs: usize| {
            let how = (projection.bias, projection.transposed);
            let (name, adapter) = (&projection.name, projection.adapter);
            self.linear(place, name, None, &[outputs, inputs], how, adapter)
        };
        let inputs = match &inputs[..] {
            [query, key, value] => {
                Inputs::Separate([part(query, q, d)?, part(key, k, d)?, part(value, k, d)?])
            }
            [all] => Inputs::Fused(part(all, q + 2 * k, d)?),
            _ => {
                return Err(place.error(format!(
                    "queries, keys and values are from three maps or one, not {}",
                    inputs.len()
                )));
            }
        };
        let positions = shape.positions();
        let attention = Attention {
            inputs,
            output: part(&output, d, q)?,
            heads: *heads,
            groups,
            size,
            causal: *causal,
            rotary: rotary.map(|base| {
                let of = |heads| Rotary::new(positions, heads, size, base);
                (of(*heads), of(groups))
            }),
        };
        Ok((vec![Box::new(attention)], shape))
    }
}

fn positive(place: &Place, epsilon: f64) -> Result<f64, NetworkError> {
    if epsilon >= 0.0 && epsilon.is_finite() {
        Ok(epsilon)
    } else {
        Err(place.error(format!("epsilon has to be a number ≥ 0, not {epsilon}")))
    }
}
