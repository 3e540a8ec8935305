//! A checkpoint's tensors, of the shape that is wanted and finite.

use crate::error::NetworkError;
use crate::tensors::Tensors;

pub(super) fn expect(
    tensors: &impl Tensors,
    name: &str,
    shape: &[usize],
) -> Result<(), NetworkError> {
    let Some(found) = tensors.shape(name) else {
        let names = tensors.names();
        let mut known = names.iter().copied().take(8).collect::<Vec<_>>();
        if names.len() > known.len() {
            known.push("…");
        }
        return Err(NetworkError::MissingTensor {
            name: name.into(),
            shape: shape.to_vec(),
            known: known.join(", "),
        });
    };
    if found == shape {
        return Ok(());
    }
    Err(NetworkError::Shape {
        name: name.into(),
        found: found.to_vec(),
        expected: shape.to_vec(),
    })
}

pub(super) fn find(
    tensors: &impl Tensors,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f64>, NetworkError> {
    expect(tensors, name, shape)?;
    let values = tensors.numbers(name)?;
    finite(name, &values)?;
    Ok(values)
}

pub(super) fn finite(name: &str, values: &[f64]) -> Result<(), NetworkError> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(NetworkError::NotFinite {
            name: name.into(),
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}
