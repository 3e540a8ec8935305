//! The built-in font: widths for the layout, outlines for the raster.

use crate::error::PlotError;
use ttf_parser::{Face, OutlineBuilder};

/// DejaVu Sans: Latin, Greek, Cyrillic and mathematics. Text runs from left to right, a glyph a
/// character.
pub(crate) struct Font {
    face: Face<'static>,
}

impl Font {
    pub(crate) fn embedded() -> Result<Self, PlotError> {
        let face = Face::parse(dejavu::sans::regular(), 0).map_err(PlotError::Font)?;
        Ok(Self { face })
    }

    /// Pixels per unit of the font at a size in pixels.
    pub(crate) fn scale(&self, size: f64) -> f64 {
        size / f64::from(self.face.units_per_em())
    }

    /// The width of a line of text, in pixels.
    pub(crate) fn width(&self, text: &str, size: f64) -> f64 {
        text.chars()
            .map(|character| self.advance(character))
            .sum::<f64>()
            * self.scale(size)
    }

    /// How far a character moves the pen, in units of the font.
    pub(crate) fn advance(&self, character: char) -> f64 {
        self.face
            .glyph_hor_advance(self.glyph(character))
            .map_or(0.0, f64::from)
    }

    /// Sends the outline of a character to the builder, in units of the font; a character that
    /// the font lacks has the outline of an empty box.
    pub(crate) fn outline(&self, character: char, builder: &mut dyn OutlineBuilder) {
        // A space has no outline, which is not an error.
        let _ = self.face.outline_glyph(self.glyph(character), builder);
    }

    /// The text, or as much of its two ends as fits into the width with an ellipsis between them:
    /// the names of interactions often differ only at the end.
    pub(crate) fn shorten(&self, text: &str, size: f64, width: f64) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let characters: Vec<char> = text.chars().collect();
        let shortened = |kept: usize| -> String {
            let head = kept.div_ceil(2);
            let tail = characters.len() - (kept - head);
            let ends = characters[..head].iter().chain(['…'].iter());
            ends.chain(&characters[tail..]).collect()
        };
        // What is kept of less is part of what is kept of more, so the width grows with it.
        let (mut fits, mut too_many) = (0, characters.len());
        while too_many - fits > 1 {
            let middle = fits + (too_many - fits) / 2;
            if self.width(&shortened(middle), size) <= width {
                fits = middle;
            } else {
                too_many = middle;
            }
        }
        shortened(fits)
    }

    /// The text broken at spaces into at most so many lines of the width; what is left over is
    /// shortened into the last.
    pub(crate) fn wrap(&self, text: &str, size: f64, width: f64, lines: usize) -> Vec<String> {
        let mut wrapped = vec![String::new()];
        for word in text.split_whitespace() {
            let count = wrapped.len();
            let Some(last) = wrapped.last_mut() else {
                break;
            };
            let longer = if last.is_empty() {
                word.to_owned()
            } else {
                format!("{last} {word}")
            };
            if last.is_empty() || count == lines || self.width(&longer, size) <= width {
                *last = longer;
            } else {
                wrapped.push(word.to_owned());
            }
        }
        wrapped
            .iter()
            .map(|line| self.shorten(line, size, width))
            .collect()
    }

    /// Whether the font has the character.
    #[cfg(test)]
    pub(crate) fn has(&self, character: char) -> bool {
        self.face.glyph_index(character).is_some()
    }

    fn glyph(&self, character: char) -> ttf_parser::GlyphId {
        self.face.glyph_index(character).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_shortened_text_is_the_longest_that_fits(text in ".{0,40}", width in 0.0..300.0f64) {
            let font = Font::embedded().unwrap();
            let short = font.shorten(&text, 12.0, width);
            if font.width(&text, 12.0) <= width {
                prop_assert_eq!(short, text);
            } else {
                let characters: Vec<char> = text.chars().collect();
                let ends = |kept: usize| -> String {
                    let (head, tail) = (kept - kept / 2, kept / 2);
                    let last = &characters[characters.len() - tail..];
                    characters[..head].iter().chain(&['…']).chain(last).collect()
                };
                let fitting = (0..characters.len())
                    .rev()
                    .map(ends)
                    .find(|candidate| font.width(candidate, 12.0) <= width);
                prop_assert_eq!(short, fitting.unwrap_or_else(|| "…".to_owned()));
            }
        }
    }
}
