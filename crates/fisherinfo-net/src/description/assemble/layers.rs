//! Each layer of a description, and the shape that comes out of it.

use super::{Assembly, Built, Place, Shape};
use crate::backend::{Activation, Backend};
use crate::description::{LayerDescription, PoolKind};
use crate::error::NetworkError;
use crate::layer::{
    Elementwise, Embedding, First, Fixed, Flatten, GlobalPool, Layer, Normalise, Pool, Pooling,
    Position, Product, Residual, Row, Scale, Standardise, Unfold, Window,
};

impl<B: Backend> Assembly<'_, B> {
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
        Ok((vec![Box::new(Fixed(unfold)), Box::new(linear)], after))
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

    pub(super) fn layer(
        &mut self,
        layer: &LayerDescription,
        place: &Place,
        shape: Shape,
    ) -> Result<Built<B>, NetworkError> {
        let simple = |activation| -> Result<Built<B>, NetworkError> {
            Ok((vec![Box::new(Fixed(Elementwise(activation)))], shape))
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
                Ok((vec![Box::new(Fixed(pool))], Shape { grid, ..shape }))
            }
            LayerDescription::GlobalMean | LayerDescription::GlobalSum => {
                let mean = matches!(layer, LayerDescription::GlobalMean);
                let after = Shape {
                    grid: [1, 1],
                    masked: false,
                    ..shape
                };
                Ok((vec![Box::new(Fixed(GlobalPool { mean }))], after))
            }
            LayerDescription::First => {
                let after = Shape {
                    grid: [1, 1],
                    masked: false,
                    ..shape
                };
                Ok((vec![Box::new(Fixed(First))], after))
            }
            LayerDescription::Flatten => {
                place.unmasked(shape)?;
                let after = Shape {
                    grid: [1, 1],
                    features: shape.positions() * shape.features,
                    ..shape
                };
                let flatten = Flatten::new(shape.positions(), shape.features);
                Ok((vec![Box::new(Fixed(flatten))], after))
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
                Ok((vec![Box::new(Fixed(normalise)), scale], shape))
            }
            LayerDescription::RmsNorm { name, epsilon } => {
                let normalise = Normalise {
                    centred: false,
                    epsilon: positive(place, *epsilon)?,
                };
                let scale = self.scale(place, name, shape.features, false)?;
                Ok((vec![Box::new(Fixed(normalise)), scale], shape))
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
                Ok((vec![Box::new(Fixed(standardise)), scale], shape))
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
}

fn positive(place: &Place, epsilon: f64) -> Result<f64, NetworkError> {
    if epsilon >= 0.0 && epsilon.is_finite() {
        Ok(epsilon)
    } else {
        Err(place.error(format!("epsilon has to be a number ≥ 0, not {epsilon}")))
    }
}
