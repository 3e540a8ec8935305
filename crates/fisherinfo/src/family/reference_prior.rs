/// The prior that is used where Jeffreys' prior of several parameters is known to misbehave.
///
/// A family declares one in [`Family::reference_prior`](super::Family::reference_prior).
///
/// ```
/// use fisherinfo::family::{Family, Normal};
/// let prior = Normal.reference_prior().unwrap();
/// assert_eq!(prior.density, "1/sigma");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferencePrior {
    /// Its density in the family's own parameters, up to a factor.
    pub density: String,
    /// What is wrong with the joint prior of Jeffreys, with the source.
    pub reason: String,
}

impl ReferencePrior {
    /// Of a location and a scale: 1/scale, where Jeffreys' rule gives 1/scale².
    ///
    /// Source: H. Jeffreys, Theory of Probability (1961), section 3.10; J. M. Bernardo, J. R. Statist.
    /// Soc. B 41 (1979); C. Fernández & M. F. J. Steel, Biometrika 86 (1999).
    pub fn location_scale(scale: &str) -> Self {
        Self {
            density: format!("1/{scale}"),
            reason: format!(
                "of a location and a scale together Jeffreys' rule gives 1/{scale}², as if the location were \
                 known: intervals from n observations are those of n degrees of freedom instead of \
                 n − 1 (Jeffreys 1961, Bernardo 1979)"
            ),
        }
    }
}
