//! Factors by which an answer is off, and their names.

use std::f64::consts::{E, LN_2, PI, SQRT_2};
use std::fmt;

use super::verdict::short_text;

/// How near a number has to be to one with a name.
const EXACT: f64 = 1e-7;

/// A factor: a number, times a power of something that varies or of the number of observations.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// The number.
    pub number: f64,
    /// What it is multiplied with, and the power of that: `("n", -1.0)` for 1/n.
    pub part: Option<(String, f64)>,
}

impl Factor {
    /// A number.
    #[must_use]
    pub fn number(number: f64) -> Self {
        Self { number, part: None }
    }

    /// A power of something with a name.
    #[must_use]
    pub fn power(name: impl Into<String>, power: f64) -> Self {
        Self {
            number: 1.0,
            part: Some((name.into(), power)),
        }
    }

    /// Whether it is a number with a name: a ratio of small whole numbers, or one of those times or
    /// over π, e, ln 2 or a usual root.
    pub(super) fn has_name(&self) -> bool {
        self.part.is_some() || name(self.number.abs()).is_some()
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.number < 0.0 {
            f.write_str("−")?;
        }
        let size = self.number.abs();
        let number = name(size).unwrap_or_else(|| short_text(size));
        let Some((name, power)) = &self.part else {
            return f.write_str(&number);
        };
        let bare = name.chars().all(char::is_alphanumeric);
        let text = match power.abs() {
            0.5 if bare => format!("√{name}"),
            0.5 => format!("√({name})"),
            2.0 if bare => format!("{name}²"),
            2.0 => format!("({name})²"),
            _ if bare => name.clone(),
            _ => format!("({name})"),
        };
        match (*power < 0.0, number == "1") {
            (true, _) => write!(f, "{number}/{text}"),
            (false, true) => f.write_str(&text),
            (false, false) => write!(f, "{number}·{text}"),
        }
    }
}

/// The name of a positive number.
fn name(number: f64) -> Option<String> {
    const LARGEST: u32 = 12;
    let bases = [
        (1.0, ""),
        (PI, "π"),
        (PI.sqrt(), "√π"),
        (SQRT_2, "√2"),
        ((2.0 * PI).sqrt(), "√(2π)"),
        (3.0_f64.sqrt(), "√3"),
        (E, "e"),
        (LN_2, "ln 2"),
    ];
    for (base, symbol) in bases {
        for (rest, inverted) in [(number / base, false), (number * base, true)] {
            for denominator in 1..=LARGEST {
                let numerator = (rest * f64::from(denominator)).round();
                let exact = numerator / f64::from(denominator);
                let is_small = numerator >= 1.0 && (denominator == 1 || numerator <= 12.0);
                if !is_small || numerator > 100.0 || (rest / exact - 1.0).abs() > EXACT {
                    continue;
                }
                let ratio = match (numerator as u32, denominator) {
                    (1, 2) => "½".to_owned(),
                    (1, 3) => "⅓".to_owned(),
                    (1, 4) => "¼".to_owned(),
                    (numerator, 1) => numerator.to_string(),
                    (numerator, denominator) => format!("{numerator}/{denominator}"),
                };
                return Some(match (symbol, inverted, ratio.as_str()) {
                    ("", ..) => ratio,
                    (_, false, "1") => symbol.to_owned(),
                    (_, false, _) => format!("{ratio}·{symbol}"),
                    (_, true, _) => format!("{ratio}/{symbol}"),
                });
            }
        }
    }
    None
}
