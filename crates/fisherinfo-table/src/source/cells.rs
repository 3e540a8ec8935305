//! Arrays of Arrow as columns of a table.

use crate::table::Column;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, types};
use arrow_schema::DataType;

/// Numbers, truth values (1 and 0) and text.
pub(super) fn is_supported(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_text(values),
        DataType::Null | DataType::Boolean => true,
        kind => is_text(kind) || kind.is_integer() || is_float(kind),
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

fn is_float(kind: &DataType) -> bool {
    matches!(kind, DataType::Float32 | DataType::Float64)
}

/// A column of numbers or text; none of other values.
pub(super) fn column(name: &str, array: &ArrayRef) -> Option<Column> {
    macro_rules! numbers {
        ($kind:ty) => {{
            let array = array.as_primitive_opt::<$kind>()?;
            let values = array.values().iter().map(|&value| value as f64);
            Column::numeric(name, with_nulls(array, values))
        }};
    }
    Some(match array.data_type() {
        DataType::Float64 => numbers!(types::Float64Type),
        DataType::Float32 => numbers!(types::Float32Type),
        DataType::Int8 => numbers!(types::Int8Type),
        DataType::Int16 => numbers!(types::Int16Type),
        DataType::Int32 => numbers!(types::Int32Type),
        DataType::Int64 => numbers!(types::Int64Type),
        DataType::UInt8 => numbers!(types::UInt8Type),
        DataType::UInt16 => numbers!(types::UInt16Type),
        DataType::UInt32 => numbers!(types::UInt32Type),
        DataType::UInt64 => numbers!(types::UInt64Type),
        DataType::Null => Column::numeric(name, vec![f64::NAN; array.len()]),
        DataType::Boolean => {
            let array = array.as_boolean_opt()?;
            let values = array.iter().map(|value| value.map_or(f64::NAN, f64::from));
            Column::numeric(name, values.collect())
        }
        DataType::Utf8 => Column::text(name, array.as_string_opt::<i32>()?.iter()),
        DataType::LargeUtf8 => Column::text(name, array.as_string_opt::<i64>()?.iter()),
        DataType::Utf8View => Column::text(name, array.as_string_view_opt()?.iter()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary_opt()?;
            let levels = column(name, dictionary.values())?;
            let crate::table::Cells::Text(levels) = levels.cells() else {
                return None;
            };
            if dictionary.values().is_empty() {
                return Some(Column::text(name, vec![None::<&str>; array.len()]));
            }
            let keys = dictionary.normalized_keys();
            let cell = |row: usize| {
                (!array.is_null(row))
                    .then(|| levels.get(keys[row]))
                    .flatten()
            };
            Column::text(name, (0..array.len()).map(cell))
        }
        _ => return None,
    })
}

/// NaN where a value is missing.
fn with_nulls(array: &dyn Array, values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    if let Some(nulls) = array.nulls() {
        for (value, present) in values.iter_mut().zip(nulls.iter()) {
            if !present {
                *value = f64::NAN;
            }
        }
    }
    values
}
