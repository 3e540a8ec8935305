//! What a person names by `--family`.

use super::family::{Family, FamilyError, split_argument};
use std::{fmt, str::FromStr};

/// A family, or a model with more to estimate than a family has.
///
/// ```
/// use fisherinfo_table::glm::{Family, FamilyChoice};
/// assert_eq!("poisson".parse::<FamilyChoice>()?, FamilyChoice::Of(Family::Poisson));
/// // Without its shape, the shape is estimated.
/// assert_eq!("negative-binomial".parse::<FamilyChoice>()?, FamilyChoice::NegativeBinomial);
/// # Ok::<(), fisherinfo_table::glm::FamilyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FamilyChoice {
    /// A family, all known but the coefficients and perhaps a dispersion.
    Of(Family),
    /// The negative binomial, its shape to be estimated:
    /// [`Regression::fit_negative_binomial`](super::Regression::fit_negative_binomial).
    NegativeBinomial,
    /// One of several categories: [`Regression::fit_multinomial`](super::Regression::fit_multinomial).
    Multinomial,
}

impl FamilyChoice {
    /// The names there are, as they are typed.
    pub fn names() -> Vec<&'static str> {
        let mut names = Family::names();
        names.extend(["negative-binomial", "multinomial"]);
        names
    }
}

impl fmt::Display for FamilyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(family) => family.fmt(f),
            Self::NegativeBinomial => f.write_str("negative-binomial"),
            Self::Multinomial => f.write_str("multinomial"),
        }
    }
}

impl FromStr for FamilyChoice {
    type Err = FamilyError;

    fn from_str(text: &str) -> Result<Self, FamilyError> {
        match split_argument(text) {
            (name, None) if name.eq_ignore_ascii_case("negative-binomial") => {
                Ok(Self::NegativeBinomial)
            }
            (name, None) if name.eq_ignore_ascii_case("multinomial") => Ok(Self::Multinomial),
            _ => text.parse().map(Self::Of),
        }
    }
}
