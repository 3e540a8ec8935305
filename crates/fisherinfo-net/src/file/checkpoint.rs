use super::{FileError, read};
use crate::backend::Real;
use crate::checkpoint::{Checkpoint, Tensor};
use crate::tensors::half;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::Path;

/// Reads the tensors of a safetensors file in F64, F32, F16 or BF16; integers are passed over.
///
/// # Errors
/// A file that cannot be read or is damaged; a tensor of another type of number.
pub fn read_checkpoint(path: &Path) -> Result<Checkpoint, FileError> {
    let malformed = |reason: String| FileError::Malformed {
        file: path.display().to_string(),
        what: "no checkpoint",
        reason,
    };
    let bytes = read(path)?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| malformed(error.to_string()))?;
    let mut checkpoint = Checkpoint::new();
    for (name, view) in file.tensors() {
        let whole = matches!(
            view.dtype(),
            Dtype::I64 | Dtype::I32 | Dtype::U8 | Dtype::BOOL
        );
        if whole {
            continue;
        }
        let values = numbers(&view).ok_or_else(|| {
            malformed(format!(
                "tensor `{name}` is {:?}; F64, F32, F16 and BF16 are read",
                view.dtype()
            ))
        })?;
        let shape = view.shape().to_vec();
        checkpoint.insert(name, Tensor { shape, values });
    }
    Ok(checkpoint)
}

pub(super) fn numbers(view: &TensorView<'_>) -> Option<Vec<f64>> {
    let data = view.data();
    match view.dtype() {
        Dtype::F64 => Some(
            data.as_chunks::<8>()
                .0
                .iter()
                .map(|bytes| f64::from_le_bytes(*bytes))
                .collect(),
        ),
        Dtype::F32 => Some(
            data.as_chunks::<4>()
                .0
                .iter()
                .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
                .collect(),
        ),
        Dtype::F16 => Some(
            data.as_chunks::<2>()
                .0
                .iter()
                .map(|bytes| half(u16::from_le_bytes(*bytes)).into())
                .collect(),
        ),
        // The upper half of an f32.
        Dtype::BF16 => Some(
            data.as_chunks::<2>()
                .0
                .iter()
                .map(|bytes| f64::from(f32::from_le_bytes([0, 0, bytes[0], bytes[1]])))
                .collect(),
        ),
        _ => None,
    }
}

/// A safetensors file of these tensors in the precision of `R`.
///
/// # Errors
/// A tensor whose shape does not fit its numbers.
pub fn checkpoint_bytes<R: Real>(checkpoint: &Checkpoint) -> Result<Vec<u8>, String> {
    let double = R::NAME == "F64";
    let data: Vec<(&String, Vec<u8>)> = checkpoint
        .iter()
        .map(|(name, tensor)| {
            let bytes = if double {
                tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect()
            } else {
                let single = tensor.values.iter().map(|v| *v as f32);
                single.flat_map(f32::to_le_bytes).collect()
            };
            (name, bytes)
        })
        .collect();
    let dtype = if double { Dtype::F64 } else { Dtype::F32 };
    let mut views = Vec::new();
    for ((name, bytes), tensor) in data.iter().zip(checkpoint.values()) {
        let view = TensorView::new(dtype, tensor.shape.clone(), bytes);
        views.push((name.as_str(), view.map_err(|error| error.to_string())?));
    }
    safetensors::serialize(views, None).map_err(|error| error.to_string())
}
