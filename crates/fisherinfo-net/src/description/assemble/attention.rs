//! Attention: heads and groups are held against features before a map is made.

use super::{Assembly, Built, MOST, Place, Shape};
use crate::backend::Backend;
use crate::description::{LayerDescription, Projection};
use crate::error::NetworkError;
use crate::layer::{Attention, Inputs, Rotary};

impl<B: Backend> Assembly<'_, B> {
    pub(super) fn attention(
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
