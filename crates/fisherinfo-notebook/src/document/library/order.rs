//! The order in which people expect names.

use std::cmp::Ordering;

/// Numbers by their value, letters without regard to their case, and only then as they are spelt.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (first, left_rest) = token(left);
        let (second, right_rest) = token(right);
        let order = match (first, second) {
            (Token::Number(a), Token::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Token::Letter(a), Token::Letter(b)) => a.to_lowercase().cmp(b.to_lowercase()),
            _ => first.kind().cmp(&second.kind()),
        };
        if order.is_ne() {
            return order;
        }
        if matches!(first, Token::End) {
            return a.cmp(b);
        }
        (left, right) = (left_rest, right_rest);
    }
}

#[derive(Clone, Copy)]
enum Token<'a> {
    End,
    /// Digits without zeros in front: of two, the longer is the greater.
    Number(&'a str),
    Letter(char),
}

impl Token<'_> {
    fn kind(self) -> u8 {
        match self {
            Self::End => 0,
            Self::Number(_) => 1,
            Self::Letter(_) => 2,
        }
    }
}

/// The first token, and what is behind it.
fn token(text: &str) -> (Token<'_>, &str) {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 {
        let (number, rest) = text.split_at(digits);
        return (Token::Number(number.trim_start_matches('0')), rest);
    }
    let mut rest = text.chars();
    match rest.next() {
        Some(c) => (Token::Letter(c), rest.as_str()),
        None => (Token::End, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_and_case_does_not() {
        let mut names = [
            "b10", "a", "B2", "b2", "10 x", "9 x", "b02", "A1", "b", "09 y", "", "ä",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            [
                "", "9 x", "09 y", "10 x", "a", "A1", "b", "B2", "b02", "b2", "b10", "ä"
            ]
        );
    }

    #[test]
    fn numbers_of_any_length() {
        let long = format!("1{}", "0".repeat(400));
        assert!(natural(&long, "99999999999999999999999").is_gt());
        assert!(natural("000", "0").is_gt(), "equal in value, then as spelt");
    }
}
