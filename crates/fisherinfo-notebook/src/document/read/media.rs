//! The representations of an output.

use super::super::Media;
use super::super::limits::{MAX_ALTERNATIVES, MAX_IMAGE, MAX_TEXT};
use super::super::terminal::plain;
use super::lenient::Sink;
use super::text::{Text, next_key, next_text};
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{IgnoredAny, MapAccess};
use serde_json::value::RawValue;

/// A bundle of representations, as nbformat keeps them: an object with a key for each media type.
#[derive(Debug, Default)]
pub(super) struct Bundle(Vec<(String, Media)>);

impl Bundle {
    /// The richest first.
    pub(super) fn sorted(self) -> Vec<Media> {
        let mut media: Vec<Media> = self.0.into_iter().map(|(_, media)| media).collect();
        media.sort_by_key(Media::rank);
        media
    }

    /// Reads the value of a key. A key that comes twice counts as it comes last.
    pub(super) fn read<'de, A: MapAccess<'de>>(
        &mut self,
        mime: &str,
        object: &mut A,
    ) -> Result<(), A::Error> {
        let media = read(mime, object)?;
        self.put(mime, media);
        Ok(())
    }

    pub(super) fn put(&mut self, mime: &str, media: Media) {
        if let Some(old) = self.0.iter_mut().find(|(known, _)| known == mime) {
            old.1 = media;
        } else if self.0.len() < MAX_ALTERNATIVES {
            self.0.push((mime.into(), media));
        }
    }
}

impl Sink for Bundle {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(mime) = next_key(&mut object)? {
            self.read(&mime, &mut object)?;
        }
        Ok(())
    }
}

fn read<'de, A: MapAccess<'de>>(mime: &str, object: &mut A) -> Result<Media, A::Error> {
    Ok(match mime {
        "text/plain" => Media::Text(plain(&next_text(object, MAX_TEXT)?.cut())),
        "text/html" => markup(mime, next_text(object, MAX_TEXT)?, Media::Html),
        "text/markdown" => markup(mime, next_text(object, MAX_TEXT)?, Media::Markdown),
        "text/latex" => markup(mime, next_text(object, MAX_TEXT)?, Media::Latex),
        "image/svg+xml" => markup(mime, next_text(object, MAX_IMAGE)?, Media::Svg),
        "image/png" => image(mime, object, Media::Png)?,
        "image/jpeg" => image(mime, object, Media::Jpeg)?,
        "image/gif" => image(mime, object, Media::Gif)?,
        "application/json" => {
            let text = object.next_value::<&RawValue>()?.get();
            if text.len() > MAX_TEXT {
                left_out(mime, text.len())
            } else {
                json(mime, text)
            }
        }
        _ => {
            object.next_value::<IgnoredAny>()?;
            Media::Other { mime: mime.into() }
        }
    })
}

/// Text that has no sense in part.
fn markup(mime: &str, text: Text, media: fn(String) -> Media) -> Media {
    match text.whole() {
        Ok(text) => media(text),
        Err(size) => left_out(mime, size),
    }
}

fn left_out(mime: &str, size: usize) -> Media {
    Media::Notice(format!("{mime} of {size} bytes is too large to be shown"))
}

/// Base64 without its ends of lines, with or without `=` at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn image<'de, A: MapAccess<'de>>(
    mime: &str,
    object: &mut A,
    media: fn(Vec<u8>) -> Media,
) -> Result<Media, A::Error> {
    // Four characters for three bytes, and an end of line after 64 or more.
    let text = next_text(object, MAX_IMAGE / 3 * 4 + MAX_IMAGE / 24)?;
    Ok(match text.whole() {
        Err(size) => left_out(mime, size / 4 * 3),
        Ok(mut text) => {
            text.retain(|c| !c.is_ascii_whitespace());
            match BASE64.decode(text) {
                Ok(bytes) if bytes.len() > MAX_IMAGE => left_out(mime, bytes.len()),
                Ok(bytes) => media(bytes),
                Err(error) => Media::Notice(format!(
                    "{mime} cannot be shown: it is not in base64 ({error})"
                )),
            }
        }
    })
}

/// JSON that a page can parse: a number of any size and brackets of any depth are JSON, too.
fn json(mime: &str, text: &str) -> Media {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => Media::Json(compact(text)),
        Err(error) => Media::Notice(format!("{mime} cannot be shown: {error}")),
    }
}

/// JSON without the spaces between its tokens.
pub(super) fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|&c| {
            if in_string {
                (in_string, escaped) = (escaped || c != '"', !escaped && c == '\\');
                true
            } else {
                in_string = c == '"';
                !c.is_ascii_whitespace()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn spaces_in_strings_stay() {
        assert_eq!(
            compact("{ \"a b\\\" c\" :\n [ 1.50 , \"\\\\\" , \" \" ] }"),
            "{\"a b\\\" c\":[1.50,\"\\\\\",\" \"]}"
        );
    }
}
