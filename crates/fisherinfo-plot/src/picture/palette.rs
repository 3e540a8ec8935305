//! Colours, dashes and shapes that tell series apart.

use super::scene::{Colour, Shape};

/// Okabe and Ito's colours, the darker ones first; their yellow is too light for thin lines on
/// white.
pub(crate) const BLUE: Colour = Colour::new([0x00, 0x72, 0xb2], "series-1");
pub(crate) const VERMILION: Colour = Colour::new([0xd5, 0x5e, 0x00], "series-2");
pub(crate) const GREEN: Colour = Colour::new([0x00, 0x9e, 0x73], "series-3");
pub(crate) const PURPLE: Colour = Colour::new([0xcc, 0x79, 0xa7], "series-4");
pub(crate) const ORANGE: Colour = Colour::new([0xe6, 0x9f, 0x00], "series-5");
pub(crate) const SKY: Colour = Colour::new([0x56, 0xb4, 0xe9], "series-6");
pub(crate) const BLACK: Colour = Colour::new([0x00, 0x00, 0x00], "series-7");

pub(crate) const DASHES: [&[f64]; 4] = [&[], &[8.0, 4.0], &[2.0, 3.0], &[9.0, 3.0, 2.0, 3.0]];

pub(crate) const SHAPES: [Shape; 4] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
];
