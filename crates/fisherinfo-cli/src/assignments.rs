//! Lists of `name=value` in one argument.

use crate::error::Failure;

/// The parts of `mu=0, sigma=1` or `mean=[0,0] cov=[[2,1],[1,2]]`: commas and spaces separate them,
/// except inside brackets and around an equals sign.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for character in text.chars() {
        depth += match character {
            '[' | '(' => 1,
            ']' | ')' => -1,
            _ => 0,
        };
        if depth <= 0 && (character == ',' || character.is_whitespace()) {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    let mut joined: Vec<String> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        match joined.last_mut() {
            Some(last) if last.ends_with('=') || part.starts_with('=') => last.push_str(&part),
            _ => joined.push(part),
        }
    }
    joined
}

/// Names with their numbers, each name once.
pub(crate) fn numbers(option: &str, text: &str) -> Result<Vec<(String, f64)>, Failure> {
    let refused = |part: &str, reason: &str| Failure::Assignments {
        option: option.into(),
        part: part.into(),
        reason: reason.into(),
    };
    let mut found: Vec<(String, f64)> = Vec::new();
    for part in split(text) {
        // A term of a formula may hold an equals sign of its own: `I(a==1)=0.5`.
        let (name, value) = part
            .rsplit_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| refused(&part, "is not of the form name=number"))?;
        let value: f64 = value
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| refused(&part, "does not end with a finite number"))?;
        if found.iter().any(|(known, _)| known == name) {
            return Err(refused(&part, "gives a name a second time"));
        }
        found.push((name.to_string(), value));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{numbers, split};

    #[test]
    fn commas_and_spaces_separate_except_inside_brackets() {
        assert_eq!(split("mu=0,sigma=1"), ["mu=0", "sigma=1"]);
        assert_eq!(split(" mu = 0 , sigma= 1 "), ["mu=0", "sigma=1"]);
        assert_eq!(
            split("mean=[0, 1] cov=[[2,0.5], [0.5,1]]"),
            ["mean=[0, 1]", "cov=[[2,0.5], [0.5,1]]"]
        );
        assert_eq!(split("p"), ["p"]);
        assert!(split(" , ").is_empty());
    }

    #[test]
    fn names_with_numbers() {
        let found = numbers("--at", "Intercept=-1, pow(a, 2)=3e-2").unwrap();
        assert_eq!(
            found,
            [("Intercept".into(), -1.0), ("pow(a, 2)".into(), 0.03)]
        );
        for wrong in ["a", "=1", "a=x", "a=1,a=2", "a=inf"] {
            assert!(numbers("--at", wrong).is_err(), "{wrong}");
        }
    }
}
