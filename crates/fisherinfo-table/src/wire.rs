//! Values as bytes, for sums that are made elsewhere: every number with all of its bits.

use crate::design::{Missing, ResponseKind};
use crate::glm::Weighting;
use faer::Mat;
use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;

/// What can be written as bytes and read from them.
pub(crate) trait Wire: Sized {
    fn write(&self, out: &mut Vec<u8>);

    /// Takes a value off the beginning; none where the bytes are no such value.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

/// A value as bytes.
pub(crate) fn encoded(value: &impl Wire) -> Vec<u8> {
    let mut out = Vec::new();
    value.write(&mut out);
    out
}

/// The value that all of the bytes are.
pub(crate) fn decoded<T: Wire>(mut bytes: &[u8]) -> Option<T> {
    let value = T::read(&mut bytes)?;
    bytes.is_empty().then_some(value)
}

impl Wire for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(Self::from_le_bytes(*first))
    }
}

impl Wire for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        *bytes = rest;
        Some(first)
    }
}

impl Wire for usize {
    fn write(&self, out: &mut Vec<u8>) {
        (*self as u64).write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        u64::read(bytes)?.try_into().ok()
    }
}

impl Wire for bool {
    fn write(&self, out: &mut Vec<u8>) {
        u8::from(*self).write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        match u8::read(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Wire for f64 {
    fn write(&self, out: &mut Vec<u8>) {
        self.to_bits().write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        u64::read(bytes).map(Self::from_bits)
    }
}

impl Wire for String {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let length = usize::read(bytes)?;
        let (text, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Self::from_utf8(text.to_vec()).ok()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(if bool::read(bytes)? {
            Some(T::read(bytes)?)
        } else {
            None
        })
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        for value in self {
            value.write(out);
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let length = usize::read(bytes)?;
        // Every value takes a byte at least: what is no length asks for no memory.
        let mut values = Self::with_capacity(length.min(bytes.len()));
        for _ in 0..length {
            values.push(T::read(bytes)?);
        }
        Some(values)
    }
}

impl<T: Wire + Eq + Hash> Wire for HashSet<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        for value in self {
            value.write(out);
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Vec::read(bytes)?.into_iter().collect())
    }
}

impl Wire for Range<usize> {
    fn write(&self, out: &mut Vec<u8>) {
        (self.start, self.end).write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (start, end) = Wire::read(bytes)?;
        Some(start..end)
    }
}

impl Wire for Mat<f64> {
    fn write(&self, out: &mut Vec<u8>) {
        (self.nrows(), self.ncols()).write(out);
        for column in self.col_iter() {
            for value in column.iter() {
                value.write(out);
            }
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (rows, columns) = <(usize, usize)>::read(bytes)?;
        if rows.checked_mul(columns)?.checked_mul(8)? > bytes.len() {
            return None;
        }
        let values: Option<Vec<f64>> = (0..rows * columns).map(|_| f64::read(bytes)).collect();
        let values = values?;
        Some(Self::from_fn(rows, columns, |i, j| values[j * rows + i]))
    }
}

macro_rules! tuples {
    ($(($($name:ident),+))+) => {$(
        #[allow(non_snake_case)]
        impl<$($name: Wire),+> Wire for ($($name,)+) {
            fn write(&self, out: &mut Vec<u8>) {
                let ($($name,)+) = self;
                $($name.write(out);)+
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                Some(($($name::read(bytes)?,)+))
            }
        }
    )+};
}

tuples! { (A, B) (A, B, C) (A, B, C, D) }

/// Structures field by field.
macro_rules! wire_fields {
    ($name:ty { $($field:ident),+ $(,)? }) => {
        impl crate::wire::Wire for $name {
            fn write(&self, out: &mut Vec<u8>) {
                $(crate::wire::Wire::write(&self.$field, out);)+
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: crate::wire::Wire::read(bytes)?),+ })
            }
        }
    };
}

/// Enumerations without fields, and texts that name a value, by their position or their name.
macro_rules! wire_choices {
    ($name:ty { $($choice:ident),+ $(,)? }) => {
        impl crate::wire::Wire for $name {
            fn write(&self, out: &mut Vec<u8>) {
                let choices = [$(<$name>::$choice),+];
                let position = choices.iter().position(|choice| choice == self);
                crate::wire::Wire::write(&position.unwrap_or_default(), out);
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                [$(<$name>::$choice),+].get(usize::read(bytes)?).copied()
            }
        }
    };
}

pub(crate) use {wire_choices, wire_fields};

wire_choices!(Weighting {
    Frequency,
    Precision
});
wire_choices!(Missing { Fail, Drop });
wire_choices!(ResponseKind {
    Numbers,
    NumbersOrLabels,
    Labels
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_keep_their_bits() {
        let values = vec![0.1, -0.0, f64::INFINITY, f64::MIN_POSITIVE / 3.0];
        let read: Vec<f64> = decoded(&encoded(&values)).unwrap_or_default();
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&read), bits(&values));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            numbers: Vec<u64>,
            texts: Vec<Option<String>>,
            flag: bool,
            cut in 0_usize..64,
        ) {
            let value = (numbers, texts, flag);
            let bytes = encoded(&value);
            prop_assert_eq!(decoded(&bytes), Some(value));
            // Bytes that were cut short are no value, and none that takes memory.
            let short = &bytes[..bytes.len() - 1 - cut.min(bytes.len() - 1)];
            prop_assert_eq!(decoded::<(Vec<u64>, Vec<Option<String>>, bool)>(short), None);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = decoded::<(Vec<Vec<f64>>, Option<String>, Mat<f64>)>(&bytes);
        }
    }
}
