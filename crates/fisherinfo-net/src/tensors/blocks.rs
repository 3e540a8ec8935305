//! Numbers in blocks that share a scale, as ggml writes them.
//!
//! Source: ggml's `ggml-common.h` and `ggml-quants.c`; the tests hold this against the Python package gguf.

use super::half;

/// A type of block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockType {
    /// Four bits and a scale.
    Q4_0,
    /// Four bits, a scale and a least value.
    Q4_1,
    /// Five bits and a scale.
    Q5_0,
    /// Five bits, a scale and a least value.
    Q5_1,
    /// Eight bits and a scale.
    Q8_0,
    /// Two bits, with scales and least values of their own in four.
    Q2K,
    /// Three bits, with scales of their own in six.
    Q3K,
    /// Four bits, with scales and least values of their own in six.
    Q4K,
    /// Five bits, the same.
    Q5K,
    /// Six bits, with scales of their own in eight.
    Q6K,
}

impl BlockType {
    /// All of them, with ggml's numbers.
    pub const ALL: [(u32, Self); 10] = [
        (2, Self::Q4_0),
        (3, Self::Q4_1),
        (6, Self::Q5_0),
        (7, Self::Q5_1),
        (8, Self::Q8_0),
        (10, Self::Q2K),
        (11, Self::Q3K),
        (12, Self::Q4K),
        (13, Self::Q5K),
        (14, Self::Q6K),
    ];

    pub(super) fn of(ggml: u32) -> Option<Self> {
        let found = Self::ALL.iter().find(|(number, _)| *number == ggml);
        found.map(|(_, kind)| *kind)
    }

    /// Numbers in a block, and its bytes.
    pub fn size(self) -> (usize, usize) {
        match self {
            Self::Q4_0 => (32, 18),
            Self::Q4_1 => (32, 20),
            Self::Q5_0 => (32, 22),
            Self::Q5_1 => (32, 24),
            Self::Q8_0 => (32, 34),
            Self::Q2K => (256, 84),
            Self::Q3K => (256, 110),
            Self::Q4K => (256, 144),
            Self::Q5K => (256, 176),
            Self::Q6K => (256, 210),
        }
    }

    /// The numbers of whole blocks.
    pub fn numbers(self, bytes: &[u8]) -> Vec<f64> {
        let (numbers, size) = self.size();
        let mut all = Vec::with_capacity(bytes.len() / size * numbers);
        for block in bytes.chunks_exact(size) {
            all.extend((0..numbers).map(|i| f64::from(self.number(block, i))));
        }
        all
    }

    fn number(self, b: &[u8], i: usize) -> f32 {
        let real = |at: usize| half(u16::from_le_bytes([b[at], b[at + 1]]));
        // Of 32 numbers the first 16 are in the low halves of bytes.
        let nibble = |from: usize| b[from + i % 16] >> (i / 16 * 4) & 15;
        let fifth = |from: usize| (b[from + i / 8] >> (i % 8) & 1) << 4;
        // Of 128 numbers those of one pair of bits lie in 32 bytes; of 64 those of one half.
        let pair = |from: usize| b[from + i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
        let four = |from: usize| b[from + i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4) & 15;
        let bit = |from: usize| b[from + i % 32] >> (i / 32) & 1;
        match self {
            Self::Q4_0 => real(0) * (f32::from(nibble(2)) - 8.0),
            Self::Q4_1 => real(0) * f32::from(nibble(4)) + real(2),
            Self::Q5_0 => real(0) * (f32::from(nibble(6) | fifth(2)) - 16.0),
            Self::Q5_1 => real(0) * f32::from(nibble(8) | fifth(4)) + real(2),
            Self::Q8_0 => real(0) * f32::from(b[2 + i].cast_signed()),
            Self::Q2K => {
                let scale = b[i / 16];
                let (d, least) = (
                    real(80) * f32::from(scale & 15),
                    real(82) * f32::from(scale >> 4),
                );
                d * f32::from(pair(16)) - least
            }
            Self::Q3K => {
                let (j, scales) = (i / 16, &b[96..108]);
                let low = scales[j % 8] >> (j / 8 * 4) & 15;
                let high = scales[8 + j % 4] >> (j / 4 * 2) & 3;
                let d = real(108) * (f32::from(low | high << 4) - 32.0);
                // The bit says that nothing is taken away.
                let away = if bit(0) == 1 { 0.0 } else { 4.0 };
                d * (f32::from(pair(32)) - away)
            }
            Self::Q4K => {
                let (scale, least) = six_bits(&b[4..16], i / 32);
                real(0) * scale * f32::from(four(16)) - real(2) * least
            }
            Self::Q5K => {
                let (scale, least) = six_bits(&b[4..16], i / 32);
                let q = four(48) | bit(16) << 4;
                real(0) * scale * f32::from(q) - real(2) * least
            }
            Self::Q6K => {
                let k = i % 128;
                let low = b[i / 128 * 64 + k % 64] >> (k / 64 * 4) & 15;
                let high = b[128 + i / 128 * 32 + k % 32] >> (k / 32 * 2) & 3;
                let scale = f32::from(b[192 + i / 16].cast_signed());
                real(208) * scale * (f32::from(low | high << 4) - 32.0)
            }
        }
    }
}

/// Scale and least value of the j-th of eight parts, six bits each in twelve bytes.
fn six_bits(s: &[u8], j: usize) -> (f32, f32) {
    let (scale, least) = if j < 4 {
        (s[j] & 63, s[j + 4] & 63)
    } else {
        (
            s[j + 4] & 15 | s[j - 4] >> 6 << 4,
            s[j + 4] >> 4 | s[j] >> 6 << 4,
        )
    };
    (scale.into(), least.into())
}
