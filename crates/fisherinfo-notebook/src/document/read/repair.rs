//! What Python writes that is not JSON: `NaN`, `Infinity`, and halves of surrogate pairs.

use std::ops::Range;

/// The text with these replaced: `NaN` is no number and becomes null; the infinities become the
/// strings that this crate writes for them; a half of a surrogate pair becomes the replacement
/// character.
///
/// `None` where there is nothing to replace.
pub(super) fn repaired(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for (range, replacement) in replacements(text) {
        out.push_str(&text[copied..range.start]);
        out.push_str(replacement);
        copied = range.end;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

/// The column in the text as it was, of a line and column in the text as repaired.
pub(super) fn column(text: &str, line: usize, column: usize) -> usize {
    // A line begins outside of strings: no string goes over its end.
    let line = text
        .split('\n')
        .nth(line.saturating_sub(1))
        .unwrap_or_default();
    let mut longer = 0;
    for (range, replacement) in replacements(line) {
        let more = replacement.len() as isize - range.len() as isize;
        if range.end.saturating_add_signed(longer + more) > column {
            break;
        }
        longer += more;
    }
    column.saturating_add_signed(-longer)
}

/// What is replaced, and by what, in order.
fn replacements(text: &str) -> impl Iterator<Item = (Range<usize>, &'static str)> + '_ {
    const TOKENS: [(&str, &str); 3] = [
        ("NaN", "null"),
        ("-Infinity", "\"-Infinity\""),
        ("Infinity", "\"Infinity\""),
    ];
    let bytes = text.as_bytes();
    let (mut at, mut in_string) = (0, false);
    std::iter::from_fn(move || {
        while let Some(&byte) = bytes.get(at) {
            let start = at;
            at += 1;
            match byte {
                b'"' => in_string = !in_string,
                b'\\' if in_string => match lone_surrogate(&bytes[start..]) {
                    Some(length) => at = start + length,
                    None => {
                        at = start + 6;
                        return Some((start..at, "\\ufffd"));
                    }
                },
                b'N' | b'I' | b'-' if !in_string => {
                    let found = TOKENS
                        .iter()
                        .find(|(token, _)| bytes[start..].starts_with(token.as_bytes()));
                    if let Some((token, replacement)) = found {
                        at = start + token.len();
                        return Some((start..at, *replacement));
                    }
                }
                _ => {}
            }
        }
        None
    })
}

/// The length of an escape sequence; `None` for one that is half of a pair.
fn lone_surrogate(escape: &[u8]) -> Option<usize> {
    match unit(escape) {
        Some(0xd800..0xdc00) => match escape.get(6..).and_then(unit) {
            Some(0xdc00..0xe000) => Some(12),
            _ => None,
        },
        Some(0xdc00..0xe000) => None,
        Some(_) => Some(6),
        None => Some(2),
    }
}

/// The code unit of a `\uXXXX`.
fn unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    digits
        .bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{column, repaired};

    #[test]
    fn tokens_outside_strings_only() {
        assert_eq!(
            repaired(r#"{"NaN": NaN, "a": [Infinity, -Infinity, -1]}"#).as_deref(),
            Some(r#"{"NaN": null, "a": ["Infinity", "-Infinity", -1]}"#)
        );
        assert_eq!(repaired(r#"["NaN", "a \" NaN", -1]"#), None);
        assert_eq!(
            repaired(r#"["a \\", NaN]"#).as_deref(),
            Some(r#"["a \\", null]"#)
        );
    }

    #[test]
    fn halves_of_pairs() {
        assert_eq!(repaired(r#""\ud83d\ude00""#), None);
        assert_eq!(repaired(r#""\ud83d""#).as_deref(), Some(r#""\ufffd""#));
        assert_eq!(
            repaired(r#""\ude00\ud83d""#).as_deref(),
            Some(r#""\ufffd\ufffd""#)
        );
        assert_eq!(
            repaired(r#""\ud83d\ud83d\ude00""#).as_deref(),
            Some(r#""\ufffd\ud83d\ude00""#)
        );
        assert_eq!(repaired(r#""\u12"#), None);
        assert_eq!(repaired("\"\\"), None);
        assert_eq!(repaired("\"\\uü"), None);
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "[NaN,\nNaN, Infinity, -Infinity, x";
        let repaired = repaired(text).unwrap();
        let lines: Vec<&str> = repaired.split('\n').collect();
        let place = lines[1].find('x').unwrap() + 1;
        assert_eq!(column(text, 2, place), 27);
        assert_eq!(column(text, 2, 1), 1);
        assert_eq!(column(text, 1, lines[0].len()), 5);
        assert_eq!(column(text, 3, 7), 7);
    }
}
